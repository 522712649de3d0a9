package officer

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
	"ribble/web/ui"
)

// asking is what an officer asks of the log. Sealed, it goes from page to page in the body of requests: no person and no reason stands in an address.
type asking struct {
	Session string `json:"s"`
	Role    string `json:"r"`
	// NHS is whose record; Name is what the report calls them; Purpose and Reference say why it is asked.
	NHS       string `json:"n,omitempty"`
	Name      string `json:"m,omitempty"`
	Purpose   string `json:"p,omitempty"`
	Reference string `json:"f,omitempty"`
	// Issuer and Subject are one user, Organisation the ODS code whose users are meant.
	Issuer       string    `json:"i,omitempty"`
	Subject      string    `json:"u,omitempty"`
	Organisation string    `json:"o,omitempty"`
	From         time.Time `json:"a,omitzero"`
	To           time.Time `json:"b,omitzero"`
	First        int64     `json:"c,omitempty"`
	Last         int64     `json:"d,omitempty"`
	Kind         string    `json:"k,omitempty"`
	Source       string    `json:"x,omitempty"`
	Section      string    `json:"y,omitempty"`
	Reason       string    `json:"z,omitempty"`
	// Show asks for NHS numbers in a list about several people.
	Show bool `json:"w,omitempty"`
	// Before is where the page before ended, Skip how many lines of a person's report it showed.
	Before inquiry.Place `json:"e,omitzero"`
	Skip   int           `json:"l,omitempty"`
}

const askingPurpose = "officer-asking"

var errStale = fault.New(fault.NotFound, "This result is no longer open. Ask the log again.")

func (p *Pages) seal(u identity.User, a asking, life time.Duration) (string, error) {
	a.Session, a.Role = u.Session, u.Role.ProfileID
	return handle.SealFor(p.Handles, askingPurpose, a, life)
}

// unseal opens what was asked, for the user who asked it.
func (p *Pages) unseal(u identity.User, token string) (asking, error) {
	a, err := handle.Open[asking](p.Handles, askingPurpose, token)
	if err != nil || !a.of(u) {
		return asking{}, errStale
	}
	return a, nil
}

// of reports whether the user asked it, in this session and role.
func (a asking) of(u identity.User) bool {
	return a.Session == u.Session && a.Role == u.Role.ProfileID && u.Session != ""
}

// purpose is why an officer asks: the code is kept in the trail.
type purpose struct{ code, words string }

// purposes begin with the person's own right; the last needs no reference.
var purposes = []purpose{
	{"person", "The person asked who looked at their record"}, {"alert", "An alert or an incident is looked into"}, {"complaint", "A complaint"},
	{"legal", "A court, the police or the regulator asked"}, {oversees, "Everyday oversight of my organisation’s users"},
}

const oversees = "oversight"

func purposeWords(code string) string {
	for _, c := range purposes {
		if c.code == code {
			return c.words
		}
	}
	return ""
}

// kind is a group of acts.
type kind struct {
	code, words string
	acts        []audit.Act
}

var actKinds = []kind{
	{"", "Everything", nil},
	{"looks", "Looks at records", []audit.Act{audit.ActIntent, audit.ActDisclosed, audit.ActDocumentOpened, audit.ActFinished, audit.ActReconciled}},
	{"refused", "Refusals", []audit.Act{audit.ActRefused}},
	{"emergency", "Emergency access and stated relationships", []audit.Act{audit.ActBreakGlassBegan, audit.ActBreakGlassEnded, audit.ActRelationshipClaimed, audit.ActPermissionAsked}},
	{"searches", "Searches for people", []audit.Act{audit.ActSearched, audit.ActTraced, audit.ActOpenRequested}},
	{"sessions", "Signing in and out", []audit.Act{audit.ActSignedIn, audit.ActSignInFailed, audit.ActSignedOut, audit.ActLocked, audit.ActUnlocked, audit.ActSteppedUp, audit.ActLimitReached, audit.ActAccountChanged}},
	{"registers", "Objections and lists", []audit.Act{audit.ActObjectionChanged, audit.ActRegisterChanged}},
	{"rules", "Changes of the rules that watch", []audit.Act{audit.ActRulesProposed, audit.ActRulesDecided}},
	{"directory", "Changes of the directory", []audit.Act{audit.ActDirectoryProposed, audit.ActDirectoryDecided}},
	{"problems", "Reports of problems with entries", []audit.Act{audit.ActProblemReported, audit.ActProblemHandled}},
	{"officers", "What officers and operators looked at", []audit.Act{audit.ActOfficerLooked, audit.ActAlertHandled, audit.ActTrailExported, audit.ActErasureAsked, audit.ActErased}},
}

