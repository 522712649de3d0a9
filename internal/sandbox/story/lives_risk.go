package story

// livesAtRisk are about danger at home and life on the street.
func livesAtRisk(c calendar) []Person {
	return []Person{womanAtRisk(c), homelessMan(c)}
}

func womanAtRisk(c calendar) Person {
	h := plainSurgery(c, practiceODS(9))
	h.Behaviour = Behaviour{Confidential: []Area{Consultations}}
	h.Documents = []Document{
		letter(
			"idva", "Letter from domestic abuse advocate", "Letter", c.day(-33), Actor{Display: "Advocate"},
			"Safe telephone: work only, before 5 pm.",
		),
	}
	h.Documents[0].Indexed = c.day(-30)
	h.Documents[0].Labels = []Code{
		{
			System: "http://hl7.org/fhir/v3/ActCode", Value: "NOPAT",
			Display: "no disclosure to patient, family or caregivers without attending provider's authorization",
		},
	}
	marac := flagOf(
		Concept{Codes: []Code{flagType("MARAC", "Multi-Agency Risk Assessment Conferences")}}, "RSO", "Risk to self & others", c.day(-35),
		"High risk. Do not discuss at home or by home telephone.",
	)
	marac.Labels = []Code{{System: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", Value: "V", Display: "very restricted"}}
	return Person{
		Demographics: someone("9998139848", "Mrs", "Emma", "Kelly", c.born(37, "08-28"), "female"), Practice: practiceODS(9),
		Story: "at risk at home: MARAC mark and third-party warnings, a letter not to be disclosed, items withheld",
		Holdings: []Holding{
			h,
			{
				ODS: wyc,
				Flags: []Flag{
					marac,
					flagOf(
						Concept{Codes: []Code{flagType("RFO", "Risk from specified others")}}, "RTS", "Risk to self", c.day(-35),
						"Former partner; see case file.",
					),
				},
			},
			{
				ODS: fgh,
				Encounters: []Encounter{
					{
						Head: Head{ID: "ed"}, Class: emergency, Status: "finished", Type: Words("Emergency attendance"),
						When: Period{Start: c.at(-36, "23:10"), End: c.at(-35, "02:40")}, Reasons: []Concept{Words("Injury to arm")},
						Places: []Visit{{Place: "ed", Status: "completed"}}, People: []Participant{{Role: "PPRF", Actor: by("okoro")}},
					},
				},
			},
		},
	}
}

func homelessMan(c calendar) Person {
	who := someone("9996159493", "Mr", "Lee", "Thompson", c.born(45, "03-23"), "male")
	who.Address = Address{Lines: []string{"No fixed abode"}, Postcode: "ZZ99 3VZ"}
	who.Phones = nil
	h := plainSurgery(c, practiceODS(32))
	h.Problems = []Problem{
		problem(alcoholDependence, "2015", "major"), problem(epilepsy, "2018-09", "major"),
		problem(SNOMED("50711007", "Viral hepatitis C"), "2019", "major"),
	}
	h.Medicines = []Medicine{
		repeat("Thiamine 100mg tablets", "ONE three times a day", "2015-06-01", c.day(-80)),
		ended(repeat("Levetiracetam 500mg tablets", "ONE twice a day", "2018-10-01", c.day(-200)), c.day(-100), "Not collected"),
	}
	h.Observations = []Observation{
		{Head: on(c.day(-80), by("nurse1")), What: alcohol, When: c.day(-80), Value: Value{Quantity: Quantity{Value: "120", Unit: "Unit/week"}}},
	}
	visits := []Encounter{}
	for i, day := range []int{-4, -19, -33, -71, -72, -130} {
		visits = append(
			visits,
			Encounter{
				Head: Head{ID: "ed" + string(rune('a'+i))}, Class: emergency, Status: "finished", Type: Words("Emergency attendance"),
				When: Period{Start: c.at(day, "02:15"), End: c.at(day, "05:30")}, Reasons: []Concept{Words("Seizure, intoxicated")},
				Places: []Visit{{Place: "ed", Status: "completed"}}, People: []Participant{{Role: "PPRF", Actor: by("obi")}},
				Discharge: Discharge{Disposition: Words("Left before treatment was complete")},
			},
		)
	}
	return Person{
		Demographics: who, Practice: practiceODS(32),
		Story: "no fixed abode, alcohol dependence, seizures, six emergency visits, hospital says he takes a medicine that the practice stopped",
		Holdings: []Holding{
			h, {
				ODS: bth, Encounters: visits,
				Medicines: []Medicine{inHospital("Levetiracetam 500mg tablets", "ONE twice a day", c.day(-19), "active", by("obi"))},
				Allergies: []Allergy{
					allergic(SNOMED("292954005", "Penicillin adverse reaction"), c.day(-130), by("obi"), reaction("mild", diarrhoea)),
				},
			},
			{
				ODS: tas,
				Encounters: []Encounter{
					{
						Head: Head{ID: "a1"}, Class: ambulanceC, Status: "finished", Type: Words("Ambulance attendance"),
						When: Period{Start: c.at(-4, "01:20"), End: c.at(-4, "02:10")}, Reasons: []Concept{Words("Seizure in the bus station")},
						People: []Participant{{Role: "PPRF", Actor: by("crew417")}},
					},
				},
			},
			{
				ODS: wyc,
				Contacts: []Contact{
					{
						Reason:    care("SocialCareContactReason", "REQ-ASS", "Request for Assessment"),
						Requester: care("SocialCareRequesterType", "LAHD", "LA Housing Department/Association"), When: c.at(-60, "10:00"),
						Status: "completed", Words: "Housing asks for a Care Act assessment.",
					},
				},
				Flags: []Flag{
					flagOf(SNOMED("401233007", "At risk of self-neglect"), "RTS", "Risk to self", c.day(-60), "Sleeps rough behind the market."),
				},
			},
		},
	}
}
