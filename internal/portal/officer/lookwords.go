package officer

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/oversight/report"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/web/page"
	"ribble/web/ui"
)

// eventWords say what an entry of the log is, in a few words.
var eventWords = map[audit.Act]string{
	audit.ActSignedIn: "Signed in", audit.ActSignInFailed: "Could not sign in", audit.ActSignedOut: "Signed out", audit.ActLocked: "Screen locked", audit.ActUnlocked: "Screen unlocked",
	audit.ActSteppedUp: "Proved again who they are", audit.ActLimitReached: "Did something very often", audit.ActAccountChanged: "An account changed",
	audit.ActSearched: "Searched for a person by name", audit.ActTraced: "Looked up an NHS number", audit.ActOpenRequested: "Asked for a record", audit.ActIntent: "Opened a record",
	audit.ActRefused: "Asked for a record and was refused", audit.ActDisclosed: "Was shown a part of the record", audit.ActDocumentOpened: "Opened a document",
	audit.ActMismatchFound: "A source answered about somebody else", audit.ActRelationshipClaimed: "Stated how they care for the person", audit.ActPermissionAsked: "Asked for permission to view",
	audit.ActObjectionChanged: "Changed the register of objections", audit.ActBreakGlassBegan: "Opened emergency access", audit.ActBreakGlassEnded: "Ended emergency access",
	audit.ActRegisterChanged: "A list was loaded", audit.ActOfficerLooked: "An officer looked", audit.ActTrailExported: "The log was exported", audit.ActErasureAsked: "Erasure was asked for",
	audit.ActErased: "A person was made unreadable", audit.ActAlertHandled: "Worked on an alert", audit.ActDirectoryProposed: "Asked for a change of the directory",
	audit.ActRulesProposed: "Proposed other rules that watch", audit.ActRulesDecided: "Decided about the rules that watch",
	audit.ActDirectoryDecided: "Decided about a change of the directory", audit.ActProblemReported: "Reported a problem with an entry",
	audit.ActProblemHandled: "Worked on a report of a problem", audit.ActFinished: "The look ended",
	audit.ActReconciled: "The portal stopped, or could not write, before this look ended; what was shown up to then is listed",
}

// graveActs are shown as such.
var graveActs = []audit.Act{audit.ActRefused, audit.ActBreakGlassBegan, audit.ActSignInFailed, audit.ActLimitReached, audit.ActMismatchFound, audit.ActErased}

// eventRow is an entry of the log as a row.
func eventRow(row inquiry.Row) page.LookRow {
	e := row.Event
	how := howSeen(e)
	if e.Act == audit.ActReconciled {
		// Its own time is that of the look's beginning.
		how = "noted on " + moment(row.Recorded)
	}
	return page.LookRow{
		When: moment(e.At), Who: nobody(record.StaffName(e.User.Name).Usual()), Role: e.User.RoleName, Organisation: e.User.OrganisationName, What: eventWords[e.Act], How: how,
		Shown: sections(e.Sections), Sequence: thousands(row.Sequence), Grave: slices.Contains(graveActs, e.Act),
	}
}

func nobody(name string) string {
	if name == "" {
		return "(no name)"
	}
	return name
}

// howSeen is on what an act rested, or its fixed reason.
func howSeen(e audit.Event) string {
	switch {
	case e.Override != "":
		return "under emergency access"
	case e.Purpose == access.RelationshipCheck.String():
		return "only a check whether the person is a patient there"
	case e.Relationship != "":
		return relationshipWords(e.Relationship)
	case e.Act == audit.ActSearched || e.Act == audit.ActTraced:
		return count(e.Found, "person") + " found"
	}
	if words := reason(e); words != "" {
		return words
	}
	return e.Reason
}

// lineRow is a line of a person's report as a row.
func lineRow(l report.Line) page.LookRow {
	numbers := thousands(l.First)
	if l.Last != l.First {
		numbers += " to " + thousands(l.Last)
	}
	return page.LookRow{
		When: moment(l.At), Who: l.Who, Role: l.Role, Organisation: l.Organisation, What: l.What, How: l.How, Shown: l.Shown, Sequence: numbers, Grave: l.Grave,
	}
}

// weeks draws the looks of one person week by week; months when there are more than half a year of weeks.
func weeks(rows []inquiry.Row, own string, now time.Time) *page.Bars {
	var looks []audit.Event
	for _, row := range rows {
		if row.Event.Act == audit.ActIntent && row.Event.Purpose != access.RelationshipCheck.String() {
			looks = append(looks, row.Event)
		}
	}
	if len(looks) == 0 {
		return nil
	}
	oldest := slices.MinFunc(looks, func(a, b audit.Event) int { return a.At.Compare(b.At) }).At
	begin, step, label, unit := week(oldest), func(t time.Time) time.Time { return t.AddDate(0, 0, 7) }, "02-Jan", "week"
	if now.Sub(oldest) > 26*7*24*time.Hour {
		local := oldest.In(time.Local)
		begin, label, unit = time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, time.Local), "Jan-06", "month"
		step = func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }
	}
	b := &page.Bars{
		ID: "weeks", Title: "Looks by " + unit, Key: "From", Series: []string{"Your organisation", "Others", "Emergency"}, Newest: true,
		Says: fmt.Sprintf("%s since %s, told apart by who looked.", count(len(looks), "look"), oldest.In(time.Local).Format("02-Jan-2006")),
	}
	for at := begin; !at.After(now) && len(b.Bars) < 120; at = step(at) {
		bar := page.Bar{Label: at.Format(label), Name: at.Format("02-Jan-2006"), Parts: make([]int64, 3)}
		for _, e := range looks {
			if e.At.Before(at) || !e.At.Before(step(at)) {
				continue
			}
			switch {
			case e.Override != "":
				bar.Parts[2]++
			case e.User.Organisation == own:
				bar.Parts[0]++
			default:
				bar.Parts[1]++
			}
		}
		b.Bars = append(b.Bars, bar)
	}
	return b
}

