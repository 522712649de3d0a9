package directory

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// feedEntry is a feed as its entry has it.
type feedEntry struct {
	ID           string         `json:"id"`
	Organisation string         `json:"organisation"`
	Protocol     Protocol       `json:"protocol"`
	Endpoint     string         `json:"endpoint"`
	Sections     []string       `json:"sections"`
	Stage        Stage          `json:"stage"`
	Planned      string         `json:"planned"`
	Steps        []stepEntry    `json:"steps"`
	Audience     audienceEntry  `json:"audience"`
	Groups       []groupEntry   `json:"groups"`
	Agreement    string         `json:"agreement"`
	Flow         string         `json:"flow"`
	SafetyCase   signedEntry    `json:"safety_case"`
	Batch        bool           `json:"batch"`
	Chained      bool           `json:"chained"`
	DeadlineMS   int            `json:"deadline_ms"`
	Concurrency  int            `json:"concurrency"`
	AnswerMB     int            `json:"max_answer_mb"`
	DocumentMB   int            `json:"max_document_mb"`
	AllowCIDR    []string       `json:"allow_cidr"`
	Identity     string         `json:"client_identity"`
	Authority    string         `json:"authority"`
	Pins         []string       `json:"pins"`
	Unknown      jsontext.Value `json:",embed"`
}

type stepEntry struct {
	Stage    Stage          `json:"stage"`
	On       string         `json:"on"`
	Evidence string         `json:"evidence"`
	Unknown  jsontext.Value `json:",embed"`
}

type audienceEntry struct {
	TestPeople    []string       `json:"test_people"`
	Testers       []string       `json:"testers"`
	Organisations []string       `json:"organisations"`
	Users         []string       `json:"users"`
	Unknown       jsontext.Value `json:",embed"`
}

const (
	maxMB        = 256
	maxAuthority = 64 << 10
	maxAudience  = 10_000
)

func (l *loader) feed(place string, raw jsontext.Value) {
	var e feedEntry
	if !l.decode(place, raw, &e) {
		return
	}
	place = labelled(place, e.ID)
	l.unknown(place, e.Unknown)
	l.feedID(place, e.ID)
	f := &Feed{ID: e.ID, Protocol: e.Protocol, Endpoint: e.Endpoint, Planned: e.Planned, Stage: e.Stage, Batch: e.Batch, Chained: e.Chained}
	l.supplier(place, e, f)
	l.endpoint(place, e)
	if e.Batch && e.Protocol == GPConnect {
		l.say(place+".batch", "has no meaning for gpconnect")
	}
	if e.Chained && !e.Batch {
		l.say(place+".chained", "needs batch: it says what a batch may hold")
	}
	l.staged(place, e.Stage, e.Planned)
	l.limits(place, e, f)
	l.trust(place, e, f)
	l.runs(place, e, f)
	f.Audience, f.Steps = l.audience(place+".audience", e.Audience), l.steps(place, e.Steps)
	f.Groups = l.groups(place+".groups", e.Groups)
	f.Sum = sha256.Sum256([]byte(f.Organisation.Name + "\x00" + f.Organisation.Short + "\x00" + f.Organisation.Badge + "\x00" + string(raw)))
	l.snapshot.feeds = append(l.snapshot.feeds, f)
}

func (l *loader) feedID(place, id string) {
	switch {
	case !idForm.MatchString(id):
		l.say(place+".id", "must be letters, digits, dots, hyphens and underscores")
	case l.feedIDs[id]:
		l.say(place+".id", "the same feed twice")
	}
	l.feedIDs[id] = true
}

// supplier reads whose feed it is and what it supplies.
func (l *loader) supplier(place string, e feedEntry, f *Feed) {
	f.Sections = l.sections(place+".sections", e.Sections)
	if len(e.Sections) == 0 {
		l.say(place+".sections", "at least one section must be given")
	}
	member, known := l.snapshot.members[e.Organisation]
	if !known {
		l.say(place+".organisation", "is not among the organisations")
		return
	}
	f.Organisation = member.Organisation
	if f.Sections&^member.Supplies != 0 {
		l.say(place+".sections", "go beyond what the organisation supplies")
	}
}

func (l *loader) endpoint(place string, e feedEntry) {
	switch e.Protocol {
	case GPConnect, FHIRR4, SocialCare:
	default:
		l.say(place+".protocol", "must be gpconnect, fhirr4 or socialcare")
	}
	if e.Endpoint == "" && (e.Protocol == GPConnect || !e.Stage.Runs()) {
		return // it is looked up nationally, or nobody asks there yet
	}
	if problem := addressProblem(e.Endpoint); problem != "" {
		l.say(place+".endpoint", "%s", problem)
	}
	if len(e.AllowCIDR) == 0 {
		l.say(place+".allow_cidr", "at least one network must be given")
	}
}

