package locator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/locator"
	"ribble/internal/record"
)

const testPerson = "1111111111111111111111111111111111111111111111111111111111111111"

// staged is a region whose one feed is at a stage, under an agreement until the end of May 2027.
func staged(stage directory.Stage) string {
	return fmt.Sprintf(`{
	"organisations": [
		{"ods": "RXB", "name": "Bowland Hospitals", "short": "Bowland", "badge": "BTH", "kind": "acute"},
		{"ods": "PIL", "name": "Pilot", "short": "Pilot", "badge": "P", "kind": "care-home"},
		{"ods": "CAR", "name": "Fellside", "short": "Fellside", "badge": "F", "kind": "care-home", "sees": ["allergies"]},
		{"ods": "NON", "name": "Nothing", "short": "Nothing", "badge": "N", "kind": "care-home", "sees": []}
	],
	"agreements": [{"id": "isa", "title": "Agreement", "from": "2026-01-01", "until": "2027-05-31", "parties": ["RXB"], "flows": [{"id": "f", "sections": ["allergies", "results"]}]}],
	"feeds": [{"id": "bth", "organisation": "RXB", "protocol": "fhirr4", "endpoint": "https://bth.example/", "sections": ["allergies", "results"], "stage": %q,
		"agreement": "isa", "flow": "f", "allow_cidr": ["10.0.0.0/8"],
		"audience": {"test_people": [%q], "testers": ["900000000001"], "organisations": ["PIL"], "users": ["urn:ribble:local|abc"]}}]
}`, stage, testPerson)
}

var (
	tester   = identity.User{Issuer: "i", Subject: "t", SDSUserID: "900000000001", Organisation: identity.Organisation{ODS: "RXB"}}
	pilot    = identity.User{Issuer: "i", Subject: "p", Organisation: identity.Organisation{ODS: "PIL"}}
	named    = identity.User{Issuer: identity.LocalIssuer, Subject: "abc", Organisation: identity.Organisation{ODS: "RXB"}}
	outsider = identity.User{Issuer: "i", Subject: "abc", SDSUserID: "900000000002", Organisation: identity.Organisation{ODS: "RXB"}}
)

func viewOf(t testing.TB, stage directory.Stage, at time.Time, digest string) locator.View {
	return locator.View{
		Directory: snapshot(t, staged(stage)), Now: at, TestDigests: func(record.NHSNumber) []string { return []string{"0", digest} },
	}
}

func asked(t testing.TB, user identity.User, v locator.View) (bool, string) {
	plan, err := locator.Find(receipt{person: person(nil), sections: record.AllSections, user: user}, v)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range plan.NotAsked {
		if n.Feed == "bth" {
			return false, n.Reason
		}
	}
	return len(plan.Ask) == 1, ""
}

// Whom each stage reaches: test people from Test on, testers from Safety, the pilot from Pilot, everybody when live.
func TestStages(t *testing.T) {
	for _, c := range []struct {
		stage                                           directory.Stage
		testPerson, tester, pilot, namedUser, everybody bool
	}{
		{directory.Off, false, false, false, false, false},
		{directory.Test, true, false, false, false, false},
		{directory.Safety, true, true, false, false, false},
		{directory.Pilot, true, true, true, true, false},
		{directory.Live, true, true, true, true, true},
		{directory.Suspended, false, false, false, false, false},
	} {
		for name, who := range map[string]struct {
			user   identity.User
			digest string
			want   bool
		}{
			"a test person": {outsider, testPerson, c.testPerson}, "a tester": {tester, "", c.tester}, "the pilot": {pilot, "", c.pilot},
			"a pilot user": {named, "", c.namedUser}, "somebody else": {outsider, "", c.everybody}, "nobody": {identity.User{}, "", c.everybody},
		} {
			got, reason := asked(t, who.user, viewOf(t, c.stage, now, who.digest))
			if got != who.want || !got && reason == "" {
				t.Errorf("%s, %s: asked %v, %q", c.stage, name, got, reason)
			}
		}
	}
}