// reasons are the fixed codes that a search can be narrowed to.
var reasons = func() []ui.Option {
	out := []ui.Option{{Value: "", Text: "Any"}}
	for _, r := range register.OverrideReasons {
		out = append(out, ui.Option{Value: r.Code, Text: r.Words})
	}
	for _, r := range register.ClaimReasons {
		if !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == r.Code }) {
			out = append(out, ui.Option{Value: r.Code, Text: r.Words})
		}
	}
	for _, rule := range access.Rules {
		if !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == rule.Code }) {
			out = append(out, ui.Option{Value: rule.Code, Text: "Refused: " + strings.ReplaceAll(rule.Code, "-", " ")})
		}
	}
	return out
}()

// form is the form as it was filled in.
func (p *Pages) form(u identity.User, r *http.Request, a asking, f faults, shown bool) page.LooksForm {
	input := func(name, label, hint string, width int) ui.InputProps {
		return ui.InputProps{Name: name, Label: label, Hint: hint, Error: f[name], Value: r.PostFormValue(name), Width: width, NoSpellcheck: true}
	}
	form := page.LooksForm{
		URL: LooksPath, Open: shown, Person: input("nhs", "NHS number", "10 digits", 20), Reference: input("reference", "Reference", "of the request or case", 20),
		Name: input("name", "Name for the report", "you may leave it out", 20), Purpose: ui.ChoiceProps{Name: "purpose", Label: "Why do you ask?", Error: f["purpose"], Options: purposeOptions(a.Purpose)},
		From: input("from", "From", "like 18-Nov-2026 14:05", 20), To: input("to", "To", "a day counts to its end", 20), User: input("user", "User id", "as their sign-in service names them", 20),
		Organisation: input("organisation", "Users’ organisation", "ODS code", 20), Source: input("source", "Source asked", "id of a feed, or ODS code", 20),
		First: input("first", "First log number", "", 20), Last: input("last", "Last log number", "", 20),
		Kind: ui.ChoiceProps{Name: "kind", Label: "What was done"}, Section: ui.ChoiceProps{Name: "section", Label: "Section", Options: sectionOptions(a.Section)},
		Reason: ui.ChoiceProps{Name: "reason", Label: "Reason or refusal"}, Service: ui.ChoiceProps{Name: "service", Label: "The user signs in with"},
		Show:  ui.ChoiceProps{Name: "show", Label: "A list about several people", Error: f["show"], Options: []ui.Option{{Value: "yes", Text: "Show whose records: needs a purpose and a reference above, and is written down for each person", Chosen: a.Show}}, Small: true},
		Scope: "Looks by users of " + u.Organisation.Name + ".",
	}
	if p.regional(u) {
		form.Scope = "Looks by users of the whole region."
	}
	form.Person.InputMode = "numeric"
	for _, k := range actKinds {
		form.Kind.Options = append(form.Kind.Options, ui.Option{Value: k.code, Text: k.words, Chosen: k.code == a.Kind})
	}
	for _, o := range reasons {
		o.Chosen = o.Value == a.Reason
		form.Reason.Options = append(form.Reason.Options, o)
	}
	for _, s := range p.Services {
		form.Service.Options = append(form.Service.Options, ui.Option{Value: s.Issuer, Text: s.Name, Chosen: s.Issuer == a.Issuer})
	}
	return form
}

func purposeOptions(chosen string) []ui.Option {
	out := []ui.Option{{Text: "Choose"}}
	for _, c := range purposes {
		out = append(out, ui.Option{Value: c.code, Text: c.words, Chosen: c.code == chosen})
	}
	return out
}

func sectionOptions(chosen string) []ui.Option {
	out := []ui.Option{{Text: "Any"}}
	for s := range record.AllSections.All {
		out = append(out, ui.Option{Value: s.ID(), Text: s.Title(), Chosen: s.ID() == chosen})
	}
	return out
}

// exports are what can be taken away. Without a purpose nothing can: what leaves the log says why.
func exports(a asking) []ui.ButtonProps {
	button := func(format, text, variant string) ui.ButtonProps {
		return ui.ButtonProps{Text: text, Variant: variant, Small: true, Name: "format", Value: format}
	}
	if a.whole() {
		return []ui.ButtonProps{
			button("pdf", "Report for the person (PDF)", ""), button("csv", "CSV", "secondary"), button("print", "To print", "secondary"), button("proof", "With its proofs (ZIP)", "secondary"),
		}
	}
	return []ui.ButtonProps{button("rows", "Entries as CSV", "secondary"), button("ndjson", "FHIR AuditEvents (NDJSON)", "secondary")}
}
