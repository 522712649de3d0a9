package story

// livesOfTheBody are about physical illness, treatment and care at home.
func livesOfTheBody(c calendar) []Person {
	return []Person{dyingAtHome(c), onTheWard(c), dialysis(c), diabetic(c), careAtHome(c)}
}

func dyingAtHome(c calendar) Person {
	respect := letter("respect", "ReSPECT form", "ReSPECT", c.at(-25, "11:00"), by("ferris"), "Focus on comfort.", "CPR attempts NOT recommended.").asPDF().typed("1382601000000107", "ReSPECT form")
	respect.Category = SNOMED("734163000", "Care plan")
	older := respect
	older.ID, older.Status, older.Created, older.Title = "respect-old", "superseded", c.at(-300, "09:00"), "ReSPECT form (first)"
	respect.Replaces = "respect-old"
	h := plainSurgery(c, practiceODS(18))
	h.Problems = append(h.Problems, problem(lungCancer, c.month(-9), "major"))
	h.Observations = []Observation{{Head: on(c.day(-200), by("gp1")), What: SNOMED("450475007", "For attempted cardiopulmonary resuscitation"), When: c.day(-200), Comment: "Discussed before the scan result."}}
	h.Medicines = []Medicine{
		repeat("Morphine 10mg/5ml oral solution", "5 ml every 4 hours when needed for pain or breathlessness", c.day(-40), c.day(-3)),
		{Head: on(c.day(-10), by("gp1")), Product: vmp("Midazolam 10mg/2ml solution for injection ampoules"), Course: Acute, Status: "active", Dose: "2.5 mg under the skin when needed for agitation: anticipatory", Authorised: Period{Start: c.day(-10)}, LastIssued: c.day(-10), QuantityWords: "10 ampoule", Issues: []Issue{{On: c.day(-10), Status: "active", QuantityWords: "10 ampoule"}}},
	}
	return Person{
		Demographics: someone("9992519983", "Mr", "Alan", "Roberts", c.born(71, "04-04"), "male"), Practice: practiceODS(18),
		Story: "dying at home: newest plan says no CPR, an older practice entry says for CPR (conflict); just-in-case medicines; hospice feed not live yet",
		Holdings: []Holding{
			h,
			{
				ODS: bth, Problems: []Problem{diagnosis("ca", lungCancer, c.month(-9), by("ferris"))}, Documents: []Document{respect, older},
				Encounters:   []Encounter{clinic("onc", c.at(-25, "10:30"), c.at(-25, "11:10"), SNOMED("310150007", "Oncology service"), by("ferris"), "opd", "No further treatment; comfort care")},
				Reports:      []Report{imaging(SNOMED("169069000", "CT of thorax"), c.at(-40, "14:00"), c.at(-38, "10:00"), "Progression of the right hilar mass.\nNew liver lesions.\nNo pulmonary embolus.", by("quill"))},
				Procedures:   []Procedure{{What: SNOMED("10847001", "Bronchoscopy"), Status: "completed", When: c.day(-260), Performers: []Participant{{Role: "PPRF", Actor: by("ferris")}}, Outcome: Words("Biopsy taken")}, {What: Words("Palliative radiotherapy"), Status: "not-done", When: c.day(-30), Reason: Words("Patient's choice")}},
				Appointments: []Appointment{{Status: "cancelled", Start: c.at(9, "10:00"), Service: Words("Oncology clinic"), CancelReason: Words("No longer needed")}},
			},
			{
				ODS: pvt, CarePlans: []CarePlan{{
					Category: SNOMED("736373009", "End of life care plan"), Title: "End of life care plan", Status: "active", Created: c.day(-20), Author: by("byrne"), Description: "Wishes to die at home. Wife to be present. Chaplain: yes.",
					Activities: []Activity{{Words: "District nurse daily", Status: "in-progress", By: Actor{Team: "nursing"}}, {Words: "Syringe driver if needed", Status: "scheduled"}}, Goals: []Concept{Words("Free of pain"), Words("At home")},
				}},
				Encounters: []Encounter{{Head: Head{ID: "dn"}, Class: homeVisit, Status: "finished", Type: Words("District nurse visit"), When: Period{Start: c.at(-1, "09:30"), End: c.at(-1, "10:05")}, Places: []Visit{{Place: "home", Status: "completed"}}, People: []Participant{{Role: "PPRF", Actor: by("byrne")}}}},
				Consents:   []Consent{{Scope: Code{System: "http://terminology.hl7.org/CodeSystem/consentscope", Value: "adr", Display: "Advanced Care Directive"}, Category: SNOMED("816381000000105", "Advance decision to refuse treatment"), Status: "active", When: c.day(-24), Deny: true, Words: "Refuses ventilation and feeding by tube."}},
			},
		},
	}
}

