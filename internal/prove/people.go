package prove

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ribble/internal/identity"
	"ribble/internal/postgres"
	"ribble/internal/sandbox"
	"ribble/internal/sandbox/story"
)

const (
	bowland = "RZB"
	// practice is where everybody is registered; its answers come from the GP system of its supplier.
	practice     = "Y99001"
	practiceFeed = "gp-y99001"
	practiceID   = "gp-fellside"
	issuer       = "https://identity.prove.invalid"
)

// twelve are the organisations with a proxy before them that each hold one marked entry about everybody: seven of the region, five that are added.
var twelve = []string{bowland, "RZF", "RZC", "RZS", "RZP", "991", "992", "RPA", "RPB", "RPC", "RPD", "RPE"}

// sourceOf is the id of an organisation's feed, and of its server in the control API.
var sourceOf = map[string]string{
	bowland: "bth", "RZF": "fgh", "RZC": "cbh", "RZS": "swc", "RZP": "pvt", "991": "wyc", "992": "ldc",
	"RPA": "rpa", "RPB": "rpb", "RPC": "rpc", "RPD": "rpd", "RPE": "rpe",
}

// badgeOf is how the page names an organisation.
var badgeOf = map[string]string{
	bowland: "BTH", "RZF": "FGH", "RZC": "CBH", "RZS": "SWC", "RZP": "PVT", "991": "WyC", "992": "LdC", "RPA": "RPA", "RPB": "RPB", "RPC": "RPC", "RPD": "RPD", "RPE": "RPE",
}

// employers are whom the users work for, in turn: the portal bounds how many records the people of one organisation open in an hour.
var employers = twelve[:5]

// manyUsers is how many clinicians there are, each with one person whom nobody else looks at: so everything in the histories has one owner. The
// portal lets each open some sixty records in an hour.
const (
	manyUsers    = 900
	moreUsers    = 2400 // in the long form
	viewsPerUser = 26
)

// user is a signed-in clinician with the person whom they look at.
type user struct {
	subject, cookie, number string
	token                   identity.Token
	// person is what the search gave for the person, found when that was: it does not open records for ever.
	person string
	found  time.Time
	// employer is the organisation for which the user signed in, address the desk's.
	employer, address string
	// left is how many records they may still open in the hour; busy says that somebody works as this user.
	left int
	busy bool
}

// mark is a text that stands in one person's record at one source and nowhere else.
func mark(ods, number string) string { return "Mark" + ods + "of" + number + "end" }

// enrol adds the organisations and the people.
func (e *estate) enrol(w *sandbox.World) {
	for _, ods := range twelve[7:] {
		w.AddOrganisation(story.Organisation{ODS: ods, Name: "Proving Trust " + ods, Kind: story.AcuteTrust, Phone: "01632 960999"})
	}
	for middle := 700_000; len(e.users) < e.people; middle++ {
		number, ok := story.TestNumber(middle)
		if _, taken := w.Person(number); !ok || taken {
			continue
		}
		i := len(e.users)
		token := identity.NewToken()
		e.users = append(e.users, &user{
			subject: fmt.Sprintf("prover-%d", i), number: number, token: token, cookie: "__Host-ribble-session=" + token.Cookie(), left: viewsPerUser,
			employer: employers[i%len(employers)], address: fmt.Sprintf("10.20.%d.%d", i/250, 1+i%250),
		})
		if i == e.people-1 {
			e.canary = e.users[i]
			e.canary.left = 0 // nobody else looks at this person
			w.Add(marked(number, e.stem))
			continue
		}
		w.Add(person(number, i))
	}
}

func person(number string, i int) story.Person {
	p := story.Person{Practice: practice, Demographics: story.Demographics{
		NHSNumber: number, Name: story.Name{Prefix: "Ms", Family: fmt.Sprintf("Prover%d", i), Given: []string{"Person"}},
		Born: fmt.Sprintf("19%02d-%02d-%02d", 30+i%60, 1+i%12, 1+i%28), Gender: "female",
		Address: story.Address{Lines: []string{fmt.Sprintf("%d Proof Row", i+1)}, City: "Over Bowland", Postcode: "XX7 9ZZ"},
	}}
	for _, ods := range append(slices.Clone(twelve), practice) {
		h := story.Holding{ODS: ods}
		if ods == "991" || ods == "992" {
			h.Services = []story.Service{{Type: story.Words(mark(ods, number)), Status: "active", When: story.Period{Start: "2024-01-01"}}}
		} else {
			h.Problems = []story.Problem{{What: story.Words(mark(ods, number)), Status: "active", Onset: "2020", Significance: "major"}}
		}
		p.Holdings = append(p.Holdings, h)
	}
	return p
}

// signIn does what an identity provider would: it puts sessions into the table where the portals look for them.
func (e *estate) signIn(ctx context.Context) error {
	db, err := postgres.Open(ctx, postgres.Config{AppURL: e.urls[postgres.App], AuditURL: e.urls[postgres.AuditAppend]})
	if err != nil {
		return err
	}
	defer db.Close()
	now := time.Now()
	for i, u := range e.users {
		err := db.Sessions().Create(ctx, identity.NewSession{
			ID: fmt.Sprintf("prove-%d", i), TokenHash: u.token.Hash(), Created: now, Expires: now.Add(4 * time.Hour), Idle: 4 * time.Hour,
			User: identity.User{
				Issuer: issuer, Subject: u.subject, Name: "PROVER Ann Dr", SDSUserID: fmt.Sprintf("5557%08d", i), AssuranceLevel: 3, SignedInAt: now,
				Role:         identity.Role{ProfileID: fmt.Sprintf("6667%08d", i), Code: "R8000", Name: "Clinical Practitioner", Activities: []string{"B0264", "B0360", "B0370", "B0820"}},
				Organisation: identity.Organisation{ODS: u.employer, Name: "Employer " + u.employer},
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// hire gives a user as whom nobody works and who still may open so many records: the one who may open the fewest more, so that those who may open many are
// left for who needs them.
func (e *estate) hire(views int) (*user, error) {
	var best *user
	for _, u := range e.users {
		if !u.busy && u.left >= views && (best == nil || u.left < best.left) {
			best = u
		}
	}
	if best == nil {
		return nil, fmt.Errorf("nobody is left who may open %d records", views)
	}
	best.busy = true
	return best, nil
}
