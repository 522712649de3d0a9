package gpsystem

import (
	"testing"

	"ribble/internal/sandbox/story"
	"ribble/internal/sandbox/wiretest"
)

// TestUnusualContent looks at entries that are rare in life and easily lost on the wire.
func TestUnusualContent(t *testing.T) {
	mistaken := story.Head{EnteredInError: true}
	tests := []struct {
		name    string
		holding story.Holding
		typ     string
		want    map[string]string
	}{
		{"reaction without manifestation", story.Holding{Allergies: []story.Allergy{{Agent: story.SNOMED("196461000000101", "Transfer-degraded drug allergy"), Category: []string{"food"},
			Reactions: []story.Reaction{{}, {Description: "went blue"}}}}}, "AllergyIntolerance",
			map[string]string{"category.0": "environment", "reaction.0.manifestation.0.coding.0.code": "NI", "reaction.1.manifestation.0.coding.0.code": "UNC"}},
		{"allergy entered in error", story.Holding{Allergies: []story.Allergy{{Head: mistaken}}}, "AllergyIntolerance",
			map[string]string{"verificationStatus": "entered-in-error", "clinicalStatus": ""}},
		{"description id", story.Holding{Allergies: []story.Allergy{{Agent: story.Concept{Text: "Own words", Codes: []story.Code{{System: story.SystemSNOMED, Value: "1", DescriptionID: "99"}}}}}}, "AllergyIntolerance",
			map[string]string{"code.text": "Own words", "code.coding.0.extension.0.extension.0.url": "descriptionId", "code.coding.0.extension.0.extension.0.valueId": "99"}},
		{"prescribed elsewhere", story.Holding{Medicines: []story.Medicine{{Elsewhere: "Hospice at Home", PharmacyNote: "Blister pack", Status: "completed"}}}, "MedicationStatement",
			map[string]string{"extension.0.valueCodeableConcept.coding.0.code": "prescribed-by-another-organisation", "extension.0.valueCodeableConcept.text": "Hospice at Home",
				"note.0.text": "Pharmacy Notes: Blister pack", "status": "completed", "dosage.0.text": "No information available"}},
		{"draft consultation", story.Holding{Consultations: []story.Consultation{{Draft: true, Type: "Note", Present: []story.Actor{{Team: "t"}}}}}, "Encounter", map[string]string{"status": "unknown"}},
		{"consultation entered in error", story.Holding{Consultations: []story.Consultation{{Head: mistaken, Type: "Note"}}}, "Encounter", map[string]string{"status": "entered-in-error"}},
		{"series of vaccinations", story.Holding{Immunisations: []story.Immunisation{{Sequence: 1, SeriesOf: 3, Targets: []story.Concept{story.Words("Hepatitis A")}, ParentPresent: true, Reported: true}}}, "Immunization",
			map[string]string{"vaccinationProtocol.0.doseSequence": "1", "vaccinationProtocol.0.seriesDoses": "3", "primarySource": "false", "extension.0.valueBoolean": "true", "date": ""}},
		{"filing comment on a report", story.Holding{Reports: []story.Report{{Head: story.Head{ID: "r"}, Filed: []story.Filing{{Comment: "Seen"}}, MissingResult: []string{"gone"}, Effective: "2020"}}}, "DiagnosticReport",
			map[string]string{"result.0.reference": "Observation/r-filing-1", "result.1.reference": "Observation/gone"}},
		{"questionnaire", story.Holding{Questionnaires: []story.Questionnaire{{Groups: []story.Question{{What: "Smoker?", LinkID: "1", Answer: []story.Value{{Text: "No"}}}}}}}, "QuestionnaireResponse",
			map[string]string{"item.0.text": "Smoker?", "item.0.answer.0.valueString": "No"}},
		{"referral to somebody named only", story.Holding{Referrals: []story.Referral{{To: []story.Actor{{Display: "Dr Who, private"}}}}}, "ReferralRequest",
			map[string]string{"recipient.0.display": "Dr Who, private", "recipient.0.reference": ""}},
		{"superseded document", story.Holding{Referrals: []story.Referral{{Documents: []string{"d"}}}, Documents: []story.Document{{Head: story.Head{ID: "d"}, Status: "superseded",
			SecurityLabels: []story.Code{{System: "http://hl7.org/fhir/v3/ActCode", Value: "NOPAT"}}, MasterIdentifier: story.Identifier{System: "s", Value: "m"}}}}, "DocumentReference",
			map[string]string{"status": "superseded", "securityLabel.0.coding.0.code": "NOPAT", "masterIdentifier.value": "m"}},
		{"dead person merged into another", story.Holding{As: &story.Demographics{Died: "2024-01-31", ReplacedBy: "Patient/9", NoNHSNumber: true, Email: "a@b.example"}}, "Patient",
			map[string]string{"deceasedDateTime": "2024-01-31", "link.0.other.reference": "Patient/9", "identifier.0.value": "", "telecom.0.system": "email"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			person := wiretest.Person()
			tt.holding.ODS, tt.holding.LocalID = wiretest.Beckwater, wiretest.Local
			person.Holdings = []story.Holding{tt.holding}
			supplier := story.Beckwater
			if tt.name == "description id" {
				person.Holdings[0].ODS, supplier = wiretest.Fellside, story.Fellside
			}
			b := answered(t, asking{region: wiretest.With(person), supplier: supplier})
			got := b.OfType(tt.typ)
			if len(got) == 0 {
				t.Fatalf("no %s was sent", tt.typ)
			}
			for path, want := range tt.want {
				if have := got[0].At(path); have != want {
					t.Errorf("%s = %q, want %q", path, have, want)
				}
			}
		})
	}
}

func TestStoppedMedicine(t *testing.T) {
	person := wiretest.Person()
	person.Holdings = []story.Holding{{ODS: wiretest.Beckwater, LocalID: wiretest.Local, Medicines: []story.Medicine{{
		Head: story.Head{ID: "m", Recorded: "2020-01-01", RecordedBy: story.Actor{Staff: "gp-1"}}, Status: "stopped", Stopped: "2020-11-25", QuantityWords: "1 op", Prior: "before",
		Course: story.RepeatDispensing, Issues: []story.Issue{{On: "2020-06-01", Note: "Cancelled"}},
	}}}}
	b := answered(t, asking{region: wiretest.With(person), supplier: story.Beckwater})
	for resource, paths := range map[string]map[string]string{
		"MedicationRequest/m": {"extension.0.extension.0.valueCodeableConcept.text": "No information available", "extension.0.extension.1.valueDateTime": "2020-11-25",
			"dispenseRequest.quantity.extension.0.valueString": "1 op", "priorPrescription.reference": "MedicationRequest/before"},
		// The issues of a repeat-dispensing medicine carry the date of their plan (HAZ 87).
		"MedicationRequest/m-issue-1": {"authoredOn": "2020-01-01", "dispenseRequest.validityPeriod.start": "2020-06-01", "note.0.text": "Cancelled"},
	} {
		for path, want := range paths {
			if got := b.Find(resource).At(path); got != want {
				t.Errorf("%s %s = %q, want %q", resource, path, got, want)
			}
		}
	}
}
