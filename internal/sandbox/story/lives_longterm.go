package story

// livesOfLongIllness are about years of treatment and care at home.
func livesOfLongIllness(c calendar) []Person {
	return []Person{diabetic(c), careAtHome(c)}
}

func diabetic(c calendar) Person {
	h := plainSurgery(c, practiceODS(5))
	h.Problems = []Problem{
		problem(type2Diabetes, "2011-10", "major"), problem(SNOMED("4855003", "Diabetic retinopathy"), "2019-06", "minor"),
		problem(hypertension, "2012-01", "major"),
	}
	h.Problems[0].ID, h.Problems[1].ID = "dm", "eye"
	h.Problems[1].Relations = []Relation{{Type: "Parent", Target: "dm"}}
	h.Problems[0].Links = []string{"foot"}
	h.Problems[0].LinkWords = []string{"Referral items are not supported by the provider system."}
	h.Observations = []Observation{
		{
			Head: Head{ID: "foot", Recorded: c.day(-90), RecordedBy: by("nurse1")}, What: SNOMED("401191002", "Diabetic foot examination"),
			When: c.day(-90), Comment: "Right foot pulses not felt; podiatry aware.",
		},
		{
			Head: on(c.day(-90), by("nurse1")), What: bodyMass, When: c.day(-90),
			Value: Value{Quantity: Quantity{Value: "31.40", Unit: "kg/m2", Code: "kg/m2"}},
		}, bloodPressure("142", "86", c.at(-90, "09:10")),
	}
	h.Medicines = []Medicine{
		repeat("Metformin 500mg tablets", "TWO twice a day with meals", "2011-11-01", c.day(-19)),
		repeat("Gliclazide 80mg tablets", "ONE twice a day", "2016-05-01", c.day(-19)),
	}
	for i, value := range []string{"61", "64.0", "58", "55", "53", "<20"} {
		taken := c.at(-20-180*i, "08:20")
		sugar := hba1c.is(value, taken, "")
		if i == 0 {
			sugar.Comment = "Target individualised.\nRepeat in 6 months."
		}
		h.Reports = append(
			h.Reports, atPractice(bloods(SNOMED("43396009", "Haemoglobin A1c measurement"), taken, sugar), c.day(-18-180*i), "Discuss at review"),
		)
	}
	group := Observation{
		Category: "laboratory", What: kidneyPanel, When: c.at(-20, "08:20"),
		Group: []Observation{
			creatinine.is("92", c.at(-20, "08:20"), ""), potassium.is("4.5000000000000002", c.at(-20, "08:20"), ""),
			sodium.is("139", c.at(-20, "08:20"), ""),
		},
		Comment: "Sample slightly haemolysed.",
	}
	panel := atPractice(bloods(kidneyPanel, c.at(-20, "08:20"), group), c.day(-18), "")
	panel.Request = &TestRequest{
		ID: "req1", What: kidneyPanel, Reason: Words("Annual diabetes review"), By: by("gp1"), On: c.day(-21), Status: "active",
	}
	panel.Specimens[0].Notes = []string{"Fasting not stated"}
	h.Reports = append(h.Reports, panel)
	h.Recalls = []Recall{
		{Head: on(c.day(-90), by("nurse1")), What: SNOMED("73211009", "Diabetes mellitus"), Due: c.day(-2), By: by("nurse1")},
		{Head: on(c.day(-90), by("nurse1")), What: SNOMED("385954004", "Foot care assessment"), Due: c.day(60), DueEnd: c.day(90), By: by("nurse1")},
	}
	gliclazide := inHospital("Gliclazide 80mg tablets", "HALF a tablet each morning", c.day(-45), "active", by("lund"))
	return Person{
		Demographics: someone("9993396435", "Mrs", "Zainab", "Hussain", c.born(63, "02-02"), "female"), Practice: practiceODS(5),
		Story: "diabetes: HbA1c trend over years with comments, related problems, dose differs at hospital, recall overdue",
		Holdings: []Holding{h, {
			ODS: fgh, Problems: []Problem{diagnosis("dm", type2Diabetes, "2011-10", by("lund"))}, Medicines: []Medicine{gliclazide},
			Encounters: []Encounter{
				clinic(
					"dm", c.at(-45, "10:00"), c.at(-45, "10:20"), SNOMED("310071006", "Diabetology service"), by("lund"), "opd",
					"Two hypos: gliclazide reduced",
				),
			},
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
			careFromLoudshire(c),
		},
	}
}

func careFromLoudshire(c calendar) Holding {
	return Holding{
		ODS:      ldc,
		Services: loudshireServices(c),
		SupportReasons: []SupportReason{
			{
				Reason:   care("SocialCareSupportReason", "PS", "Physical Support"),
				Category: care("SocialCareSupportReasonCategory", "PS", "Physical Support"), Primary: true, Status: "active",
				When: Period{Start: "2020-01"},
			},
			{
				Reason: Coded(
					"https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-SocialCareSupportReason", "PS-AMO",
					"Access and mobility only",
				),
				Status: "inactive", When: Period{Start: "2018", End: "2020-01"},
			},
		},
		Assessments: loudshireAssessments(c),
		Contacts: []Contact{
			{
				Head: Head{ID: "call"}, Reason: care("SocialCareContactReason", "AEI", "Adaptation/ Equipment Issue"),
				Requester: care("SocialCareRequesterType", "S", "Self"), When: c.at(-7, "09:15"), Status: "completed",
				Words: "Hoist sling is torn.",
			},
			{
				Reason:    care("SocialCareContactReason", "C", "Complaint"),
				Requester: care("SocialCareRequesterType", "FFN", "Family/Friend/Neighbour"), When: c.at(-31, "14:00"), Status: "completed",
			},
		},
		Equipment: []Equipment{
			{
				Item: Words("Ceiling track hoist"), Status: "active", When: Period{Start: "2022-05-01"}, Requested: "2022-02-10",
			}, {Item: Words("Replacement sling, large"), Status: "draft", Requested: c.day(-7)},
			{
				Item: Words("Wheeled commode"), Status: "cancelled", Requested: "2022-02-10",
				Head: Head{Notes: []string{"Declined by Mr Ormerod"}},
			}, {Item: Words("Walking frame"), Status: "completed", When: Period{Start: "2019", End: "2021"}, Requested: "2019"},
		},
		Related: []RelatedPerson{
			{
				Name: Name{Family: "Ormerod", Given: []string{"Pauline"}}, Relationship: []Concept{Words("Wife")},
				Roles: []SupportRole{
					{Code: "MC", Display: "Main Carer", When: Period{Start: "2015"}}, {Code: "EC", Display: "Emergency Contact"},
				},
				Phones: []Phone{{Use: "mobile", Number: "07700 900141"}},
			},
			{
				Name: Name{Family: "Fox", Given: []string{"Ted"}}, Relationship: []Concept{Words("Neighbour")},
				Roles: []SupportRole{{Code: "KH", Display: "Key Holder"}}, Inactive: true,
			},
		},
	}
}

func loudshireServices(c calendar) []Service {
	return []Service{
		{
			Type:     care("SocialCareServiceType", "DP", "Direct Payment"),
			Category: care("SocialCareServiceCategory", "LTS-C", "Long Term Support: Community"), Provider: Actor{Team: "adults"},
			Manager: by("dunn"), Status: "active", When: Period{Start: "2021-04-01"},
		},
		{
			Type:     care("SocialCareServiceType", "C-SS", "Carer Sitting Service"),
			Category: care("SocialCareServiceCategory", "CS-SIPC", "Carer Support: Support involving the person cared-for"),
			Provider: Actor{ODS: bch}, Status: "planned", When: Period{Start: c.day(-60)},
			History: []StatusSpan{
				{Status: "active", When: Period{Start: c.day(-60), End: c.day(-10)}},
				{Status: "finished", When: Period{Start: c.day(-10)}},
			},
		},
		{
			Type:     care("SocialCareServiceType", "R", "Reablement"),
			Category: care("SocialCareServiceCategory", "STS-STMAX", "Short Term Support: ST-Max"), Provider: Actor{Team: "adults"},
			Status: "finished", When: Period{Start: "2020-01-10", End: "2020-02-20"},
		},
	}
}

func loudshireAssessments(c calendar) []Assessment {
	return []Assessment{
		{
			Head:   Head{ID: "ot"},
			Type:   named(care("SocialCareAssessmentType", "OT", "Occupational Therapy Assessment"), "Moving and handling review"),
			Status: "accepted", Team: Actor{Team: "adults"}, When: Period{Start: c.day(9)}, Entered: c.day(-6), Changed: c.day(-6),
			Contact: "call",
		},
		{
			Type: care("SocialCareAssessmentType", "CA", "Carers Assessment"), Status: "completed", Team: Actor{Team: "adults"},
			By: by("dunn"), Outcomes: []Concept{care("SocialCareAssessmentOutcome", "DNH-IL", "Data Not Held-Individual Level")},
			When: Period{Start: c.day(-300), End: c.day(-290)}, Entered: c.day(-300), Bad: true,
		},
		{
			Type: care("SocialCareAssessmentType", "CN", "Care Act Needs Assessment"), Status: "cancelled", Team: Actor{Team: "adults"},
			When: Period{Start: c.day(-500)}, Entered: c.day(-500),
		},
	}
}
