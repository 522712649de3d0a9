package gpconnect

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/record"
)

func fates(a *record.Answer, kind string) record.AccountRow {
	for _, row := range a.Account.Rows() {
		if row.Type == kind {
			return row
		}
	}
	return record.AccountRow{}
}

func TestAllergies(t *testing.T) {
	ended := `{"resourceType":"List","status":"current","code":{"coding":[{"code":"1103671000000101"}]},"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + testNumber + `"}},
		"contained":[{"resourceType":"AllergyIntolerance","id":"28","clinicalStatus":"resolved","verificationStatus":"unconfirmed",` + snomed("91935009", "Allergy to peanuts") + `,
		"patient":{"reference":"Patient/p"},"extension":[{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-AllergyIntoleranceEnd-1",
		"extension":[{"url":"endDate","valueDateTime":"2016-11-01"},{"url":"reasonEnded","valueString":"Desensitised"}]}],
		"reaction":[{"manifestation":[{"coding":[{"system":"http://hl7.org/fhir/v3/NullFlavor","code":"UNC"}]}],"severity":"mild","description":"rash"}]}],
		"entry":[{"item":{"reference":"#28"}}]}`
	a := read(t, bundle(
		list(allergyList, []string{"AllergyIntolerance/2", "AllergyIntolerance/1"}), ended,
		allergy("1", `,"code":{"text":"Penicillin rash","coding":[{"system":"http://snomed.info/sct","code":"294505008","display":"Allergy to amoxicillin"}]},"criticality":"high","category":["medication"]`),
		allergy("2", `,`+snomed("716186003", "No known allergy")),
		allergy("3", `,`+snomed("196461000000101", "Transfer-degraded drug allergy")),
	))
	assertBalanced(t, &a, 8)
	got := map[string]string{}
	var order []string
	for i := range a.Chart.Allergies {
		x := &a.Chart.Allergies[i]
		order = append(order, x.Key.ID)
		got[x.Key.ID] = x.Agent.Name() + "|" + x.Phase.String() + "|" + x.Nil + "|" + x.When.Display()
	}
	if diff := cmp.Diff([]string{"2", "1", "(4)#28", "3"}, order); diff != "" {
		t.Errorf("order of the lists: %s", diff)
	}
	want := map[string]string{
		"1": "Penicillin rash|current||Mar 2019", "2": "No known allergy|current|all kinds|Mar 2019",
		"3": "Transfer-degraded drug allergy|current||Mar 2019", "(4)#28": "Allergy to peanuts|ended||",
	}
	// The key of a contained resource begins with that of its List, which has no id here and is known by its place.
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i := range a.Chart.Allergies {
		if x := &a.Chart.Allergies[i]; x.Phase == record.Ended {
			if x.EndReason != "Desensitised" || x.EndedOn.Text != "2016-11-01" || x.Reactions[0].Manifestations[0].Name() != "see text" || x.Reactions[0].Description != "rash" {
				t.Errorf("ended allergy: %+v", x)
			}
		}
		if x := &a.Chart.Allergies[i]; x.Key.ID == "3" && (!x.Agent.Degraded() || x.Agent.MatchCode() != "") {
			t.Error("a degraded entry may be matched")
		}
	}
}

func TestOnlyANilStatementIsNilAsserted(t *testing.T) {
	a := read(t, bundle(append(emptyLists(allergyList), list(allergyList, []string{"AllergyIntolerance/1"}), allergy("1", `,`+snomed("716186003", "No known allergy")))...))
	if c := a.Coverage[record.Allergies]; c.State != record.NilAsserted || c.Detail != "No known allergy" {
		t.Errorf("got %v %q", c.State, c.Detail)
	}
	ended := `{"resourceType":"AllergyIntolerance","id":"1","clinicalStatus":"resolved","patient":{"reference":"Patient/p"},` + snomed("716186003", "No known allergy") + `}`
	a = read(t, bundle(append(emptyLists(allergyList), list(allergyList, []string{"AllergyIntolerance/1"}), ended)...))
	if c := a.Coverage[record.Allergies]; c.State != record.Data || a.Chart.Allergies[0].Nil != "" {
		t.Errorf("a nil statement that has ended still counts: %v", c.State)
	}
}

const medicationJSON = `{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"http://snomed.info/sct","code":"1","display":"Amoxicillin 500mg capsules"}]}}`

func request(id, intent, basedOn, more string) string {
	return `{"resourceType":"MedicationRequest","id":"` + id + `","intent":"` + intent + `","status":"completed","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/m"},` +
		`"basedOn":[` + basedOn + `],"authoredOn":"2019-01-01","dispenseRequest":{"validityPeriod":{"start":"2020-02-0` + id + `"},"quantity":{"extension":[{"url":"x/Extension-CareConnect-GPC-MedicationQuantityText-1","valueString":"28 capsule"}]}}` + more + `}`
}

func TestMedicinesPairPlansAndIssues(t *testing.T) {
	statement := `{"resourceType":"MedicationStatement","id":"s","status":"active","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/m"},"basedOn":[{"reference":"MedicationRequest/1"}],
		"effectivePeriod":{"start":"2019-01-01","end":"2019-02-01"},"dateAsserted":"2019-01-01","dosage":[{"text":"One three times a day"}],"taken":"unk",
		"extension":[{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-MedicationStatementLastIssueDate-1","valueDateTime":"2020-02-03"},
		{"url":"x/Extension-CareConnect-GPC-PrescribingAgency-1","valueCodeableConcept":{"text":"Royal Hospital","coding":[{"code":"prescribed-by-another-organisation"}]}}]}`
	plan := request("1", "plan", "", `,"extension":[{"url":"x/Extension-CareConnect-GPC-PrescriptionType-1","valueCodeableConcept":{"coding":[{"code":"repeat"}]}},
		{"url":"x/Extension-CareConnect-GPC-MedicationRepeatInformation-1","extension":[{"url":"numberOfRepeatPrescriptionsAllowed","valuePositiveInt":12},{"url":"numberOfRepeatPrescriptionsIssued","valueUnsignedInt":3},{"url":"authorisationExpiryDate","valueDateTime":"2020-01"}]},
		{"url":"x/Extension-CareConnect-GPC-MedicationStatusReason-1","extension":[{"url":"statusReason","valueCodeableConcept":{"text":"Expired"}},{"url":"statusChangeDate","valueDateTime":"2020-03-01"}]}]`)
	a := read(t, bundle(medicationJSON, statement, plan,
		request("2", "order", `{"reference":"MedicationRequest/1"}`, `,"groupIdentifier":{"value":"EPS1"}`), request("3", "order", `{"reference":"MedicationRequest/1"}`, ""),
		request("4", "order", `{"reference":"MedicationRequest/gone"}`, ""), request("5", "plan", "", "")))
	assertBalanced(t, &a, 9)
	if len(a.Chart.Medicines) != 3 {
		t.Fatalf("%d rows", len(a.Chart.Medicines))
	}
	m := &a.Chart.Medicines[0]
	if m.Product.Name() != "Amoxicillin 500mg capsules" || m.Course != record.Repeat || m.Phase != record.Current || m.Dose != "One three times a day" || m.LastIssued.Text != "2020-02-03" ||
		!m.PrescribedElsewhere || m.PrescribedBy != "Royal Hospital" || m.RepeatsAllowed != "12" || m.RepeatsIssued != "3" || m.RepeatExpiry.Text != "2020-01" ||
		m.StopReason != "Expired" || m.StoppedOn.Text != "2020-03-01" || m.Quantity != "28 capsule" {
		t.Errorf("plan: %+v", m)
	}
	if len(m.Issued) != 2 || m.Issued[0].EPS != "EPS1" || m.Issued[0].On.Text != "2020-02-02" || len(m.Covers()) != 3 {
		t.Errorf("issues: %+v, covers %v", m.Issued, m.Covers())
	}
	if row := fates(&a, "Medication"); row.Fates[record.Used] != 1 {
		t.Errorf("medication: %+v", row)
	}
}

// TestThePlansInstructionIsKept: a statement with a dose may leave the words to the person on its authorisation.
func TestThePlansInstructionIsKept(t *testing.T) {
	statement := `{"resourceType":"MedicationStatement","id":"s","status":"active","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/m"},"basedOn":[{"reference":"MedicationRequest/1"}],
		"dosage":[{"text":"One a day"}]}`
	plan := `{"resourceType":"MedicationRequest","id":"1","status":"active","intent":"plan","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/m"},
		"dosageInstruction":[{"text":"One each day","patientInstruction":"Take in the morning"}]}`
	a := read(t, bundle(medicationJSON, statement, plan))
	m := &a.Chart.Medicines[0]
	want := []record.Fact{{Label: "Dose on the authorisation", Text: "One each day"}}
	if m.Dose != "One a day" || m.PatientInstruction != "Take in the morning" || cmp.Diff(want, m.Facts) != "" {
		t.Errorf("dose %q, instruction %q, facts %v", m.Dose, m.PatientInstruction, m.Facts)
	}
}

func TestMedicineWithoutItsNameSaysSo(t *testing.T) {
	a := read(t, bundle(request("1", "plan", "", "")))
	if got := a.Chart.Medicines[0].Product.Name(); got != "Medicine not named by source" {
		t.Errorf("got %q", got)
	}
}

func TestProblems(t *testing.T) {
	a := read(t, bundle(`{"resourceType":"Condition","id":"1","clinicalStatus":"active",`+snomed("25064002", "Headache")+`,"subject":{"reference":"Patient/p"},"onsetDateTime":"2014","context":{"reference":"Encounter/gone"},
		"extension":[{"url":"x/Extension-CareConnect-ProblemSignificance-1","valueCode":"minor"},
		{"url":"x/Extension-CareConnect-ActualProblem-1","valueReference":{"reference":"Observation/1"}},
		{"url":"x/Extension-CareConnect-GPC-ActualProblem-1","valueReference":{"reference":"Observation/1"}},
		{"url":"x/Extension-CareConnect-RelatedClinicalContent-1","valueReference":{"reference":"Referral items are not supported by the provider system"}},
		{"url":"x/Extension-CareConnect-RelatedClinicalContent-1","valueReference":{"reference":"List/t"}},
		{"url":"x/Extension-CareConnect-RelatedProblemHeader-1","extension":[{"url":"type","valueCode":"Parent"},{"url":"target","valueReference":{"reference":"Condition/2"}}]}]}`,
		`{"resourceType":"Condition","id":"2","clinicalStatus":"inactive",`+snomed("1", "Migraine")+`,"subject":{"reference":"Patient/p"},"abatementDateTime":"2020-13-45"}`,
		observation("1", `,`+snomed("25064002", "Headache")),
		`{"resourceType":"List","id":"t","title":"A topic","code":{"coding":[{"code":"25851000000105"}]},"subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/e"},"entry":[{"item":{"reference":"Observation/1"}}]}`,
		`{"resourceType":"Encounter","id":"e","status":"finished","type":[{"text":"Surgery"}],"subject":{"reference":"Patient/p"}}`))
	assertBalanced(t, &a, 7)
	p := a.Chart.Problems[0]
	obs, enc := record.ItemKey{Type: "Observation", ID: "1"}, record.ItemKey{Type: "Encounter", ID: "e"}
	want := []record.Ref{{Key: obs}, {Key: obs}, {Words: "Referral items are not supported by the provider system"}, {Key: enc, Words: "A topic"}}
	if diff := cmp.Diff(want, p.Links); diff != "" {
		t.Error(diff)
	}
	if p.Significance != "minor" || p.Relations[0].Type != "Parent" || p.Relations[0].To.Key.ID != "2" || p.When.Display() != "2014" || !p.Has(record.DanglingReference) {
		t.Errorf("got %+v", p)
	}
	if ended := &a.Chart.Problems[1]; ended.Phase != record.Ended || ended.EndedOn.Precision != record.Bad || ended.EndedOn.Text != "2020-13-45" || !ended.Has(record.BadDate) {
		t.Errorf("got %+v", ended)
	}
	if c := a.Chart.Consultations[0]; len(c.Topics) != 1 || c.Topics[0].Title != "A topic" || c.Topics[0].Headings[0].Items[0].Term != "Headache" {
		t.Errorf("a topic without its consultation List is lost: %+v", c)
	}
}

func TestConsultationKeepsItsStructure(t *testing.T) {
	structure := func(id, code, title string, items ...string) string {
		for i, item := range items {
			if !strings.HasPrefix(item, "{") {
				items[i] = `{"reference":"` + item + `"}`
			}
		}
		return `{"resourceType":"List","id":"` + id + `","title":"` + title + `","code":{"coding":[{"code":"` + code + `"}]},"subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/e"},"entry":[{"item":` + strings.Join(items, `},{"item":`) + `}]}`
	}
	a := read(t, bundle(
		`{"resourceType":"Encounter","id":"e","status":"unknown","type":[{"text":"Externally Entered"}],"subject":{"reference":"Patient/p"},"period":{"start":"2020-01-02"},
			"participant":[{"type":[{"coding":[{"code":"REC","display":"recorder"}]}],"individual":{"reference":"Practitioner/1"}},{"type":[{"coding":[{"code":"PPRF","display":"primary performer"}]}],"individual":{"reference":"Practitioner/1"}}]}`,
		`{"resourceType":"Practitioner","id":"1","name":[{"family":"Gilbert","given":["Nichole"],"prefix":["Dr"]}]}`,
		`{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/1"},"organization":{"reference":"Organization/o"},"code":[{"coding":[{"display":"General Medical Practitioner"}]}]}`,
		structure("c", consultationCode, "Externally Entered", "List/t"),
		structure("t", topicCode, "Cough", "Observation/3", "List/h1", "Observation/4", "List/h2"),
		structure("h1", headingCode, "History", "Observation/2", "Observation/1", `{"display":"Test request items are not supported by the provider system"}`, "Observation/gone"),
		structure("h2", headingCode, "Plan", "ProcedureRequest/1"),
		observation("1", `,`+snomed(commentNote, "Comment note")+`,"comment":"Three weeks"`), observation("2", `,`+snomed("49727002", "Cough")+`,"comment":"dry"`),
		observation("3", `,`+snomed("364075005", "Heart rate")+`,"valueQuantity":{"value":80,"unit":"/min"}`), observation("4", `,`+snomed("2", "Loose")),
		`{"resourceType":"ProcedureRequest","id":"1","intent":"plan","status":"active",`+snomed("3", "Influenza vaccination")+`,"subject":{"reference":"Patient/p"},"occurrencePeriod":{"start":"2020-10-01"}}`))
	assertBalanced(t, &a, 14)
	c := a.Chart.Consultations[0]
	key := func(kind, id string) record.Ref { return record.Ref{Key: record.ItemKey{Type: kind, ID: id}} }
	want := []record.Topic{{Title: "Cough", Headings: []record.ConsultationHeading{
		{Items: []record.ConsultationItem{{Ref: key("Observation", "3"), Term: "Heart rate", Value: "80 /min"}}},
		{Title: "History", Items: []record.ConsultationItem{
			{Ref: key("Observation", "2"), Term: "Cough", Comment: "dry"}, {Ref: key("Observation", "1"), Comment: "Three weeks"},
			{Ref: record.Ref{Words: "Test request items are not supported by the provider system"}, Term: "Test request items are not supported by the provider system"},
			{Ref: record.Ref{Missing: true}, Term: "An entry that is listed here was not sent."},
		}},
		{Items: []record.ConsultationItem{{Ref: key("Observation", "4"), Term: "Loose"}}},
		{Title: "Plan", Items: []record.ConsultationItem{{Ref: key("ProcedureRequest", "1"), Term: "Recall: Influenza vaccination", Value: "due from 01-Oct-2020"}}},
	}}}
	if diff := cmp.Diff(want, c.Topics); diff != "" {
		t.Error(diff)
	}
	if c.Phase != record.Draft || c.Type.Name() != "Externally Entered" || len(c.People) != 2 || len(c.Covers()) != 1 {
		t.Errorf("got %+v", c.Head)
	}
	if got := c.RecordedBy[0].Display(); got != "Dr Nichole Gilbert, General Medical Practitioner, Coxwold Surgery" {
		t.Errorf("recorded by %q", got)
	}
	if r := a.Chart.Appointments[0]; !r.Recall || r.Phase != record.Planned {
		t.Errorf("recall: %+v", r)
	}
	if len(a.Chart.Measurements) != 1 || !a.Chart.Measurements[0].CrossListed || len(a.Chart.Other) != 3 {
		t.Errorf("%d measurements, %d other", len(a.Chart.Measurements), len(a.Chart.Other))
	}
	if got := a.Coverage[record.Consultations]; got.State != record.Incomplete {
		t.Errorf("an entry that is listed and not sent goes unsaid: %v", got)
	}
}

