package gpsystem

import (
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"ribble/internal/sandbox/story"
)

// parameters is the body of $gpc.getstructuredrecord (GPConnect-GetStructuredRecord-Operation-1).
type parameters struct {
	ResourceType string      `json:"resourceType"`
	Parameter    []parameter `json:"parameter"`
}

type parameter struct {
	Name        string           `json:"name"`
	Identifier  *tokenIdentifier `json:"valueIdentifier"`
	Boolean     *bool            `json:"valueBoolean"`
	Date        string           `json:"valueDate"`
	Code        string           `json:"valueCode"`
	PositiveInt int              `json:"valuePositiveInt"`
	Period      *window          `json:"valuePeriod"`
	Part        []parameter      `json:"part"`
}

// window is a search period; its zero value holds everything.
type window struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// holds compares dates at the precision both share; an entry without a date is never left out (HAZ 100).
func (w window) holds(date string) bool {
	after := w.Start == "" || clip(date, w.Start) >= clip(w.Start, date)
	before := w.End == "" || clip(date, w.End) <= clip(w.End, date)
	return date == "" || after && before
}

func clip(a, b string) string { return a[:min(len(a), len(b))] }

// ask is what a valid request asks for.
type ask struct {
	nhsNumber    string
	areas        map[story.Area]bool
	unrecognised []string

	resolvedAllergies, issues, notGiven, statements bool

	medicationSince string
	problemStatus   string
	mostRecent      int
	diaryUntil      string
	periods         map[story.Area]window
}

// complaint is the error code and diagnostics for a request that cannot be answered.
type complaint struct{ code, diagnostics string }

func parseAsk(body []byte, today time.Time) (*ask, *complaint) {
	var p parameters
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, &complaint{"BAD_REQUEST", "The body is not JSON that can be read"}
	}
	if p.ResourceType != "Parameters" {
		return nil, &complaint{"INVALID_RESOURCE", "The body must be a Parameters resource"}
	}
	a := &ask{areas: map[story.Area]bool{}, periods: map[story.Area]window{}, issues: true, statements: true}
	for i := range p.Parameter {
		if no := a.take(&p.Parameter[i], today); no != nil {
			return nil, no
		}
	}
	if a.nhsNumber == "" {
		return nil, &complaint{"INVALID_PARAMETER", "patientNHSNumber is required"}
	}
	return a, a.checkTogether(p.Parameter)
}

func (a *ask) take(p *parameter, today time.Time) *complaint {
	if p.Name == "patientNHSNumber" {
		return a.takeNumber(p)
	}
	area := story.Area(p.Name)
	parts, known := allowed[area]
	switch {
	case !known:
		a.unrecognised = append(a.unrecognised, p.Name)
		return nil
	case a.areas[area]:
		return &complaint{"INVALID_PARAMETER", p.Name + " was given twice"}
	}
	a.areas[area] = true
	for i := range p.Part {
		part := &p.Part[i]
		if !slices.Contains(parts, part.Name) {
			return &complaint{"INVALID_PARAMETER", part.Name + " is not a part of " + p.Name}
		}
		if no := a.takePart(area, part, today); no != nil {
			return no
		}
	}
	return mandatory(area, p)
}

func (a *ask) takeNumber(p *parameter) *complaint {
	switch {
	case a.nhsNumber != "":
		return &complaint{"INVALID_PARAMETER", "patientNHSNumber was given twice"}
	case p.Identifier == nil:
		return &complaint{"INVALID_PARAMETER", "patientNHSNumber has no identifier"}
	case p.Identifier.System != story.SystemNHSNumber:
		return &complaint{"INVALID_IDENTIFIER_SYSTEM", "patientNHSNumber must be an NHS number"}
	case !story.ValidNHSNumber(p.Identifier.Value):
		return &complaint{"INVALID_NHS_NUMBER", ""}
	}
	a.nhsNumber = p.Identifier.Value
	return nil
}

