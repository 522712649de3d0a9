package story

// livesOfTheMind are about mental health, learning disability and safety.
func livesOfTheMind(c calendar) []Person {
	return []Person{detainedMan(c), womanWithDowns(c)}
}

func detainedMan(c calendar) Person {
	who := someone("9992648678", "Mr", "Ravi", "Desai", c.born(34, "11-05"), "male")
	brother := RelatedPerson{
		Name: Name{
			Family: "Desai", Given: []string{"Arjun"},
		}, Relationship: []Concept{Words("Brother")}, Phones: []Phone{{Use: "mobile", Number: "07700 900183"}},
		Roles: []SupportRole{{Code: "NR", Display: "Nearest Relative", When: Period{Start: c.day(-12)}}},
	}
	return Person{
		Demographics: who, Practice: practiceODS(8),
		Story: "detained under section 2 on Maple ward now; clozapine missed; risk to staff; nearest relative named",
		Holdings: []Holding{
			detainedAtPractice(c), onMapleWard(c),
			{
				ODS: ldc, Related: []RelatedPerson{brother},
				Contacts: []Contact{
					{
						Head: Head{ID: "mha"}, Reason: care("SocialCareContactReason", "MHAAR", "Mental Health Act Assessment Request"),
						Requester: care("SocialCareRequesterType", "PCH", "Primary Community Health (GP, community based)"), When: c.at(-12, "13:05"),
						Status: "completed",
					},
				},
				Assessments: []Assessment{
					{
						Type:   named(care("SocialCareAssessmentType", "MH", "Mental Health Assessment"), "Mental Health Act assessment"),
						Status: "completed", Team: Actor{Team: "mental"}, By: by("iqbal"),
						Outcomes: []Concept{care("SocialCareAssessmentOutcome", "ADMH", "Admitted to hospital")},
						When:     Period{Start: c.day(-12), End: c.day(-12)}, Entered: c.day(-12), Contact: "mha",
					},
				},
				Flags: []Flag{
					flagOf(
						Concept{Codes: []Code{flagType("NVU", "Not to be visited unaccompanied")}}, "RTO", "Risk to other", c.day(-12),
						"Two workers at every visit.",
					),
				},
			},
		},
	}
}

func detainedAtPractice(c calendar) Holding {
	clozapine := Medicine{
		Head: on(c.day(-700), by("gp1")), Product: vmp("Clozapine 100mg tablets"), Course: Repeat, Status: "active", Dose: "TWO at night",
		Elsewhere: "Pendle View clozapine clinic", Authorised: Period{Start: c.day(-700)}, MissingIssues: true,
	}
	return Holding{
		ODS: practiceODS(8), Registered: "2016-01-20", Allergies: []Allergy{
			allergic(
				SNOMED("292360004", "Diazepam adverse reaction"), "2017-03", by("gp1"),
				[]Reaction{
					{Manifestations: []Concept{Coded("http://hl7.org/fhir/v3/NullFlavor", "UNC", "un-encoded")}, Description: "became very agitated"},
				},
			),
		},
		Problems: []Problem{
			problem(schizophrenia, "2013-05", "major"), problem(SNOMED("77176002", "Smoker"), "2009", "minor"),
		}, Medicines: []Medicine{clozapine},
		Recalls: []Recall{
			{Head: on(c.day(-100), by("nurse1")), What: SNOMED("408490001", "Antipsychotic drug therapy"), Due: c.day(-30), By: by("nurse1")},
		},
		Consultations: []Consultation{
			note(
				"crisis", "Telephone call to a patient", c.at(-13, "16:40"), "gp2", "Deterioration", "History",
				"Brother rang: not sleeping, talking to the radio, no tablets for ten days.", "Plan", "Crisis team asked to assess today.",
			),
		},
	}
}

