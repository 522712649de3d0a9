package gpconnect

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/record"
)

func TestEmptyListsAreNoneRecorded(t *testing.T) {
	a := read(t, bundle(emptyLists()...))
	assertBalanced(t, &a, 12)
	for s := range supplies.All {
		want := record.NoneRecorded
		if s == record.Network {
			want = record.Data
		}
		if got := a.Coverage[s]; got.State != want {
			t.Errorf("%s: %v %q", s.ID(), got.State, got.Detail)
		}
	}
	if got := a.Coverage[record.Alerts]; got.State != record.NotAsked {
		t.Errorf("alerts: %v", got)
	}
}

// That no allergy has ended says nothing of those that have not.
func TestNoEndedAllergyIsNotNoAllergy(t *testing.T) {
	ended := `{"resourceType":"List","code":{"coding":[{"code":"1103671000000101"}]},"emptyReason":{"coding":[{"code":"nilknown","display":"Nil known"}]},"subject":{"reference":"Patient/p"}}`
	a := read(t, bundle(append(emptyLists(endedAllergyList), ended)...))
	if got := a.Coverage[record.Allergies]; got.State != record.NoneRecorded {
		t.Errorf("got %v", got)
	}
}

func TestAbsentListsAreNeverNone(t *testing.T) {
	a := read(t, bundle(allergy("1", `,`+snomed("1", "Cats"))))
	for s := range supplies.All {
		got := a.Coverage[s]
		switch s {
		case record.Network:
		case record.Documents:
			if got.State != record.NoneRecorded {
				t.Errorf("documents: %v", got.State)
			}
		case record.Allergies:
			if got.State != record.Incomplete || got.Detail != "The practice system did not return its list of allergies." {
				t.Errorf("allergies: %v %q", got.State, got.Detail)
			}
		default:
			if got.State != record.Unavailable || !strings.Contains(got.Detail, "did not return") {
				t.Errorf("%s: %v %q", s.ID(), got.State, got.Detail)
			}
		}
	}
}