// faults are what is wrong with a form, by the control's name.
type faults map[string]string

func (f faults) say(name, words string) {
	if f[name] == "" {
		f[name] = words
	}
}

// order is that of the form, for the list of problems.
var order = []string{"nhs", "purpose", "reference", "from", "to", "user", "organisation", "source", "first", "last", "show"}

func (f faults) problems() []ui.Problem {
	var out []ui.Problem
	for _, name := range order {
		if f[name] != "" {
			out = append(out, ui.Problem{Text: f[name], Href: "#" + name})
		}
	}
	return out
}

// readAsking reads the form as far as it makes sense, and says what does not.
func (p *Pages) readAsking(r *http.Request, u identity.User) (asking, faults) {
	f := faults{}
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	a := asking{
		Name: clip(value("name")), Reference: clip(value("reference")), Subject: clip(value("user")), Organisation: strings.ToUpper(clip(value("organisation"))), Source: clip(value("source")),
		Show: value("show") != "",
	}
	a.Purpose = oneOf(value("purpose"), func(code string) bool { return purposeWords(code) != "" })
	a.Kind = oneOf(value("kind"), func(code string) bool {
		return slices.ContainsFunc(actKinds, func(k kind) bool { return k.code == code })
	})
	a.Section = oneOf(value("section"), func(id string) bool { _, ok := record.SectionByID(id); return ok })
	a.Reason = oneOf(value("reason"), func(code string) bool {
		return slices.ContainsFunc(reasons, func(o ui.Option) bool { return o.Value == code })
	})
	if a.Subject != "" {
		a.Issuer = oneOf(value("service"), func(issuer string) bool {
			return slices.ContainsFunc(p.Services, func(s Service) bool { return s.Issuer == issuer })
		})
	}
	if number := value("nhs"); number != "" {
		n, err := record.ParseNHSNumber(number)
		if err != nil {
			f.say("nhs", "This is not an NHS number: 10 digits whose last checks the others. Nothing was asked.")
		}
		a.NHS = n.Digits()
	}
	a.From, a.To = p.when(f, "from", value("from"), false), p.when(f, "to", value("to"), true)
	a.First, a.Last = sequence(f, "first", value("first")), sequence(f, "last", value("last"))
	p.check(a, u, f)
	return a, f
}

func clip(s string) string {
	const longest = 120
	return s[:min(len(s), longest)]
}

func oneOf(value string, known func(string) bool) string {
	if known(value) {
		return value
	}
	return ""
}

// check says what is missing, what contradicts itself, and what nobody knows.
func (p *Pages) check(a asking, u identity.User, f faults) {
	if a.NHS != "" || a.Show {
		if a.Purpose == "" || a.Purpose == oversees {
			f.say("purpose", "Choose why you ask whose records were opened: it is written down.")
		}
		if len(a.Reference) < leastReference {
			f.say("reference", "Give the reference of the request, complaint or case: it is written down.")
		}
	}
	if !a.From.IsZero() && !a.To.IsZero() && !a.From.Before(a.To) {
		f.say("to", "The end lies before the beginning.")
	}
	if a.First > 0 && a.Last > 0 && a.First > a.Last {
		f.say("last", "The last number is smaller than the first.")
	}
	if a.Organisation != "" && a.NHS == "" && !p.regional(u) && a.Organisation != u.Organisation.ODS {
		f.say("organisation", "Your role searches the looks of your own organisation’s users only, unless you ask about one person.")
	}
	for name, code := range map[string]string{"organisation": a.Organisation, "source": a.Source} {
		if code != "" && !p.Region.Known(code) {
			f.say(name, "The directory knows no organisation or source of this code. Nothing was asked.")
		}
	}
}