func onTheWard(c calendar) Person {
	var scores []Observation
	for i, parts := range [][7]int{{2, 2, 2, 0, 1, 0, 1}, {1, 2, 2, 0, 1, 0, 1}, {1, 1, 2, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0, 0}} {
		score := news2(c.at(-3+i, "22:00"), parts)
		score.Encounter = "stay"
		scores = append(scores, score)
	}
	ceftriaxone := Medicine{
		Head: on(c.at(-3, "18:00"), by("hughes")), Product: vmp("Doxycycline 100mg capsules"), Status: "active", Category: "inpatient", Course: Acute, Dose: "ONE twice a day", ByReference: true,
		Given: []Given{{When: c.at(-1, "08:00"), Dose: Quantity{Value: "100", Unit: "mg", Code: "mg"}, By: by("sister")}, {When: c.at(-1, "20:00"), Status: "on-hold", Reason: Words("Nil by mouth for test"), By: by("sister")}},
	}
	stay := Encounter{
		Head: Head{ID: "stay"}, Class: inpatient, Status: "in-progress", Type: Words("Emergency admission"), Service: SNOMED("310108000", "General medical service"), When: Period{Start: c.at(-3, "17:20")}, Reasons: []Concept{Words("Pneumonia")},
		Diagnoses: []Diagnosis{{Problem: "cap", Use: "AD", Rank: 1}}, People: []Participant{{Role: "ADM", Actor: by("hughes")}, {Role: "PPRF", Actor: by("adler")}}, MissingPlace: "bed-14",
		Places: []Visit{{Place: "ed", Status: "completed", When: Period{Start: c.at(-3, "17:20"), End: c.at(-3, "23:00")}}, {Place: "ward", Status: "active", When: Period{Start: c.at(-3, "23:00")}}}, Admission: Admission{Method: Words("Emergency: via emergency department")},
	}
	return Person{
		Demographics: someone("9994318217", "Mrs", "Dorothy", "Eastham", c.born(81, "10-27"), "female"), Practice: practiceODS(19),
		Story: "in hospital now at Calderbeck with pneumonia: NEWS2 falling, doses held, a culture preliminary; penicillin allergy severity differs",
		Holdings: []Holding{
			func() Holding {
				h := plainSurgery(c, practiceODS(19))
				h.Allergies = []Allergy{allergic(penicillin, "1988", by("gp1"), reaction("severe", anaphylaxis))}
				h.Problems = append(h.Problems, problem(copd, "2010-05", "major"))
				return h
			}(),
			{
				ODS: cbh, Allergies: []Allergy{allergic(penicillin, c.day(-3), by("hughes"), reaction("mild", rash))}, Encounters: []Encounter{stay}, Observations: scores, Medicines: []Medicine{ceftriaxone},
				Problems: []Problem{{Head: Head{ID: "cap", Encounter: "stay"}, What: pneumonia, Status: "active", Confidence: "provisional", Categories: []string{"encounter-diagnosis"}, Onset: c.day(-4)}},
				Reports: []Report{
					bloods(SNOMED("55235003", "C-reactive protein measurement"), c.at(-3, "18:10"), crp.is("214", c.at(-3, "18:10"), "H")), bloods(SNOMED("55235003", "C-reactive protein measurement"), c.at(-1, "06:10"), crp.is("88", c.at(-1, "06:10"), "H")),
					{Category: pathology, Name: Words("Sputum culture"), Status: "preliminary", Effective: c.at(-3, "19:00"), Issued: c.at(-1, "15:00"), Conclusion: "Mixed growth. Further report to follow.", MissingResult: []string{"culture-1"}},
				},
				Referrals: []Referral{{Head: on(c.at(-2, "11:00"), by("hughes")), Reason: Words("Physiotherapy: chest"), Service: SNOMED("91251008", "Physical therapy procedure"), Urgency: "urgent", When: c.at(-2, "11:00"), From: by("hughes"), Status: "active"}},
			},
		},
	}
}

