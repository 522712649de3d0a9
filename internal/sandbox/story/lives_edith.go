package story

// edith is the main story: 84, frail, home again after a fall, with a changed dose that her practice has not filed yet,
// a ReSPECT plan, a daughter with power of attorney, and a mental health trust that never answers.
func edith(c calendar) Person {
	return Person{
		Demographics: Demographics{
			NHSNumber: "9991411690", Born: "1942-03-03", Gender: "female",
			Name:    Name{Prefix: "Mrs", Family: "Ashworth", Given: []string{"Edith", "Margaret"}},
			Address: Address{Lines: []string{"14 Beck Lane"}, City: "Nether Wyrefield", Postcode: "XX7 4QT"},
			Phones:  []Phone{{Use: "home", Number: "01632 960147"}},
			Contacts: []RelatedPerson{{
				Name: Name{
					Family: "Ashworth-Lee", Given: []string{"Ruth"},
				}, Relationship: []Concept{Words("Daughter")}, Phones: []Phone{{Use: "home", Number: "01632 960148"}},
			}},
		},
		Story:    "84, frailty, fall and A&E: allergies in conflict, dose differs, ReSPECT, one source silent, one incomplete",
		Practice: hodder,
		Relations: []RelatedPerson{{
			Name: Name{
				Family: "Ashworth-Lee", Given: []string{"Ruth"},
			}, Relationship: []Concept{Words("Daughter")}, Phones: []Phone{{Use: "home", Number: "01632 960148"}},
		}},
		Faults:   map[string]string{pvt: "hang-before-headers"},
		Holdings: []Holding{edithAtHodder(c), edithAtBowland(c), edithAtFellside(c), edithInAmbulance(c), edithAtCouncil(c), {ODS: pvt}, edithAtKelbrook(c)},
	}
}

func edithAtHodder(c calendar) Holding {
	h := Holding{
		ODS: hodder, Registered: "1987-06-01",
		Behaviour: Behaviour{
			AwaitingFiling: []Area{Allergies, Medication, Problems, Consultations, Investigations, Uncategorised}, Confidential: []Area{Problems},
		},
		Allergies: []Allergy{
			allergic(penicillin, "1998-06", by("gp3"), reaction("severe", anaphylaxis)),
			allergic(trimethoprim, "2019-02-22", by("gp1"), reaction("mild", rash)),
			{
				Head: on("1996", by("gp3")), Agent: aspirin, Category: []string{"medication"}, Status: "resolved", Onset: "1996",
				Ended: "2011-05-14", EndReason: "not an allergy", Reactions: reaction("mild", indigestion),
			},
		},
		Medicines: edithMedicines(c),
		Problems: []Problem{
			problem(moderateFrailty, c.day(-898), "major"), problem(alzheimers, c.month(-33), "major"), problem(heartFailureEF, "2021-05", "major"),
			problem(atrialFibrillation, "2017-09-08", "major"), problem(ckd3b, "2022-11", "major"), problem(osteoporosis, "2019", "major"),
			problem(hypothyroidism, "2003", "major"), over(problem(pneumonia, "2022-01", "major"), "2022-02"),
		},
		Immunisations: []Immunisation{
			{
				Head: on(c.day(-46), by("nurse1")), Vaccination: SNOMED("86198006", "Administration of influenza vaccine"), When: c.day(-46),
				GivenBy: by("nurse1"), EnteredBy: by("nurse1"), Batch: "FL4471", Place: "surgery", Site: SNOMED("368208006", "Left upper arm"),
			},
			{
				Head: on("2015-10", by("nurse1")), Vaccination: SNOMED("12866006", "Administration of pneumococcal vaccine"), When: "2015-10",
				EnteredBy: by("nurse1"), Reported: true,
			},
		},
		Recalls: []Recall{{Head: on(c.day(-16), by("gp1")), What: SNOMED("314529007", "Medication review due"), Due: c.day(30), By: by("gp1")}},
		Referrals: []Referral{{
			Head: on(c.day(-110), by("gp1")), Reason: SNOMED("129839007", "At risk for falls"), Service: Words("Frailty clinic"), Urgency: "urgent",
			When: c.day(-110), From: by("gp1"), To: []Actor{{ODS: bth}}, Description: "Two falls since spring, please assess", UBRN: "000049613456",
		}},
	}
	edithConsultations(c, &h)
	edithPracticeResults(c, &h)
	memory := letter(
		"", "Memory clinic letter", "Clinical letter", "2024-02-15", Actor{ODS: pvt}, "Diagnosis: dementia in Alzheimer's disease.",
		"Donepezil started.",
	)
	memory.Attachment.ContentType, memory.Attachment.Content, memory.Indexed = "image/png", pixel, "2024-02-22T11:02:00+00:00"
	respect := letter(
		"respect", "ReSPECT form", "ReSPECT", c.day(-89), by("gp1"), "Summary: frail, values comfort and being at home.",
		"CPR attempts NOT recommended.", "Discussed with Mrs Ashworth and her daughter.",
	).asPDF()
	respect.Indexed = c.day(-88)
	h.Documents = append(h.Documents, memory, respect,
		frailtyLetter(c).received("Clinical letter", c.at(-84, "08:40"), bth), echoReport().received(
			"Echocardiogram report", "2021-05-20T09:00:00+01:00", bth,
		))
	h.Appointments = []Appointment{
		{
			Status: "booked", Start: c.at(3, "09:10"), End: c.at(3, "09:20"), Minutes: 10, Description: "Blood test", With: by("nurse1"),
			Place: "surgery", Channel: "in-person",
		},
	}
	return h
}

