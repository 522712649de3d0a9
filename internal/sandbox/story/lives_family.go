package story

// livesOfFamilies are about pregnancy, birth and childhood.
func livesOfFamilies(c calendar) []Person {
	return []Person{pregnantWoman(c), asthmaticChild(c)}
}

func pregnantWoman(c calendar) Person {
	who := someone("9994340832", "Mrs", "Amelia Jane", "Duckworth", c.born(29, "07-16"), "female")
	who.Ethnicity = Coded("https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategory", "A", "White - British")
	return Person{
		Demographics: who, Practice: slaidburn,
		Story:    "28 weeks pregnant, gestational diabetes, latex allergy; earlier entries withheld by her practice",
		Holdings: []Holding{pregnancyAtPractice(c), pregnancyAtHospital(c)},
	}
}

func pregnancyAtPractice(c calendar) Holding {
	pertussis := Immunisation{
		Head: on(c.day(-21), by("nurse1")), Vaccination: SNOMED("956951000000104", "Pertussis vaccination in pregnancy"), When: c.day(-21),
		GivenBy: by("nurse1"), EnteredBy: by("nurse1"), Batch: "PE2201",
	}
	return Holding{
		ODS: slaidburn, Registered: "2019-10-10", Behaviour: Behaviour{Confidential: []Area{Consultations, Problems}},
		Allergies: []Allergy{
			{
				Head: on("2013-03-04", by("gp1")), Agent: latex, Category: []string{"environment"}, Status: "active", Onset: "2013",
				Reactions: reaction("moderate", hives),
			},
		},
		Problems: []Problem{problem(pregnant, c.day(-160), "major"), problem(anxiety, "2021-06", "minor")},
		Medicines: []Medicine{
			repeat("Folic acid 5mg tablets", "ONE a day", c.day(-160), c.day(-20)),
			repeat("Ferrous sulfate 200mg tablets", "ONE a day", c.day(-60), c.day(-20)),
		},
		Immunisations: []Immunisation{
			pertussis,
			{
				Head: on(c.day(-30), by("nurse1")), Vaccination: SNOMED("86198006", "Administration of influenza vaccine"), When: c.day(-30),
				NotGiven: true, NotGivenReason: SNOMED("591000119102", "Vaccine declined by patient"), EnteredBy: by("nurse1"),
			},
		},
		Observations: []Observation{
			{
				Head: on(c.day(-160), by("nurse1")), What: SNOMED("161714006", "Estimated date of delivery"), When: c.day(-160),
				Value: Value{Date: c.day(84)},
			},
			{
				Head: on(c.day(-160), by("nurse1")), What: SNOMED("8517006", "Ex-smoker"), When: c.day(-160),
				Comment: "Stopped when she learned of the pregnancy.",
			},
		},
		Consultations: []Consultation{
			note(
				"booking", "GP Surgery", c.at(-160, "09:20"), "gp1", "Pregnancy", "History", "Positive test. Happy. Booking with midwife asked for.",
			),
		},
		Referrals: []Referral{
			{
				Head: on(c.day(-159), by("gp1")), Reason: SNOMED("243787009", "Antenatal screening"), Urgency: "routine", When: c.day(-159),
				From: by("gp1"), To: []Actor{{ODS: swc}},
			},
		},
	}
}