func dialysis(c calendar) Person {
	var appointments []Appointment
	var reports []Report
	for i := range 24 {
		day := 2 + i*7/3
		appointments = append(appointments, Appointment{Status: "booked", Start: c.at(day, "07:30"), End: c.at(day, "11:30"), Minutes: 240, Service: Words("Haemodialysis"), Place: "renal", With: by("adler"), Channel: "in-person"})
		past := c.at(-3-i*14, "07:20")
		reports = append(reports, bloods(kidneyPanel, past, creatinine.is([]string{"612", "598", "640", "655"}[i%4], past, "H"), potassium.is([]string{"5.9", "5.20", "6.1", "4.8"}[i%4], past, ""), urea.is("24.3", past, "H"), haemoglobin.is("104", past, "L")))
	}
	return Person{
		Demographics: someone("9997837053", "Mr", "Emeka", "Adeyemi", c.born(59, "01-19"), "male"), Practice: practiceODS(33),
		Story: "haemodialysis three times a week: long lists in pages of five, a creatinine trend, transplant list",
		Holdings: []Holding{
			plainSurgery(c, practiceODS(33)),
			{
				ODS: cbh, Behaviour: Behaviour{PageSize: 5}, Appointments: appointments, Reports: reports, Problems: []Problem{diagnosis("esrf", SNOMED("46177005", "End-stage renal disease"), "2022-02", by("adler"))},
				Medicines:     []Medicine{{Head: on(c.day(-60), by("adler")), Product: vmp("Darbepoetin alfa 30micrograms/0.3ml solution for injection pre-filled syringes"), Status: "active", Category: "outpatient", Dose: "30 micrograms ONCE a week at dialysis", Course: Repeat, Dispensed: []Dispense{{When: c.day(-6), Quantity: Quantity{Value: "4", Unit: "syringe"}, Status: "completed", By: by("sister")}}}},
				Procedures:    []Procedure{{What: SNOMED("302497006", "Haemodialysis"), Status: "in-progress", During: Period{Start: "2022-03-01"}}, {What: Words("Creation of arteriovenous fistula, left forearm"), Status: "completed", When: "2021-11", Site: SNOMED("66480008", "Left forearm"), Complication: []Concept{Words("Haematoma")}}},
				Immunisations: []Immunisation{{Head: on(c.month(-30), by("sister")), Vaccination: SNOMED("170370000", "Administration of first dose of hepatitis B vaccine"), When: c.month(-30), Sequence: 1, SeriesOf: 3, Targets: []Concept{SNOMED("66071002", "Viral hepatitis type B")}}},
			},
		},
	}
}