func TestReports(t *testing.T) {
	related := func(kind string, ids ...string) string {
		return `,"related":[{"type":"` + kind + `","target":{"reference":"Observation/` + strings.Join(ids, `"}},{"type":"`+kind+`","target":{"reference":"Observation/`) + `"}}]`
	}
	a := read(t, bundle(
		`{"resourceType":"DiagnosticReport","id":"d","status":"unknown",`+snomed(diagnosticReport, "Diagnostic studies report")+`,"category":{"coding":[{"code":"PAT"}]},"subject":{"reference":"Patient/p"},"issued":"2020-01-05","identifier":[{"system":"2.16.840.1.113883.2.1.4.5.5","value":"PMIP1"}],
			"basedOn":[{"reference":"ProcedureRequest/q"}],"specimen":[{"reference":"Specimen/s"}],"result":[{"reference":"Observation/g"},{"reference":"Observation/f"},{"reference":"Observation/gone"}],"conclusion":"Line one\nLine two"}`,
		`{"resourceType":"Specimen","id":"s","subject":{"reference":"Patient/p"},"type":{"text":"Blood"},"collection":{"collectedDateTime":"2020-01-03"},"receivedTime":"2020-01-04","note":[{"text":"haemolysed"}],"accessionIdentifier":{"value":"A1"}}`,
		`{"resourceType":"ProcedureRequest","id":"q","intent":"order","status":"active",`+snomed("5", "Full blood count")+`,"subject":{"reference":"Patient/p"},"reasonCode":[{"text":"tired"}]}`,
		observation("g", `,`+snomed("26604007", "Full blood count")+related("has-member", "w", "missing")+`,"comment":"group comment"`),
		observation("w", `,`+snomed("1022541000000102", "White cells")+related("derived-from", "g")+`,"valueQuantity":{"value":5.70,"unit":"10*9/L"},"comment":"result comment","interpretation":{"text":"PA - Potentially abnormal"},
			"specimen":{"reference":"Specimen/s"},"referenceRange":[{"low":{"value":3.5},"high":{"value":11.0}},{"text":"< 200.000 mg/L"}]`),
		observation("f", `,`+snomed(commentNote, "Comment note")+`,"comment":"seen, no action"`),
		observation("c", `,`+snomed(commentNote, "Comment note")+related("derived-from", "w")+`,"comment":"filed"`),
		`{"resourceType":"DiagnosticReport","id":"x","status":"preliminary","category":{"coding":[{"code":"RAD"}]},"subject":{"reference":"Patient/p"},`+snomed("399208008", "Chest X-ray")+`}`,
		`{"resourceType":"ProcedureRequest","id":"alone","intent":"order","status":"active",`+snomed("6", "HbA1c")+`,"subject":{"reference":"Patient/p"}}`))
	assertBalanced(t, &a, 11)
	r := a.Chart.Results[0]
	if r.Name.Name() != "Full blood count" || r.Rare.ResultsNotSent != 1 || r.Conclusion != "Line one\nLine two" || r.Rare.RequestedWhy != "tired" || r.Rare.Requested[0].Name() != "Full blood count" ||
		r.Collected.Display() != "03-Jan-2020" || r.Rare.Received.Text != "2020-01-04" || r.Rare.Specimens[0].Notes[0] != "haemolysed" || r.Identifiers[0].System != "urn:oid:2.16.840.1.113883.2.1.4.5.5" {
		t.Errorf("got %+v", r)
	}
	w := r.Items[0].Rare.Members[0]
	if w.Value.Display() != "5.70 10*9/L" || w.Flag != "PA - Potentially abnormal" || w.Rare.Specimen != "Blood" || w.Ranges[0].Display() != "from 3.5 to 11.0" && w.Ranges[0].Display() != "3.5 to 11.0" || w.Ranges[1].Display() != "< 200.000 mg/L" {
		t.Errorf("got %+v", w)
	}
	if diff := cmp.Diff([]string{"result comment", "filed"}, w.Comments); diff != "" {
		t.Error(diff)
	}
	if r.Items[0].Comments[0] != "group comment" || len(r.Rare.Filing) != 2 || r.Rare.Filing[0].Comment != "seen, no action" || len(r.Items[0].Rare.Issues) != 1 {
		t.Errorf("filing %+v, issues %+v", r.Rare.Filing, r.Items[0].Rare.Issues)
	}
	if len(a.Chart.Imaging) != 1 || a.Chart.Imaging[0].Phase != record.Preliminary {
		t.Errorf("imaging: %+v", a.Chart.Imaging)
	}
	if len(a.Chart.Results) != 2 || !a.Chart.Results[1].NoReport || a.Chart.Results[1].Name.Name() != "HbA1c" {
		t.Errorf("a request without a report: %+v", a.Chart.Results)
	}
	if row := fates(&a, "ProcedureRequest"); row.Fates[record.Used] != 1 || row.Fates[record.Shown] != 1 {
		t.Errorf("requests: %+v", row)
	}
}