// TestAudiencesHaveAStageOfTheirOwn: care homes are reached later than everybody, one of them sooner than the others, and nobody further than the feed itself.
func TestAudiencesHaveAStageOfTheirOwn(t *testing.T) {
	home := func(ods string) identity.User {
		return identity.User{Issuer: "i", Subject: "h", Organisation: identity.Organisation{ODS: ods}}
	}
	for _, c := range []struct {
		stage                     directory.Stage
		everybody, one, otherHome bool
	}{
		{directory.Live, true, true, false},
		{directory.Pilot, false, false, false}, // "one" is live for its group, and the feed itself is not
		{directory.Suspended, false, false, false},
		{directory.Off, false, false, false},
	} {
		text := strings.Replace(staged(c.stage), `"audience":`, `"groups": [
			{"id": "first", "organisations": ["CAR"], "stage": "live", "steps": [{"stage": "live", "on": "2026-10-01"}]},
			{"id": "homes", "kinds": ["care-home"], "stage": "test", "planned": "Feb-2027"}], "audience":`, 1)
		for ods, want := range map[string]bool{"RXB": c.everybody, "CAR": c.one, "NON": c.otherHome, "PIL": c.otherHome} {
			got, reason := asked(t, home(ods), locator.View{Directory: snapshot(t, strings.Replace(text, `, "sees": []`, "", 1)), Now: now})
			if got != want || !got && reason == "" {
				t.Errorf("%s, %s: asked %v, %q", c.stage, ods, got, reason)
			}
			if c.stage == directory.Live && ods == "NON" && reason != "It is not live for your organisation yet, and planned for Feb-2027." {
				t.Errorf("a care home reads %q", reason)
			}
		}
		if got, _ := asked(t, home("NON"), locator.View{Directory: snapshot(t, strings.Replace(text, `, "sees": []`, "", 1)), Now: now, TestDigests: func(record.NHSNumber) []string { return []string{testPerson} }}); got != c.stage.Runs() {
			t.Errorf("%s: a care home asks for a test person: %v", c.stage, got)
		}
	}
}

// An agreement ends at midnight UTC after its last day, whatever the stage, and has not begun before its first.
func TestAgreementEndsAtMidnight(t *testing.T) {
	midnight := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	summer := time.FixedZone("BST", 3600)
	for _, c := range []struct {
		at   time.Time
		want bool
	}{
		{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Nanosecond), false},
		{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{midnight.Add(-time.Nanosecond), true}, {midnight, false}, {midnight.In(summer), false},
		{time.Date(2027, 6, 1, 0, 59, 0, 0, summer), true}, {midnight.AddDate(1, 0, 0), false},
	} {
		v := viewOf(t, directory.Live, c.at, "")
		plan, err := locator.Find(receipt{person: person(nil), sections: record.AllSections, user: outsider}, v)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(plan.Ask) == 1; got != c.want || !c.want && plan.NotAsked[1].Reason != locator.AgreementEnded {
			t.Errorf("at %s: %v", c.at, told(plan))
		}
	}
}

// Whatever the stage, the user and the person: a feed that is not live is asked only for those whom its stage names.
func TestAFeedNeverReachesSomebodyOutsideItsStage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		stage := rapid.SampledFrom(directory.Stages).Draw(rt, "stage")
		user := rapid.SampledFrom([]identity.User{tester, pilot, named, outsider, {}}).Draw(rt, "user")
		digest := rapid.SampledFrom([]string{"", "0", testPerson}).Draw(rt, "digest")
		at := now.Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(rt, "days")) * 24 * time.Hour)
		got, _ := asked(t, user, viewOf(t, stage, at, digest))
		names := stage == directory.Live || stage.Runs() && digest == testPerson || stage.From(directory.Safety) && user.Subject == tester.Subject ||
			stage.From(directory.Pilot) && (user.Subject == pilot.Subject || user.Issuer == named.Issuer)
		if got && (!names || at.Year() < 2026 || at.After(time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC))) {
			rt.Fatalf("%s at %s reaches %+v", stage, at, user)
		}
	})
}

// What an organisation has not agreed to see stands beside the feed as not asked.
func TestWhatAnOrganisationSees(t *testing.T) {
	for ods, want := range map[string][]string{
		"CAR": {"ask bth of Bowland Hospitals for allergies.", "not bth:unseen of Bowland Hospitals for results. " + locator.OrganisationSeesNone},
		"NON": {"not bth of Bowland Hospitals for allergies+results. " + locator.OrganisationSeesNone},
		"ZZZ": {"ask bth of Bowland Hospitals for allergies+results."},
	} {
		u := identity.User{Issuer: "i", Subject: "s", Organisation: identity.Organisation{ODS: ods}}
		plan, err := locator.Find(receipt{person: person(nil), sections: record.AllSections, user: u}, viewOf(t, directory.Live, now, ""))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(told(plan), "\n")
		for _, line := range want {
			if !strings.Contains(got, line) {
				t.Errorf("%s: %s", ods, cmp.Diff(want, told(plan)))
			}
		}
	}
}
