package directory

import (
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/record"
)

var (
	odsForm  = regexp.MustCompile(`^[A-Z0-9]{2,12}$`)
	idForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	asidForm = regexp.MustCompile(`^[0-9]{1,20}$`)
	// kinds are the kinds of organisation that the pages have words for.
	kinds = []string{"acute", "gp-practice", "mental-health", "community", "council", "hospice", "care-home", "ambulance", "store"}
)

const (
	badgeLength    = 5
	maxDeadlineMS  = 60_000
	maxConcurrency = 256
	month          = "Jan-2006"
)

func (l *loader) organisation(i int, raw jsontext.Value) {
	var e organisationEntry
	place := fmt.Sprintf("organisations[%d]", i)
	if !l.decode(place, raw, &e) {
		return
	}
	place = labelled(place, e.ODS)
	l.unknown(place, e.Unknown)
	if !odsForm.MatchString(e.ODS) {
		l.say(place+".ods", "must be an ODS code: capital letters and digits")
	} else if _, twice := l.organisations[e.ODS]; twice {
		l.say(place+".ods", "the same organisation twice")
	}
	for _, m := range [...]struct{ name, value string }{{"name", e.Name}, {"short", e.Short}, {"badge", e.Badge}} {
		if strings.TrimSpace(m.value) == "" {
			l.say(join(place, m.name), "must be given")
		}
	}
	if utf8.RuneCountInString(e.Badge) > badgeLength {
		l.say(place+".badge", "may have at most %d letters", badgeLength)
	}
	if !slices.Contains(kinds, e.Kind) {
		l.say(place+".kind", "must be one of %s", strings.Join(kinds, ", "))
	}
	l.organisations[e.ODS] = record.Organisation{ODS: e.ODS, Name: e.Name, Short: e.Short, Badge: e.Badge, Kind: e.Kind, Phone: e.Phone}
	if officer := strings.TrimSpace(e.Officer); officer != "" {
		l.officers[e.ODS] = officer
	}
	if email := strings.TrimSpace(e.Email); email != "" {
		address, err := mail.ParseAddress(email)
		if err != nil || address.Name != "" || address.Address != email {
			l.say(place+".privacy_officer_email", "must be one e-mail address")
		}
		l.emails[e.ODS] = email
	}
}

func labelled(place, id string) string {
	if id == "" {
		return place
	}
	return place + " (" + id + ")"
}

func (l *loader) feed(i int, raw jsontext.Value) {
	var e feedEntry
	place := fmt.Sprintf("feeds[%d]", i)
	if !l.decode(place, raw, &e) {
		return
	}
	place = labelled(place, e.ID)
	l.unknown(place, e.Unknown)
	l.feedID(place, e.ID)
	f := &Feed{ID: e.ID, Protocol: e.Protocol, Endpoint: e.Endpoint, Planned: e.Planned, Live: e.Stage == "live", Batch: e.Batch}
	var known bool
	if f.Organisation, known = l.organisations[e.Organisation]; !known {
		l.say(place+".organisation", "is not among the organisations")
	}
	l.endpoint(place, e)
	if e.Batch && e.Protocol == GPConnect {
		l.say(place+".batch", "has no meaning for gpconnect")
	}
	f.Sections = l.sections(place, e.Sections)
	l.stage(place, e)
	f.Deadline = time.Duration(l.limit(place+".deadline_ms", e.DeadlineMS, int(DefaultDeadline/time.Millisecond), maxDeadlineMS)) * time.Millisecond
	f.Concurrency = l.limit(place+".concurrency", e.Concurrency, DefaultConcurrency, maxConcurrency)
	f.Networks = l.networks(place, e.AllowCIDR)
	l.feeds = append(l.feeds, f)
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

func (l *loader) endpoint(place string, e feedEntry) {
	switch e.Protocol {
	case GPConnect, FHIRR4, SocialCare:
	default:
		l.say(place+".protocol", "must be gpconnect, fhirr4 or socialcare")
	}
	if e.Endpoint == "" && (e.Protocol == GPConnect || e.Stage != "live") {
		return // it is looked up nationally, or nobody asks there yet
	}
	if problem := addressProblem(e.Endpoint); problem != "" {
		l.say(place+".endpoint", "%s", problem)
	}
	if len(e.AllowCIDR) == 0 {
		l.say(place+".allow_cidr", "at least one network must be given")
	}
}

// addressProblem says what is wrong with an address, without repeating it: it might hold a password.
func addressProblem(text string) string {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return "must be given"
	case err != nil:
		return "is not an address"
	case u.User != nil:
		return "must not hold a user name or password"
	case u.Scheme != "https":
		return "must begin with https://"
	case u.Hostname() == "":
		return "has no host"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "must end with the path"
	}
	return ""
}

func (l *loader) sections(place string, ids []string) record.Sections {
	var set record.Sections
	for i, id := range ids {
		section, ok := record.SectionByID(id)
		at := fmt.Sprintf("%s.sections[%d]", place, i)
		switch {
		case !ok:
			l.say(at, "is no section")
		case set.Has(section):
			l.say(at, "the same section twice")
		}
		if ok {
			set |= record.SectionsOf(section)
		}
	}
	if len(ids) == 0 {
		l.say(place+".sections", "at least one section must be given")
	}
	return set
}

func (l *loader) stage(place string, e feedEntry) {
	switch e.Stage {
	case "live":
		if e.Planned != "" {
			l.say(place+".planned", "has no meaning for a live feed")
		}
	case "not-live":
		if _, err := time.Parse(month, e.Planned); e.Planned != "" && err != nil {
			l.say(place+".planned", "must be a month, such as Feb-2027")
		}
	default:
		l.say(place+".stage", "must be live or not-live")
	}
}

func (l *loader) limit(place string, given, standard, most int) int {
	switch {
	case given == 0:
		return standard
	case given < 0 || given > most:
		l.say(place, "must lie between 1 and %d", most)
	}
	return given
}

func (l *loader) networks(place string, texts []string) []netip.Prefix {
	list := make([]netip.Prefix, 0, len(texts))
	for i, text := range texts {
		p, err := netip.ParsePrefix(text)
		switch at := fmt.Sprintf("%s.allow_cidr[%d]", place, i); {
		case err != nil:
			l.say(at, "must be a network, such as 10.1.0.0/16")
		case p.Bits() == 0:
			l.say(at, "must not be every address there is")
		default:
			list = append(list, p.Masked())
		}
	}
	return list
}

func (l *loader) readSpine(raw jsontext.Value) {
	var e spineEntry
	if len(raw) > 0 && !l.decode("spine", raw, &e) {
		return
	}
	l.unknown("spine", e.Unknown)
	if e.SSP != "" {
		if problem := addressProblem(e.SSP); problem != "" {
			l.say("spine.ssp", "%s", problem)
		}
	}
	practices := slices.ContainsFunc(l.feeds, func(f *Feed) bool { return f.Protocol == GPConnect })
	if (e.FromASID != "" || practices) && !asidForm.MatchString(e.FromASID) {
		l.say("spine.from_asid", "must be the portal's accredited system id, which feeds of GP practices need")
	}
	l.spine = Spine{SSP: e.SSP, FromASID: e.FromASID}
}
