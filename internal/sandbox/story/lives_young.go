package story

// livesOfTheYoung are about a newborn and a looked-after girl.
func livesOfTheYoung(c calendar) []Person {
	return []Person{newborn(c), lookedAfter(c)}
}

func newborn(c calendar) Person {
	born := c.day(-19)
	who := someone("9998579112", "", "Baby", "Duckworth-Hill", born, "male")
	who.Verification = "02"
	return Person{
		Demographics: who, Practice: slaidburn,
		Story: "19 days old: NHS number not yet verified at the hospital, blood spot result preliminary, nothing at the practice yet",
		Holdings: []Holding{
			{ODS: slaidburn, Registered: c.day(-4), Behaviour: Behaviour{AwaitingFiling: []Area{Uncategorised, Immunisations}}},
			{
				ODS: swc, Encounters: []Encounter{
					{
						Head: Head{ID: "birth"}, Class: inpatient, Status: "finished", Type: Words("Birth"),
						When: Period{Start: c.at(-19, "04:12"), End: c.at(-17, "15:00")}, Places: []Visit{{Place: "delivery", Status: "completed"}},
						People: []Participant{{Role: "PPRF", Actor: by("midwife")}},
					},
				},
				Observations: []Observation{
					vital(SNOMED("364589006", "Birth weight"), "3410", "g", c.at(-19, "04:20")),
					{
						Category: "exam", What: SNOMED("169922007", "Apgar at 5 minutes"), When: c.at(-19, "04:17"),
						Value: Value{Quantity: Quantity{Value: "9"}},
					},
				},
				Immunisations: []Immunisation{
					{
						Head: on(c.day(-18), by("midwife")), Vaccination: SNOMED("42284007", "Administration of BCG vaccine"), When: c.day(-18),
						GivenBy: by("midwife"), Batch: "BCG109", Site: SNOMED("368208006", "Left upper arm"),
					},
				},
				Reports: []Report{
					{
						Category: pathology, Name: Words("Newborn blood spot screening"), Status: "preliminary", Effective: c.at(-14, "10:00"),
						Issued: c.at(-8, "12:00"), Conclusion: "Four of nine conditions reported; repeat sample not needed so far.",
					},
				},
			},
		},
	}
}

func lookedAfter(c calendar) Person {
	who := someone("9998113164", "Miss", "Chloe", "Marsden", c.born(15, "09-03"), "female")
	crisis := letter(
		"crisis", "Crisis plan", "Plan", c.at(-30, "15:00"), by("moss"), "When it gets bad: text Sam, go to the sensory room, ring the crisis team.",
		"Please don't: crowd me, call my mum first.",
	).asPDF().typed("736253002", "Mental health crisis plan")
	crisis.Category = SNOMED("734163000", "Care plan")
	return Person{
		Demographics: who, Practice: millbrook, Story: "15, looked after by the council, self-harm, crisis plan, education health and care plan",
		Holdings: []Holding{
			plainTeenager(c),
			{
				ODS: pvt, Problems: []Problem{diagnosis("dep", depression, c.day(-400), by("moss"))}, Documents: []Document{crisis},
				Flags: []Flag{
					flagOf(
						SNOMED("401206008", "At risk of self harm"), "RTS", "Risk to self", c.day(-60), "Self-harm with blades; means kept by carer.",
					),
				},
				Encounters: []Encounter{
					clinic(
						"camhs", c.at(-30, "14:00"), c.at(-30, "15:00"), SNOMED("310116007", "Child and adolescent psychiatry service"), by("moss"),
						"site", "Review after overdose in spring",
					),
				},
				Medicines: []Medicine{inHospital("Fluoxetine 20mg capsules", "ONE each morning", c.day(-200), "active", by("moss"))},
				CareTeams: []CareTeam{
					{
						Name: "Team around Chloe", Status: "active", When: Period{Start: c.day(-300)},
						Members: []TeamMember{{Role: Words("Care co-ordinator"), Actor: by("tariq")}, {Role: Words("Consultant"), Actor: by("moss")}},
					},
				},
			},
			{
				ODS: wyc, Flags: []Flag{
					flagOf(
						SNOMED("764841000000100", "Looked after child"), "SGC", "Safeguarding concern", c.day(-700),
						"Care order. Social worker has parental responsibility with mother.",
					),
				},
				Related: []RelatedPerson{
					{
						Name: Name{Family: "Holt", Given: []string{"Samantha"}}, Relationship: []Concept{Words("Foster carer")},
						Roles:  []SupportRole{{Code: "MC", Display: "Main Carer", When: Period{Start: c.day(-500)}}},
						Phones: []Phone{{Use: "mobile", Number: "07700 900155"}},
					},
				},
				Contacts: []Contact{
					{
						Reason:    care("SocialCareContactReason", "CFW", "Concern for Welfare"),
						Requester: care("SocialCareRequesterType", "ANON", "Anonymous"), When: c.at(-702, "22:10"), Status: "completed",
						Words: "Caller would not give a name.",
					},
				},
			},
		},
	}
}

func plainTeenager(c calendar) Holding {
	return Holding{
		ODS: millbrook, Registered: c.day(-500), Allergies: []Allergy{nothingKnown(noKnownDrugAllergy, c.day(-480), by("gp1"))},
		Problems: []Problem{problem(depression, c.day(-420), "major")},
		Consultations: []Consultation{
			note(
				"c1", "GP Surgery", c.at(-41, "16:20"), "gp3", "Low mood", "History", "Sleeping better. Seen with carer, then alone.", "Plan",
				"Care stays with CAMHS. Medicine prescribed there.",
			),
		},
		Medicines: []Medicine{
			{
				Head: on(c.day(-190), by("gp3")), Product: vmp("Fluoxetine 20mg capsules"), Course: Repeat, Status: "active",
				Dose: "ONE each morning", Elsewhere: "Pendle View", Authorised: Period{Start: c.day(-190)}, MissingIssues: true,
			},
		},
	}
}
