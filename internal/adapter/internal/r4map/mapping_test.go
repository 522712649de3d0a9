package r4map

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// mapped maps resources about patient p1; "SUBJECT" in them stands for a reference to that patient.
func mapped(t testing.TB, resources ...string) record.Answer {
	t.Helper()
	entries := make([]string, len(resources))
	for i, r := range resources {
		entries[i] = `{"resource":` + strings.ReplaceAll(r, "SUBJECT", `{"reference":"Patient/p1"}`) + `}`
	}
	b, err := r4.DecodeBundle([]byte(`{"resourceType":"Bundle","entry":[{"fullUrl":"https://own.test/fhir/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}},` + strings.Join(entries, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	a := mapBundle(t, b, firstPatient(b), nil)
	balanced(t, a)
	return a
}

// rows says in one line per entry where everything went: "section: Type/id phase name", "=" for a second showing.
func rows(a record.Answer) []string {
	var out []string
	for s := range record.AllSections.All {
		a.Chart.Heads(s, func(h *record.Head) {
			mark := ""
			if h.CrossListed {
				mark = "="
			}
			out = append(out, fmt.Sprintf("%s: %s%s/%s %s", s.ID(), mark, h.Key.Type, h.Key.ID, h.Phase))
		})
	}
	return out
}

func snomed(code, display string) string {
	return `{"coding":[{"system":"http://snomed.info/sct","code":"` + code + `","display":"` + display + `"}]}`
}

func TestEveryEntryHasOneHome(t *testing.T) {
	category := func(code string) string { return `"category":[{"coding":[{"code":"` + code + `"}]}]` }
	for name, c := range map[string]struct {
		resource string
		want     []string
	}{
		"allergy":             {`{"resourceType":"AllergyIntolerance","id":"1","clinicalStatus":{"coding":[{"code":"active"}]},"patient":SUBJECT}`, []string{"allergies: AllergyIntolerance/1 current"}},
		"allergy unconfirmed": {`{"resourceType":"AllergyIntolerance","id":"1","clinicalStatus":{"coding":[{"code":"active"}]},"verificationStatus":{"coding":[{"code":"unconfirmed"}]},"patient":SUBJECT}`, []string{"allergies: AllergyIntolerance/1 unconfirmed"}},
		"allergy refuted":     {`{"resourceType":"AllergyIntolerance","id":"1","clinicalStatus":{"coding":[{"code":"active"}]},"verificationStatus":{"coding":[{"code":"refuted"}]},"patient":SUBJECT}`, []string{"allergies: AllergyIntolerance/1 ruled out"}},
		"allergy resolved":    {`{"resourceType":"AllergyIntolerance","id":"1","clinicalStatus":{"coding":[{"code":"resolved"}]},"patient":SUBJECT}`, []string{"allergies: AllergyIntolerance/1 ended"}},
		"condition":           {`{"resourceType":"Condition","id":"1","subject":SUBJECT}`, []string{"problems: Condition/1 status not given"}},
		"condition relapse":   {`{"resourceType":"Condition","id":"1","clinicalStatus":{"coding":[{"code":"relapse"}]},"subject":SUBJECT}`, []string{"problems: Condition/1 current"}},
		"impairment":          {`{"resourceType":"Condition","id":"1",` + category(adjustmentFlag) + `,"subject":SUBJECT}`, []string{"aboutme: Condition/1 status not given"}},
		"support reason":      {`{"resourceType":"Condition","id":"1","meta":{"profile":["https://x/Interweave-SocialCareSupportReason"]},"subject":SUBJECT}`, []string{"socialcare: Condition/1 status not given"}},
		"flag":                {`{"resourceType":"Flag","id":"1","status":"active","subject":SUBJECT}`, []string{"alerts: Flag/1 current"}},
		"adjustment":          {`{"resourceType":"Flag","id":"1","status":"active",` + category(adjustmentFlag) + `,"subject":SUBJECT}`, []string{"aboutme: Flag/1 current"}},
		"deprivation of liberty": {`{"resourceType":"Flag","id":"1","status":"inactive","code":{"coding":[{"code":"DOLS"}]},"subject":SUBJECT}`,
			[]string{"alerts: Flag/1 ended", "legal: =Flag/1 ended"}},
		"vital sign":     {`{"resourceType":"Observation","id":"1","status":"final",` + category("vital-signs") + `,"subject":SUBJECT}`, []string{"measurements: Observation/1 current"}},
		"laboratory":     {`{"resourceType":"Observation","id":"1","status":"preliminary",` + category("laboratory") + `,"subject":SUBJECT}`, []string{"results: Observation/1 Preliminary"}},
		"social history": {`{"resourceType":"Observation","id":"1","status":"final",` + category("social-history") + `,"subject":SUBJECT}`, []string{"history: Observation/1 current"}},
		"delivery date":  {`{"resourceType":"Observation","id":"1","status":"final",` + category("exam") + `,"code":` + snomed("161714006", "EDD") + `,"subject":SUBJECT}`, []string{"history: Observation/1 current"}},
		"not for CPR":    {`{"resourceType":"Observation","id":"1","status":"final","code":` + snomed("450476008", "Not for attempted CPR") + `,"subject":SUBJECT}`, []string{"plans: Observation/1 current"}},
		"no category":    {`{"resourceType":"Observation","id":"1","status":"final","subject":SUBJECT}`, []string{"other: Observation/1 current"}},
		"no category, pulse": {`{"resourceType":"Observation","id":"1","status":"final","code":` + snomed("364075005", "Heart rate") + `,"subject":SUBJECT}`,
			[]string{"measurements: =Observation/1 current", "other: Observation/1 current"}},
		"report":                 {`{"resourceType":"DiagnosticReport","id":"1","status":"final","subject":SUBJECT}`, []string{"results: DiagnosticReport/1 current"}},
		"X-ray":                  {`{"resourceType":"DiagnosticReport","id":"1","status":"registered",` + category("RAD") + `,"subject":SUBJECT}`, []string{"imaging: DiagnosticReport/1 Preliminary"}},
		"images alone":           {`{"resourceType":"ImagingStudy","id":"1","status":"available","subject":SUBJECT}`, []string{"imaging: ImagingStudy/1 current"}},
		"laboratory request":     {`{"resourceType":"ServiceRequest","id":"1","status":"active","intent":"order",` + category(labCategory) + `,"subject":SUBJECT}`, []string{"results: ServiceRequest/1 current"}},
		"referral":               {`{"resourceType":"ServiceRequest","id":"1","status":"active","intent":"order","subject":SUBJECT}`, []string{"referrals: ServiceRequest/1 current"}},
		"referral proposed":      {`{"resourceType":"ServiceRequest","id":"1","status":"active","intent":"proposal","subject":SUBJECT}`, []string{"referrals: ServiceRequest/1 planned"}},
		"do not refer":           {`{"resourceType":"ServiceRequest","id":"1","status":"active","intent":"order","doNotPerform":true,"subject":SUBJECT}`, []string{"referrals: ServiceRequest/1 not done"}},
		"stay":                   {`{"resourceType":"Encounter","id":"1","status":"in-progress","subject":SUBJECT}`, []string{"encounters: Encounter/1 current"}},
		"pathway":                {`{"resourceType":"EpisodeOfCare","id":"1","status":"waitlist","patient":SUBJECT}`, []string{"encounters: EpisodeOfCare/1 planned"}},
		"medicine offered":       {`{"resourceType":"MedicationRequest","id":"1","status":"active","intent":"option","subject":SUBJECT}`, []string{"medicines: MedicationRequest/1 planned"}},
		"medicine not to give":   {`{"resourceType":"MedicationRequest","id":"1","status":"active","intent":"order","doNotPerform":true,"subject":SUBJECT}`, []string{"medicines: MedicationRequest/1 not done"}},
		"medicine not taken":     {`{"resourceType":"MedicationStatement","id":"1","status":"not-taken","subject":SUBJECT}`, []string{"medicines: MedicationStatement/1 not done"}},
		"medicine given":         {`{"resourceType":"MedicationAdministration","id":"1","status":"completed","subject":SUBJECT}`, []string{"medicines: MedicationAdministration/1 current"}},
		"not vaccinated":         {`{"resourceType":"Immunization","id":"1","status":"not-done","patient":SUBJECT}`, []string{"immunisations: Immunization/1 not done"}},
		"vaccinated":             {`{"resourceType":"Immunization","id":"1","status":"completed","patient":SUBJECT}`, []string{"immunisations: Immunization/1 current"}},
		"procedure not done":     {`{"resourceType":"Procedure","id":"1","status":"not-done","subject":SUBJECT}`, []string{"procedures: Procedure/1 not done"}},
		"letter":                 {`{"resourceType":"DocumentReference","id":"1","status":"current","subject":SUBJECT}`, []string{"documents: DocumentReference/1 current"}},
		"draft letter":           {`{"resourceType":"DocumentReference","id":"1","status":"current","docStatus":"preliminary","subject":SUBJECT}`, []string{"documents: DocumentReference/1 Draft"}},
		"discharge letter":       {`{"resourceType":"Composition","id":"1","status":"final","subject":SUBJECT}`, []string{"documents: Composition/1 current"}},
		"consent":                {`{"resourceType":"Consent","id":"1","status":"active","patient":SUBJECT}`, []string{"legal: Consent/1 current"}},
		"care plan revoked":      {`{"resourceType":"CarePlan","id":"1","status":"revoked","subject":SUBJECT}`, []string{"plans: CarePlan/1 ended"}},
		"goal":                   {`{"resourceType":"Goal","id":"1","lifecycleStatus":"accepted","subject":SUBJECT}`, []string{"plans: Goal/1 current"}},
		"questionnaire":          {`{"resourceType":"QuestionnaireResponse","id":"1","status":"in-progress","subject":SUBJECT}`, []string{"plans: QuestionnaireResponse/1 Draft"}},
		"family history":         {`{"resourceType":"FamilyMemberHistory","id":"1","status":"partial","patient":SUBJECT}`, []string{"history: FamilyMemberHistory/1 current"}},
		"former contact":         {`{"resourceType":"RelatedPerson","id":"1","active":false,"patient":SUBJECT}`, []string{"network: RelatedPerson/1 ended"}},
		"missed appointment":     {`{"resourceType":"Appointment","id":"1","status":"noshow","participant":[{"actor":SUBJECT}]}`, []string{"appointments: Appointment/1 ended"}},
		"appointment to come":    {`{"resourceType":"Appointment","id":"1","status":"booked","start":"2027-01-01T09:00:00Z","participant":[{"actor":SUBJECT}]}`, []string{"appointments: Appointment/1 planned"}},
		"appointment past":       {`{"resourceType":"Appointment","id":"1","status":"booked","start":"2026-01-01T09:00:00Z","participant":[{"actor":SUBJECT}]}`, []string{"appointments: Appointment/1 current"}},
		"task of no section":     {`{"resourceType":"Task","id":"1","status":"requested","for":SUBJECT}`, []string{"other: Task/1 planned"}},
		"type of no section":     {`{"resourceType":"RiskAssessment","id":"1","status":"final","subject":SUBJECT}`, []string{"other: RiskAssessment/1 current"}},
		"type nobody knows":      {`{"resourceType":"Zork","id":"1","status":7,"code":[{"text":"x"}],"subject":{"reference":"Patient/p1"}}`, []string{"other: Zork/1 status not given"}},
		"contained but clinical": {`{"resourceType":"Zork","id":"1","contained":[{"resourceType":"Flag","id":"c","status":"active"}]}`, []string{"alerts: Flag/1#c current", "other: Zork/1 status not given"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := mapped(t, c.resource)
			if diff := cmp.Diff(c.want, rows(a)); diff != "" {
				t.Error(diff)
			}
			if a.Foreign != 0 {
				t.Error("taken for somebody else's")
			}
		})
	}
}

func TestWhatIsNotShownHasAFate(t *testing.T) {
	flag := func(members string) string {
		return `{"resourceType":"Flag","id":"1","status":"active",` + members + `}`
	}
	for name, c := range map[string]struct {
		resources []string
		fate      record.Fate
		foreign   int
		state     record.State
	}{
		"entered in error":       {[]string{`{"resourceType":"Flag","id":"1","status":"entered-in-error","subject":SUBJECT}`}, record.Removed, 0, record.NoneRecorded},
		"modifier":               {[]string{flag(`"modifierExtension":[{"url":"https://x/not"}],"subject":SUBJECT`)}, record.Unreadable, 0, record.Uninterpretable},
		"modifier in a part":     {[]string{flag(`"code":{"coding":[{"code":"x"}],"modifierExtension":[{"url":"https://x/not"}]},"subject":SUBJECT`)}, record.Unreadable, 0, record.Uninterpretable},
		"modifier in disguise":   {[]string{flag(`"modifier\u0045xtension":[{"url":"https://x/not"}],"subject":SUBJECT`)}, record.Unreadable, 0, record.Uninterpretable},
		"other rules":            {[]string{flag(`"implicitRules":"https://x/rules","subject":SUBJECT`)}, record.Unreadable, 0, record.Uninterpretable},
		"wrong shape":            {[]string{flag(`"code":"words","subject":SUBJECT`)}, record.Unreadable, 0, record.Uninterpretable},
		"no subject":             {[]string{flag(`"author":{"display":"A"}`)}, record.Unreadable, 0, record.Uninterpretable},
		"subject by words":       {[]string{flag(`"subject":{"display":"Ann"}`)}, record.Unreadable, 0, record.Uninterpretable},
		"somebody else":          {[]string{flag(`"subject":{"reference":"Patient/p2"}`)}, record.Quarantined, 1, record.NoneRecorded},
		"somebody else's number": {[]string{flag(`"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765870"}}`)}, record.Quarantined, 1, record.NoneRecorded},
		"another server":         {[]string{flag(`"subject":{"reference":"https://other.test/fhir/Patient/p1"}`)}, record.Quarantined, 1, record.NoneRecorded},
		"a group":                {[]string{flag(`"subject":{"reference":"Group/p1"}`)}, record.Quarantined, 1, record.NoneRecorded},
		"another patient":        {[]string{`{"resourceType":"Patient","id":"p2"}`}, record.Quarantined, 1, record.NoneRecorded},
		"the id, another number": {[]string{`{"resourceType":"Patient","id":"p1","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765870"}]}`}, record.Quarantined, 1, record.NoneRecorded},
		"about a relative":       {[]string{`{"resourceType":"Observation","id":"1","status":"final","focus":[{"reference":"RelatedPerson/r"}],"subject":SUBJECT}`}, record.Unreadable, 0, record.Uninterpretable},
		"nobody's appointment":   {[]string{`{"resourceType":"Appointment","id":"1","status":"booked","participant":[{"actor":{"reference":"Location/l"}}]}`}, record.Unreadable, 0, record.Uninterpretable},
		"unused directory entry": {[]string{`{"resourceType":"Organization","id":"1","name":"Somewhere"}`}, record.Unreferenced, 0, record.NoneRecorded},
		"outcome":                {[]string{`{"resourceType":"OperationOutcome","issue":[]}`}, record.Structural, 0, record.NoneRecorded},
		"list":                   {[]string{`{"resourceType":"List","id":"1","status":"current"}`}, record.Structural, 0, record.NoneRecorded},
	} {
		t.Run(name, func(t *testing.T) {
			a := mapped(t, c.resources...)
			total := a.Account.Total()
			if total.Fates[c.fate] != 1 || total.Fates[record.Shown] != 0 || a.Foreign != c.foreign {
				t.Errorf("fates %v, foreign %d", total.Fates, a.Foreign)
			}
			worst := record.NoneRecorded
			a.Settle(record.AllSections)
			for _, cover := range a.Coverage {
				if cover.State != record.NoneRecorded {
					worst = cover.State
				}
			}
			if worst != c.state {
				t.Errorf("%v, want %v", worst, c.state)
			}
		})
	}
}

func TestTheSameSubjectInEveryForm(t *testing.T) {
	for _, subject := range []string{
		`{"reference":"Patient/p1"}`, `{"reference":"https://own.test/fhir/Patient/p1"}`, `{"reference":"Patient/p1/_history/3"}`,
		`{"reference":"https://own.test/fhir/Patient/p1/_history/3"}`,
	} {
		a := mapped(t, `{"resourceType":"Flag","id":"1","status":"active","subject":`+subject+`}`)
		if a.Foreign != 0 || len(a.Chart.Alerts) != 1 {
			t.Errorf("%s: foreign %d, %d alerts", subject, a.Foreign, len(a.Chart.Alerts))
		}
	}
}

func TestRepeatsAndVersions(t *testing.T) {
	flag := func(words string) string {
		return `{"resourceType":"Flag","id":"1","status":"active","code":{"text":"` + words + `"},"subject":SUBJECT}`
	}
	a := mapped(t, flag("one"), flag("one"), flag("two"))
	if len(a.Chart.Alerts) != 2 || a.Account.Total().Fates[record.Structural] != 1 {
		t.Fatalf("%d alerts, %+v", len(a.Chart.Alerts), a.Account.Rows())
	}
	for _, alert := range a.Chart.Alerts {
		if !alert.Has(record.Contradiction) {
			t.Error("two versions of one entry do not say so")
		}
	}
}

func TestSectionsThatMayNotBeShownAreHeldBack(t *testing.T) {
	b, err := r4.DecodeBundle([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Flag","id":"1","status":"active","code":{"coding":[{"code":"DOLS"}]},"subject":{"reference":"Patient/p1"}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	set := NewSet()
	set.Add("Flag", record.AllSections, b)
	var a record.Answer
	Map(&a, set, Options{Asked: record.SectionsOf(record.Legal), Patient: &r4.Patient{Header: r4.Header{ResourceType: "Patient", ID: "p1"}}, Source: &a.Source, Now: testNow})
	if a.Account.Total().Fates[record.HeldBack] != 1 || len(a.Chart.Alerts) != 0 || len(a.Chart.Legal) != 1 {
		t.Errorf("%+v, %d alerts, %d legal", a.Account.Rows(), len(a.Chart.Alerts), len(a.Chart.Legal))
	}
	a.Settle(record.SectionsOf(record.Legal))
	if a.State == record.Unavailable {
		t.Error(a.Detail)
	}
}

func TestSearchesThatReturnSomethingElse(t *testing.T) {
	page := func(mode string) *r4.Bundle {
		b, err := r4.DecodeBundle([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Condition","id":"1","subject":{"reference":"Patient/p1"}},"search":{"mode":"` + mode + `"}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for mode, want := range map[string]record.State{"match": record.Uninterpretable, "": record.Uninterpretable, "include": record.NoneRecorded} {
		set := NewSet()
		set.Add("AllergyIntolerance", record.SectionsOf(record.Allergies), page(mode))
		var a record.Answer
		Map(&a, set, Options{Asked: record.AllSections, Patient: &r4.Patient{Header: r4.Header{ResourceType: "Patient", ID: "p1"}}, Source: &a.Source, Now: testNow})
		a.Settle(record.AllSections)
		if a.Coverage[record.Allergies].State != want {
			t.Errorf("mode %q: %v", mode, a.Coverage[record.Allergies])
		}
	}
}