func diabetic(c calendar) Person {
	h := plainSurgery(c, practiceODS(5))
	h.Problems = []Problem{problem(type2Diabetes, "2011-10", "major"), problem(SNOMED("4855003", "Diabetic retinopathy"), "2019-06", "minor"), problem(hypertension, "2012-01", "major")}
	h.Problems[0].ID, h.Problems[1].ID = "dm", "eye"
	h.Problems[1].Relations = []Relation{{Type: "Parent", Target: "dm"}}
	h.Problems[0].Links = []string{"foot"}
	h.Problems[0].LinkWords = []string{"Referral items are not supported by the provider system."}
	h.Observations = []Observation{
		{Head: Head{ID: "foot", Recorded: c.day(-90), RecordedBy: by("nurse1")}, What: SNOMED("401191002", "Diabetic foot examination"), When: c.day(-90), Comment: "Right foot pulses not felt; podiatry aware."},
		{Head: on(c.day(-90), by("nurse1")), What: bodyMass, When: c.day(-90), Value: Value{Quantity: Quantity{Value: "31.40", Unit: "kg/m2", Code: "kg/m2"}}}, bloodPressure("142", "86", c.at(-90, "09:10")),
	}
	h.Medicines = []Medicine{repeat("Metformin 500mg tablets", "TWO twice a day with meals", "2011-11-01", c.day(-19)), repeat("Gliclazide 80mg tablets", "ONE twice a day", "2016-05-01", c.day(-19))}
	for i, value := range []string{"61", "64.0", "58", "55", "53", "<20"} {
		taken := c.at(-20-180*i, "08:20")
		sugar := hba1c.is(value, taken, "")
		if i == 0 {
			sugar.Comment = "Target individualised.\nRepeat in 6 months."
		}
		h.Reports = append(h.Reports, atPractice(bloods(SNOMED("43396009", "Haemoglobin A1c measurement"), taken, sugar), c.day(-18-180*i), "Discuss at review"))
	}
	group := Observation{Category: "laboratory", What: kidneyPanel, When: c.at(-20, "08:20"), Group: []Observation{creatinine.is("92", c.at(-20, "08:20"), ""), potassium.is("4.5000000000000002", c.at(-20, "08:20"), ""), sodium.is("139", c.at(-20, "08:20"), "")}, Comment: "Sample slightly haemolysed."}
	panel := atPractice(bloods(kidneyPanel, c.at(-20, "08:20"), group), c.day(-18), "")
	panel.Request = &TestRequest{ID: "req1", What: kidneyPanel, Reason: Words("Annual diabetes review"), By: by("gp1"), On: c.day(-21), Status: "active"}
	panel.Specimens[0].Notes = []string{"Fasting not stated"}
	h.Reports = append(h.Reports, panel)
	h.Recalls = []Recall{{Head: on(c.day(-90), by("nurse1")), What: SNOMED("73211009", "Diabetes mellitus"), Due: c.day(-2), By: by("nurse1")}, {Head: on(c.day(-90), by("nurse1")), What: SNOMED("385954004", "Foot care assessment"), Due: c.day(60), DueEnd: c.day(90), By: by("nurse1")}}
	gliclazide := inHospital("Gliclazide 80mg tablets", "HALF a tablet each morning", c.day(-45), "active", by("lund"))
	return Person{
		Demographics: someone("9993396435", "Mrs", "Zainab", "Hussain", c.born(63, "02-02"), "female"), Practice: practiceODS(5),
		Story: "diabetes: HbA1c trend over years with comments, related problems, dose differs at hospital, recall overdue",
		Holdings: []Holding{h, {
			ODS: fgh, Problems: []Problem{diagnosis("dm", type2Diabetes, "2011-10", by("lund"))}, Medicines: []Medicine{gliclazide},
			Encounters: []Encounter{clinic("dm", c.at(-45, "10:00"), c.at(-45, "10:20"), SNOMED("310071002", "Diabetology service"), by("lund"), "opd", "Two hypos: gliclazide reduced")},
		}},
	}
}

