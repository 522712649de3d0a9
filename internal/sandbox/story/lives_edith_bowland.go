package story

func frailtyLetter(c calendar) Document {
	return letter("frailty-letter", "Frailty clinic letter", "Clinic letter", c.at(-88, "10:00"), by("nair"),
		"Comprehensive geriatric assessment.", "Clinical Frailty Scale 6.", "ReSPECT conversation with daughter present.", "Plan: physiotherapy, bone health review.").asPDF()
}

func echoReport() Document {
	return letter(
		"echo", "Echocardiogram report", "Report", "2021-05-11T15:00:00+01:00", by("sato"), "Left ventricular ejection fraction 35%.",
		"Moderate mitral regurgitation.",
	).asPDF()
}

func edithAtBowland(c calendar) Holding {
	clinicVisit := clinic(
		"frailty", c.at(-89, "10:00"), c.at(-89, "11:15"), SNOMED("310132005", "Geriatric service"), by("nair"), "opu",
		"Comprehensive geriatric assessment. ReSPECT conversation with daughter present",
	)
	h := Holding{
		ODS: bth, Identifiers: []Identifier{{System: "https://fhir.bowland.sandbox.invalid/Id/hospital-number", Value: "BTH0048213"}},
		Allergies: []Allergy{
			allergic(trimethoprim, "2019-02-21", by("obi"), reaction("mild", maculopapule)),
			{Head: on(c.day(-6), by("doyle")), Agent: Words("Elastoplast – skin comes off"), Status: "active", Confidence: "unconfirmed"},
		},
		Medicines:  edithDischargeList(c),
		Problems:   edithBowlandProblems(c),
		Encounters: []Encounter{edithEmergency(c), clinicVisit, edithHipStay()},
		Flags: []Flag{{
			What: named(
				SNOMED("129839007", "At risk for falls"), "Falls risk: high. After fall; postural drop",
			), Status: "active", When: Period{Start: c.day(-6)}, Author: by("rigby"),
			Categories: []Code{flagCategory("RTS", "Risk to self")},
		}},
		Procedures: []Procedure{{
			Head: Head{Encounter: "hip-stay"}, What: SNOMED(
				"179344006", "Primary uncemented hemiarthroplasty of hip",
			), Status: "completed", When: "2023-03-07", Site: SNOMED("287579007", "Left hip region structure"),
			Performers: []Participant{{Role: "PPRF", Actor: by("slater")}}, Place: "site", Reason: hipFracture,
			Implant: "Hemiarthroplasty stem, size 3",
		}},
		Appointments: []Appointment{{
			Head: Head{ID: "falls-clinic"}, Status: "booked", Start: c.at(5, "10:20"), End: c.at(5, "11:00"), Minutes: 40,
			Service: Words("Falls clinic"), With: by("nair"), Place: "opu", Channel: "in-person",
			Comment: "Transport booked", Instruction: "Please bring all medicines and glasses.",
		}},
		CarePlans: []CarePlan{{
			Category: SNOMED("736366004", "Advance care plan"), Title: "What matters to Mrs Ashworth", Status: "active", Created: c.day(-89),
			Author:      by("nair"),
			Description: "To stay in her own home. To see her garden. To avoid another long hospital stay.", When: Period{Start: c.day(-89)},
			Activities: []Activity{
				{Words: "Strength and balance exercises twice a week", Status: "in-progress"},
				{Words: "Hearing aid check", Status: "scheduled", When: Period{Start: c.day(20)}},
			},
		}},
	}
	edithBowlandResults(c, &h)
	edithBowlandPapers(c, &h)
	return h
}

