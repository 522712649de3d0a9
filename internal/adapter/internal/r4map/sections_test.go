package r4map

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/record"
)

func TestAllergy(t *testing.T) {
	a := mapped(t, `{"resourceType":"AllergyIntolerance","id":"a1","meta":{"security":[{"system":"s","code":"R","display":"Restricted"}],"tag":[{"system":"https://x/Provenance","code":"RXX","display":"Other Trust"}]},
		"identifier":[{"system":"urn:x","value":"77"}],"clinicalStatus":{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AllergyIntoleranceEnd","extension":[{"url":"endDate","valueDateTime":"2020-05"},{"url":"reasonEnded","valueString":"Tolerated"}]}],"coding":[{"code":"resolved"}]},
		"verificationStatus":{"coding":[{"code":"confirmed"}]},"type":"allergy","category":["medication"],"criticality":"high","code":{"text":"Penicillin V","coding":[{"system":"http://read.info/readv2","code":"x"},{"system":"http://snomed.info/sct","code":"6369005","display":"Penicillin"}]},
		"patient":SUBJECT,"onsetAge":{"value":12,"unit":"years"},"recordedDate":"2019-12-10T13:00:00+00:00","lastOccurrence":"2018",
		"recorder":{"reference":"Practitioner/dr"},"asserter":{"reference":"Practitioner/gone","display":"Dr Gone"},
		"reaction":[{"manifestation":[{"text":"Rash"}],"severity":"severe","description":"All over","note":[{"text":"Needed adrenaline"}]}],"note":[{"text":"Told by mother","authorString":"Nurse B"}]}`,
		`{"resourceType":"Practitioner","id":"dr","name":[{"prefix":["Dr"],"given":["Jo"],"family":"Hart"}]}`,
		`{"resourceType":"PractitionerRole","id":"role","practitioner":{"reference":"Practitioner/dr"},"organization":{"display":"Ward 3"},"code":[{"text":"Consultant"}]}`)
	e := a.Chart.Allergies[0]
	got := []any{
		e.Agent.Name(), e.Agent.MatchCode(), e.Kind, e.Categories, e.Criticality, e.Phase, e.RawStatus, e.OnsetWords, e.EndedOn.Display(), e.EndReason,
		e.Recorded.Display(), e.LastOccurrence.Display(), e.RecordedBy[0].Display(), e.AssertedBy[0].Display(), e.Reactions[0].Severity, e.Notes, e.Owner(), e.Labels(), e.Identifiers,
	}
	want := []any{
		"Penicillin V", "6369005", "allergy", []string{"medication"}, "high", record.Ended, "resolved, confirmed", "age 12 years", "May 2020", "Tolerated",
		"10-Dec-2019 13:00", "2018", "Dr Jo Hart, Consultant, Ward 3", "Dr Gone", "severe", []string{"Told by mother (Nurse B)", "Needed adrenaline"}, "Other Trust",
		[]record.Label{{System: "s", Code: "R", Display: "Restricted"}}, []record.Identifier{{System: "urn:x", Value: "77"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if total := a.Account.Total(); total.Fates[record.Used] != 3 {
		t.Errorf("the practitioner and the role are used: %+v", a.Account.Rows())
	}
}

func TestNilStatements(t *testing.T) {
	nil1 := `{"resourceType":"AllergyIntolerance","id":"n","clinicalStatus":{"coding":[{"code":"active"}]},"code":` + snomed("409137002", "No known drug allergy") + `,"patient":SUBJECT}`
	a := mapped(t, nil1)
	a.Settle(record.AllSections)
	if e := a.Chart.Allergies[0]; e.Nil != "drugs" || a.Coverage[record.Allergies].State != record.NilAsserted {
		t.Errorf("scope %q, %v", e.Nil, a.Coverage[record.Allergies])
	}
	a = mapped(t, nil1, `{"resourceType":"AllergyIntolerance","id":"x","code":{"text":"Nuts"},"patient":SUBJECT}`)
	if a.Settle(record.AllSections); a.Coverage[record.Allergies].State != record.Data {
		t.Error("a statement of none beside an allergy reads as none")
	}
	a = mapped(t, `{"resourceType":"AllergyIntolerance","id":"u","code":`+snomed("999999999", "No known widget allergy")+`,"patient":SUBJECT}`)
	if a.Settle(record.AllSections); a.Coverage[record.Allergies].State != record.Data {
		t.Error("an unknown statement counts as none")
	}
}

// An assessment does not name the report that is for few eyes.
func TestAnAssessmentDoesNotNameAMarkedDocument(t *testing.T) {
	a := mapped(t,
		`{"resourceType":"Task","id":"t","meta":{"profile":["https://x/Interweave-SocialCareAssessment"]},"status":"completed","intent":"order","code":{"text":"Assessment"},"for":SUBJECT,"output":[{"type":{"text":"Report"},"valueReference":{"reference":"DocumentReference/d"}}]}`,
		`{"resourceType":"DocumentReference","id":"d","status":"current","description":"Secret report","securityLabel":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]}],"subject":SUBJECT,"content":[{"attachment":{"url":"Binary/1"}}]}`)
	for _, f := range a.Chart.SocialCare[0].Facts {
		if f.Text == "Secret report" {
			t.Error("the name of the document stands in the assessment")
		}
	}
	if !record.Restricted(a.Chart.Documents[0].Labels()) {
		t.Error("the document lost its label")
	}
}

// A supply that is complete does not end the medicine.
func TestACompletedSupplyEndsNothing(t *testing.T) {
	a := mapped(t, `{"resourceType":"MedicationDispense","id":"d","status":"completed","medicationCodeableConcept":{"text":"Drug"},"subject":SUBJECT}`)
	if m := a.Chart.Medicines[0]; m.Phase != record.PhaseUnknown || m.RawStatus != "completed" {
		t.Errorf("%v %q", m.Phase, m.RawStatus)
	}
}

// An ended statement of absence states nothing.
func TestEndedNilStatement(t *testing.T) {
	a := mapped(t, `{"resourceType":"AllergyIntolerance","id":"n","clinicalStatus":{"coding":[{"code":"inactive"}]},"code":`+snomed("716186003", "No known allergy")+`,"patient":SUBJECT}`)
	a.Settle(record.AllSections)
	if e := a.Chart.Allergies[0]; e.Nil != "" || a.Coverage[record.Allergies].State != record.Data {
		t.Errorf("scope %q, %v", e.Nil, a.Coverage[record.Allergies])
	}
}

// What is marked as for few eyes lends its words to no other entry, and as a part it marks the whole.
func TestMarksOfWhatIsReferredTo(t *testing.T) {
	marked := `"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}`
	a := mapped(t,
		`{"resourceType":"Condition","id":"c",`+marked+`,"code":{"text":"Secret diagnosis"},"subject":SUBJECT}`,
		`{"resourceType":"Condition","id":"gone","verificationStatus":{"coding":[{"code":"entered-in-error"}]},"code":{"text":"Wrong diagnosis"},"subject":SUBJECT}`,
		`{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","medicationCodeableConcept":{"text":"Drug"},"subject":SUBJECT,"reasonReference":[{"reference":"Condition/c","display":"Secret diagnosis"},{"reference":"Condition/gone"}]}`,
		`{"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"Bloods"},"subject":SUBJECT,"result":[{"reference":"Observation/o"}]}`,
		`{"resourceType":"DiagnosticReport","id":"s","status":"final","code":{"text":"Bloods again"},"subject":SUBJECT,"result":[{"reference":"Observation/o"}]}`,
		`{"resourceType":"Observation","id":"o",`+marked+`,"status":"final","code":{"text":"Secret test"},"subject":SUBJECT}`)
	for _, reason := range a.Chart.Medicines[0].Reasons {
		if name := reason.Name(); name == "Secret diagnosis" || name == "Wrong diagnosis" {
			t.Errorf("a medicine is said to be for %q", name)
		}
	}
	if r := a.Chart.Results[0]; !record.Restricted(r.Labels()) || len(r.Items) != 1 {
		t.Errorf("the report does not carry the mark of its result: %v", r.Labels())
	}
	if r := a.Chart.Results[1]; len(r.Items) != 0 || !r.Has(record.DanglingReference) {
		t.Error("a report does not say that a result it names stands elsewhere")
	}
}

func TestMedicinesArePaired(t *testing.T) {
	a := mapped(t,
		`{"resourceType":"MedicationRequest","id":"plan","status":"active","intent":"plan","medicationReference":{"reference":"Medication/m"},"subject":SUBJECT,"authoredOn":"2026-01-02",
			"courseOfTherapyType":{"coding":[{"code":"continuous"}]},"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationRepeatInformation","extension":[{"url":"numberOfRepeatPrescriptionsAllowed","valueUnsignedInt":6},{"url":"numberOfRepeatPrescriptionsIssued","valueUnsignedInt":2},{"url":"authorisationExpiryDate","valueDateTime":"2026-12-01"}]}]}`,
		`{"resourceType":"MedicationRequest","id":"order","status":"completed","intent":"order","basedOn":[{"reference":"MedicationRequest/plan"}],"groupIdentifier":{"value":"ABC-123"},"medicationReference":{"reference":"Medication/m"},"subject":SUBJECT,"dispenseRequest":{"validityPeriod":{"start":"2026-02-01"},"quantity":{"value":28.0,"unit":"tablet"}}}`,
		`{"resourceType":"MedicationDispense","id":"disp","status":"completed","authorizingPrescription":[{"reference":"MedicationRequest/order"}],"subject":SUBJECT,"whenHandedOver":"2026-02-02","performer":[{"actor":{"display":"High Street Pharmacy"}}]}`,
		`{"resourceType":"MedicationStatement","id":"st","status":"completed","basedOn":[{"reference":"MedicationRequest/plan"}],"subject":SUBJECT,"dosage":[{"text":"One daily"}],"note":[{"text":"Takes at night"}],
			"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationStatementLastIssueDate","valueDateTime":"2026-02-01"}]}`,
		`{"resourceType":"MedicationAdministration","id":"ad","status":"not-done","request":{"reference":"MedicationRequest/plan"},"statusReason":[{"text":"Asleep"}],"subject":SUBJECT,"effectiveDateTime":"2026-03-01T08:00:00Z"}`,
		`{"resourceType":"Medication","id":"m","code":`+snomed("319773006", "Amlodipine 5mg tablets")+`}`,
		`{"resourceType":"MedicationDispense","id":"lone","status":"completed","medicationCodeableConcept":{"text":"Paracetamol"},"authorizingPrescription":[{"reference":"MedicationRequest/never-sent"}],"subject":SUBJECT}`)
	if len(a.Chart.Medicines) != 2 {
		t.Fatalf("%d medicines", len(a.Chart.Medicines))
	}
	plan := a.Chart.Medicines[0]
	got := []any{plan.Product.Name(), plan.Course, plan.Dose, plan.LastIssued.Display(), plan.RepeatsAllowed, plan.RepeatsIssued, plan.RepeatExpiry.Display(), plan.Notes, len(plan.Covers()), plan.RawStatus}
	want := []any{"Amlodipine 5mg tablets", record.Repeat, "One daily", "01-Feb-2026", "6", "2", "01-Dec-2026", []string{"Takes at night"}, 4, "active"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var issues []record.MedicineIssue
	for _, i := range plan.Issued {
		i.On = record.PartialDate{Text: i.On.Text}
		issues = append(issues, i)
	}
	wantIssues := []record.MedicineIssue{
		{Key: record.ItemKey{Type: "MedicationRequest", ID: "order"}, On: record.PartialDate{Text: "2026-02-01"}, Quantity: "28.0 tablet", Status: "completed", EPS: "ABC-123"},
		{Key: record.ItemKey{Type: "MedicationDispense", ID: "disp"}, On: record.PartialDate{Text: "2026-02-02"}, Status: "completed", By: "High Street Pharmacy"},
		{Key: record.ItemKey{Type: "MedicationAdministration", ID: "ad"}, On: record.PartialDate{Text: "2026-03-01T08:00:00Z"}, Status: "not-done, Asleep"},
	}
	if diff := cmp.Diff(wantIssues, issues, cmp.AllowUnexported(record.PartialDate{})); diff != "" {
		t.Error(diff)
	}
	if a.Chart.Medicines[1].Product.Name() != "Paracetamol" {
		t.Error("an unpaired supply was lost")
	}
}

func TestOrdersInACircleAreShownOnce(t *testing.T) {
	order := func(id, on string) string {
		return `{"resourceType":"MedicationRequest","id":"` + id + `","status":"active","intent":"order","basedOn":[{"reference":"MedicationRequest/` + on + `"}],"medicationCodeableConcept":{"text":"` + id + `"},"subject":SUBJECT}`
	}
	if a := mapped(t, order("a", "b"), order("b", "a"), order("c", "c")); len(a.Chart.Medicines) != 2 {
		t.Errorf("%d medicines", len(a.Chart.Medicines))
	}
}

func TestDoseWithoutTextIsListedNotWorded(t *testing.T) {
	a := mapped(t, `{"resourceType":"MedicationRequest","id":"1","status":"active","intent":"order","medicationCodeableConcept":{"text":"X"},"subject":SUBJECT,
		"dosageInstruction":[{"timing":{"code":{"text":"BD"},"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},"asNeededBoolean":true,"route":{"text":"Oral"},"doseAndRate":[{"doseQuantity":{"value":5.50,"unit":"mg"}}]}]}`)
	want := []string{"dose 5.50 mg", "timing BD", "frequency 2, period 1 d", "as needed", "route Oral"}
	if diff := cmp.Diff(want, a.Chart.Medicines[0].DoseParts); diff != "" || a.Chart.Medicines[0].Dose != "" {
		t.Error(diff, a.Chart.Medicines[0].Dose)
	}
}

func TestReportTakesInWhatBelongsToIt(t *testing.T) {
	a := mapped(t,
		`{"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"Full blood count"},"subject":SUBJECT,"effectiveDateTime":"2026-02-03T09:00:00Z","issued":"2026-02-04T10:00:00Z",
			"performer":[{"display":"Path Lab"}],"specimen":[{"reference":"Specimen/s"}],"basedOn":[{"reference":"ServiceRequest/q"}],"conclusion":"Normal film",
			"result":[{"reference":"Observation/g"},{"reference":"Observation/never"}],"presentedForm":[{"contentType":"text/plain","data":"U2VlbiBieSBEciBY"},{"contentType":"application/pdf","url":"Binary/1"}]}`,
		`{"resourceType":"Observation","id":"g","status":"final","code":{"text":"FBC"},"subject":SUBJECT,"hasMember":[{"reference":"Observation/hb"},{"reference":"Observation/gone"}]}`,
		`{"resourceType":"Observation","id":"hb","status":"corrected","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"Haemoglobin"},"subject":SUBJECT,"valueQuantity":{"value":5.7000000000000002,"comparator":"<","unit":"g/L"},
			"referenceRange":[{"text":"< 200.000 g/L"},{"low":{"value":120},"high":{"value":150}}],"interpretation":[{"coding":[{"code":"L","display":"Low"}]}],"note":[{"text":"Repeat"}]}`,
		`{"resourceType":"Specimen","id":"s","type":{"text":"Blood"},"receivedTime":"2026-02-03","collection":{"collectedDateTime":"2026-02-03T08:00:00Z"},"note":[{"text":"Haemolysed"}]}`,
		`{"resourceType":"ServiceRequest","id":"q","status":"completed","intent":"order","category":[{"coding":[{"code":"108252007"}]}],"code":{"text":"FBC please"},"reasonCode":[{"text":"Tired"}],"subject":SUBJECT}`)
	if diff := cmp.Diff([]string{"results: DiagnosticReport/r current"}, rows(a)); diff != "" {
		t.Fatal(diff)
	}
	r := a.Chart.Results[0]
	group := r.Items[0]
	hb := group.Rare.Members[0]
	got := []any{
		r.Name.Name(), r.Collected.Display(), r.Issued.Display(), r.Lab[0].Name, r.Rare.Specimens[0].Type.Name(), r.Rare.Specimens[0].Notes, r.Rare.Requested[0].Name(), r.Rare.RequestedWhy,
		r.Rare.ResultsNotSent, r.Conclusion, len(r.Rare.Forms), len(group.Rare.Issues), hb.Value.Display(), hb.Ranges[0].Display(), hb.Ranges[1].Display(), hb.Flag, hb.Comments, hb.Status, len(r.Covers()),
	}
	want := []any{
		"Full blood count", "03-Feb-2026 09:00", "04-Feb-2026 10:00", "Path Lab", "Blood", []string{"Haemolysed"}, "FBC please", "Tired",
		1, "Normal film\nSeen by Dr X", 1, 1, "<5.7000000000000002 g/L", "< 200.000 g/L", "120 to 150", "Low", []string{"Repeat"}, "corrected", 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestImagesJoinTheirReportByAccession(t *testing.T) {
	id := `"identifier":[{"system":"urn:acc","value":"A1"}]`
	a := mapped(t, `{"resourceType":"DiagnosticReport","id":"r","status":"final",`+id+`,"category":[{"coding":[{"code":"RAD"}]}],"code":{"text":"Chest X-ray"},"subject":SUBJECT}`,
		`{"resourceType":"ImagingStudy","id":"s","status":"available",`+id+`,"modality":[{"code":"DX","display":"Digital radiography"}],"subject":SUBJECT}`)
	if len(a.Chart.Imaging) != 1 || a.Chart.Imaging[0].Rare.Modality != "Digital radiography" || a.Chart.Imaging[0].NoReport {
		t.Errorf("%+v", a.Chart.Imaging)
	}
}

func TestMeasurements(t *testing.T) {
	vital := `"category":[{"coding":[{"code":"vital-signs"}]}],"subject":SUBJECT`
	a := mapped(t,
		`{"resourceType":"Observation","id":"bp","status":"final",`+vital+`,"effectiveDateTime":"2026-02","code":`+snomed("75367002", "Blood pressure")+`,"component":[{"code":`+snomed("72313002", "Systolic")+`,"valueQuantity":{"value":120,"unit":"mmHg"}},{"code":`+snomed("1091811000000102", "Diastolic")+`,"dataAbsentReason":{"text":"not measured"}}]}`,
		`{"resourceType":"Observation","id":"news","status":"final",`+vital+`,"code":`+snomed("1104051000000101", "NEWS2")+`,"valueInteger":7,"hasMember":[{"reference":"Observation/part"}]}`,
		`{"resourceType":"Observation","id":"part","status":"final",`+vital+`,"code":`+snomed("1104301000000104", "Respiration score")+`,"valueInteger":3}`)
	if len(a.Chart.Measurements) != 2 {
		t.Fatal(rows(a))
	}
	var bp, news record.Measurement
	for _, m := range a.Chart.Measurements {
		if m.Key.ID == "bp" {
			bp = m
		} else {
			news = m
		}
	}
	if bp.When.Display() != "Feb 2026" || bp.Result.Rare.Components[0].Value.Display() != "120 mmHg" || bp.Result.Rare.Components[1].Rare.Absent.Name() != "not measured" || bp.Score {
		t.Errorf("%+v", bp.Result)
	}
	if !news.Score || news.Result.Value.Display() != "7" || len(news.Result.Rare.Members) != 1 || news.Result.Rare.Members[0].Value.Display() != "3" {
		t.Errorf("%+v", news.Result)
	}
}

func TestEncounter(t *testing.T) {
	a := mapped(t, `{"resourceType":"Encounter","id":"e","status":"in-progress","class":{"code":"IMP","display":"inpatient"},"serviceType":`+snomed("310121006", "Adult mental illness")+`,"subject":SUBJECT,"period":{"start":"2026-10-01T19:30:00+01:00"},
		"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-LegalStatus","extension":[{"url":"legalStatusContext","valueCodeableConcept":{"coding":[{"code":"admission","display":"Admission"}]}},{"url":"legalStatusClassification","valueCodeableConcept":{"coding":[{"code":"02","display":"Formally detained under Mental Health Act Section 2"}]}}]}],
		"participant":[{"type":[{"coding":[{"code":"PPRF","display":"primary performer"}]}],"individual":{"display":"Dr Stone"}}],"location":[{"location":{"display":"Willow ward"},"status":"active"}],
		"diagnosis":[{"condition":{"reference":"Condition/c"},"use":{"text":"Admission diagnosis"},"rank":1}],
		"hospitalization":{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod","valueCodeableConcept":{"text":"Emergency"}}],"admitSource":{"text":"Home"},"dischargeDisposition":{"text":"Home"}}}`,
		`{"resourceType":"Condition","id":"c","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"Psychosis"},"subject":SUBJECT}`)
	e := a.Chart.Encounters[0]
	got := []any{e.Setting, e.ClassWords, e.When.Display(), e.People[0].Role, e.People[0].Actor.Name, e.Places[0].Name, e.Diagnoses[0].Condition.Name(), e.Diagnoses[0].Use, e.Admission, e.Discharge}
	want := []any{
		record.MentalHealth, "inpatient", "from 01-Oct-2026 19:30", "primary performer", "Dr Stone", "Willow ward", "Psychosis", "Admission diagnosis",
		[]record.Fact{{Label: "Method", Text: "Emergency"}, {Label: "Source", Text: "Home"}}, []record.Fact{{Label: "Discharged to", Text: "Home"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if l := a.Chart.Legal; len(l) != 1 || !l[0].CrossListed || l[0].Context != "on Admission" || l[0].Status.Name() != "Formally detained under Mental Health Act Section 2" {
		t.Errorf("%+v", l)
	}
}

func TestAlerts(t *testing.T) {
	flag := func(id, category, code string) string {
		return `{"resourceType":"Flag","id":"` + id + `","status":"active","category":[{"coding":[{"code":"` + category + `"}]}],"code":{"text":"words","coding":[{"code":"` + code + `"}]},"subject":SUBJECT}`
	}
	a := mapped(t, flag("1", "RTO", "NVU"), flag("2", "SGC", "342191000000101"), flag("3", "RTS", "unknown"), flag("4", "OTH", "MAPPA"), flag("5", "zzz", "zzz"))
	var kinds []record.AlertKind
	for _, e := range a.Chart.Alerts {
		kinds = append(kinds, e.Kind)
	}
	if diff := cmp.Diff([]record.AlertKind{record.RiskToStaff, record.ChildProtection, record.RiskToSelf, record.OtherAlert, record.OtherAlert}, kinds); diff != "" {
		t.Error(diff)
	}
	if !a.Chart.Alerts[3].SensitiveKind || a.Chart.Alerts[0].SensitiveKind {
		t.Error("sensitive kinds are not told apart")
	}
}

func TestPlans(t *testing.T) {
	a := mapped(t,
		`{"resourceType":"CarePlan","id":"p","status":"active","intent":"plan","title":"Falls plan","category":[`+snomed("734163000", "Care plan")+`],"subject":SUBJECT,"created":"2026-01-01","goal":[{"reference":"Goal/g"}],
			"activity":[{"detail":{"code":{"text":"Walk daily"},"status":"in-progress","scheduledString":"mornings"}},{"detail":{"description":"Use the stairs","status":"not-started","doNotPerform":true}}]}`,
		`{"resourceType":"Goal","id":"g","lifecycleStatus":"active","description":{"text":"Walk to the shop"},"subject":SUBJECT}`,
		`{"resourceType":"QuestionnaireResponse","id":"q","status":"completed","subject":SUBJECT,"authored":"2026-02-01","item":[{"text":"CPR","item":[{"text":"Decision","answer":[{"valueCoding":{"system":"http://snomed.info/sct","code":"450476008","display":"Not for attempted CPR"}}]},{"text":"Told","answer":[{"valueBoolean":true}]}]}]}`,
		`{"resourceType":"DocumentReference","id":"d","status":"current","type":`+snomed("1382601000000107", "ReSPECT form")+`,"custodian":{"display":"St Oswald's"},"subject":SUBJECT,"content":[{"attachment":{"contentType":"application/pdf","url":"Binary/9"}}]}`)
	plans := a.Chart.Plans
	if len(plans) != 3 {
		t.Fatal(rows(a))
	}
	want := []record.PlanActivity{{Label: "Goal", Text: "Walk to the shop", Status: "active"}, {Label: "Activity", Text: "Walk daily, mornings", Status: "in-progress"}, {Label: "Do not", Text: "Use the stairs", Status: "not-started"}}
	if diff := cmp.Diff(want, plans[0].Activities); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]record.PlanActivity{{Label: "CPR: Decision", Text: "Not for attempted CPR"}, {Label: "CPR: Told", Text: "Yes"}}, plans[1].Activities); diff != "" || plans[1].Decision.Name() != "Not for attempted CPR" {
		t.Error(diff, plans[1].Decision)
	}
	if plans[2].Attachment.URL != "Binary/9" || plans[2].Custodian != "St Oswald's" || len(a.Chart.Documents) != 1 || !a.Chart.Documents[0].CrossListed {
		t.Errorf("%+v", plans[2])
	}
}

func TestAboutMeIsShownHeadingByHeading(t *testing.T) {
	a := mapped(t, `{"resourceType":"QuestionnaireResponse","id":"q","status":"completed","subject":SUBJECT,"authored":"2026-02-01","author":{"display":"Support worker"},"source":{"reference":"Patient/p1"},
		"item":[{"linkId":"1515861000000103","text":"What is important to me","answer":[{"valueString":"My dog"}]},{"linkId":"1515871000000105","text":"People","answer":[{"valueString":"Sam"}]},{"linkId":"x","text":"Not answered"}]}`)
	var got []string
	for _, e := range a.Chart.AboutMe {
		got = append(got, e.Heading+": "+e.What.Name()+" / "+e.SupportedBy)
	}
	if diff := cmp.Diff([]string{"What is important to me: My dog / Support worker", "People: Sam / Support worker"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReferralAndItsTask(t *testing.T) {
	a := mapped(t, `{"resourceType":"ServiceRequest","id":"s","status":"active","intent":"order","priority":"urgent","identifier":[{"system":"https://fhir.nhs.uk/Id/ubr-number","value":"000049394850"}],"code":{"text":"Cardiology"},"reasonCode":[{"text":"Chest pain"}],"subject":SUBJECT,"authoredOn":"2026-03","requester":{"display":"Dr A"},"performer":[{"display":"Heart clinic"}]}`,
		`{"resourceType":"Task","id":"t","status":"accepted","intent":"order","focus":{"reference":"ServiceRequest/s"},"for":SUBJECT,"businessStatus":{"text":"Triaged"}}`)
	r := a.Chart.Referrals[0]
	got := []any{r.Reason.Name(), r.Service.Name(), r.Urgency, r.RequestNumber, r.From[0].Name, r.To[0].Name, r.When.Display(), r.Facts}
	want := []any{"Chest pain", "Cardiology", "urgent", "000049394850", "Dr A", "Heart clinic", "Mar 2026", []record.Fact{{Label: "Progress", Text: "accepted, Triaged"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestImmunisation(t *testing.T) {
	a := mapped(t, `{"resourceType":"Immunization","id":"i","status":"not-done","statusReason":{"text":"Declined"},"vaccineCode":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-NullFlavor","code":"UNK"}]},"patient":SUBJECT,"occurrenceString":"last winter","primarySource":false,
		"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure","valueCodeableConcept":`+snomed("985151000000100", "Influenza vaccination")+`}],
		"performer":[{"function":{"coding":[{"code":"EP"}]},"actor":{"display":"Clerk"}},{"function":{"coding":[{"code":"AP"}]},"actor":{"display":"Nurse"}}],"protocolApplied":[{"doseNumberPositiveInt":2,"seriesDosesPositiveInt":3,"targetDisease":[{"text":"Influenza"}]}]}`)
	e := a.Chart.Immunisations[0]
	got := []any{e.Vaccination.Name(), e.NotGivenReason[0].Name(), e.Reported, e.RecordedBy[0].Name, e.PerformedBy[0].Name, e.Sequence, e.Targets[0].Name(), e.Facts}
	want := []any{"Influenza vaccination", "Declined", true, "Clerk", "Nurse", "2 of 3", "Influenza", []record.Fact{{Label: "When", Text: "last winter"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCompositionBecomesText(t *testing.T) {
	a := mapped(t, `{"resourceType":"Composition","id":"c","status":"final","title":"Discharge summary","subject":SUBJECT,"date":"2026-05-01","section":[{"title":"Plan","text":{"div":"<div><p>Stop <b>aspirin</b> &amp; rest.</p><ul><li>One</li><li>Two</li></ul><script>alert(1)</script></div>"}},{"title":"Follow up","section":[{"title":"Clinic","text":{"div":"<p>6 weeks</p>"}}]}]}`)
	d := a.Chart.Documents[0]
	want := "Plan\nStop aspirin & rest.\nOne\nTwo\nalert(1)\nFollow up\nClinic\n6 weeks"
	if diff := cmp.Diff(want, string(d.Attachments[0].Inline)); diff != "" || d.Title != "Discharge summary" {
		t.Error(diff)
	}
}

func TestFamilyHistory(t *testing.T) {
	a := mapped(t, `{"resourceType":"FamilyMemberHistory","id":"f","status":"completed","patient":SUBJECT,"relationship":{"text":"Mother"},"deceasedAge":{"value":61,"unit":"years"},"condition":[{"code":{"text":"Angina"},"onsetAge":{"value":50,"unit":"years"}}]}`)
	e := a.Chart.History[0]
	if e.Kind != record.Family || e.Relation.Name() != "Mother" || e.Conditions[0] != (record.Fact{Label: "Angina", Text: "age 50 years"}) || e.Facts[0] != (record.Fact{Label: "Died", Text: "61 years"}) {
		t.Errorf("%+v", e)
	}
}

func TestBadAndFutureDatesAreSaid(t *testing.T) {
	a := mapped(t, `{"resourceType":"Procedure","id":"1","status":"completed","code":{"text":"X"},"subject":SUBJECT,"performedDateTime":"2024-02-30"}`,
		`{"resourceType":"Procedure","id":"2","status":"completed","code":{"text":"Y"},"subject":SUBJECT,"performedDateTime":"2031"}`)
	if p := a.Chart.Procedures; !p[0].Has(record.BadDate) || p[0].When.Start.Text != "2024-02-30" || !p[1].Has(record.FutureDate) {
		t.Errorf("%+v", p)
	}
}
