package section_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/internal/sensitive"
	"ribble/web/panel"
)

// marker is a text that stands nowhere else, so that finding it on the page proves that its entry is shown.
func marker(n int) string { return fmt.Sprintf("zq%dqz", n) }

var phases = []record.Phase{
	record.PhaseUnknown, record.Current, record.Ended, record.Planned, record.Draft, record.Preliminary, record.NotDone, record.Refuted, record.Unconfirmed,
}

var someDates = []string{"", "2014", "2014-06", "2014-06-03", "2026-11-30T10:00:00Z", "2031-01-01", "19", "2020-02-02T09:30:00Z"}

// drawn draws one entry's head and its name, which is the marker.
func drawn(t *rapid.T, feed string, n int) (record.Head, record.Concept) {
	h := record.Head{
		Key: record.ItemKey{Type: "T", ID: feed + marker(n)}, Phase: rapid.SampledFrom(phases).Draw(t, "phase"),
		RawStatus: rapid.SampledFrom([]string{"", "active", "cancelled", "unknown"}).Draw(t, "status"),
		When:      record.On(record.ParseDate(rapid.SampledFrom(someDates).Draw(t, "when"))),
	}
	c := record.Concept{Text: marker(n)}
	if rapid.Bool().Draw(t, "coded") {
		c.Codings = []record.Coding{{System: record.SNOMED, Code: rapid.SampledFrom([]string{"1", "2"}).Draw(t, "code")}}
	}
	return h, c
}

// add puts one entry with the marker into the section.
func add(t *rapid.T, c *record.Chart, s record.Section, feed string, n int) {
	h, name := drawn(t, feed, n)
	pick := func(most int) int { return rapid.IntRange(0, most).Draw(t, "kind") }
	switch s {
	case record.Allergies:
		c.Allergies = append(c.Allergies, record.Allergy{Head: h, Agent: name, Nil: []string{"", "", section.AllKinds}[pick(2)]})
	case record.Medicines:
		c.Medicines = append(c.Medicines, record.Medicine{Head: h, Product: name, Course: record.MedicineCourse(pick(6)), PrescribedElsewhere: pick(1) == 1})
	case record.Problems:
		c.Problems = append(c.Problems, record.Problem{Head: h, Problem: name, Significance: []string{"", "major", "minor", "Major", "grave"}[pick(4)]})
	case record.Alerts:
		c.Alerts = append(c.Alerts, record.Alert{Head: h, Alert: name, Kind: record.AlertKind(pick(8))})
	case record.Plans:
		c.Plans = append(c.Plans, record.Plan{Head: h, Type: name})
	case record.Legal:
		c.Legal = append(c.Legal, record.LegalStatus{Head: h, Status: name})
	case record.Results:
		c.Results = append(c.Results, record.Report{Head: h, Name: name, NoReport: pick(1) == 1})
	case record.Imaging:
		c.Imaging = append(c.Imaging, record.Report{Head: h, Name: name, NoReport: pick(1) == 1})
	case record.Measurements:
		c.Measurements = append(c.Measurements, record.Measurement{Head: h, Result: record.Result{Test: name}, Score: pick(1) == 1})
	case record.Encounters:
		c.Encounters = append(c.Encounters, record.Encounter{Head: h, Service: name, Setting: record.Setting(pick(7)), Pathway: pick(1) == 1})
	case record.Consultations:
		c.Consultations = append(c.Consultations, record.Consultation{Head: h, Type: name})
	case record.Appointments:
		c.Appointments = append(c.Appointments, record.Appointment{Head: h, Service: name, Recall: pick(1) == 1})
	case record.Referrals:
		c.Referrals = append(c.Referrals, record.Referral{Head: h, Reason: name})
	case record.Immunisations:
		c.Immunisations = append(c.Immunisations, record.Immunisation{Head: h, Vaccination: name, Statement: pick(1) == 1, Reported: pick(1) == 1})
	case record.Procedures:
		c.Procedures = append(c.Procedures, record.Procedure{Head: h, Procedure: name})
	case record.Documents:
		c.Documents = append(c.Documents, record.Document{Head: h, Title: name.Text})
	case record.SocialCare:
		c.SocialCare = append(c.SocialCare, record.SocialCareEntry{Head: h, What: name, Kind: record.SocialCareKind(pick(4))})
	case record.AboutMe:
		c.AboutMe = append(c.AboutMe, record.AboutMeEntry{Head: h, What: name, Kind: record.AboutMeKind(pick(3)), Heading: []string{"", "Heading"}[pick(1)]})
	case record.Network:
		c.Network = append(c.Network, record.Contact{Head: h, Actor: record.Actor{Name: name.Text}, Kind: record.NetworkKind(pick(2))})
	case record.History:
		c.History = append(c.History, record.HistoryEntry{Head: h, Topic: name, Kind: record.HistoryKind(pick(2))})
	case record.Other:
		c.Other = append(c.Other, record.OtherEntry{Head: h, Name: name})
	}
}

// TestEveryEntryIsOnThePage is the page's part of the conservation law: whatever entries come, in whatever phase and kind, each is on the
// printed section, and the account at its foot says how many came and into how many rows they were grouped.
func TestEveryEntryIsOnThePage(t *testing.T) {
	g := grant(t)
	for s := range record.AllSections.All {
		t.Run(s.ID(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				v := &section.View{Now: now, Own: "BTH"}
				n := 0
				for _, feed := range []string{"a", "b", "c"} {
					answer := source(feed, func(a *record.Answer) {
						for range rapid.IntRange(0, 6).Draw(t, "entries") {
							add(t, &a.Chart, s, feed, n)
							n++
						}
						a.Coverage[s] = record.Coverage{State: record.NoneRecorded}
						if _, rows := a.Chart.Count(s); rows > 0 {
							a.Coverage[s] = record.Coverage{State: record.Data}
						}
					})
					v.Answers = append(v.Answers, new(sensitive.Policy).Clear(g, quarantine.Check(g.Person(), answer, quarantine.Other)))
				}
				if rapid.Bool().Draw(t, "late") {
					v.Late = map[string]int{"b": 1}
				}
				p := section.Panel(v, s, 1)
				said := printed(t, p)
				for i := range n {
					if !strings.Contains(said, marker(i)) {
						t.Fatalf("entry %d of %d is not on the page:\n%s", i, n, said)
					}
				}
				if foot := strings.Join(p.Foot, " "); n > 0 && !strings.HasPrefix(foot, fmt.Sprintf("Received %d = ", n)) {
					t.Fatalf("%d entries came, the foot says %q", n, foot)
				}
			})
		})
	}
}

func printed(t interface{ Fatal(...any) }, p panel.Panel) string {
	var b bytes.Buffer
	if err := p.HTML().Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return html.UnescapeString(b.String())
}