func edithDischargeList(c calendar) []Medicine {
	day, who := c.day(-6), by("rigby")
	bisoprolol := inHospital("Bisoprolol 1.25mg tablets", "ONE each morning", day, "active", who)
	bisoprolol.Notes = []string{"Reduced: pulse 48"}
	amlodipine := inHospital("Amlodipine 5mg tablets", "ONE each morning", "2014-03-02", "stopped", who)
	amlodipine.Stopped, amlodipine.StopReason = day, "Stopped: postural drop 32 mmHg"
	mistake := inHospital("Ibuprofen 400mg tablets", "ONE three times a day", day, "active", who)
	mistake.EnteredInError = true
	list := []Medicine{bisoprolol, amlodipine, mistake}
	for _, kept := range [][2]string{
		{"Apixaban 2.5mg tablets", "ONE twice a day"}, {"Furosemide 40mg tablets", "ONE each morning"},
		{"Levothyroxine sodium 50microgram tablets", "ONE each morning"}, {"Lansoprazole 15mg gastro-resistant capsules", "ONE each morning"},
	} {
		m := inHospital(kept[0], kept[1], day, "active", who)
		m.Notes = []string{"continued"}
		list = append(list, m)
	}
	saline := Medicine{
		Head: on(c.day(-6), who), Product: vmp(
			"Sodium chloride 0.9% infusion 500ml bags",
		), Status: "completed", Intent: "order", Category: "inpatient", Dose: "500 mL over 4 hours",
		Given: []Given{
			{
				When: c.at(-6, "12:30"), Dose: Quantity{Value: "500", Unit: "mL", Code: "mL"}, Route: SNOMED("47625008", "Intravenous route"),
				By: by("doyle"),
			},
			{When: c.at(-6, "17:00"), Status: "not-done", Reason: Words("Drinking well, not needed"), By: by("doyle")},
		},
	}
	return append(list, saline)
}

func edithBowlandProblems(c calendar) []Problem {
	broken := diagnosis("hip", SNOMED("5913000", "Fracture of neck of left femur"), "2023-03", by("slater"))
	return []Problem{
		diagnosis(
			"frail", named(moderateFrailty, "Frailty, CFS 6"), c.day(-89), by("nair"),
		), diagnosis("hf", named(heartFailureEF, "HFrEF"), "2021-05-11", by("sato")),
		diagnosis("af", named(atrialFibrillation, "AF"), "2017", by("sato")), diagnosis("ckd", named(ckd3b, "CKD 3b"), "2022", by("nair")),
		diagnosis("thyroid", hypothyroidism, "2003", by("nair")), over(broken, "2023-06"),
		{
			Head: Head{ID: "fall", Encounter: "ed", Recorded: c.day(-6), RecordedBy: by("rigby")}, What: SNOMED("217082002", "Accidental fall"),
			Status: "active", Confidence: "confirmed", Categories: []string{"encounter-diagnosis"}, Onset: c.day(-6),
		},
	}
}

func edithEmergency(c calendar) Encounter {
	return Encounter{
		Head: Head{ID: "ed"}, Class: emergency, Status: "finished", Type: SNOMED("4525004", "Emergency department patient visit"),
		When:      Period{Start: c.at(-6, "10:48"), End: c.at(-6, "19:55")},
		Reasons:   []Concept{Words("Fall at home, on floor about 2 hours. No fracture on X-ray. Postural drop. Discharged with medicine changes.")},
		Diagnoses: []Diagnosis{{Problem: "fall", Use: "CC", Rank: 1}}, People: []Participant{{Role: "PPRF", Actor: by("rigby")}},
		Places:    []Visit{{Place: "ed", Status: "completed", When: Period{Start: c.at(-6, "10:48"), End: c.at(-6, "19:55")}}},
		Admission: Admission{Method: Words("Emergency: ambulance")}, Discharge: Discharge{
			Destination: Words("Usual place of residence"), Method: Words("Discharged on clinical advice"),
		},
	}
}

func edithHipStay() Encounter {
	return Encounter{
		Head: Head{ID: "hip-stay"}, Class: inpatient, Status: "finished", Type: Words("Admission"),
		Service: SNOMED("310141000", "Orthopaedic service"),
		When:    Period{Start: "2023-03-06T21:10:00+00:00", End: "2023-03-21T14:00:00+00:00"}, Reasons: []Concept{Words("Fractured neck of left femur")},
		Diagnoses: []Diagnosis{{Problem: "hip", Use: "AD", Rank: 1}}, People: []Participant{{Role: "PPRF", Actor: by("slater")}},
		Places: []Visit{{Place: "ward12", Status: "completed"}},
	}
}

