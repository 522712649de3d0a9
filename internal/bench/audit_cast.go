package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/record"
	"ribble/internal/relationship"
	"ribble/internal/sandbox/story"
)

// How a region grows with its trail, so that a question has an answer of about the same length at every size.
const (
	eventsPerPerson       = 12
	eventsPerUser         = 500
	eventsPerOrganisation = 25_000
	months                = 14
	// daysFilled end with the day before the benchmark.
	daysFilled = 425
)

// cast are the people of a trail.
type cast struct {
	organisations []identity.Organisation
	users         []identity.User
	people        []record.NHSNumber
}

var trailRoles = []identity.Role{
	{Code: "R8000", Name: "Clinical Practitioner Access Role", Activities: []string{"B0360"}}, {Code: "R8001", Name: "Nurse Access Role", Activities: []string{"B0360"}},
	{Code: "R8003", Name: "Health Professional Access Role", Activities: []string{"B0360"}}, {Code: "R8004", Name: "Healthcare Student Access Role", Activities: []string{"B0360"}},
}

// newCast makes the people of a trail of so many events.
func newCast(events int) (cast, error) {
	var c cast
	for i := range max(events/eventsPerOrganisation, 1) {
		c.organisations = append(c.organisations, identity.Organisation{ODS: fmt.Sprintf("RC%03d", i), Name: fmt.Sprintf("Benchmark NHS Foundation Trust %d", i)})
	}
	for i := range max(events/eventsPerUser, 4) {
		role := trailRoles[i%len(trailRoles)]
		role.ProfileID = fmt.Sprintf("6666%08d", i)
		c.users = append(c.users, identity.User{
			Issuer: issuer, Subject: fmt.Sprintf("5555%08d", i), SDSUserID: fmt.Sprintf("5555%08d", i), Name: fmt.Sprintf("BENCHMARK Ann %d (Dr)", i), Role: role,
			Organisation: c.organisations[i%len(c.organisations)], AssuranceLevel: 3, Session: fmt.Sprintf("bench-session-%08d", i),
		})
	}
	for middle := 0; len(c.people) < max(events/eventsPerPerson, 10) && middle < 1_000_000; middle++ {
		digits, ok := story.TestNumber(middle)
		if !ok {
			continue
		}
		n, err := record.ParseNHSNumber(digits)
		if err != nil {
			return c, fmt.Errorf("making a test person: %w", err)
		}
		c.people = append(c.people, n)
	}
	return c, nil
}

// person draws one: some are opened a few hundred times, most once or twice.
func (c cast) person(r *rand.Rand) record.NHSNumber {
	u := r.Float64()
	return c.people[int(u*u*float64(len(c.people)))]
}

func (c cast) user(r *rand.Rand) identity.User { return c.users[r.IntN(len(c.users))] }

// eventsPerLook is how many events one look makes, waitedPerLook how many of them somebody waits for.
const eventsPerLook, waitedPerLook = 6, 5

// look is what the portal writes when a user looks a person up and opens the record at three sources, whose answers come in two parts.
type look struct {
	trail *audit.Trail
	now   func() time.Time
	user  identity.User
	who   record.NHSNumber
}

// open writes what the user waits for.
func (l look) open(ctx context.Context) (audit.Receipt, error) {
	ctx = audit.WithDevice(ctx, audit.Device{Address: "10.20.30.40", Agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"})
	for _, note := range []audit.Note{{Act: audit.ActTraced, User: l.user, NHSNumber: l.who, Found: 1}, {Act: audit.ActOpenRequested, User: l.user, NHSNumber: l.who}} {
		if err := l.trail.Note(ctx, note); err != nil {
			return audit.Receipt{}, err
		}
	}
	at := l.now()
	person := record.Person{NHSNumber: l.who, TracedAt: at}
	person.Names = []record.Name{{Use: "usual", Family: "Benchmark"}}
	l.user.SignedInAt = at
	grant, err := access.Decide(access.Request{
		User: l.user, Purpose: access.DirectCare, At: at,
		Person: person,
		Facts:  access.Facts{Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: l.user.Organisation.ODS}}},
	})
	if err != nil {
		return audit.Receipt{}, fmt.Errorf("deciding on a look: %w", err)
	}
	receipt, err := l.trail.Begin(ctx, grant, lookFeeds[:], 1)
	if err != nil {
		return receipt, err
	}
	for _, part := range parts(grant.Sections()) {
		if _, err := l.trail.Disclose(ctx, receipt, audit.Disclosure{Sections: part, Sources: answers(part)}); err != nil {
			return receipt, err
		}
	}
	return receipt, nil
}

// finish writes how the look ended; nobody waits for it.
func (l look) finish(ctx context.Context, r audit.Receipt) error {
	return l.trail.Finish(ctx, r, audit.Outcome{Ended: audit.Complete, Sources: answers(r.Grant().Sections())})
}

var lookFeeds = [...]string{"bowland-gp", "fylde-acute", "wyre-community"}

// parts halves the sections of a page.
func parts(all record.Sections) [2]record.Sections {
	var out [2]record.Sections
	n := 0
	for s := range all.All {
		out[n*2/max(all.Len(), 1)] |= record.SectionsOf(s)
		n++
	}
	return out
}

// shown are the entries of the answers: two results, and in every other section none that counts.
var shown = func() *record.Chart {
	c := &record.Chart{Results: make([]record.Report, 2)}
	for i := range c.Results {
		c.Results[i].Key = record.ItemKey{Type: "Observation", ID: fmt.Sprintf("0b5d1f0e-%d", i)}
	}
	return c
}()

// answers are what three sources say of the sections: the practice of most, the hospital of two in three, the community of one in three.
func answers(sections record.Sections) []audit.SourceAnswer {
	out := make([]audit.SourceAnswer, len(lookFeeds))
	for i, feed := range lookFeeds {
		out[i] = audit.SourceAnswer{Feed: feed, Organisation: fmt.Sprintf("RC%03d", i), State: record.Data, Took: 80 * time.Millisecond, Received: 120, Shown: shown}
		n := 0
		for s := range sections.All {
			if n++; n%3 < i {
				continue
			}
			answer := audit.SectionAnswer{Section: s, State: record.NoneRecorded}
			if n%2 == 0 {
				answer.State = record.Data
				answer.Count = 2
			}
			out[i].Sections = append(out[i].Sections, answer)
		}
	}
	return out
}