func edithMedicines(c calendar) []Medicine {
	last, earlier := c.day(-16), c.day(-30)
	eyeDrops := acute("Chloramphenicol 0.5% eye drops", "ONE drop into the right eye, four times a day for 5 days", c.day(-23), c.day(-18), by("gp1"))
	return []Medicine{
		repeat("Bisoprolol 2.5mg tablets", "ONE each morning", "2017-09-10", last),
		repeat("Amlodipine 5mg tablets", "ONE each morning", "2014-03-02", last),
		repeat("Apixaban 2.5mg tablets", "ONE twice a day", "2017-09-10", last),
		repeat("Furosemide 40mg tablets", "ONE each morning", "2021-05-20", last),
		repeat("Levothyroxine sodium 50microgram tablets", "ONE each morning", "2003-04-11", last),
		repeat("Lansoprazole 15mg gastro-resistant capsules", "ONE each morning", "2017-09-10", last),
		repeat("Donepezil 10mg tablets", "ONE at night", "2024-03-01", last),
		repeat("Atorvastatin 20mg tablets", "ONE at night", "2012-01-09", last),
		repeat("Colecalciferol 800unit capsules", "ONE a day", "2019-06-01", last),
		repeat("Paracetamol 500mg tablets", "ONE or TWO, up to 4 times a day, when needed", "2016-02-12", earlier),
		repeat("Macrogol compound oral powder sachets NPF sugar free", "ONE sachet, up to twice a day, when needed", "2025-02-03", earlier),
		acute("Doxycycline 100mg capsules", "TWO on day 1, then ONE a day for 4 days", c.day(-14), c.day(-10), by("gp2")),
		eyeDrops,
		ended(repeat("Alendronic acid 70mg tablets", "ONE a week", "2019-06-01", c.day(-60)), c.day(-39), "eGFR below 35"),
		ended(repeat("Ramipril 2.5mg capsules", "ONE a day", "2021-05-20", "2025-02-20"), "2025-03-14", "Acute kidney injury"),
		ended(repeat("Senna 7.5mg tablets", "TWO at night", "2023-03-20", "2025-01-10"), "2025-02-03", "No information available"),
	}
}

func edithConsultations(c calendar, h *Holding) {
	h.Observations = append(h.Observations,
		Observation{
			Head: Head{ID: "dnacpr", Recorded: c.day(-89), RecordedBy: by("gp1")},
			What: SNOMED("450476008", "Not for attempted cardiopulmonary resuscitation"), When: c.day(-89),
			Comment: "ReSPECT form completed with patient and daughter.",
		},
		Observation{
			Head: Head{ID: "cfs", Recorded: c.day(-89), RecordedBy: by("gp1")},
			What: SNOMED("763264000", "Canadian Study of Health and Aging Clinical Frailty Scale score"), When: c.day(-89),
			Value: Value{Quantity: Quantity{Value: "6"}},
		},
		Observation{
			Head: Head{ID: "hearing", Recorded: c.day(-898), RecordedBy: by("gp1")}, What: SNOMED("15188001", "Hearing loss"), When: c.day(-898),
			Comment: "Reasonable adjustment: face her, speak to the left side, allow time.",
		},
		bloodPressure("148", "62", c.at(-14, "12:10")), vital(bodyWeight, "51.30", "kg", c.day(-89)),
	)
	dizzy := note("dizzy", "Telephone call to a patient", c.at(-2, "11:25"), "gp2", "Dizziness",
		"History", "Dizzy on standing since discharge on the 12th. No black-outs, no further fall.", "Plan", "Lying and standing BP asked for. Bloods booked. Amlodipine to be reviewed when the letter is filed.")
	chest := note("chest", "Home visit", c.at(-14, "12:00"), "gp2", "Chest infection",
		"History", "Productive cough for 5 days.", "Examination", "Chest clear, temp 37.4, sats 95% on air.", "Plan", "Doxycycline: penicillin allergic.")
	plan := note(
		"plan", "GP Surgery", c.at(-89, "15:30"), "gp1", "ReSPECT conversation", "History",
		"Talked with her and Ruth about what matters: staying at home, no more hospital than needed.",
	)
	plan.Topics[0].Headings = append(
		plan.Topics[0].Headings, Heading{Title: "Examination", Items: []Item{{Ref: "cfs"}}},
		Heading{Title: "Plan", Items: []Item{{Ref: "dnacpr"}, {Ref: "respect"}}},
	)
	h.Consultations = append(h.Consultations, dizzy, chest, plan)
}