// edithBowlandResults holds the creatinine trend of two years, all of one code, unit and specimen, and a blood culture still growing.
func edithBowlandResults(c calendar, h *Holding) {
	now := c.at(-6, "11:40")
	today := bloods(SNOMED("1000971000000107", "Urea and electrolytes level"), now,
		creatinine.is("131", now, "H"), egfr.is("33", now, ""), potassium.is("5.1", now, ""), sodium.is("133", now, ""))
	today.Identifiers = []Identifier{{System: "https://fhir.bowland.sandbox.invalid/Id/lab-report", Value: "26-1112-0417"}}
	count := bloods(bloodCount, now, haemoglobin.is("108", now, "L"), whiteCells.is("8.40", now, ""), platelets.is("211", now, ""))
	inflamed := bloods(SNOMED("55235003", "C-reactive protein measurement"), now, crp.is("<5", now, ""))
	growing := bloods(
		SNOMED("30088009", "Blood culture"), now,
		Observation{
			Category: "laboratory", What: SNOMED("30088009", "Blood culture"), When: now, Status: "preliminary",
			Value: Value{Text: "No growth at 48 hours"}, Specimen: "blood",
		},
	)
	growing.Status = "preliminary"
	h.Reports = append(h.Reports, today, count, inflamed, growing)
	for _, past := range []struct {
		days  int
		value string
	}{{-89, "118"}, {-196, "112"}, {-363, "109"}, {-558, "102"}, {-734, "96"}} {
		taken := c.at(past.days, "09:40")
		flag := "H"
		h.Reports = append(h.Reports, bloods(kidneyPanel, taken, creatinine.is(past.value, taken, flag)))
	}
	xray := imaging(
		SNOMED("168619004", "Plain X-ray of hip and pelvis"), c.at(-6, "12:20"), c.at(-6, "14:05"),
		"Left hemiarthroplasty in place. No new fracture seen.", by("quill"),
	)
	xray.Study = &Study{
		UID: "1.2.826.0.1.3680043.9.7000.1", Accession: "XR2611120091", Description: "Pelvis and left hip", Started: c.at(-6, "12:20"),
		Modality: Code{System: "http://dicom.nema.org/resources/ontology/DCM", Value: "CR", Display: "Computed radiography"},
	}
	h.Reports = append(h.Reports, xray)
	first := news2(c.at(-6, "10:55"), [7]int{0, 1, 0, 1, 1, 0, 0})
	first.Encounter = "ed"
	lying, standing := bloodPressure("136", "70", c.at(-6, "15:00")), bloodPressure("104", "61", c.at(-6, "15:03"))
	lying.What, standing.What = SNOMED("163033001", "O/E - BP reading: lying"), SNOMED("163034007", "O/E - BP reading: standing")
	lying.Encounter, standing.Encounter = "ed", "ed"
	h.Observations = append(h.Observations, first, lying, standing, vital(pulse, "48", "/min", c.at(-6, "10:55")))
}

func edithBowlandPapers(c calendar, h *Holding) {
	discharge := letter("ed-letter", "A&E discharge letter", "Letter", c.at(-6, "19:40"), by("rigby"),
		"Fall at home. On the floor about two hours. No fracture.", "Postural drop of 32 mmHg: amlodipine stopped, bisoprolol reduced to 1.25 mg.",
		"GP please check U&E in two weeks.").asPDF().typed("373942005", "Discharge summary")
	discharge.Encounter = "ed"
	h.Documents = append(
		h.Documents, discharge, frailtyLetter(c).typed("371530004", "Clinical consultation report"),
		echoReport().typed("371525003", "Clinical procedure report"),
	)
	h.Compositions = append(h.Compositions, Composition{
		Head: Head{ID: "ed-summary", Encounter: "ed"}, Type: SNOMED("373942005", "Discharge summary"),
		Title: "Emergency department discharge summary", Status: "final", When: c.at(-6, "19:40"), Author: by("rigby"),
		Sections: []CompositionSection{
			{
				Title: "Presenting complaint", Words: "Fall at home, on the floor about two hours.",
			}, {Title: "Diagnosis", Words: "Accidental fall. Postural hypotension."},
			{
				Title: "Medication changes", Words: "Amlodipine stopped: postural drop. Bisoprolol reduced: pulse 48.",
			}, {Title: "Plan and requested actions", Words: "U&E in two weeks at the practice. Falls clinic."},
		},
	})
}
