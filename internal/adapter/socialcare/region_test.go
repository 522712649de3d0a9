package socialcare_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/adapter/socialcare"
	"ribble/internal/record"
	"ribble/internal/sandbox/council"
	"ribble/internal/sandbox/story"
)

// TestTheRegionsLives asks every council of the sandbox about every written life that it holds. Whatever a council holds must come out
// accounted for, entry by entry, and in a state that says what happened.
func TestTheRegionsLives(t *testing.T) {
	for name, how := range map[string]way{"one by one": single, "in a batch": batch, "with the person": chained} {
		t.Run(name, func(t *testing.T) { theRegionsLives(t, how) })
	}
}

func theRegionsLives(t *testing.T, how way) {
	world := story.NewWorld(1, 0, time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC))
	var seen record.Sections
	for _, org := range world.Organisations() {
		switch org.Kind {
		case story.Council:
		default:
			continue
		}
		server := adaptertest.NewServer(t, http.StripPrefix("/council", council.New(world, org.ODS)))
		source := socialcare.New(socialcare.Config{
			Ref:      record.SourceRef{Feed: org.ODS, Organisation: record.Organisation{ODS: org.ODS, Name: org.Name}},
			Supplies: record.AllSections, Client: server.Client(t, "/council"), Batch: how >= batch, Chained: how == chained,
		})
		for person := range world.Everybody() {
			person, _ := world.Person(person.NHSNumber)
			holding, ok := person.Holding(org.ODS)
			if !ok {
				continue
			}
			t.Run(org.ODS+" "+person.Name.Family+" "+holding.LocalID, func(t *testing.T) { heard(t, source, person, &seen) })
		}
	}
	for s := range (record.SectionsOf(record.SocialCare, record.Alerts, record.Network, record.Legal) &^ seen).All {
		t.Errorf("no council showed any %s", s.Noun())
	}
}

func heard(t *testing.T, source socialcare.Source, person story.Person, seen *record.Sections) {
	n, err := record.ParseNHSNumber(person.NHSNumber)
	if err != nil {
		t.Skip("no NHS number")
	}
	ask := about(t)
	ask.Person.NHSNumber = n
	for _, old := range person.Superseded {
		if o, err := record.ParseNHSNumber(old); err == nil {
			ask.Person.Superseded = append(ask.Person.Superseded, o)
		}
	}
	answer := source.Ask(context.Background(), ask)
	if left := answer.Account.Unaccounted(); left != 0 {
		t.Errorf("%d resources are not accounted for: %+v", left, answer.Account.Rows())
	}
	for s := range record.AllSections.All {
		c := answer.Coverage[s]
		_, rows := answer.Chart.Count(s)
		if c.State == 0 || rows > 0 && !c.State.HasRows() {
			t.Errorf("%s: %d rows in state %v", s.ID(), rows, c.State)
		}
		if rows > 0 {
			*seen |= record.SectionsOf(s)
		}
	}
	if total := answer.Account.Total(); total.Fates[record.Unreferenced] != 0 {
		t.Errorf("%d resources are of no use to any entry: %+v", total.Fates[record.Unreferenced], answer.Account.Rows())
	}
}