// allowed lists the parts of each area.
var allowed = map[story.Area][]string{
	story.Allergies:      {"includeResolvedAllergies"},
	story.Medication:     {"includePrescriptionIssues", "medicationSearchFromDate"},
	story.Consultations:  {"consultationSearchPeriod", "includeNumberOfMostRecent"},
	story.Problems:       {"filterStatus", "filterSignificance"},
	story.Immunisations:  {"includeNotGiven", "includeStatus"},
	story.Uncategorised:  {"uncategorisedDataSearchPeriod"},
	story.Investigations: {"investigationSearchPeriod"},
	story.Referrals:      {"referralSearchPeriod"},
	story.DiaryEntries:   {"diaryEntriesSearchDate"},
}

// mandatory: the choice about ended allergies may not be left open.
func mandatory(area story.Area, p *parameter) *complaint {
	if area == story.Allergies && len(p.Part) == 0 {
		return &complaint{"INVALID_PARAMETER", "Miss parameter part : includeResolvedAllergies"}
	}
	return nil
}

func (a *ask) takePart(area story.Area, p *parameter, today time.Time) *complaint {
	day := today.Format(time.DateOnly)
	switch p.Name {
	case "includeResolvedAllergies":
		return flag(p, &a.resolvedAllergies)
	case "includePrescriptionIssues":
		return flag(p, &a.issues)
	case "includeNotGiven":
		return flag(p, &a.notGiven)
	case "includeStatus":
		return flag(p, &a.statements)
	case "filterStatus", "filterSignificance":
		if p.Name == "filterStatus" {
			a.problemStatus = p.Code
		}
		return oneOf(p, "active", "inactive", "major", "minor")
	case "includeNumberOfMostRecent":
		a.mostRecent = p.PositiveInt
		return unless(p.PositiveInt > 0, p)
	case "medicationSearchFromDate":
		a.medicationSince = p.Date
		return unless(isDate(p.Date) && p.Date <= day, p)
	case "diaryEntriesSearchDate":
		a.diaryUntil = p.Date
		return unless(isDate(p.Date) && p.Date >= day, p)
	default:
		return a.takePeriod(area, p, day)
	}
}

func (a *ask) takePeriod(area story.Area, p *parameter, day string) *complaint {
	w := p.Period
	if w == nil || w.Start == "" && w.End == "" {
		return unless(false, p)
	}
	a.periods[area] = *w
	dates := (w.Start == "" || isDate(w.Start)) && (w.End == "" || isDate(w.End))
	inPast := w.Start <= day && w.End <= day
	inOrder := w.End == "" || w.Start <= w.End
	return unless(dates && inPast && inOrder, p)
}

func flag(p *parameter, into *bool) *complaint {
	if p.Boolean == nil {
		return unless(false, p)
	}
	*into = *p.Boolean
	return nil
}

func oneOf(p *parameter, values ...string) *complaint {
	return unless(slices.Contains(values, p.Code), p)
}

func unless(ok bool, p *parameter) *complaint {
	if ok {
		return nil
	}
	return &complaint{"INVALID_PARAMETER", p.Name + " has an invalid value"}
}

// isDate accepts a year, a month or a day.
func isDate(s string) bool {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// filters may not stand beside consultations or problems when several areas are asked for at once.
var filters = []string{
	"medicationSearchFromDate", "uncategorisedDataSearchPeriod", "referralSearchPeriod", "investigationSearchPeriod",
	"diaryEntriesSearchDate", "includeNotGiven", "includeStatus",
}

func (a *ask) checkTogether(all []parameter) *complaint {
	if a.mostRecent > 0 && a.periods[story.Consultations] != (window{}) {
		return &complaint{"INVALID_RESOURCE", "Ask for a period or a number of consultations, not both"}
	}
	linked := a.areas[story.Consultations] || a.areas[story.Problems]
	if !linked || len(a.areas) < 2 {
		return nil
	}
	for _, p := range all {
		for _, part := range p.Part {
			if slices.Contains(filters, part.Name) || part.Name == "filterStatus" && a.areas[story.Consultations] {
				return &complaint{"INVALID_PARAMETER", part.Name + " may not be used together with consultations or problems"}
			}
		}
	}
	return nil
}