func onMapleWard(c calendar) Holding {
	stay := Encounter{
		Head: Head{ID: "stay"}, Class: inpatient, Status: "in-progress", Type: Words("Mental health admission"), Service: SNOMED(
			"708168004", "Mental health service",
		), When: Period{Start: c.at(-12, "19:30")},
		Reasons: []Concept{Words("Relapse of psychosis")}, Diagnoses: []Diagnosis{
			{Problem: "psychosis", Use: "AD", Rank: 1},
		}, People: []Participant{{Role: "PPRF", Actor: by("stone")}},
		Places: []Visit{{Place: "maple", Status: "active", When: Period{Start: c.at(-12, "19:30")}}}, PartOf: "spell",
		LegalStatus: []LegalStatus{{Context: "admission", Classification: "02", Words: "Formally detained under Mental Health Act Section 2"}},
	}
	place := Encounter{
		Head: Head{ID: "s136"}, Class: emergency, Status: "finished", Type: Words("Place of safety"), When: Period{
			Start: c.at(-12, "09:00"), End: c.at(-12, "19:30"),
		}, People: []Participant{{Role: "PPRF", Actor: by("stone")}},
		LegalStatus: []LegalStatus{
			{Context: "admission", Classification: "20", Words: "Formally detained under Mental Health Act Section 136"},
		}, PartOf: "spell",
	}
	clozapine := Medicine{
		Head: on(c.at(-11, "10:00"), by("stone")), Product: vmp("Clozapine 25mg tablets"), Status: "active", Category: "inpatient",
		Dose: "12.5 mg on day one, then as the titration chart says", Course: Acute,
		Given: []Given{
			{
				When: c.at(-1, "21:00"), Dose: Quantity{Value: "100", Unit: "mg", Code: "mg"}, By: by("byrne"),
			}, {When: c.at(-2, "21:00"), Status: "not-done", Reason: Words("Refused"), By: by("byrne")},
			{When: c.at(-3, "21:00"), Dose: Quantity{Value: "87.5", Unit: "mg", Code: "mg"}, By: by("byrne")},
		},
	}
	advance := Consent{
		Scope:    Code{System: "http://terminology.hl7.org/CodeSystem/consentscope", Value: "adr", Display: "Advanced Care Directive"},
		Category: Words("Advance statement"), Status: "active", When: c.day(-400), Permit: true,
		Words: "Prefers olanzapine to haloperidol if very unwell.",
	}
	group := Encounter{
		Head:   Head{ID: "spell"},
		Class:  Code{System: "https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-EncounterClass", Value: "GROUPING", Display: "Grouping"},
		Status: "in-progress", When: Period{Start: c.at(-12, "09:00")},
	}
	return Holding{
		ODS: pvt, Problems: []Problem{
			diagnosis("psychosis", schizophrenia, "2013-05", by("stone")),
		}, Encounters: []Encounter{group, stay, place}, Medicines: []Medicine{clozapine}, Consents: []Consent{advance},
		Flags: []Flag{
			flagOf(
				SNOMED("129707006", "At risk for other-directed violence"), "RTO", "Risk to other", c.day(-12),
				"Struck a member of staff on arrival. See in pairs, no lone interviews.",
			),
			flagOf(SNOMED("225444004", "At risk for suicide"), "RTS", "Risk to self", c.day(-12), "Voices tell him to jump. Level 3 observation."),
		},
		Observations: []Observation{
			{
				Category: "survey", What: Words("Brief Psychiatric Rating Scale"), When: c.at(-10, "11:00"),
				Value: Value{Quantity: Quantity{Value: "58"}},
			},
			bloodPressure("132", "84", c.at(-1, "08:00")),
		},
		Reports: []Report{bloods(bloodCount, c.at(-11, "09:00"), whiteCells.is("6.2", c.at(-11, "09:00"), ""))},
		CarePlans: []CarePlan{
			{
				Category: SNOMED("736253002", "Mental health crisis plan"), Title: "Crisis and contingency plan", Status: "active",
				Created: c.day(-300), Author: by("stone"),
				Activities: []Activity{{Words: "Early signs: stops cooking, covers mirrors"}, {Words: "Ring Arjun first"}},
			},
		},
		Episodes: []Episode{
			{Type: Words("Early intervention pathway"), Status: "active", When: Period{Start: "2013-06-01"}, Team: "cmht", Manager: by("tariq")},
		},
	}
}

func womanWithDowns(c calendar) Person {
	who := someone("9998051363", "Ms", "Sophie", "Iddon", c.born(42, "06-09"), "female")
	who.Languages = []Language{{Code: "en", Display: "English", Preferred: true}}
	return Person{
		Demographics: who, Practice: practiceODS(27),
		Story: "Down syndrome: about me in her words, reasonable adjustments, DoLS, hospital passport, coeliac disease",
		Holdings: []Holding{
			downsAtPractice(c),
			downsInTheCommunity(c),
			{
				ODS: ldc, Services: []Service{
					{
						Type:     care("SocialCareServiceType", "CSL", "Community Supported Living"),
						Category: care("SocialCareServiceCategory", "LTS-C", "Long Term Support: Community"), Provider: Actor{ODS: bch},
						Manager: by("dunn"), Status: "active", When: Period{Start: "2018-04-01"},
					},
				},
				SupportReasons: []SupportReason{
					{
						Reason:   care("SocialCareSupportReason", "LDS", "Learning Disability Support"),
						Category: care("SocialCareSupportReasonCategory", "LDS", "Learning Disability Support"), Primary: true, Status: "active",
						When: Period{Start: "2002"},
					},
				},
				Flags: []Flag{
					flagOf(
						Concept{Codes: []Code{flagType("DOLS", "Deprivation of Liberty Safeguards")}}, "SGC", "Safeguarding concern", c.day(-210),
						"DoLS authorisation in force; conditions reviewed every six months.",
					),
				},
			},
		},
	}
}