func edithPracticeResults(c calendar, h *Holding) {
	thyroidTest := atPractice(bloods(thyroid, c.at(-89, "09:15"), tsh.is("3.2", c.at(-89, "09:15"), "")), c.day(-87), "Normal, no action")
	sugar := hba1c.is("41", c.at(-89, "09:15"), "")
	sugar.Status, sugar.Comment = "amended", "Amended report: reissued after repeat of the assay."
	diabetes := bloods(SNOMED("43396009", "Haemoglobin A1c measurement"), c.at(-89, "09:15"), sugar)
	diabetes.Status, diabetes.Issued, diabetes.Category = "amended", c.at(-85, "17:00"), gpPathology
	h.Reports = append(h.Reports, thyroidTest, diabetes)
}

func edithAtFellside(c calendar) Holding {
	eye := clinic(
		"eye", c.at(-77, "14:00"), c.at(-77, "14:30"), SNOMED("310068003", "Ophthalmology service"), by("brandt"), "eye",
		"Left cataract, review in 4 months",
	)
	old := bloods(kidneyPanel, c.at(-77, "15:00"), Observation{
		Category: "laboratory", What: creatinine.what, When: c.at(-77, "15:00"), Specimen: "blood",
		Value:  Value{Quantity: Quantity{Value: "1.24", Unit: "mg/dL", Code: "mg/dL"}},
		Ranges: []Range{{Low: Quantity{Value: "0.5", Unit: "mg/dL"}, High: Quantity{Value: "1.0", Unit: "mg/dL"}}}, Interpretation: high,
	})
	removed := over(diagnosis("cataract", SNOMED("193570009", "Cataract of right eye"), "2016", by("brandt")), "2018")
	return Holding{
		ODS: fgh, Allergies: []Allergy{nothingKnown(noKnownAllergy, c.day(-77), by("triage"))},
		Problems:   []Problem{diagnosis("af", atrialFibrillation, c.day(-77), by("brandt")), removed},
		Encounters: []Encounter{eye}, Reports: []Report{old},
		Procedures: []Procedure{{
			Head: Head{ID: "phaco"}, What: SNOMED(
				"415089008", "Phacoemulsification of cataract with intraocular lens implantation",
			), Status: "completed", When: "2018-06-12",
			Site: SNOMED("18944008", "Right eye"), Performers: []Participant{{Role: "PPRF", Actor: by("brandt")}}, Place: "eye",
			Implant: "Intraocular lens +21.5 D",
		}},
	}
}

var high = Coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "H", "High")

func edithInAmbulance(c calendar) Holding {
	start := c.at(-6, "09:31")
	scores := news2(start, [7]int{0, 1, 0, 0, 0, 0, 0})
	scores.Encounter = "999"
	return Holding{
		ODS: tas,
		Encounters: []Encounter{{
			Head: Head{ID: "999"}, Class: ambulanceC, Status: "finished", Type: Words("Ambulance attendance"),
			When:    Period{Start: start, End: c.at(-6, "10:44")},
			Reasons: []Concept{Words("Pendant alarm. Found on kitchen floor, alert, no head injury seen. Conveyed to Bowland.")},
			People:  []Participant{{Role: "PPRF", Actor: by("crew417")}}, Places: []Visit{{Place: "scene", Status: "completed"}},
		}},
		Observations: []Observation{scores, bloodPressure("104", "58", start)},
	}
}