func TestVaccinationsNotGivenSupersede(t *testing.T) {
	vaccine := func(id, more string) string {
		return `{"resourceType":"Immunization","id":"` + id + `","status":"completed","patient":{"reference":"Patient/p"},"date":"2020-01-02","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/v3/NullFlavor","code":"UNK"}]},
			"extension":[{"url":"https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-VaccinationProcedure-1","valueCodeableConcept":{"text":"Influenza vaccination"}}]` + more + `}`
	}
	dissent := observation("d", `,`+snomed("268559007", "No consent for any immunization")+`,"comment":"asked twice"`)
	whole := bundle(append(emptyLists(immunisationList), list(immunisationList, []string{"Immunization/1", "Observation/d"}), vaccine("1", `,"notGiven":false,"primarySource":false`), dissent)...)
	given := bundle(list(immunisationList, []string{"Immunization/1", "Immunization/2", "Observation/d"}), vaccine("1", `,"notGiven":false`), dissent,
		vaccine("2", `,"notGiven":true,"explanation":{"reasonNotGiven":[{"text":"Declined"}]}`))
	a := read(t, whole, given)
	assertBalanced(t, &a, 14+6)
	if row := fates(&a, "Immunization"); row.Fates[record.Superseded] != 1 || row.Fates[record.Shown] != 2 {
		t.Errorf("immunisations: %+v", row)
	}
	if len(a.Patients) != 1 {
		t.Errorf("%d patients", len(a.Patients))
	}
	phases := map[record.Phase]int{}
	for i := range a.Chart.Immunisations {
		v := &a.Chart.Immunisations[i]
		phases[v.Phase]++
		switch {
		case v.Statement && v.Notes[0] != "asked twice":
			t.Errorf("statement: %+v", v)
		case v.Phase == record.NotDone && v.NotGivenReason[0].Name() != "Declined":
			t.Errorf("not given: %+v", v)
		case !v.Statement && (v.Vaccination.Name() != "Influenza vaccination" || v.Product.Name() != "Product not recorded"):
			t.Errorf("names: %+v", v)
		}
	}
	if diff := cmp.Diff(map[record.Phase]int{record.Current: 2, record.NotDone: 1}, phases); diff != "" {
		t.Error(diff)
	}

	alone := &replies{wanted: areasFor(supplies), whole: reply{bundle: decodeBundle(t, []byte(whole))}, given: reply{failed: notFHIR}}
	a = compile(testSource, testAsk(t), supplies, alone)
	if c := a.Coverage[record.Immunisations]; c.State != record.Incomplete || c.Detail != "Vaccinations that were not given were not received." || len(a.Chart.Immunisations) != 2 {
		t.Errorf("without the second call: %+v", c)
	}
}