func pregnancyAtHospital(c calendar) Holding {
	glucose := test{SNOMED("1005711000000106", "Glucose tolerance test"), "mmol/L", "", "7.8"}
	scan := imaging(
		SNOMED("241491007", "Ultrasound scan of fetus"), c.at(-56, "10:30"), c.at(-56, "11:10"),
		"Single live fetus. Growth on the 40th centile as drawn. Placenta posterior, clear of the os.", by("lee"),
	)
	scan.Category.Value, scan.Category.Display = "OUS", "OB Ultrasound"
	return Holding{
		ODS: swc,
		Allergies: []Allergy{
			{
				Head: on(c.day(-150), by("midwife")), Agent: latex, Kind: "allergy", Category: []string{"environment"}, Status: "active",
				Confidence: "confirmed", Criticality: "high", Reactions: reaction("severe", hives),
			},
		},
		Problems: []Problem{diagnosis("gdm", SNOMED("11687002", "Gestational diabetes mellitus"), c.day(-14), by("bauer"))},
		Observations: []Observation{
			{
				Category: "social-history", What: SNOMED("738070007", "Estimated date of delivery from scan"), When: c.at(-120, "10:00"),
				Value: Value{Date: c.day(82)}, Performers: []Actor{by("midwife")},
			},
			bloodPressure("118", "72", c.at(-14, "09:50")), vital(SNOMED("249017003", "Symphysis-fundal height"), "27.5", "cm", c.at(-14, "09:52")),
		},
		Encounters: []Encounter{
			clinic(
				"anc", c.at(-14, "09:40"), c.at(-14, "10:20"), SNOMED("310031001", "Obstetrics service"), by("bauer"), "anc",
				"Antenatal review, 26 weeks",
			),
		},
		Episodes: []Episode{
			{
				Head: Head{ID: "maternity"}, Type: Words("Maternity pathway"), Status: "active", When: Period{Start: c.day(-150)},
				Manager: by("midwife"),
			},
		},
		Appointments: []Appointment{
			{
				Status: "booked", Start: c.at(6, "11:00"), End: c.at(6, "11:20"), Minutes: 20, Service: Words("Diabetes antenatal clinic"),
				With: by("bauer"), Place: "anc", Channel: "in-person", Instruction: "Please bring your glucose diary. A partner is welcome.",
			},
		},
		Reports: []Report{
			bloods(SNOMED("1005711000000106", "Glucose tolerance test"), c.at(-18, "08:30"), glucose.is("9.10", c.at(-18, "08:30"), "H")), scan,
		},
		CarePlans: []CarePlan{{
			Category: SNOMED("734163000", "Care plan"), Title: "Birth plan", Status: "active", Created: c.day(-14), Author: by("midwife"),
			When:       Period{Start: c.day(-14)},
			Activities: []Activity{{Words: "Latex-free theatre and gloves"}, {Words: "Growth scans every four weeks", Status: "in-progress"}},
		}},
		FamilyHistory: []FamilyHistory{
			{
				Relative: Coded("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "MTH", "mother"), Status: "completed", When: c.day(-150),
				Conditions: []FamilyCondition{{What: type2Diabetes, OnsetWords: "in her fifties"}},
			},
		},
	}
}

func asthmaticChild(c calendar) Person {
	who := someone("9998612594", "", "Leo", "Varley", c.born(7, "01-30"), "male")
	mother := RelatedPerson{
		Name: Name{Family: "Varley", Given: []string{"Kirsty"}}, Gender: "female",
		Relationship: []Concept{Coded("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "MTH", "mother")},
		Phones:       []Phone{{Use: "mobile", Number: "07700 900121"}},
	}
	who.Contacts = []RelatedPerson{mother}
	plan := flagOf(
		SNOMED("342191000000101", "Subject of child protection plan"), "SGC", "Safeguarding concern", c.day(-140),
		"Child protection plan, category neglect. Wyrefield Council, 01632 960482.",
	)
	plan.Author = by("price")
	return Person{
		Demographics: who, Practice: millbrook, Story: "7, asthma with two emergency visits, subject of a child protection plan",
		Relations: []RelatedPerson{mother},
		Holdings: []Holding{
			childAtPractice(c), childAtHospital(c),
			{
				ODS: wyc, Flags: []Flag{plan}, Related: []RelatedPerson{mother},
				Contacts: []Contact{
					{
						Head: Head{ID: "sg"}, Reason: care("SocialCareContactReason", "R-SI", "Reporting a Safeguarding Incident"),
						Requester: care("SocialCareRequesterType", "SH", "Secondary Health (A&E, Hospital)"), When: c.at(-150, "16:30"),
						Status: "completed", Words: "Third missed clinic; inhalers not collected.",
					},
				},
				Assessments: []Assessment{
					{
						Type: named(care("SocialCareAssessmentType", "SA", "Social Assessment"), "Child and family assessment"), Status: "completed",
						Team: Actor{Team: "children"}, By: by("price"),
						Outcomes: []Concept{care("SocialCareAssessmentOutcome", "PRO-SUP", "Progress to Support Planning / Services")},
						When:     Period{Start: c.day(-148), End: c.day(-120)}, Entered: c.day(-148), Contact: "sg",
					},
				},
			},
		},
	}
}

func flagOf(what Concept, category, display, since, words string) Flag {
	return Flag{What: named(what, words), Status: "active", When: Period{Start: since}, Categories: []Code{flagCategory(category, display)}}
}

func childAtPractice(c calendar) Holding {
	born := year(c.born(7, "01-30"))
	mmr := func(code, name, when string) Immunisation {
		return Immunisation{
			Head: on(when, by("nurse1")), Vaccination: SNOMED(code, name), When: when, GivenBy: by("nurse1"), EnteredBy: by("nurse1"),
			Batch: "M" + when[2:4] + "7", ParentPresent: true,
		}
	}
	first := calendar{c.today.AddDate(born+1-c.today.Year(), 0, 0)}.day(0)
	return Holding{
		ODS: millbrook, Registered: first,
		Allergies: []Allergy{
			{
				Head: on(c.month(-30), by("gp1")), Agent: egg, Category: []string{"environment"}, Status: "active", Onset: c.month(-30),
				Reactions: reaction("moderate", hives),
			},
		},
		Medicines: []Medicine{
			repeat("Salbutamol 100micrograms/dose inhaler CFC free", "TWO puffs through a spacer when wheezy", c.day(-900), c.day(-75)),
			repeat("Clenil Modulite 50micrograms/dose inhaler", "TWO puffs twice a day through a spacer", c.day(-500), c.day(-140)),
			acute("Prednisolone 5mg soluble tablets", "SIX a day for 3 days", c.day(-75), c.day(-72), by("gp2")),
		},
		Problems: []Problem{problem(asthma, c.month(-30), "major"), over(problem(eczema, c.month(-60), "minor"), c.month(-20))},
		Observations: []Observation{
			{
				Head: Head{ID: "cpp", Recorded: c.day(-139), RecordedBy: by("gp1")},
				What: SNOMED("342191000000101", "Subject of child protection plan"), When: c.day(-139),
				Comment: "Letter from children's social care.",
			},
			vital(SNOMED("18491006", "Peak expiratory flow rate"), "160", "L/min", c.day(-74)),
		},
		Immunisations: []Immunisation{
			mmr("38598009", "Administration of measles and mumps and rubella vaccine", first),
			{
				Head:        on(c.day(-60), by("nurse1")),
				Vaccination: SNOMED("170433008", "Administration of second dose of measles and mumps and rubella vaccine"), When: c.day(-60),
				NotGiven: true, NotGivenReason: Words("Not brought to appointment"), EnteredBy: by("nurse1"),
			},
		},
		Recalls: []Recall{{Head: on(c.day(-60), by("nurse1")), What: SNOMED("195967001", "Asthma"), Due: c.day(-5), By: by("nurse1")}},
		Consultations: []Consultation{
			note(
				"wheeze", "GP Surgery", c.at(-75, "17:10"), "gp2", "Wheeze", "History",
				"Cough at night for two weeks. Preventer ran out a month ago.", "Examination", "Sats 96%, mild wheeze, no recession.", "Plan",
				"Steroids for 3 days. Health visitor told.",
			),
		},
	}
}

func childAtHospital(c calendar) Holding {
	visit := func(id string, day int) Encounter {
		return Encounter{
			Head: Head{ID: id}, Class: emergency, Status: "finished", Type: Words("Emergency attendance"), When: Period{
				Start: c.at(day, "20:15"), End: c.at(day, "23:50"),
			},
			Reasons: []Concept{Words("Acute asthma")}, People: []Participant{{Role: "PPRF", Actor: by("lee")}},
			Places: []Visit{{Place: "ed", Status: "completed"}},
		}
	}
	return Holding{
		ODS: swc, Allergies: []Allergy{
			{
				Head: on(c.day(-77), by("lee")), Agent: egg, Kind: "allergy", Category: []string{"food"}, Status: "active", Confidence: "confirmed",
				Criticality: "low", OnsetWords: "as a toddler",
			},
		},
		Problems:   []Problem{diagnosis("asthma", asthma, c.month(-30), by("khan"))},
		Encounters: []Encounter{visit("ed2", -77), visit("ed1", -210)},
		Appointments: []Appointment{
			{
				Status: "noshow", Start: c.at(-100, "14:00"), End: c.at(-100, "14:30"), Service: Words("Children's asthma clinic"), With: by("khan"),
				Place: "opd",
			},
			{
				Status: "booked", Start: c.at(12, "14:00"), End: c.at(12, "14:30"), Service: Words("Children's asthma clinic"), With: by("khan"),
				Place: "opd", Channel: "in-person",
			},
		},
		Flags: []Flag{
			flagOf(
				SNOMED("342191000000101", "Subject of child protection plan"), "SGC", "Safeguarding concern", c.day(-138),
				"Child protection information sharing: plan in force, tell the duty social worker of every attendance.",
			),
		},
		Documents: []Document{
			letter(
				"asthma-plan", "Personal asthma action plan", "Plan", c.at(-76, "00:10"), by("lee"), "Green: preventer twice a day.",
				"Amber: blue inhaler up to 10 puffs.", "Red: ring 999.",
			).asPDF().typed("734163000", "Care plan"),
		},
	}
}