// edithAtKelbrook stands on no page before somebody has brought the hospital on.
func edithAtKelbrook(c calendar) Holding {
	return Holding{
		ODS: kgh, Problems: []Problem{diagnosis("hearing", Words("Hearing loss in both ears"), "2018-03-12", by("hurst"))},
		Encounters: []Encounter{
			clinic("audiology", c.at(-150, "10:00"), c.at(-150, "10:30"), Words("Audiology"), by("hurst"), "opd", "Hearing aids checked"),
		},
		Documents: []Document{letter("audiology", "Audiology letter", "Clinical letter", c.at(-149, "12:00"), by("hurst"), "Hearing aids in both ears.", "Speak to her face.")},
	}
}

func edithAtCouncil(c calendar) Holding {
	since := "2023-10-02"
	return Holding{
		ODS: wyc,
		Services: []Service{
			{
				Head: Head{ID: "package", Notes: []string{"4 visits a day, 30 minutes, 7 days. Provider: Beckside Home Care, 01632 960455"}},
				Type: care("SocialCareServiceType", "HS", "Home Support"), Category: care(
					"SocialCareServiceCategory", "LTS-C", "Long Term Support: Community",
				),
				Provider: Actor{ODS: bch}, Manager: by("okafor"), Status: "active", When: Period{Start: since}, History: []StatusSpan{
					{Status: "planned", When: Period{Start: "2023-09-20", End: since}},
				},
			},
			{
				Type: care(
					"SocialCareServiceType", "PS-SW", "Professional Support- Social Worker",
				), Category: care("SocialCareServiceCategory", "LTS-C", "Long Term Support: Community"),
				Provider: Actor{Team: "north"}, Manager: by("okafor"), Status: "active", When: Period{Start: "2025-01-11"},
			},
		},
		SupportReasons: []SupportReason{{
			Reason: care("SocialCareSupportReason", "PS", "Physical Support"), Category: care(
				"SocialCareSupportReasonCategory", "PS", "Physical Support",
			), Primary: true, Status: "active", When: Period{Start: since},
		}},
		Assessments: []Assessment{{
			Type: named(
				care("SocialCareAssessmentType", "CN", "Care Act Needs Assessment"), "Needs assessment after fall",
			), Status: "in-progress", Team: Actor{Team: "north"}, By: by("okafor"),
			When: Period{Start: c.day(-2)}, Entered: c.day(-2), Changed: c.at(-1, "16:20"), Contact: "call", Head: Head{
				Notes: []string{"Increase asked for after fall; reassessment booked"},
			},
		}},
		Contacts: []Contact{{
			Head: Head{ID: "call", Recorded: c.at(-3, "10:02")}, Reason: care(
				"SocialCareContactReason", "REQ-R", "Request for Review",
			), Requester: care(
				"SocialCareRequesterType", "FFN", "Family/Friend/Neighbour",
			),
			When: c.at(-3, "09:50"), Status: "completed", Words: "Daughter asks for more help after the fall.",
		}},
		Equipment: []Equipment{
			{Item: SNOMED("466294007", "Pendant alarm"), Status: "active", When: Period{Start: "2023-10"}, Requested: since},
			{Item: SNOMED("705400003", "Perching stool"), Status: "active", When: Period{Start: "2023-10"}, Requested: since},
			{Item: Words("Bed lever"), Status: "active", When: Period{Start: "2023-10"}, Requested: since},
			{Item: Words("Key safe"), Status: "active", When: Period{Start: "2023-10"}, Requested: since},
		},
		Flags: []Flag{{
			What: named(
				Concept{Codes: []Code{flagType("OTH", "Other")}}, "Lives alone. Key safe fitted; ask the care provider for access",
			), Status: "active", When: Period{Start: since}, Author: by("okafor"),
			Categories: []Code{flagCategory("OTH", "Other")},
		}},
		Related: []RelatedPerson{{
			Name: Name{
				Family: "Ashworth-Lee", Given: []string{"Ruth"},
			}, Gender: "female", Relationship: []Concept{SNOMED("66089001", "Daughter")}, Phones: []Phone{{Use: "home", Number: "01632 960148"}},
			Roles: []SupportRole{
				{Code: "NOK", Display: "Next of Kin", When: Period{Start: since}},
				{Code: "LPA", Display: "Lasting Power of Attorney", When: Period{Start: "2024-05-09"}},
			},
			Head: Head{Notes: []string{"Health and welfare. Lives 20 miles away."}}, When: Period{Start: since},
		}},
	}
}

// named keeps the codes of a concept and gives it the source's own words.
func named(c Concept, words string) Concept {
	c.Text = words
	return c
}

func flagCategory(code, display string) Code {
	return Code{System: "https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-FlagCategory", Value: code, Display: display}
}

func flagType(code, display string) Code {
	return Code{System: "https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-FlagType", Value: code, Display: display}
}