const leastReference = 3

// days are the ways to write a day; a time of day may follow.
var days = []string{"2-Jan-2006", "2/1/2006", "2006-01-02", "2 January 2006", "2 Jan 2006"}

// when reads a day with or without a time, by the clock of the United Kingdom; a day alone as an end is its whole day.
func (p *Pages) when(f faults, name, text string, end bool) time.Time {
	if text == "" {
		return time.Time{}
	}
	for _, day := range days {
		if t, err := time.ParseInLocation(day+" 15:04", text, time.Local); err == nil {
			return p.sensible(f, name, t)
		}
		if t, err := time.ParseInLocation(day, text, time.Local); err == nil {
			if end {
				t = t.AddDate(0, 0, 1)
			}
			return p.sensible(f, name, t)
		}
	}
	f.say(name, "Write the day like 18-Nov-2026, with a time like 14:05 behind it if you wish.")
	return time.Time{}
}

// sensible refuses years in which there was no log, and the far future.
func (p *Pages) sensible(f faults, name string, t time.Time) time.Time {
	if t.Year() < 2020 || t.After(p.Now().AddDate(1, 0, 0)) {
		f.say(name, "The log has nothing of that year.")
	}
	return t
}

var digits = regexp.MustCompile(`^[0-9]{1,15}$`)

func sequence(f faults, name, text string) int64 {
	text = strings.NewReplacer(",", "", " ", "").Replace(text)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || !digits.MatchString(text) {
		f.say(name, "A log number is a whole number from 1 on.")
		return 0
	}
	return n
}

// query is what is asked of the trail. An officer without the regional activity sees their own organisation's users, unless they ask about one
// person: that is the person's right, whoever serves it.
func (p *Pages) query(a asking, u identity.User) inquiry.Query {
	q := inquiry.Query{
		Issuer: a.Issuer, Subject: a.Subject, Organisation: a.Organisation, From: a.From, To: a.To, FirstSequence: a.First, LastSequence: a.Last,
		Source: a.Source, Section: a.Section, Reason: a.Reason, Before: a.Before, Limit: perPage,
	}
	if a.NHS != "" {
		q.Person = p.Keys.Indexes(a.number())
	} else if !p.regional(u) {
		q.Organisation = u.Organisation.ODS
	}
	for _, k := range actKinds {
		if k.code == a.Kind {
			q.Acts = k.acts
		}
	}
	return q
}

// number is the person; zero for a list about several.
func (a asking) number() record.NHSNumber {
	n, err := record.ParseNHSNumber(a.NHS)
	if err != nil {
		return record.NHSNumber{}
	}
	return n
}

// whole reports whether the question is one person's whole story: nothing but times narrows it, so that whole looks can be told.
func (a asking) whole() bool {
	return a.NHS != "" && a.Kind == "" && a.Source == "" && a.Section == "" && a.Reason == "" && a.Subject == "" && a.Organisation == ""
}

// note writes down what is asked, before anything is shown.
func (p *Pages) note(r *http.Request, u identity.User, act audit.Act, a asking, what string) error {
	return p.Trail.Note(r.Context(), audit.Note{
		Act: act, User: u, NHSNumber: a.number(), Reason: strings.TrimSpace(what + " " + a.Purpose), Terms: audit.Terms{Words: a.words()},
	})
}

// words say for the trail what was asked; they stand sealed in it.
func (a asking) words() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	add("reference", a.Reference)
	add("user", a.Subject)
	add("organisation", a.Organisation)
	add("kind", a.Kind)
	add("source", a.Source)
	add("section", a.Section)
	add("reason", a.Reason)
	for name, t := range map[string]time.Time{"from": a.From, "to": a.To} {
		if !t.IsZero() {
			add(name, t.UTC().Format(time.RFC3339))
		}
	}
	if a.First > 0 || a.Last > 0 {
		add("numbers", strconv.FormatInt(a.First, 10)+" to "+strconv.FormatInt(a.Last, 10))
	}
	if len(parts) == 0 {
		return "everything"
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
