package story

// livesOfTheBody are about physical illness, treatment and care at home.
func livesOfTheBody(c calendar) []Person {
	return []Person{dyingAtHome(c), onTheWard(c), dialysis(c)}
}

func dyingAtHome(c calendar) Person {
	respect := letter(
		"respect", "ReSPECT form", "ReSPECT", c.at(-25, "11:00"), by("ferris"), "Focus on comfort.", "CPR attempts NOT recommended.",
	).asPDF().typed("1382601000000107", "ReSPECT form")
	respect.Category = SNOMED("734163000", "Care plan")
	older := respect
	older.ID, older.Status, older.Created, older.Title = "respect-old", "superseded", c.at(-300, "09:00"), "ReSPECT form (first)"
	respect.Replaces = "respect-old"
	h := plainSurgery(c, practiceODS(18))
	h.Problems = append(h.Problems, problem(lungCancer, c.month(-9), "major"))
	h.Observations = []Observation{
		{
			Head: on(c.day(-200), by("gp1")), What: SNOMED("450475007", "For attempted cardiopulmonary resuscitation"), When: c.day(-200),
			Comment: "Discussed before the scan result.",
		},
	}
	h.Medicines = []Medicine{
		repeat("Morphine 10mg/5ml oral solution", "5 ml every 4 hours when needed for pain or breathlessness", c.day(-40), c.day(-3)),
		{
			Head: on(c.day(-10), by("gp1")), Product: vmp("Midazolam 10mg/2ml solution for injection ampoules"), Course: Acute, Status: "active",
			Dose: "2.5 mg under the skin when needed for agitation: anticipatory", Authorised: Period{Start: c.day(-10)}, LastIssued: c.day(-10),
			QuantityWords: "10 ampoule", Issues: []Issue{{On: c.day(-10), Status: "active", QuantityWords: "10 ampoule"}},
		},
	}
	return Person{
		Demographics: someone("9992519983", "Mr", "Alan", "Roberts", c.born(71, "04-04"), "male"), Practice: practiceODS(18),
		Story: "dying at home: newest plan says no CPR, an older practice entry says for CPR (conflict); just-in-case medicines; hospice feed not live yet",
		Holdings: []Holding{
			h,
			{
				ODS: bth, Problems: []Problem{diagnosis("ca", lungCancer, c.month(-9), by("ferris"))}, Documents: []Document{respect, older},
				Encounters: []Encounter{
					clinic(
						"onc", c.at(-25, "10:30"), c.at(-25, "11:10"), SNOMED("310150003", "Oncology service"), by("ferris"), "opd",
						"No further treatment; comfort care",
					),
				},
				Reports: []Report{
					imaging(
						SNOMED("169069000", "CT of thorax"), c.at(-40, "14:00"), c.at(-38, "10:00"),
						"Progression of the right hilar mass.\nNew liver lesions.\nNo pulmonary embolus.", by("quill"),
					),
				},
				Procedures: []Procedure{
					{
						What: SNOMED("10847001", "Bronchoscopy"), Status: "completed", When: c.day(-260),
						Performers: []Participant{{Role: "PPRF", Actor: by("ferris")}}, Outcome: Words("Biopsy taken"),
					},
					{What: Words("Palliative radiotherapy"), Status: "not-done", When: c.day(-30), Reason: Words("Patient's choice")},
				},
				Appointments: []Appointment{
					{Status: "cancelled", Start: c.at(9, "10:00"), Service: Words("Oncology clinic"), CancelReason: Words("No longer needed")},
				},
			},
			dyingWithNurses(c),
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
	doxycycline := Medicine{
		Head: on(c.at(-3, "18:00"), by("hughes")), Product: vmp("Doxycycline 100mg capsules"), Status: "active", Category: "inpatient", Course: Acute,
		Dose: "ONE twice a day", ByReference: true,
		Given: []Given{
			{When: c.at(-1, "08:00"), Dose: Quantity{Value: "100", Unit: "mg", Code: "mg"}, By: by("sister")},
			{When: c.at(-1, "20:00"), Status: "on-hold", Reason: Words("Nil by mouth for test"), By: by("sister")},
		},
	}
	stay := Encounter{
		Head: Head{ID: "stay"}, Class: inpatient, Status: "in-progress", Type: Words("Emergency admission"),
		Service: SNOMED("310108003", "General medical service"), When: Period{Start: c.at(-3, "17:20")}, Reasons: []Concept{Words("Pneumonia")},
		Diagnoses: []Diagnosis{{Problem: "cap", Use: "AD", Rank: 1}}, People: []Participant{
			{Role: "ADM", Actor: by("hughes")}, {Role: "PPRF", Actor: by("adler")},
		}, MissingPlace: "bed-14",
		Places: []Visit{
			{Place: "ed", Status: "completed", When: Period{Start: c.at(-3, "17:20"), End: c.at(-3, "23:00")}},
			{Place: "ward", Status: "active", When: Period{Start: c.at(-3, "23:00")}},
		}, Admission: Admission{Method: Words("Emergency: via emergency department")},
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
				ODS: cbh, Allergies: []Allergy{
					allergic(penicillin, c.day(-3), by("hughes"), reaction("mild", rash)),
				}, Encounters: []Encounter{stay}, Observations: scores, Medicines: []Medicine{doxycycline},
				Problems: []Problem{
					{
						Head: Head{ID: "cap", Encounter: "stay"}, What: pneumonia, Status: "active", Confidence: "provisional",
						Categories: []string{"encounter-diagnosis"}, Onset: c.day(-4),
					},
				},
				Reports: []Report{
					bloods(
						SNOMED("55235003", "C-reactive protein measurement"), c.at(-3, "18:10"), crp.is("214", c.at(-3, "18:10"), "H"),
					), bloods(SNOMED("55235003", "C-reactive protein measurement"), c.at(-1, "06:10"), crp.is("88", c.at(-1, "06:10"), "H")),
					{
						Category: pathology, Name: Words("Sputum culture"), Status: "preliminary", Effective: c.at(-3, "19:00"),
						Issued: c.at(-1, "15:00"), Conclusion: "Mixed growth. Further report to follow.", MissingResult: []string{"culture-1"},
					},
				},
				Referrals: []Referral{
					{
						Head: on(c.at(-2, "11:00"), by("hughes")), Reason: Words("Physiotherapy: chest"),
						Service: SNOMED("91251008", "Physical therapy procedure"), Urgency: "urgent", When: c.at(-2, "11:00"), From: by("hughes"),
						Status: "active",
					},
				},
			},
		},
	}
}