// staged reads how far a feed has come, and when it is planned to be live.
func (l *loader) staged(place string, stage Stage, planned string) {
	switch {
	case !slices.Contains(Stages, stage):
		l.say(place+".stage", "must be off, test, safety, pilot, live or suspended")
	case planned == "":
	case stage == Live || stage == Suspended:
		l.say(place+".planned", "has no meaning for a %s feed", stage)
	default:
		if _, err := time.Parse(month, planned); err != nil {
			l.say(place+".planned", "must be a month, such as Feb-2027")
		}
	}
}

func (l *loader) limits(place string, e feedEntry, f *Feed) {
	f.Deadline = time.Duration(l.limit(place+".deadline_ms", e.DeadlineMS, int(DefaultDeadline/time.Millisecond), maxDeadlineMS)) * time.Millisecond
	f.Concurrency = l.limit(place+".concurrency", e.Concurrency, DefaultConcurrency, maxConcurrency)
	f.MaxAnswer = int64(l.limit(place+".max_answer_mb", e.AnswerMB, 0, maxMB)) << 20
	f.MaxDocument = int64(l.limit(place+".max_document_mb", e.DocumentMB, 0, maxMB)) << 20
}

// trust reads by what the two sides know each other.
func (l *loader) trust(place string, e feedEntry, f *Feed) {
	f.Networks = l.networks(place, e.AllowCIDR)
	f.ClientIdentity, f.Authority = e.Identity, e.Authority
	if e.Identity != "" && !idForm.MatchString(e.Identity) {
		l.say(place+".client_identity", "must be the name of a certificate: letters, digits, dots, hyphens and underscores")
	}
	if problem := authorityProblem(e.Authority); problem != "" {
		l.say(place+".authority", "%s", problem)
	}
	for i, text := range e.Pins {
		sum, err := hex.DecodeString(text)
		if err != nil || len(sum) != sha256.Size {
			l.say(fmt.Sprintf("%s.pins[%d]", place, i), "must be the SHA-256 sum of a public key, in 64 hexadecimal digits")
			continue
		}
		f.Pins = append(f.Pins, Pin(sum))
	}
}

// authorityProblem says what is wrong with a pinned authority. A private key has no place in the directory: it would be exported with it.
func authorityProblem(text string) string {
	if len(text) > maxAuthority {
		return "is too long"
	}
	rest := []byte(text)
	for len(strings.TrimSpace(string(rest))) > 0 {
		block, after := pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" {
			return "must be certificates in PEM form, and nothing else"
		}
		if c, err := x509.ParseCertificate(block.Bytes); err != nil || !c.IsCA {
			return "must be certificates of an authority"
		}
		rest = after
	}
	return ""
}

// runs checks that a feed which is asked for anybody rests on an agreement and a flow of it.
func (l *loader) runs(place string, e feedEntry, f *Feed) {
	f.SafetyCase, f.Flow = l.signed(place+".safety_case", e.SafetyCase), e.Flow
	if e.Agreement == "" && !e.Stage.Runs() {
		return
	}
	a, ok := l.agreements[e.Agreement]
	if !ok {
		l.say(place+".agreement", "must name an agreement")
		return
	}
	f.Agreement = a
	if f.Organisation.ODS != "" && !a.binds[f.Organisation.ODS] {
		l.say(place+".agreement", "must name an agreement to which the organisation is a party")
	}
	flow, ok := a.Flow(e.Flow)
	switch {
	case !ok:
		l.say(place+".flow", "must name a flow of the agreement")
	case f.Sections&^flow.Sections != 0:
		l.say(place+".sections", "go beyond the flow of the agreement")
	}
}

func (l *loader) audience(place string, e audienceEntry) Audience {
	l.unknown(place, e.Unknown)
	set := func(name string, list []string, good func(string) bool, form string) map[string]bool {
		if len(list) > maxAudience {
			l.say(place+"."+name, "may have at most %d entries", maxAudience)
			return nil
		}
		out := make(map[string]bool, len(list))
		for i, v := range list {
			if !good(v) {
				l.say(fmt.Sprintf("%s.%s[%d]", place, name, i), "%s", form)
			}
			out[v] = true
		}
		return out
	}
	user := func(v string) bool { return strings.TrimSpace(v) == v && v != "" && len(v) <= 256 }
	return Audience{
		TestPeople:    set("test_people", e.TestPeople, isSum, "must be the digest of a test person's NHS number"),
		Testers:       set("testers", e.Testers, user, "must be a user's id"),
		Organisations: set("organisations", e.Organisations, odsForm.MatchString, "must be an ODS code"),
		Users:         set("users", e.Users, user, "must be a user's id"),
	}
}

func isSum(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size && text == strings.ToLower(text)
}

func (l *loader) steps(place string, entries []stepEntry) []Step {
	var out []Step
	for i, e := range entries {
		at := fmt.Sprintf("%s.steps[%d]", place, i)
		l.unknown(at, e.Unknown)
		if !slices.Contains(Stages, e.Stage) || e.On == "" {
			l.say(at, "must have a stage and a day")
		}
		out = append(out, Step{e.Stage, l.day(at+".on", e.On), e.Evidence})
	}
	return out
}