func downsAtPractice(c calendar) Holding {
	h := plainSurgery(c, practiceODS(27))
	h.Problems = []Problem{
		problem(downsSyndrome, c.born(42, "06-09"), "major"), problem(learningDisabled, "1990", "major"), problem(coeliac, "2009-03", "major"),
		problem(hypothyroidism, "2014", "major"),
	}
	h.Medicines = []Medicine{
		repeat("Levothyroxine sodium 50microgram tablets", "ONE each morning", "2014-03-01", c.day(-11)),
		{
			Head: on("2009-04", by("gp1")), Product: vmp("Gluten free bread"), Course: Repeat, Status: "active", Dose: "8 loaves a month",
			Authorised: Period{Start: "2009-04"}, LastIssued: c.day(-11), QuantityWords: "8 loaf",
			Issues: []Issue{{On: c.day(-11), Status: "completed", QuantityWords: "8 loaf"}},
		},
	}
	h.Observations = []Observation{
		{
			Head: on(c.day(-150), by("nurse1")), What: SNOMED("199751000000100", "Learning disabilities annual health assessment"), When: c.day(-150),
			Comment: "Hearing checked, weight stable, TFT normal per laboratory.",
		},
	}
	return h
}

func downsInTheCommunity(c calendar) Holding {
	form := Questionnaire{
		Form: "https://fhir.nhs.uk/Questionnaire/AboutMe", Title: "About Me", Status: "completed", When: c.at(-70, "14:00"), Author: by("byrne"),
		Groups: []Question{
			{
				LinkID: "1", What: "What is most important to me",
				Code:   Code{System: SystemSNOMED, Value: "1515861000000103", Display: "Important to me"},
				Answer: []Value{{Text: "My sister Beth, my cat and swimming on Fridays."}},
			},
			{
				LinkID: "2", What: "How I communicate and how to communicate with me",
				Code:   Code{System: SystemSNOMED, Value: "1515881000000107", Display: "How I communicate"},
				Answer: []Value{{Text: "Short words. Show me. Give me time. I say yes when I am scared."}},
			},
			{
				LinkID: "3", What: "Please do and please don't",
				Code:   Code{System: SystemSNOMED, Value: "1515901000000105", Display: "Please do and please don't"},
				Answer: []Value{{Text: "Please don't touch my face without telling me."}},
			},
		},
	}
	return Holding{
		ODS: pvt, Questionnaires: []Questionnaire{form},
		Flags: []Flag{
			adjustment(Words("Uses Makaton and pictures"), c.day(-800), "Bring the picture board; allow double time"),
			adjustment(Words("Needs a quiet waiting place"), c.day(-800), "First or last appointment of the day"),
		},
		Problems: []Problem{
			{Head: on("2012", by("byrne")), What: Words("Learning disability"), Status: "active", Impairment: true},
			diagnosis("ld", learningDisabled, "1990", by("moss")),
		},
		Documents: []Document{
			letter(
				"passport", "Hospital passport", "Passport", c.at(-70, "15:00"), by("byrne"), "Things you must know about me",
				"Things that are important to me", "My likes and dislikes",
			).asPDF(),
		},
		Related: []RelatedPerson{
			{
				Name: Name{Family: "Iddon", Given: []string{"Bethany"}}, Relationship: []Concept{Words("Sister")},
				Phones: []Phone{{Use: "mobile", Number: "07700 900177"}}, Rank: 1, CopyLetter: true,
			},
		},
		Consents: []Consent{
			{
				Scope: Code{
					System: "http://terminology.hl7.org/CodeSystem/consentscope", Value: "patient-privacy", Display: "Privacy Consent",
				},
				Category: Words("Information access"), Status: "active", When: c.day(-70), Permit: true,
				Basis: Coded("https://fhir.nhs.uk/England/CodeSystem/England-ProxyRole", "002", "Best interests"),
			},
		},
	}
}
