package story_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ribble/internal/sandbox/story"
)

var today = time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)

func TestTheSameSeedMakesTheSamePeople(t *testing.T) {
	first, second, other := story.NewWorld(1, 300, today), story.NewWorld(1, 300, today), story.NewWorld(2, 300, today)
	differ := 0
	for who := range first.Everybody() {
		a, _ := first.Person(who.NHSNumber)
		b, ok := second.Person(who.NHSNumber)
		// cmp takes long over large letters, so it is asked only for the difference.
		if !ok || !reflect.DeepEqual(a, b) {
			t.Fatalf("%s differs between two worlds of one seed:\n%s", who.NHSNumber, cmp.Diff(a, b))
		}
		if _, ok := other.Person(who.NHSNumber); !ok {
			differ++
		}
	}
	if differ == 0 {
		t.Error("another seed made the same people")
	}
}

func TestEverybodyIsWellFormed(t *testing.T) {
	world := story.NewWorld(1, 5000, today)
	localID := regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	seen := map[string]bool{}
	for who := range world.Everybody() {
		p, ok := world.Person(who.NHSNumber)
		if !ok || !story.ValidNHSNumber(p.NHSNumber) || !strings.HasPrefix(p.NHSNumber, "999") || seen[p.NHSNumber] {
			t.Fatalf("NHS number %s: found %v, twice %v", who.NHSNumber, ok, seen[p.NHSNumber])
		}
		seen[p.NHSNumber] = true
		for _, old := range p.Superseded {
			if again, ok := world.Person(old); !ok || again.NHSNumber != p.NHSNumber || !story.ValidNHSNumber(old) {
				t.Errorf("the old number of %s does not lead to it", p.NHSNumber)
			}
		}
		for _, h := range p.Holdings {
			if _, ok := world.Organisation(h.ODS); !ok {
				t.Errorf("%s: %s is no organisation", p.NHSNumber, h.ODS)
			}
			if back, ok := world.Patient(h.ODS, h.LocalID); !ok || back.NHSNumber != p.NHSNumber || !localID.MatchString(h.LocalID) {
				t.Errorf("%s: local id %q at %s does not lead back", p.NHSNumber, h.LocalID, h.ODS)
			}
		}
		if p.Practice != "" {
			if _, ok := p.Holding(p.Practice); !ok {
				t.Errorf("%s: the practice holds nothing", p.NHSNumber)
			}
		}
	}
	if want := 5000 + len(world.Notable()) + len(world.Ruled()); len(seen) != want {
		t.Errorf("%d people, want %d", len(seen), want)
	}
}

func TestUnknownIDsLeadNowhere(t *testing.T) {
	world := story.NewWorld(1, 10, today)
	for _, id := range []string{"", "bth-v99999", "bth-v-1", "bth-vx", "bth-s9999", "fgh-v00001x"} {
		if _, ok := world.Patient("RZB", id); ok {
			t.Errorf("local id %q leads to somebody", id)
		}
	}
}

func TestTheMainStoryIsTheOneOfTheMockUps(t *testing.T) {
	world := story.NewWorld(1, 0, today)
	first := world.Notable()[0]
	if first.NHSNumber != "9991411690" || first.Name != "ASHWORTH, Edith Margaret (Mrs)" {
		t.Errorf("the first story is %+v", first)
	}
	p, _ := world.Person("9991411690")
	gp, _ := p.Holding("Y99001")
	doses := map[string]string{}
	for _, ods := range []string{"Y99001", "RZB"} {
		h, _ := p.Holding(ods)
		for _, m := range h.Medicines {
			if name := m.Product.Codes[0].Display; strings.HasPrefix(name, "Bisoprolol") || strings.HasPrefix(name, "Amlodipine") {
				doses[ods] += name + " " + m.Status + "; "
			}
		}
	}
	want := map[string]string{
		"Y99001": "Bisoprolol 2.5mg tablets active; Amlodipine 5mg tablets active; ",
		"RZB":    "Bisoprolol 1.25mg tablets active; Amlodipine 5mg tablets stopped; ",
	}
	if diff := cmp.Diff(want, doses); diff != "" {
		t.Errorf("the two medicines that differ (-want +got):\n%s", diff)
	}
	if p.Faults["RZP"] == "" || len(gp.Behaviour.AwaitingFiling) == 0 || len(gp.Behaviour.Confidential) == 0 {
		t.Error("no source is silent, incomplete and withholding as in the mock-ups")
	}
}

