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
	kinds = []string{"acute", "gp-practice", "mental-health", "community", "council", "hospice", "care-home", "ambulance", "charity", "region", "store"}
)

const (
	badgeLength    = 5
	maxDeadlineMS  = 60_000
	maxConcurrency = 256
	month          = "Jan-2006"
)

// organisationEntry is an organisation as its entry has it.
type organisationEntry struct {
	ODS      string         `json:"ods"`
	Name     string         `json:"name"`
	Short    string         `json:"short"`
	Badge    string         `json:"badge"`
	Kind     string         `json:"kind"`
	Phone    string         `json:"phone"`
	Parent   string         `json:"parent"`
	Sites    []siteEntry    `json:"sites"`
	Officer  string         `json:"privacy_officer"`
	Email    string         `json:"privacy_officer_email"`
	Quality  string         `json:"data_quality_email"`
	Toolkit  toolkitEntry   `json:"dspt"`
	Sees     []string       `json:"sees"`
	Supplies []string       `json:"supplies"`
	Unknown  jsontext.Value `json:",embed"`
}

type siteEntry struct {
	ODS     string         `json:"ods"`
	Name    string         `json:"name"`
	Unknown jsontext.Value `json:",embed"`
}

type toolkitEntry struct {
	Status  string         `json:"status"`
	Until   string         `json:"until"`
	Unknown jsontext.Value `json:",embed"`
}

// toolkitStatuses are the words for an organisation's standing under the toolkit.
var toolkitStatuses = []string{"met", "approaching", "not-met"}

func (l *loader) organisation(place string, raw jsontext.Value) {
	var e organisationEntry
	if !l.decode(place, raw, &e) {
		return
	}
	place = labelled(place, e.ODS)
	l.unknown(place, e.Unknown)
	if !odsForm.MatchString(e.ODS) {
		l.say(place+".ods", "must be an ODS code: capital letters and digits")
	} else if _, twice := l.snapshot.members[e.ODS]; twice {
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
	l.snapshot.members[e.ODS] = l.participant(place, e)
}

// participant reads what an organisation's entry says beyond its names.
func (l *loader) participant(place string, e organisationEntry) *Participant {
	p := &Participant{
		Organisation: record.Organisation{ODS: e.ODS, Name: e.Name, Short: e.Short, Badge: e.Badge, Kind: e.Kind, Phone: e.Phone},
		Parent:       e.Parent, Officer: strings.TrimSpace(e.Officer), Sees: record.AllSections, Supplies: record.AllSections,
		OfficerEmail: l.email(place+".privacy_officer_email", e.Email), QualityEmail: l.email(place+".data_quality_email", e.Quality),
	}
	if e.Parent != "" && (!odsForm.MatchString(e.Parent) || e.Parent == e.ODS) {
		l.say(place+".parent", "must be the ODS code of another organisation")
	}
	for i, s := range e.Sites {
		at := fmt.Sprintf("%s.sites[%d]", place, i)
		l.unknown(at, s.Unknown)
		if !odsForm.MatchString(s.ODS) || strings.TrimSpace(s.Name) == "" {
			l.say(at, "must have an ODS code and a name")
		}
		p.Sites = append(p.Sites, Site{s.ODS, s.Name})
	}
	if e.Sees != nil {
		p.Sees = l.sections(place+".sees", e.Sees)
	}
	if e.Supplies != nil {
		p.Supplies = l.sections(place+".supplies", e.Supplies)
	}
	p.Toolkit = Toolkit{e.Toolkit.Status, l.day(place+".dspt.until", e.Toolkit.Until)}
	l.unknown(place+".dspt", e.Toolkit.Unknown)
	if e.Toolkit.Status != "" && !slices.Contains(toolkitStatuses, e.Toolkit.Status) {
		l.say(place+".dspt.status", "must be one of %s", strings.Join(toolkitStatuses, ", "))
	}
	return p
}

// email reads one e-mail address, or none.
func (l *loader) email(place, text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if address, err := mail.ParseAddress(text); err != nil || address.Name != "" || address.Address != text {
		l.say(place, "must be one e-mail address")
	}
	return text
}

// day reads a date; none is the zero time.
func (l *loader) day(place, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		l.say(place, "must be a day, such as 2027-05-31")
	}
	return day
}

func labelled(place, id string) string {
	if id == "" {
		return place
	}
	return place + " (" + id + ")"
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

// sections reads a list of sections.
func (l *loader) sections(place string, ids []string) record.Sections {
	var set record.Sections
	for i, id := range ids {
		section, ok := record.SectionByID(id)
		at := fmt.Sprintf("%s[%d]", place, i)
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
	return set
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

type spineEntry struct {
	SSP      string         `json:"ssp"`
	FromASID string         `json:"from_asid"`
	Unknown  jsontext.Value `json:",embed"`
}

func (l *loader) readSpine(place string, raw jsontext.Value) {
	var e spineEntry
	if len(raw) > 0 && !l.decode(place, raw, &e) {
		return
	}
	if l.at[KindSpine] > 1 {
		l.say(place, "the same entry twice")
	}
	l.unknown(place, e.Unknown)
	if e.SSP != "" {
		if problem := addressProblem(e.SSP); problem != "" {
			l.say(place+".ssp", "%s", problem)
		}
	}
	practices := slices.ContainsFunc(l.snapshot.feeds, func(f *Feed) bool { return f.Protocol == GPConnect })
	if (e.FromASID != "" || practices) && !asidForm.MatchString(e.FromASID) {
		l.say(place+".from_asid", "must be the portal's accredited system id, which feeds of GP practices need")
	}
	l.snapshot.spine = Spine{SSP: e.SSP, FromASID: e.FromASID}
}