func TestOtherPlaces(t *testing.T) {
	a := read(t, bundle(
		observation("a", `,`+snomed("342191000000101", "Subject to child protection plan")), observation("b", `,`+snomed("450476008", "Not for attempted CPR")+`,"comment":"discussed"`),
		observation("c", `,`+snomed("1082641000000106", "Alcohol units per week")+`,"valueQuantity":{"value":12}`),
		`{"resourceType":"QuestionnaireResponse","id":"q","status":"completed","subject":{"reference":"Patient/p"},"authored":"2020-01-01","item":[{"linkId":"No information available","answer":[{"valueReference":{"reference":"Observation/c"}}]},{"text":"Lives alone?","answer":[{"valueBoolean":true}]}]}`,
		`{"resourceType":"Flag","id":"f","status":"active","code":{"text":"Hearing aid"},"subject":{"reference":"Patient/p"},"period":{"start":"2020"}}`,
		`{"resourceType":"ReferralRequest","id":"r","status":"unknown","intent":"order","priority":"urgent","subject":{"reference":"Patient/p"},"authoredOn":"2020-01-01","reasonCode":[{"text":"Back pain"}],"recipient":[{"reference":"Organization/gone","display":"Spinal service"}],"identifier":[{"system":"https://fhir.nhs.uk/Id/ubr-number","value":"123"}]}`,
		`{"resourceType":"DocumentReference","id":"doc","status":"current","subject":{"reference":"Patient/p"},"created":"2020-01-01","indexed":"2020-01-09","type":{"text":"Sore throat"},"description":"Letter","meta":{"security":[{"system":"http://hl7.org/fhir/v3/ActCode","code":"NOPAT"}]},
			"content":[{"attachment":{"contentType":"text/plain","title":"File size 5265867 bytes greater than maximum allowable (5MB)","size":5265867}}]}`))
	assertBalanced(t, &a, 9)
	if len(a.Chart.Alerts) != 1 || a.Chart.Alerts[0].Kind != record.ChildProtection || len(a.Chart.Plans) != 1 || a.Chart.Plans[0].Decision.Name() != "Not for attempted CPR" || a.Chart.Plans[0].Notes[0] != "discussed" || len(a.Chart.History) != 1 {
		t.Errorf("cross-lists: %+v %+v %+v", a.Chart.Alerts, a.Chart.Plans, a.Chart.History)
	}
	var questions *record.OtherEntry
	for i := range a.Chart.Other {
		if a.Chart.Other[i].TypeWords == "Questionnaire" {
			questions = &a.Chart.Other[i]
		}
		if a.Chart.Other[i].TypeWords == "Flag" && (!a.Chart.Other[i].General || a.Chart.Other[i].Name.Name() != "Hearing aid") {
			t.Errorf("general form: %+v", a.Chart.Other[i])
		}
	}
	if diff := cmp.Diff([]record.Fact{{Label: "Alcohol units per week", Text: "12"}, {Label: "Lives alone?", Text: "Yes"}}, questions.Answers); diff != "" {
		t.Error(diff)
	}
	if f := a.Chart.Referrals[0]; f.RequestNumber != "123" || f.To[0].Name != "Spinal service" || f.Phase != record.PhaseUnknown || f.Urgency != "urgent" {
		t.Errorf("referral: %+v", f)
	}
	d := a.Chart.Documents[0]
	if d.Title != "Letter" || d.Attachments[0].Placeholder == "" || d.Attachments[0].Size != 5265867 || d.Labels()[0].Code != "NOPAT" || d.Indexed.Text != "2020-01-09" {
		t.Errorf("document: %+v", d)
	}
	if n := a.Chart.Network; len(n) != 1 || n[0].Actor.Organisation != "Coxwold Surgery" || n[0].Telecoms[0] != "01632 960001" {
		t.Errorf("network: %+v", n)
	}
}