// TestStoriesCoverTheSections counts over all written stories what each section of the page is fed from.
func TestStoriesCoverTheSections(t *testing.T) {
	world := story.NewWorld(1, 0, today)
	counts := map[string]int{}
	for who := range world.Everybody() {
		p, _ := world.Person(who.NHSNumber)
		for _, h := range p.Holdings {
			for section, n := range map[string]int{
				"allergies": len(h.Allergies), "medicines": len(h.Medicines), "problems": len(h.Problems), "alerts": len(h.Flags), "plans": len(h.CarePlans),
				"encounters": len(h.Encounters), "pathways": len(h.Episodes), "consultations": len(h.Consultations), "appointments": len(h.Appointments), "recalls": len(h.Recalls),
				"referrals": len(h.Referrals), "reports": len(h.Reports), "observations": len(h.Observations), "immunisations": len(h.Immunisations),
				"procedures": len(h.Procedures), "documents": len(h.Documents), "compositions": len(h.Compositions), "services": len(h.Services), "support reasons": len(h.SupportReasons),
				"assessments": len(h.Assessments), "contacts": len(h.Contacts), "equipment": len(h.Equipment), "consents": len(h.Consents), "questionnaires": len(h.Questionnaires),
				"relatives": len(h.Related), "teams": len(h.CareTeams), "family history": len(h.FamilyHistory), "other": len(h.Others),
			} {
				counts[section] += n
			}
			counts["not given"] += count(h.Immunisations, func(i story.Immunisation) bool { return i.NotGiven })
			counts["legal status"] += count(h.Encounters, func(e story.Encounter) bool { return len(e.LegalStatus) > 0 })
			counts["doses not given"] += count(h.Medicines, func(m story.Medicine) bool {
				return slices.ContainsFunc(m.Given, func(g story.Given) bool { return g.Status == "not-done" })
			})
			counts["made in error"] += count(h.Problems, func(p story.Problem) bool { return p.EnteredInError })
			counts["unknown modifier"] += count(h.Allergies, func(a story.Allergy) bool { return a.Modifier != "" })
			counts["confidential"] += len(h.Behaviour.Confidential)
			counts["in transit"] += len(h.Behaviour.InTransit)
			counts["refused"] += len(h.Behaviour.Error)
		}
		counts["faults"] += len(p.Faults)
	}
	for section, n := range counts {
		if n == 0 {
			t.Errorf("no story has %s", section)
		}
	}
	if n := len(world.Notable()); n < 30 {
		t.Errorf("%d stories, want at least 30", n)
	}
}

func count[T any](list []T, is func(T) bool) int {
	n := 0
	for _, item := range list {
		if is(item) {
			n++
		}
	}
	return n
}

func TestStoriesMoveWithTheDay(t *testing.T) {
	later := story.NewWorld(1, 0, today.AddDate(0, 1, 0))
	p, _ := later.Person("9991411690")
	h, _ := p.Holding("RZB")
	if got := h.Encounters[0].When.Start; got != "2026-12-12T10:48:00+00:00" {
		t.Errorf("a month later the emergency visit is at %s", got)
	}
	if p.Born != "1942-03-03" {
		t.Errorf("a month later she is born on %s", p.Born)
	}
}

func TestNHSNumbers(t *testing.T) {
	for number, want := range map[string]bool{
		"9991411690": true, "9465701262": true, "9690937287": false, "1234567890": false, "943476591": false, "946570126O": false, "": false, "９９９１４１１６９０": false,
	} {
		if got := story.ValidNHSNumber(number); got != want {
			t.Errorf("%q valid: %v, want %v", number, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		number, ok := story.TestNumber(rapid.IntRange(0, 999_999).Draw(t, "middle"))
		if ok != story.ValidNHSNumber(number) {
			t.Fatalf("%s: made %v, valid %v", number, ok, !ok)
		}
		if !ok {
			return
		}
		at := rapid.IntRange(0, 9).Draw(t, "at")
		changed := []byte(number)
		changed[at] = '0' + (changed[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if story.ValidNHSNumber(string(changed)) {
			t.Fatalf("one changed digit of %s went unnoticed", number)
		}
	})
}