func TestEmptyListWithoutReasonSaysSo(t *testing.T) {
	bare := `{"resourceType":"List","code":{"coding":[{"code":"717711000000103"}]},"subject":{"reference":"Patient/p"}}`
	a := read(t, bundle(append(emptyLists(problemList), bare)...))
	if got := a.Coverage[record.Problems]; got.State != record.Incomplete {
		t.Errorf("got %v", got)
	}
	for code, want := range map[string]record.State{"nilknown": record.NilAsserted, "withheld": record.Withheld, "unavailable": record.Unavailable, "notstarted": record.Incomplete} {
		reason := strings.Replace(bare, `"subject"`, `"emptyReason":{"coding":[{"code":"`+code+`","display":"Nil"}]},"subject"`, 1)
		a := read(t, bundle(append(emptyLists(problemList), reason)...))
		if got := a.Coverage[record.Problems]; got.State != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

func TestWarningsHaveScope(t *testing.T) {
	const transit = "Patient record transfer from previous GP practice not yet complete; information recorded before 24-Feb-2018 may be missing."
	const hidden = "Items excluded due to confidentiality and/or patient preferences."
	noted := func(l, text string) string {
		return strings.Replace(l, `Information not available.`, text, 1)
	}
	t.Run("confidential items in one section", func(t *testing.T) {
		a := read(t, bundle(append(emptyLists(medicineList), list(medicineList, nil, "confidential-items"))...))
		for s := range supplies.All {
			if got := a.Coverage[s].State == record.Withheld; got != (s == record.Medicines) {
				t.Errorf("%s: %v", s.ID(), a.Coverage[s])
			}
		}
		if got := a.Coverage[record.Medicines].Detail; got != hidden {
			t.Errorf("words: %q", got)
		}
	})
	t.Run("data in transit everywhere", func(t *testing.T) {
		both := noted(list(problemList, nil, "confidential-items", "data-in-transit"), hidden+" "+transit+" Information not available")
		a := read(t, bundle(append(emptyLists(problemList), both)...))
		for s := range supplies.All {
			if got := a.Coverage[s]; got.State != record.Incomplete || got.Detail != transit {
				t.Errorf("%s: %v", s.ID(), got)
			}
		}
		if diff := cmp.Diff([]record.Remark{{State: record.Withheld, Detail: hidden}}, a.Coverage[record.Problems].Also); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{transit}, a.Warnings); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("data awaiting filing in its section", func(t *testing.T) {
		words := "Patient record contains some items in the GP practice workflow that have not been reviewed for inclusion in this message; ask the practice."
		a := read(t, bundle(append(emptyLists(investigationList), noted(list(investigationList, nil, "data-awaiting-filing"), words))...))
		if got := a.Coverage[record.Results]; got.State != record.Incomplete || got.Detail != words {
			t.Errorf("results: %v", got)
		}
		if got := a.Coverage[record.Allergies]; got.State != record.NoneRecorded {
			t.Errorf("allergies: %v", got)
		}
	})
	t.Run("secondary list", func(t *testing.T) {
		a := read(t, bundle(append(emptyLists(), list("consultations-medications-contained-in-consultations", nil, "confidential-items"))...))
		for s := range supplies.All {
			if got := a.Coverage[s].State == record.Withheld; got != (s == record.Medicines || s == record.Consultations) {
				t.Errorf("%s: %v", s.ID(), a.Coverage[s])
			}
		}
	})
	t.Run("a list that nobody knows", func(t *testing.T) {
		a := read(t, bundle(append(emptyLists(), list("TBD", nil, "confidential-items"))...))
		if a.Coverage[record.Allergies].State != record.Withheld || a.Coverage[record.Other].State != record.Withheld {
			t.Error("a warning of unknown scope was lost")
		}
	})
}

func TestListedButNotSent(t *testing.T) {
	a := read(t, bundle(append(emptyLists(referralList), list(referralList, []string{"ReferralRequest/1", "ReferralRequest/2"}))...))
	if got := a.Coverage[record.Referrals]; got.State != record.Incomplete || got.Detail != "2 entries that are listed were not sent." {
		t.Errorf("got %v", got)
	}
	display := `{"resourceType":"List","code":{"coding":[{"code":"792931000000107"}]},"subject":{"reference":"Patient/p"},"entry":[{"item":{"display":"Referral items are not supported by the provider system"}}]}`
	a = read(t, bundle(append(emptyLists(referralList), display)...))
	if got := a.Coverage[record.Referrals]; got.State != record.Incomplete || got.Detail != "Referral items are not supported by the provider system" {
		t.Errorf("got %v", got)
	}
}

func TestNotImplementedInsideAnAnswer(t *testing.T) {
	outcome := func(severity, code, text, diagnostics string) string {
		return `{"resourceType":"OperationOutcome","issue":[{"severity":"` + severity + `","code":"not-supported","details":{"coding":[{"code":"` + code + `"}],"text":"` + text + `"},"diagnostics":"` + diagnostics + `"}]}`
	}
	for name, body := range map[string]string{
		"diagnostics": outcome("warning", "NOT_IMPLEMENTED", "x", "includeReferrals"),
		"text only":   outcome("warning", "NOT_IMPLEMENTED", "includeReferrals has been disabled", ""),
	} {
		a := read(t, bundle(append(emptyLists(referralList), body)...))
		assertBalanced(t, &a, 12)
		if got := a.Coverage[record.Referrals]; got.State != record.NotAsked || got.Detail != notReturned {
			t.Errorf("%s: %v", name, got)
		}
		if got := a.Coverage[record.Allergies]; got.State != record.NoneRecorded {
			t.Errorf("%s, allergies: %v", name, got)
		}
	}
	given := read(t, bundle(append(emptyLists(), outcome("warning", "NOT_IMPLEMENTED", "x", "includeNotGiven"))...))
	if got := given.Coverage[record.Immunisations]; got.State != record.Incomplete || got.Detail != notGivenMissing {
		t.Errorf("a part that is not known: %v", got)
	}
	a := read(t, bundle(append(emptyLists(), outcome("error", "OTHER", "Part of the record failed", ""))...))
	if got := a.Coverage[record.Allergies]; got.State != record.Incomplete || a.Warnings[0] != "Part of the record failed" {
		t.Errorf("an error inside an answer: %v %v", got, a.Warnings)
	}
	a = read(t, bundle(append(emptyLists(), outcome("information", "", "System will be upgraded", ""))...))
	if got := a.Coverage[record.Allergies]; got.State != record.NoneRecorded || a.Warnings[0] != "System will be upgraded" {
		t.Errorf("information inside an answer: %v %v", got, a.Warnings)
	}
}

func TestScreening(t *testing.T) {
	modifier := `,"modifierExtension":[{"url":"http://example.org/negated","valueBoolean":true}]`
	for name, c := range map[string]struct {
		body    string
		kind    string
		fate    record.Fate
		section record.Section
		state   record.State
		foreign int
	}{
		"unknown modifier":                {allergy("1", `,`+snomed("1", "Cats")+modifier), "AllergyIntolerance", record.Unreadable, record.Allergies, record.Uninterpretable, 0},
		"unknown modifier on a reaction":  {allergy("1", `,"reaction":[{"modifierExtension":[{"url":"x"}]}]`), "AllergyIntolerance", record.Unreadable, record.Allergies, record.Uninterpretable, 0},
		"unknown modifier on a part":      {observation("1", `,"component":[{"modifierExtension":[{"url":"x"}],"code":{"text":"a"}}]`), "Observation", record.Unreadable, record.Other, record.Uninterpretable, 0},
		"unknown modifier deep inside":    {allergy("1", `,"note":[{"text":"a","authorReference":{"reference":"Practitioner/1"},"modifierExtension":[{"url":"x"}]}]`), "AllergyIntolerance", record.Unreadable, record.Allergies, record.Uninterpretable, 0},
		"unknown modifier behind escapes": {allergy("1", `,"modifier\u0045xtension":[{"url":"x"}]`), "AllergyIntolerance", record.Unreadable, record.Allergies, record.Uninterpretable, 0},
		"unknown rules":                   {allergy("1", `,"implicitRules":"http://example.org/rules"`), "AllergyIntolerance", record.Unreadable, record.Allergies, record.Uninterpretable, 0},
		"entered in error":                {strings.Replace(allergy("1", ""), "unconfirmed", "entered-in-error", 1), "AllergyIntolerance", record.Removed, record.Allergies, record.NoneRecorded, 0},
		"no subject":                      {strings.Replace(observation("1", ""), `"subject":{"reference":"Patient/p"},`, "", 1), "Observation", record.Unreadable, record.Other, record.Uninterpretable, 0},
		"a group as subject":              {strings.Replace(observation("1", ""), "Patient/p", "Group/p", 1), "Observation", record.Unreadable, record.Other, record.Uninterpretable, 0},
		"another patient":                 {strings.Replace(observation("1", ""), "Patient/p", "Patient/q", 1), "Observation", record.Quarantined, record.Other, record.NoneRecorded, 1},
		"another patient by number":       {strings.Replace(observation("1", ""), `"reference":"Patient/p"`, `"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9690937278"}`, 1), "Observation", record.Quarantined, record.Other, record.NoneRecorded, 1},
		"reference and number disagree":   {strings.Replace(observation("1", ""), `"reference":"Patient/p"`, `"reference":"Patient/p","identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9690937278"}`, 1), "Observation", record.Quarantined, record.Other, record.NoneRecorded, 1},
		"this person by number":           {strings.Replace(observation("1", ""), `"reference":"Patient/p"`, `"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"`+testNumber+`"}`, 1), "Observation", record.Shown, record.Other, record.Data, 0},
		"another patient of a used thing": {`{"resourceType":"Specimen","id":"1","subject":{"reference":"Patient/q"}}`, "Specimen", record.Quarantined, record.Other, record.NoneRecorded, 1},
		"a type nobody knows":             {`{"resourceType":"Immunisation","id":"1","subject":{"reference":"Patient/p"}}`, "Immunisation", record.Shown, record.Other, record.Data, 0},
		"a type nobody knows, of another": {`{"resourceType":"Flag","id":"1","subject":[{"reference":"Patient/q"}]}`, "Flag", record.Quarantined, record.Other, record.NoneRecorded, 1},
		"no type":                         {`{"id":"1","subject":{"reference":"Patient/p"}}`, "resource without a type", record.Shown, record.Other, record.Data, 0},
		"a message in the message":        {`{"resourceType":"Bundle","id":"1","entry":[{"resource":{"resourceType":"Observation"}}]}`, "Bundle", record.Unreadable, record.Other, record.Uninterpretable, 0},
		"an unused medication":            {medicationJSON, "Medication", record.Unreferenced, record.Medicines, record.NoneRecorded, 0},
		"an unused device":                {`{"resourceType":"Device","id":"1"}`, "Device", record.Unreferenced, record.Other, record.NoneRecorded, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := read(t, bundle(append(emptyLists(), c.body)...))
			assertBalanced(t, &a, 13)
			if row := fates(&a, c.kind); row.Fates[c.fate] != 1 {
				t.Errorf("fates %+v, want 1 %v", row, c.fate)
			}
			if a.Foreign != c.foreign || a.Coverage[c.section].State != c.state {
				t.Errorf("foreign %d, state %v", a.Foreign, a.Coverage[c.section])
			}
		})
	}
}

func TestRepeatsAndVersions(t *testing.T) {
	a := read(t, bundle(append(emptyLists(), observation("1", `,`+snomed("1", "A")), observation("1", `,`+snomed("1", "A")), observation("1", `,`+snomed("1", "A")+`,"comment":"changed"`))...))
	assertBalanced(t, &a, 15)
	if row := fates(&a, "Observation"); row.Fates[record.Shown] != 2 || row.Fates[record.Structural] != 1 {
		t.Errorf("got %+v", row)
	}
	for i := range a.Chart.Other {
		if !a.Chart.Other[i].Has(record.Contradiction) {
			t.Error("two versions are not said to be two")
		}
	}
}

func TestAnEntryWithoutAResourceIsCounted(t *testing.T) {
	body := strings.Replace(bundle(emptyLists()...), `"entry":[`, `"entry":[{"resourceType":"Observation","id":"1"},`, 1)
	a := read(t, body)
	assertBalanced(t, &a, 13)
	if got := a.Coverage[record.Other]; got.State != record.Uninterpretable {
		t.Errorf("got %v", got)
	}
}

func TestPatientsAreReportedAsHeld(t *testing.T) {
	second := strings.NewReplacer(`"id":"p"`, `"id":"q"`, testNumber, "9690937278").Replace(patientJSON)
	a := read(t, bundle(second))
	if len(a.Patients) != 2 || a.Patients[1].Identifiers[0].Value != "9690937278" {
		t.Errorf("got %+v", a.Patients)
	}
	p := a.Patients[0]
	if p.NumberStatus != "01" || p.GeneralPractitioner != "B82617" || p.Current().Display() != "SKELLY, Horace (Mr)" || p.Born.Text != "1925-04-21" || p.Gender != "male" {
		t.Errorf("got %+v", p)
	}
}

func TestCyclesEnd(t *testing.T) {
	member := func(id, of string) string {
		return observation(id, `,`+snomed("1", id)+`,"related":[{"type":"has-member","target":{"reference":"Observation/`+of+`"}},{"type":"derived-from","target":{"reference":"Observation/`+of+`"}}]`)
	}
	topic := `{"resourceType":"List","id":"l","code":{"coding":[{"code":"25851000000105"}]},"subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/e"},"entry":[{"item":{"reference":"List/l"}},{"item":{"reference":"List/c"}}]}`
	a := read(t, bundle(member("a", "b"), member("b", "a"), member("self", "self"), topic, strings.Replace(strings.Replace(topic, `"id":"l"`, `"id":"c"`, 1), topicCode, consultationCode, 1),
		`{"resourceType":"Encounter","id":"e","status":"finished","type":[{"text":"Surgery"}],"subject":{"reference":"Patient/p"}}`,
		`{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"PractitionerRole/r"},"organization":{"reference":"PractitionerRole/r"}}`,
		observation("w", `,"performer":[{"reference":"PractitionerRole/r"}]`)))
	assertBalanced(t, &a, 10)
}