func TestMalformedDateIsKept(t *testing.T) {
	a := read(t, string(load(t, filepath.Join(fixtureDir(t), "gpconnect-structured", "malformed_date.json"))))
	bad := 0
	for s := range record.AllSections.All {
		a.Chart.Heads(s, func(h *record.Head) {
			if h.Has(record.BadDate) && !h.CrossListed {
				bad++
			}
		})
	}
	for i := range a.Chart.Results {
		for _, item := range a.Chart.Results[i].Items {
			bad += len(item.Rarely().Issues)
		}
	}
	if bad == 0 {
		t.Error("no entry says that its date is none")
	}
}

func TestARemovedConsultationLeavesNoStructure(t *testing.T) {
	a := read(t, bundle(
		`{"resourceType":"Encounter","id":"e","status":"entered-in-error","type":[{"text":"Surgery"}],"subject":{"reference":"Patient/p"}}`,
		`{"resourceType":"List","id":"c","title":"Surgery","code":{"coding":[{"code":"325851000000107"}]},"subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/e"},"entry":[{"item":{"reference":"Observation/1"}}]}`,
		observation("1", `,`+snomed(commentNote, "Comment note")+`,"comment":"kept"`)))
	assertBalanced(t, &a, 5)
	if len(a.Chart.Consultations) != 0 || len(a.Chart.Other) != 1 {
		t.Errorf("%d consultations, %d other", len(a.Chart.Consultations), len(a.Chart.Other))
	}
}

