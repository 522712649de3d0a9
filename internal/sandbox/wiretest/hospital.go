package wiretest

import "ribble/internal/sandbox/story"

var consultant = story.Actor{Staff: "cons-1"}

func hospital() story.Holding {
	return story.Holding{
		ODS: Hospital, LocalID: Local, Identifiers: []story.Identifier{{System: "https://rxx.example/Id/hospital-number", Value: "H0001"}},
		Allergies: []story.Allergy{
			{Head: story.Head{ID: "al-1", RecordedBy: consultant}, Agent: story.SNOMED("91936005", "Allergy to penicillin"), Kind: "allergy", Confidence: "confirmed"},
			{Head: story.Head{ID: "al-2", EnteredInError: true}, Agent: story.SNOMED("300916003", "Allergy to latex")},
		},
		Medicines: []story.Medicine{
			{Head: story.Head{ID: "rx-1", Recorded: "2026-02-28"}, Product: story.Coded(story.SystemDMD, "322280009", "Paracetamol 500mg capsules"), Dose: "Two four times a day", ByReference: true, Category: "inpatient",
				Given: []story.Given{{When: "2026-03-01T08:00:00+00:00", By: consultant}, {When: "2026-03-01T12:00:00+00:00", Status: "not-done", Reason: story.Words("Refused")}}},
			{Head: story.Head{ID: "rx-2"}, Product: story.Words("Own herbal tea"), StatementOnly: true},
			{Head: story.Head{ID: "rx-3", Modifier: "https://rxx.example/unknown-modifier"}, Product: story.SNOMED("319775004", "Aspirin 75mg tablets"), Intent: "proposal"},
		},
		Problems: []story.Problem{{Head: story.Head{ID: "dx-1", Encounter: "enc-1"}, What: story.SNOMED("84114007", "Heart failure"), Status: "active", Confidence: "confirmed"}},
		Encounters: []story.Encounter{{Head: story.Head{ID: "enc-1"}, Status: "in-progress", When: story.Period{Start: "2026-02-27T21:03:00+00:00"},
			Class:   story.Code{System: "http://terminology.hl7.org/CodeSystem/v3-ActCode", Value: "IMP", Display: "inpatient encounter"},
			People:  []story.Participant{{Role: "PPRF", Actor: consultant}},
			Places:  []story.Visit{{Place: "ward-4", Status: "active", When: story.Period{Start: "2026-02-28"}}},
			Reasons: []story.Concept{story.SNOMED("267036007", "Dyspnoea")}, Diagnoses: []story.Diagnosis{{Problem: "dx-1", Use: "AD", Rank: 1}},
			LegalStatus: []story.LegalStatus{{Context: "admission", Classification: "02", Words: "Formally detained under Mental Health Act Section 2"}}}},
		Episodes:     []story.Episode{{Head: story.Head{ID: "ep-1"}, Type: story.Words("Heart failure caseload"), Manager: consultant, Team: "team-1"}},
		Appointments: []story.Appointment{{Head: story.Head{ID: "app-1"}, Start: "2026-03-20T09:00:00Z", Service: story.SNOMED("394579002", "Cardiology"), With: consultant, Place: "site", Channel: "In-person"}},
		Referrals:    []story.Referral{{Head: story.Head{ID: "sr-1"}, Service: story.SNOMED("91251008", "Physiotherapy"), When: "2026-03-01", From: consultant}},
		Reports: []story.Report{
			{Head: story.Head{ID: "lab-1"}, Category: story.Code{System: "http://terminology.hl7.org/CodeSystem/v2-0074", Value: "LAB"}, Name: story.SNOMED("26604007", "Full blood count"), Issued: "2026-03-01T10:00:00Z",
				Specimens: []story.Specimen{{ID: "spec-1", Type: story.SNOMED("122555007", "Venous blood specimen")}}, Request: &story.TestRequest{What: story.Words("FBC"), By: consultant}, Labs: []story.Actor{{ODS: "LAB01"}},
				Results: []story.Observation{{Head: story.Head{ID: "grp-1"}, What: story.SNOMED("26604007", "FBC"), Group: []story.Observation{{Head: story.Head{ID: "hb-1"}, What: story.Words("Hb"), Specimen: "spec-1", Value: story.Value{Quantity: story.Quantity{Value: "101", Unit: "g/L", Code: "g/L"}}}}}}, MissingResult: []string{"never-sent"}},
			{Head: story.Head{ID: "img-1"}, Category: story.Code{System: "http://terminology.hl7.org/CodeSystem/v2-0074", Value: "RAD"}, Name: story.SNOMED("399208008", "Chest X-ray"), Issued: "2026-02-28T10:00:00Z", Conclusion: "Bilateral effusions.",
				Study: &story.Study{UID: "1.2.3", Accession: "ACC1", Modality: story.Code{Value: "DX"}}},
		},
		Observations:  []story.Observation{{Head: story.Head{ID: "news-1"}, Category: "survey", What: story.SNOMED("1104051000000101", "NEWS2 score"), When: "2026-03-01T06:00:00+00:00", Value: story.Value{Quantity: story.Quantity{Value: "4"}}}},
		Immunisations: []story.Immunisation{{Head: story.Head{ID: "imm-1"}, Product: story.Words("Influenza vaccine"), When: "2025-10-05", GivenBy: consultant}},
		Procedures:    []story.Procedure{{Head: story.Head{ID: "proc-1"}, What: story.SNOMED("34068001", "Heart valve replacement"), When: "2020", Performers: []story.Participant{{Role: "surgeon", Actor: consultant}}, Place: "site", Implant: "Valve 21 mm"}},
		Flags:         []story.Flag{{Head: story.Head{ID: "flag-1"}, What: story.SNOMED("129839007", "At risk for falls"), Categories: []story.Code{{System: "x", Value: "RTS"}}, Details: []string{"dx-1"}, Author: consultant}},
		CarePlans:     []story.CarePlan{{Head: story.Head{ID: "plan-1"}, Title: "Crisis plan", Category: story.SNOMED("736253002", "Mental health crisis plan"), Goals: []story.Concept{story.Words("Stay at home")}, Activities: []story.Activity{{Words: "Ring the team"}}, Addresses: []string{"dx-1"}}},
		Questionnaires: []story.Questionnaire{{Head: story.Head{ID: "about-1"}, Form: "https://example.org/about-me", When: "2025-12-01",
			Groups: []story.Question{{What: "What is important to me", Code: story.Code{System: story.SystemSNOMED, Value: "1515861000000103"}, Answer: []story.Value{{Text: "My garden"}}}}}},
		Consents:      []story.Consent{{Head: story.Head{ID: "cons-1"}, Scope: story.Code{System: "http://terminology.hl7.org/CodeSystem/consentscope", Value: "adr"}, When: "2025-01-01", Permit: true}},
		Related:       []story.RelatedPerson{{Head: story.Head{ID: "rel-1"}, Name: story.Name{Family: "Smythe", Given: []string{"Tom"}}, Relationship: []story.Concept{story.Words("Son")}, Rank: 1}},
		CareTeams:     []story.CareTeam{{Head: story.Head{ID: "team-1"}, Name: "Heart failure team", Members: []story.TeamMember{{Role: story.Words("Lead"), Actor: consultant}, {Related: "rel-1"}}}},
		FamilyHistory: []story.FamilyHistory{{Head: story.Head{ID: "fam-1"}, Relative: story.Words("Mother"), Conditions: []story.FamilyCondition{{What: story.Words("Angina"), OnsetWords: "age 64"}}}},
		Documents: []story.Document{{Head: story.Head{ID: "doc-1", Labels: []story.Code{{System: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", Value: "R"}}}, Title: "Discharge summary", Type: story.SNOMED("373942005", "Discharge summary"),
			Category: story.SNOMED("823651000000106", "Clinical note"), Created: "2026-02-01", Author: consultant, DocStatus: "preliminary", Attachment: story.Attachment{ContentType: "application/pdf", Content: []byte("%PDF-1.4")}}},
		Compositions: []story.Composition{{Head: story.Head{ID: "comp-1"}, Title: "Discharge", Type: story.SNOMED("373942005", "Discharge summary"), When: "2026-02-01", Author: consultant, Sections: []story.CompositionSection{{Title: "Plan", Words: "Weigh <daily> & call"}}}},
		Others:       []story.Other{{Head: story.Head{ID: "com-1"}, Type: "Communication", Members: `"status":"completed","payload":[{"contentString":"Rang home"}]`}},
	}
}

func council() story.Holding {
	team := story.Actor{Team: "reablement"}
	cs := func(name, code, display string) story.Concept {
		return story.Coded("https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-"+name, code, display)
	}
	return story.Holding{
		ODS: Council, LocalID: Local,
		Services: []story.Service{{Head: story.Head{ID: "svc-1", Owner: Hospital}, Type: cs("SocialCareServiceType", "R", "Reablement"), Category: cs("SocialCareServiceCategory", "STS-OLL", "Short term"), Provider: team, Manager: story.Actor{Staff: "sw-1"},
			When: story.Period{Start: "2026-01-01"}, Referral: "contact-1", History: []story.StatusSpan{{Status: "planned"}}}},
		SupportReasons: []story.SupportReason{{Head: story.Head{ID: "sup-1"}, Reason: cs("SocialCareSupportReason", "PS-AMO", "Access and mobility only"), Primary: true, When: story.Period{Start: "2026-01-01"}}},
		Assessments: []story.Assessment{{Head: story.Head{ID: "as-1"}, Type: cs("SocialCareAssessmentType", "HD", "Hospital discharge"), Team: team, By: story.Actor{Staff: "sw-1"}, Contact: "contact-1",
			Outcomes: []story.Concept{cs("SocialCareAssessmentOutcome", "PRO-R", "Progress to reablement")}, Reports: []string{"doc-1"}, Bad: true}},
		Contacts:  []story.Contact{{Head: story.Head{ID: "contact-1"}, Reason: cs("SocialCareContactReason", "HD", "Hospital discharge"), Requester: cs("SocialCareRequesterType", "SH", "Secondary health"), When: "2026-01-01T09:00:00Z", Words: "Please assess."}},
		Equipment: []story.Equipment{{Head: story.Head{ID: "eq-1"}, Item: story.SNOMED("705593007", "Raised toilet seat, fixed"), When: story.Period{Start: "2026-01-05"}}},
		Flags:     []story.Flag{{Head: story.Head{ID: "flag-1"}, What: cs("SocialCareFlagType", "ABUSIVE", "Known to be abusive"), Categories: []story.Code{{System: "https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-FlagCategory", Value: "RTO"}}}},
		Related:   []story.RelatedPerson{{Head: story.Head{ID: "rel-1"}, Name: story.Name{Family: "Smythe", Given: []string{"Tom"}}, Roles: []story.SupportRole{{Code: "KH", Display: "Key holder", When: story.Period{Start: "2022-01-11"}}}}},
		Documents: []story.Document{{Head: story.Head{ID: "doc-1"}, Title: "Assessment", Created: "2026-01-02", Attachment: story.Attachment{ContentType: "text/html", Content: []byte("<p>Report</p>")}}},
	}
}
