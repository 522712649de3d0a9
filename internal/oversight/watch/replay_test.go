package watch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/relationship"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// trail is a made-up trail: normal work, with misuse laid into it.
type trail struct {
	looks    []Look
	register Register
	random   *rand.Rand
}

// normal makes so many looks of everyday work: staff of several roles, people with a relationship, a few claims and emergency accesses.
func normal(n int) *trail {
	tr := &trail{random: rand.New(rand.NewPCG(1, 2)), register: Register{Staff: map[string]Member{}, Employers: map[string][]string{}, Listed: map[string]bool{}}}
	const users, people = 300, 6000
	for i := range users {
		id := fmt.Sprintf("u%d", i)
		own := fmt.Sprintf("staff-person-%d", i)
		tr.register.Staff[id] = Member{Person: own, Surname: fmt.Sprintf("name-%d", i%900), Household: fmt.Sprintf("home-of-%s", id), Organisation: "RZB"}
		tr.register.Employers[own] = []string{"RZB"}
	}
	days := n / 600
	for i := range n {
		u := tr.random.IntN(users)
		day := time.Duration(i*days/n) * 24 * time.Hour
		p := tr.random.IntN(people)
		l := tr.look(fmt.Sprintf("u%d", u), fmt.Sprintf("p%d", p), start.Add(day+time.Duration(tr.random.IntN(10*3600))*time.Second))
		l.Surname, l.Household = fmt.Sprintf("name-%d", 5000+p%4000), fmt.Sprintf("home-%d", p)
		l.Relationship = relationship.Kind(1 + tr.random.IntN(5)).String()
		tr.looks = append(tr.looks, l)
	}
	return tr
}

func (tr *trail) look(user, person string, at time.Time) Look {
	return Look{
		At: at, Act: audit.ActIntent, User: User{"https://op.example", user}, SDSUserID: user, Session: user + at.Format("0102"), Address: "10.0.0." + user,
		Role: "R8001", Organisation: "RZB", Person: person, Relationship: relationship.Attending.String(), Surname: "x", Household: "y",
	}
}

// claim is a user's word that they care for a person, and the look that rests on it.
func (tr *trail) claim(user, person string, at time.Time) []Look {
	said, look := tr.look(user, person, at), tr.look(user, person, at.Add(time.Minute))
	said.Act, look.Relationship = audit.ActRelationshipClaimed, relationship.SelfClaimed.String()
	return []Look{said, look}
}

// lay puts looks into the trail.
func (tr *trail) lay(looks ...Look) { tr.looks = append(tr.looks, looks...) }

// run replays the whole trail in the order of time.
func (tr *trail) run() []Finding {
	slices.SortStableFunc(tr.looks, func(a, b Look) int { return a.At.Compare(b.At) })
	w := New(Shipped(), func() Register { return tr.register })
	var all []Finding
	for i := range tr.looks {
		tr.looks[i].Sequence = int64(i + 1)
		all = append(all, w.See(tr.looks[i])...)
	}
	return all
}

func about(all []Finding, user, rule string) int {
	n := 0
	for _, f := range all {
		if f.Look.User.Subject == user && (rule == "" || f.Rule == rule) {
			n++
		}
	}
	return n
}

// TestMisuseReplay lays the five published misuse cases into a year of normal work and wants each flagged, and hardly anything else.
func TestMisuseReplay(t *testing.T) {
	const views = 20_000
	tr := normal(views)

	// 29 people over 17 months, without a reason (a clerk, 2017). The trail covers a part of them.
	for i := range 29 {
		tr.lay(tr.claim("curious", fmt.Sprintf("town-%d", i), start.Add(time.Duration(i)*24*time.Hour+3*time.Hour))...)
	}
	// One person 279 times in three weeks, up to 50 a day.
	for i := range 279 {
		tr.lay(tr.look("obsessed", "ex", start.Add(time.Duration(i)*108*time.Minute)))
	}
	// 14 acquaintances in half a year.
	for i := range 14 {
		tr.lay(tr.claim("acquainted", fmt.Sprintf("friend-%d", i), start.Add(time.Duration(i*2)*24*time.Hour+5*time.Hour))...)
	}
	// 91 members of staff open three people in the news.
	for i := range 91 {
		for v := range 3 {
			tr.lay(tr.look(fmt.Sprintf("onlooker-%d", i), fmt.Sprintf("victim-%d", v), start.Add(time.Duration(i)*time.Hour+time.Duration(v)*time.Minute)))
		}
	}
	// 211 looks at family: own record, same home, same name.
	tr.register.Staff["relative"] = Member{Person: "relative-own", Surname: "kin", Household: "kin-home", Organisation: "RZB"}
	for i := range 211 {
		l := tr.look("relative", fmt.Sprintf("kin-%d", i%5), start.Add(time.Duration(i)*3*time.Hour))
		l.Surname, l.Household = "kin", "kin-home"
		if i%5 == 0 {
			l.Person = "relative-own"
		}
		tr.lay(l)
	}

	all := tr.run()
	for _, want := range []struct {
		user, rule string
		least      int
	}{
		{"curious", "self-claimed", 29}, {"obsessed", "one-person-again-and-again", 1}, {"acquainted", "self-claimed", 14},
		{"relative", "own-record", 1}, {"relative", "same-name-and-home", 4},
	} {
		if got := about(all, want.user, want.rule); got < want.least {
			t.Errorf("%s is flagged %d times by %s, want at least %d", want.user, got, want.rule, want.least)
		}
	}
	victims := map[string]bool{}
	for _, f := range all {
		if f.Rule == "one-person-many-staff" {
			victims[f.Look.Person] = true
		}
	}
	if len(victims) != 3 {
		t.Errorf("a crowd is seen around %d of the three victims", len(victims))
	}
	falsely := 0
	for _, f := range all {
		if strings.HasPrefix(f.Look.User.Subject, "u") {
			falsely++
		}
	}
	// Goal G24: at most 5 false flags for 10,000 normal views.
	if most := 5 * views / 10_000; falsely > most {
		t.Errorf("%d false flags in %d normal views, at most %d are allowed", falsely, views, most)
	}
}

// TestReplayIsDeterministic: the same trail gives the same findings, or a replay after a change of rules would prove nothing.
func TestReplayIsDeterministic(t *testing.T) {
	findings := func() string {
		tr := normal(3000)
		for i := range 60 {
			tr.lay(tr.look("obsessed", "ex", start.Add(time.Duration(i)*time.Hour)))
		}
		return fmt.Sprint(tr.run())
	}
	if first, second := findings(), findings(); first != second {
		t.Error("two replays differ")
	}
}

func TestExplanation(t *testing.T) {
	tr := normal(2000)
	for i := range 60 {
		tr.lay(tr.look("obsessed", "ex", start.Add(time.Duration(i)*time.Hour)))
	}
	for _, f := range tr.run() {
		if f.Rule == "one-person-again-and-again" {
			if want := "Opened 10 times in 3 weeks; others in this role: median 1."; f.Words != want {
				t.Errorf("the officer reads %q, want %q", f.Words, want)
			}
			return
		}
	}
	t.Error("nothing was found")
}

func BenchmarkSee(b *testing.B) {
	tr := normal(20_000)
	w := New(Shipped(), func() Register { return tr.register })
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l := tr.looks[i%len(tr.looks)]
		l.At = start.Add(time.Duration(i) * time.Second)
		w.See(l)
	}
}