func TestTheDocumentServiceSaysMore(t *testing.T) {
	whole := bundle(append(emptyLists(), strings.Replace(documentJSON, `"description":"Letter",`, "", 1))...)
	a := read(t, whole, "", "", `{"resourceType":"Bundle","entry":[{"resource":`+documentJSON+`}]}`)
	assertBalanced(t, &a, 14)
	if row := fates(&a, "DocumentReference"); row.Fates[record.Superseded] != 1 || len(a.Chart.Documents) != 1 || a.Chart.Documents[0].Title != "Letter" {
		t.Errorf("%+v, %+v", row, a.Chart.Documents)
	}
}

func TestUnsortedMeasurementsAreNotNone(t *testing.T) {
	a := read(t, bundle(append(emptyLists(uncategorisedList), list(uncategorisedList, []string{"Observation/1"}), observation("1", `,"code":{"text":"BP by another code"}`))...))
	if got := a.Coverage[record.Measurements]; got.State != record.NotAsked || got.Detail != unsorted {
		t.Errorf("got %v", got)
	}
}

func TestARepeatedListIsReadOnce(t *testing.T) {
	encounter := `{"resourceType":"Encounter","id":"e","status":"finished","type":[{"text":"Surgery"}],"subject":{"reference":"Patient/p"}}`
	consultation := `{"resourceType":"List","id":"c","title":"Surgery","code":{"coding":[{"code":"325851000000107"}]},"subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/e"},"entry":[{"item":{"reference":"Observation/1"}}]}`
	a := read(t, bundle(encounter, consultation, consultation, observation("1", `,"code":{"text":"Cough"}`)))
	assertBalanced(t, &a, 6)
	if c := a.Chart.Consultations; len(c) != 1 || len(c[0].Topics) != 1 {
		t.Errorf("got %+v", c)
	}
}