func careAtHome(c calendar) Person {
	return Person{
		Demographics: someone("9995036770", "Mr", "Graham", "Ormerod", c.born(55, "07-31"), "male"), Practice: practiceODS(34),
		Story: "multiple sclerosis: all five kinds of social care entry at Loudshire, some not held, one contradicting itself; Parkinson's ruled out",
		Holdings: []Holding{
			plainSurgery(c, practiceODS(34)),
			{ODS: bth, Problems: []Problem{diagnosis("ms", multipleSclerosis, "2009", by("nair")), func() Problem {
				p := diagnosis("pd", parkinsons, "2020-05", by("nair"))
				p.Confidence = "refuted"
				return p
			}()}},
			{
				ODS: ldc,
				Services: []Service{
					{Type: care("SocialCareServiceType", "DP", "Direct Payment"), Category: care("SocialCareServiceCategory", "LTS-C", "Long Term Support: Community"), Provider: Actor{Team: "adults"}, Manager: by("dunn"), Status: "active", When: Period{Start: "2021-04-01"}},
					{Type: care("SocialCareServiceType", "C-SS", "Carer Sitting Service"), Category: care("SocialCareServiceCategory", "CS-SIPC", "Carer Support: Support involving the person cared-for"), Provider: Actor{ODS: bch}, Status: "planned", When: Period{Start: c.day(-60)}, History: []StatusSpan{{Status: "active", When: Period{Start: c.day(-60), End: c.day(-10)}}, {Status: "finished", When: Period{Start: c.day(-10)}}}},
					{Type: care("SocialCareServiceType", "R", "Reablement"), Category: care("SocialCareServiceCategory", "STS-STMAX", "Short Term Support: ST-Max"), Provider: Actor{Team: "adults"}, Status: "finished", When: Period{Start: "2020-01-10", End: "2020-02-20"}},
				},
				SupportReasons: []SupportReason{
					{Reason: care("SocialCareSupportReason", "PS", "Physical Support"), Category: care("SocialCareSupportReasonCategory", "PS", "Physical Support"), Primary: true, Status: "active", When: Period{Start: "2020-01"}},
					{Reason: Coded("https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-SocialCareSupportReason", "PS-AMO", "Access and mobility only"), Status: "inactive", When: Period{Start: "2018", End: "2020-01"}},
				},
				Assessments: []Assessment{
					{Head: Head{ID: "ot"}, Type: named(care("SocialCareAssessmentType", "OT", "Occupational Therapy Assessment"), "Moving and handling review"), Status: "accepted", Team: Actor{Team: "adults"}, When: Period{Start: c.day(9)}, Entered: c.day(-6), Changed: c.day(-6), Contact: "call"},
					{Type: care("SocialCareAssessmentType", "CA", "Carers Assessment"), Status: "completed", Team: Actor{Team: "adults"}, By: by("dunn"), Outcomes: []Concept{care("SocialCareAssessmentOutcome", "DNH-IL", "Data Not Held-Individual Level")}, When: Period{Start: c.day(-300), End: c.day(-290)}, Entered: c.day(-300), Bad: true},
					{Type: care("SocialCareAssessmentType", "CN", "Care Act Needs Assessment"), Status: "cancelled", Team: Actor{Team: "adults"}, When: Period{Start: c.day(-500)}, Entered: c.day(-500)},
				},
				Contacts: []Contact{
					{Head: Head{ID: "call"}, Reason: care("SocialCareContactReason", "AEI", "Adaptation/ Equipment Issue"), Requester: care("SocialCareRequesterType", "S", "Self"), When: c.at(-7, "09:15"), Status: "completed", Words: "Hoist sling is torn."},
					{Reason: care("SocialCareContactReason", "C", "Complaint"), Requester: care("SocialCareRequesterType", "FFN", "Family/Friend/Neighbour"), When: c.at(-31, "14:00"), Status: "completed"},
				},
				Equipment: []Equipment{
					{Item: Words("Ceiling track hoist"), Status: "active", When: Period{Start: "2022-05-01"}, Requested: "2022-02-10"}, {Item: Words("Replacement sling, large"), Status: "draft", Requested: c.day(-7)},
					{Item: Words("Wheeled commode"), Status: "cancelled", Requested: "2022-02-10", Head: Head{Notes: []string{"Declined by Mr Ormerod"}}}, {Item: Words("Walking frame"), Status: "completed", When: Period{Start: "2019", End: "2021"}, Requested: "2019"},
				},
				Related: []RelatedPerson{
					{Name: Name{Family: "Ormerod", Given: []string{"Pauline"}}, Relationship: []Concept{Words("Wife")}, Roles: []SupportRole{{Code: "MC", Display: "Main Carer", When: Period{Start: "2015"}}, {Code: "EC", Display: "Emergency Contact"}}, Phones: []Phone{{Use: "mobile", Number: "07700 900141"}}},
					{Name: Name{Family: "Fox", Given: []string{"Ted"}}, Relationship: []Concept{Words("Neighbour")}, Roles: []SupportRole{{Code: "KH", Display: "Key Holder"}}, Inactive: true},
				},
			},
		},
	}
}
