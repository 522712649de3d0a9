package ukcore

import (
	"testing"

	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/wiretest"
)

// rendered renders one holding whole and gives its resources back decoded.
func rendered(t testing.TB, h story.Holding) wiretest.Bundle {
	t.Helper()
	person := wiretest.Person()
	h.ODS, h.LocalID = wiretest.Hospital, wiretest.Local
	s := NewSheet(wiretest.Region(), wiretest.Hospital, Dialect{
		Profiles:         func(typ string) []string { return []string{Base + "UKCore-" + typ} },
		IdentifierSystem: func(typ string) string { return "urn:test:" + typ },
	})
	s.About(&person, &h)
	for _, render := range []func(){
		s.Patient, s.Allergies, s.Medicines, s.Problems, s.Reports, s.Observations, s.Encounters, s.Episodes, s.Immunisations, s.Procedures,
		s.Flags, s.CarePlans, s.Questionnaires, s.Consents, s.Documents, s.FamilyHistory, s.Others,
	} {
		render()
	}
	s.Related(nil)
	var b wiretest.Bundle
	for _, r := range s.Chart().Resources() {
		b.Resources = append(b.Resources, wiretest.Decode(t, r.Body))
	}
	return b
}

func TestUnusualContent(t *testing.T) {
	doctor := story.Actor{Staff: "cons-1"}
	tests := []struct {
		name    string
		holding story.Holding
		typ     string
		want    map[string]string
	}{
		{"ended allergy", story.Holding{Allergies: []story.Allergy{{Ended: "2018", EndReason: "Challenge negative", Status: "resolved", OnsetWords: "in childhood",
			Reactions: []story.Reaction{{Manifestations: []story.Concept{story.Words("Rash")}, Severity: "mild"}}}}}, "AllergyIntolerance",
			map[string]string{"extension.0.extension.0.valueDateTime": "2018", "extension.0.extension.1.valueString": "Challenge negative", "clinicalStatus.coding.0.code": "resolved",
				"reaction.0.severity": "mild", "onsetString": "in childhood", "verificationStatus.coding.0.code": "confirmed"}},
		{"refuted allergy without clinical status", story.Holding{Allergies: []story.Allergy{{Status: "none", Confidence: "refuted"}}}, "AllergyIntolerance",
			map[string]string{"clinicalStatus.coding.0.code": "", "verificationStatus.coding.0.code": "refuted"}},
		{"repeat medicine", story.Holding{Medicines: []story.Medicine{{Course: story.Repeat, RepeatsIssued: 3, RepeatsUntil: "2026-12-01", SupplyDays: 28, Category: "discharge", DoseQuantity: story.Quantity{Value: "2", Unit: "puff"}}}}, "MedicationRequest",
			map[string]string{"extension.0.extension.0.valueUnsignedInt": "3", "courseOfTherapyType.coding.0.system": CodeBase + "UKCore-MedicationRequestCourseOfTherapy",
				"dosageInstruction.0.text": "", "dosageInstruction.0.doseAndRate.0.doseQuantity.value": "2", "category.0.coding.0.code": "discharge", "dispenseRequest.expectedSupplyDuration.value": "28"}},
		{"acute medicine", story.Holding{Medicines: []story.Medicine{{Course: story.Acute, MissingProductName: true}}}, "MedicationRequest",
			map[string]string{"courseOfTherapyType.coding.0.code": "acute", "medicationReference.reference": "Medication/pat-1.medicine-1-product"}},
		{"dispensed medicine", story.Holding{Medicines: []story.Medicine{{Dispensed: []story.Dispense{{When: "2026-01-01", By: doctor}}}}}, "MedicationDispense",
			map[string]string{"whenHandedOver": "2026-01-01", "performer.0.actor.reference": "Practitioner/cons-1", "authorizingPrescription.0.reference": "MedicationRequest/pat-1.medicine-1"}},
		{"dose of a medicine without request", story.Holding{Medicines: []story.Medicine{{StatementOnly: true, Given: []story.Given{{When: "2026"}}}}}, "MedicationAdministration",
			map[string]string{"request.reference": "", "effectiveDateTime": "2026"}},
		{"diagnosis entered in error", story.Holding{Problems: []story.Problem{{Head: story.Head{EnteredInError: true}, Status: "active"}}}, "Condition",
			map[string]string{"verificationStatus.coding.0.code": "entered-in-error", "clinicalStatus.coding.0.code": ""}},
		{"diagnosis without name or status", story.Holding{Problems: []story.Problem{{}}}, "Condition", map[string]string{"code.text": "", "clinicalStatus.coding.0.code": "", "category.0.coding.0.code": "encounter-diagnosis"}},
		{"impairment", story.Holding{Problems: []story.Problem{{Impairment: true, Significance: "major", Episode: "new", Links: []string{"Observation/x"}, Relations: []story.Relation{{Type: "child", Target: "p"}}}}}, "Condition",
			map[string]string{"category.0.coding.0.code": "national-reasonable-adjustment-flag", "extension.0.valueCodeableConcept.coding.0.code": "major",
				"extension.2.valueReference.reference": "Observation/x", "extension.3.extension.1.valueReference.reference": "Condition/pat-1.p"}},
		{"blood pressure", story.Holding{Observations: []story.Observation{{Head: story.Head{RecordedBy: doctor}, Comment: "After rest", DerivedFrom: []string{"obs"}, Device: "Device/d",
			Components: []story.Component{{What: story.Words("Systolic"), Value: story.Value{Quantity: story.Quantity{Value: "120.0", Comparator: "<"}}}, {Absent: story.Words("error")}}}}}, "Observation",
			map[string]string{"component.0.valueQuantity.value": "120.0", "component.0.valueQuantity.comparator": "<", "component.1.dataAbsentReason.text": "error", "note.0.text": "After rest",
				"performer.0.reference": "Practitioner/cons-1", "derivedFrom.0.reference": "Observation/pat-1.obs", "category.0.coding.0.code": ""}},
		{"study without report", story.Holding{Reports: []story.Report{{Study: &story.Study{Alone: true, Description: "CT head"}}}}, "ImagingStudy", map[string]string{"description": "CT head", "status": "available"}},
		{"report with form", story.Holding{Reports: []story.Report{{Form: &story.Attachment{ContentType: "text/html", Content: []byte("<b>x</b>")}, Interpreter: doctor, Status: "preliminary"}}}, "DiagnosticReport",
			map[string]string{"presentedForm.0.data": "PGI+eDwvYj4=", "status": "preliminary", "resultsInterpreter.0.reference": "Practitioner/cons-1"}},
		{"stay with history", story.Holding{Encounters: []story.Encounter{{Status: "cancelled", History: []story.StatusSpan{{Status: "planned"}}, MissingPlace: "gone", PartOf: "whole",
			Admission: story.Admission{Method: story.Words("Emergency")}, Discharge: story.Discharge{Disposition: story.Words("Home"), SafeFrom: "2026-01-02"}}}}, "Encounter",
			map[string]string{"status": "cancelled", "statusHistory.0.status": "planned", "location.0.location.reference": "Location/gone", "partOf.reference": "Encounter/pat-1.whole",
				"hospitalization.extension.0.valueCodeableConcept.text": "Emergency", "hospitalization.dischargeDisposition.text": "Home", "extension.0.valueDateTime": "2026-01-02"}},
		{"vaccine not given", story.Holding{Immunisations: []story.Immunisation{{NotGiven: true, NotGivenReason: story.Words("Unwell"), WhenWords: "last winter"}}}, "Immunization",
			map[string]string{"status": "not-done", "statusReason.text": "Unwell", "vaccineCode.coding.0.code": "UNK", "occurrenceString": "last winter"}},
		{"refused consent", story.Holding{Consents: []story.Consent{{Deny: true, Until: "2027"}}}, "Consent", map[string]string{"provision.type": "deny", "provision.period.end": "2027"}},
		{"subject is somebody else", story.Holding{Flags: []story.Flag{{Head: story.Head{About: "Patient/9", Notes: []string{"Ring first"}}}}}, "Flag",
			map[string]string{"subject.reference": "Patient/9", "extension.0.valueAnnotation.text": "Ring first"}},
		{"no subject", story.Holding{Observations: []story.Observation{{Head: story.Head{NoSubject: true, Identifiers: []story.Identifier{{Value: "no system"}}}}}}, "Observation",
			map[string]string{"subject.reference": "", "identifier.0.value": "no system", "identifier.0.system": ""}},
		{"death known without a date", story.Holding{As: &story.Demographics{Died: "true", Verification: "02", NHSNumber: "1"}}, "Patient",
			map[string]string{"deceasedBoolean": "true", "identifier.0.extension.0.valueCodeableConcept.coding.0.code": "02"}},
		{"placeholder document", story.Holding{Documents: []story.Document{{Placeholder: "Too large", Replaces: "older"}}}, "DocumentReference",
			map[string]string{"content.0.attachment.title": "Too large", "content.0.attachment.url": "", "relatesTo.0.target.reference": "DocumentReference/pat-1.older"}},
		{"titled questionnaire", story.Holding{Questionnaires: []story.Questionnaire{{Form: "urn:q", Title: "About me", Groups: []story.Question{{What: "Group", Items: []story.Question{{What: "Inner", Answer: []story.Value{{Date: "2026-01-01"}}}}}}}}}, "QuestionnaireResponse",
			map[string]string{"item.0.item.0.answer.0.valueDate": "2026-01-01", "_questionnaire.extension.0.valueString": "About me"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := rendered(t, tt.holding).OfType(tt.typ)
			if len(got) == 0 {
				t.Fatalf("no %s was rendered", tt.typ)
			}
			for path, want := range tt.want {
				if have := got[0].At(path); have != want {
					t.Errorf("%s = %q, want %q", path, have, want)
				}
			}
		})
	}
}

func TestSecondPatientIsASecondPatient(t *testing.T) {
	b := rendered(t, story.Holding{Behaviour: story.Behaviour{SecondPatient: &story.Demographics{NHSNumber: "9990000026"}}})
	got := b.OfType("Patient")
	if len(got) != 2 || got[1].At("identifier.0.value") != "9990000026" || got[0].Reference() == got[1].Reference() {
		t.Errorf("patients = %v", got)
	}
}