func TestRareParts(t *testing.T) {
	a := read(t, bundle(
		`{"resourceType":"Patient","id":"old","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"`+testNumber+`"}],"birthDate":"1925-04-21","deceasedDateTime":"2020-01",
			"link":[{"type":"replaces","other":{"reference":"Patient/p"}},{"type":"seealso","other":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9690937278"}}}],
			"extension":[{"url":"x/Extension-CareConnect-GPC-NHSCommunication-1","extension":[{"url":"language","valueCodeableConcept":{"text":"Urdu"}},{"url":"interpreterRequired","valueBoolean":true}]}]}`,
		allergy("1", `,"code":{"coding":[{"system":"http://read.info/readv2","code":"14L1."}]},"onsetAge":{"value":64,"unit":"years"},"reaction":[{"substance":{"text":"Wasp"},"onset":"2001","manifestation":[{"text":"hives"}]}]`),
		strings.Replace(allergy("2", `,"onsetRange":{"low":{"value":1},"high":{"value":2}}`), `"unconfirmed"`, `"refuted"`, 1),
		`{"resourceType":"DiagnosticReport","id":"d","status":"final","subject":{"reference":"Patient/p"},"code":{"text":"Echo"},"presentedForm":[{"contentType":"text/plain","data":"aGVsbG8="}]}`,
		observation("c", `,`+snomed(commentNote, "Comment note")+`,"comment":"seen","related":[{"type":"derived-from","target":{"reference":"DiagnosticReport/d"}}]`),
		observation("future", `,"code":{"text":"Planned"},"effectivePeriod":{"start":"2099-01-01"}`),
		`{"resourceType":"ProcedureRequest","id":"n","intent":"plan","status":"active","doNotPerform":true,"code":{"text":"Flu vaccine"},"subject":{"reference":"Patient/p"}}`,
		strings.Replace(documentJSON, `"description":"Letter",`, `"context":{"related":[{"ref":{"reference":"Observation/future"}},{"ref":{"reference":"Observation/gone","display":"A result"}}]},`, 1)))
	assertBalanced(t, &a, 10)
	old := a.Patients[1]
	if diff := cmp.Diff([]record.Link{{Type: "replaces", NHSNumber: testNumber}, {Type: "seealso", NHSNumber: "9690937278"}}, old.Links); diff != "" {
		t.Error(diff)
	}
	if !old.Deceased.Recorded || old.Languages[0] != "Urdu" || old.Needs[0] != "Interpreter required" {
		t.Errorf("patient: %+v", old)
	}
	first, second := &a.Chart.Allergies[0], &a.Chart.Allergies[1]
	if first.OnsetWords != "age 64 years" || !first.Has(record.NoName) || first.Facts[0].Text != "Wasp" || first.Facts[1].Text != "2001" || second.Phase != record.Refuted || second.OnsetWords != "1 to 2" {
		t.Errorf("allergies: %+v %+v", first, second)
	}
	if r := a.Chart.Results[0]; r.Name.Name() != "Echo" || string(r.Rare.Forms[0].Inline) != "hello" || r.Rare.Filing[0].Comment != "seen" {
		t.Errorf("report: %+v", r)
	}
	if n := a.Chart.Appointments[0]; n.Phase != record.NotDone || n.RawStatus != "do not perform" {
		t.Errorf("recall: %+v", n)
	}
	if d := a.Chart.Documents[0]; d.Title != "Document without a title" || d.Facts[0].Text != "Planned" || d.Facts[1].Text != "A result" || !d.Has(record.DanglingReference) {
		t.Errorf("document: %+v", d)
	}
}