func dialysis(c calendar) Person {
	var appointments []Appointment
	var reports []Report
	for i := range 24 {
		day := 2 + i*7/3
		appointments = append(
			appointments,
			Appointment{
				Status: "booked", Start: c.at(day, "07:30"), End: c.at(day, "11:30"), Minutes: 240, Service: Words("Haemodialysis"), Place: "renal",
				With: by("adler"), Channel: "in-person",
			},
		)
		past := c.at(-3-i*14, "07:20")
		reports = append(
			reports,
			bloods(
				kidneyPanel, past, creatinine.is([]string{"612", "598", "640", "655"}[i%4], past, "H"),
				potassium.is([]string{"5.9", "5.20", "6.1", "4.8"}[i%4], past, ""), urea.is("24.3", past, "H"), haemoglobin.is("104", past, "L"),
			),
		)
	}
	return Person{
		Demographics: someone("9997837053", "Mr", "Emeka", "Adeyemi", c.born(59, "01-19"), "male"), Practice: practiceODS(33),
		Story: "haemodialysis three times a week: long lists in pages of five, a creatinine trend, transplant list",
		Holdings: []Holding{
			plainSurgery(c, practiceODS(33)),
			{
				ODS: cbh, Behaviour: Behaviour{PageSize: 5}, Appointments: appointments, Reports: reports, Problems: []Problem{
					diagnosis("esrf", SNOMED("46177005", "End-stage renal disease"), "2022-02", by("adler")),
				},
				Medicines: []Medicine{
					{
						Head:    on(c.day(-60), by("adler")),
						Product: vmp("Darbepoetin alfa 30micrograms/0.3ml solution for injection pre-filled syringes"), Status: "active",
						Category: "outpatient", Dose: "30 micrograms ONCE a week at dialysis", Course: Repeat,
						Dispensed: []Dispense{
							{When: c.day(-6), Quantity: Quantity{Value: "4", Unit: "syringe"}, Status: "completed", By: by("sister")},
						},
					},
				},
				Procedures: []Procedure{
					{What: SNOMED("302497006", "Haemodialysis"), Status: "in-progress", During: Period{Start: "2022-03-01"}},
					{
						What: Words("Creation of arteriovenous fistula, left forearm"), Status: "completed", When: "2021-11",
						Site: SNOMED("66480008", "Left forearm"), Complication: []Concept{Words("Haematoma")},
					},
				},
				Immunisations: []Immunisation{
					{
						Head: on(c.month(-30), by("sister")), Vaccination: SNOMED("170370000", "Administration of first dose of hepatitis B vaccine"),
						When: c.month(-30), Sequence: 1, SeriesOf: 3, Targets: []Concept{SNOMED("66071002", "Viral hepatitis type B")},
					},
				},
			},
		},
	}
}

func dyingWithNurses(c calendar) Holding {
	return Holding{
		ODS: pvt, CarePlans: []CarePlan{{
			Category: SNOMED("736373009", "End of life care plan"), Title: "End of life care plan", Status: "active", Created: c.day(-20),
			Author: by("byrne"), Description: "Wishes to die at home. Wife to be present. Chaplain: yes.",
			Activities: []Activity{
				{Words: "District nurse daily", Status: "in-progress", By: Actor{Team: "nursing"}},
				{Words: "Syringe driver if needed", Status: "scheduled"},
			}, Goals: []Concept{Words("Free of pain"), Words("At home")},
		}},
		Encounters: []Encounter{
			{
				Head: Head{ID: "dn"}, Class: homeVisit, Status: "finished", Type: Words("District nurse visit"),
				When: Period{Start: c.at(-1, "09:30"), End: c.at(-1, "10:05")}, Places: []Visit{{Place: "home", Status: "completed"}},
				People: []Participant{{Role: "PPRF", Actor: by("byrne")}},
			},
		},
		Consents: []Consent{
			{
				Scope: Code{
					System: "http://terminology.hl7.org/CodeSystem/consentscope", Value: "adr", Display: "Advanced Care Directive",
				},
				Category: SNOMED("816381000000105", "Advance decision to refuse treatment"), Status: "active", When: c.day(-24), Deny: true,
				Words: "Refuses ventilation and feeding by tube.",
			},
		},
	}
}
