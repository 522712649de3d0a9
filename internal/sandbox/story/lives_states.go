package story

// livesOfStates show how sources answer, or do not: each of the eleven states stands somewhere here, alone and loud.
func livesOfStates(c calendar) []Person {
	return []Person{
		nothingRecorded(c), nothingAnywhere(c), objected(c), practiceMayNotShare(c), withheldItems(c), inTransit(c), areasOff(c), brokenFourWays(c), endless(c),
		anotherPersons(c), strayEntry(c), secondPatient(c), marriedName(c), unknownModifier(c), outcomesInside(c),
		registeredWrongly(
			c, someone("9999151310", "", "Quentin", "Ramsbottom", c.born(57, "10-10"), "male"), practiceUnregistered,
			"the practice is in no directory",
		),
		registeredWrongly(
			c, someone("9993895059", "", "Theresa", "Ramsbottom", c.born(57, "10-10"), "female"), practiceTwice,
			"the directory gives two systems for the practice",
		),
		registeredWrongly(
			c, someone("9993080616", "", "Blanche", "Ramsbottom", c.born(57, "10-10"), "female"), practiceBlankASID,
			"the directory gives the practice's system no ASID",
		),
		registeredWrongly(
			c, someone("9998098513", "", "Norman", "Ramsbottom", c.born(57, "10-10"), "male"), practiceNoAddress,
			"the directory gives the practice's system no address",
		),
	}
}

func nothingRecorded(c calendar) Person {
	return Person{
		Demographics: someone("9992608161", "Mr", "Callum", "Hill", c.born(25, "02-28"), "male"), Practice: slaidburn,
		Story:    "healthy at 25: every source answers, none has anything recorded",
		Holdings: []Holding{{ODS: slaidburn, Registered: c.day(-300)}, {ODS: bth}, {ODS: fgh}, {ODS: pvt}, {ODS: wyc}},
	}
}

func nothingAnywhere(c calendar) Person {
	h := plainSurgery(c, fellsideSurgery)
	return Person{
		Demographics: someone("9997320840", "Mrs", "Karen", "Lonsdale", c.born(52, "07-07"), "female"), Practice: fellsideSurgery,
		Story: "no known allergies, stated by practice and hospital alike",
		Holdings: []Holding{
			h, {
				ODS: bth, Allergies: []Allergy{nothingKnown(noKnownAllergy, c.day(-200), by("obi"))},
				Problems: []Problem{diagnosis("ht", hypertension, "2014-02", by("nair"))},
			},
		},
	}
}

func objected(c calendar) Person {
	return Person{
		Demographics: someone("9994251279", "Ms", "Wendy", "Jolley", c.born(39, "10-02"), "female"), Practice: millbrook,
		Story: "has told her practice not to share: REFUSED; the hospital still answers",
		Holdings: []Holding{
			{
				ODS: millbrook, Behaviour: Behaviour{Error: "NO_PATIENT_CONSENT"},
				Medicines: []Medicine{repeat("Citalopram 20mg tablets", "ONE a day", "2019-01-01", c.day(-20))},
			},
			{
				ODS: fgh, Problems: []Problem{diagnosis("mig", migraine, "2018-05", by("lund"))},
				Encounters: []Encounter{
					clinic(
						"neuro", c.at(-120, "11:00"), c.at(-120, "11:20"), SNOMED("310062002", "Neurology service"), by("lund"), "opd", "Migraine",
					),
				},
			},
		},
	}
}

func practiceMayNotShare(c calendar) Person {
	return Person{
		Demographics: someone("9992393173", "Mr", "Derek", "Unsworth", c.born(61, "12-12"), "male"), Practice: practiceODS(30),
		Story: "the practice has no sharing agreement: the Spine proxy refuses; Pendle View has no relationship with him",
		Holdings: []Holding{
			{ODS: practiceODS(30), Behaviour: Behaviour{Error: "SSP_FOT_CHECK_FAILED"}}, {ODS: pvt, Behaviour: Behaviour{Error: "NO_RELATIONSHIP"}},
			{ODS: bth, Problems: []Problem{diagnosis("gout", gout, "2019", by("nair"))}},
		},
	}
}

func withheldItems(c calendar) Person {
	h := plainSurgery(c, dunsop)
	h.Allergies = nil
	h.Behaviour = Behaviour{Confidential: []Area{Allergies, Consultations, Problems}}
	return Person{
		Demographics: someone("9992901225", "Ms", "Jessica", "Clarke", c.born(33, "09-09"), "female"), Practice: dunsop,
		Story: "the practice leaves items out: WITHHELD in allergies (nothing else there), consultations and problems", Holdings: []Holding{h},
	}
}

func inTransit(c calendar) Person {
	h := plainSurgery(c, practiceODS(7))
	h.Registered = c.day(-9)
	h.Behaviour = Behaviour{InTransit: c.today.AddDate(0, 0, -9).Format("02-Jan-2006"), AwaitingFiling: []Area{Investigations}}
	h.Consultations = []Consultation{
		note(
			"new", "New patient registration", c.at(-9, "08:50"), "nurse1", "Registration", "History", "Moved from the coast. Old record requested.",
		),
	}
	h.Medicines = []Medicine{{
		Head: on(c.day(-9), by("gp1")), Product: Concept{
			Text:  "Coversyl Arginine Plus 5mg/1.25mg",
			Codes: []Code{{System: SystemSNOMED, Value: "196421000000109", Display: "Transfer-degraded medication entry"}},
		},
		Status: "active", Dose: "No information available", Authorised: Period{Start: "2021"},
	}}
	h.Allergies = []Allergy{{
		Head: on("2016", by("gp1")), Agent: Concept{
			Text:  "Allergy to Septrin (rash all over)",
			Codes: []Code{{System: SystemSNOMED, Value: "196461000000101", Display: "Transfer-degraded drug allergy"}},
		},
		Category: []string{"medication"}, Status: "active", Onset: "2016",
	}}
	return Person{
		Demographics: someone("9996547108", "Mr", "Piotr", "Nowak", c.born(58, "04-30"), "male"), Practice: practiceODS(7),
		Story: "changed practice 9 days ago: record in transit, INCOMPLETE, with entries degraded by the transfer", Holdings: []Holding{h},
	}
}

func areasOff(c calendar) Person {
	h := plainSurgery(c, practiceODS(25))
	h.Behaviour = Behaviour{NotImplemented: []Area{DiaryEntries}, Disabled: []Area{Referrals, Investigations}, Omitted: []Area{Immunisations}}
	return Person{
		Demographics: someone("9996384853", "Mrs", "Brenda", "Baxendale", c.born(70, "01-15"), "female"), Practice: practiceODS(25),
		Story: "the practice's system has areas switched off, one not built, and one silently missing", Holdings: []Holding{h},
	}
}

func brokenFourWays(c calendar) Person {
	return Person{
		Demographics: someone("9992732482", "Mr", "Stephen", "Pilkington", c.born(66, "06-24"), "male"), Practice: practiceODS(11),
		Story:  "five sources broken in five ways: garbage, a login page, 500, hanging in the answer, reset",
		Faults: map[string]string{bth: "garbage", fgh: "html-login-page", cbh: "status-500", pvt: "hang-in-body", wyc: "reset-mid-body"},
		Holdings: []Holding{
			plainSurgery(c, practiceODS(11)), {
				ODS: bth, Allergies: []Allergy{allergic(penicillin, "2001", by("nair"), reaction("severe", anaphylaxis))},
			}, {ODS: fgh}, {ODS: cbh}, {ODS: pvt}, {ODS: wyc},
		},
	}
}

func endless(c calendar) Person {
	reading := vital(pulse, "76", "/min", c.at(-3, "08:00"))
	return Person{
		Demographics: someone("9994523538", "Mr", "Frank", "Yates", c.born(73, "03-19"), "male"), Practice: practiceODS(12),
		Story:  "one hospital's pages never end, another's second page fails, a third links to another host: INCOMPLETE",
		Faults: map[string]string{cbh: "endless-paging", bth: "page-fails", fgh: "next-elsewhere"},
		Holdings: []Holding{
			plainSurgery(c, practiceODS(12)), {ODS: cbh, Observations: []Observation{reading}}, {
				ODS: bth, Problems: []Problem{diagnosis("af", atrialFibrillation, "2020", by("sato"))},
			},
			{ODS: fgh, Problems: []Problem{diagnosis("af", atrialFibrillation, "2020-04", by("lund"))}},
		},
	}
}

func anotherPersons(c calendar) Person {
	wrong := someone("9990000018", "Mr", "Colin", "Tattersall", "1949-08-08", "male")
	return Person{
		Demographics: someone("9992951192", "Mr", "Colin", "Tattersall", c.born(77, "08-08"), "male"), Practice: practiceODS(13),
		Story: "Calderbeck answers with another man's record of the same name: MISMATCH; Fellside has his birth date wrong",
		Holdings: []Holding{
			plainSurgery(c, practiceODS(13)), {ODS: cbh, As: &wrong, Allergies: []Allergy{allergic(latex, "2011", by("adler"), nil)}},
			{
				ODS: fgh,
				As: &Demographics{
					NHSNumber: "9992951192", Name: Name{Prefix: "Mr", Family: "Tattersall", Given: []string{"Colin"}}, Born: "1959-08-08",
					Gender: "male",
				},
				Problems: []Problem{diagnosis("g", gout, "2012", by("lund"))},
			},
		},
	}
}

func strayEntry(c calendar) Person {
	stray := diagnosis("stray", epilepsy, "2015-03", by("nair"))
	stray.About = "Patient/bth-s0001"
	return Person{
		Demographics: someone("9997778146", "Mrs", "Linda", "Greenhalgh", c.born(64, "11-11"), "female"), Practice: practiceODS(14),
		Story: "one entry among the true ones belongs to another patient: the whole answer of Bowland is quarantined",
		Holdings: []Holding{
			plainSurgery(c, practiceODS(14)), {
				ODS:      bth,
				Problems: []Problem{diagnosis("oa", osteoarthritis, "2016", by("nair")), stray, diagnosis("ht", hypertension, "2014", by("nair"))},
			},
		},
	}
}

func secondPatient(c calendar) Person {
	h := plainSurgery(c, practiceODS(26))
	other := someone("9990000026", "Mr", "Paul", "Sharples", "1971-01-01", "male")
	h.Behaviour = Behaviour{SecondPatient: &other}
	return Person{
		Demographics: someone("9996451402", "Mr", "Paul", "Sharples", c.born(54, "03-03"), "male"), Practice: practiceODS(26),
		Story: "the practice's answer holds two patients: quarantined", Holdings: []Holding{h},
	}
}

func marriedName(c calendar) Person {
	who := someone("9992619813", "Mrs", "Hannah", "Fielding", c.born(36, "02-14"), "female")
	before := who
	before.Name = Name{Prefix: "Miss", Family: "Young", Given: []string{"Hannah"}}
	before.Gender = "unknown"
	return Person{
		Demographics: who, Practice: practiceODS(15),
		Story: "Bowland knows her by her maiden name and believes in another practice: warnings, not a mismatch",
		Holdings: []Holding{
			plainSurgery(c, practiceODS(15)),
			{ODS: bth, As: &before, Practice: millbrook, Allergies: []Allergy{allergic(latex, "2019-05-05", by("obi"), reaction("mild", hives))}},
		},
	}
}

func unknownModifier(c calendar) Person {
	odd := allergic(penicillin, "2018-02-01", by("nair"), reaction("moderate", rash))
	odd.Modifier = "https://vendor.example/StructureDefinition/applies-to-relative"
	removed := diagnosis("err", lungCancer, "2020-01-01", by("nair"))
	removed.EnteredInError = true
	refuted := diagnosis("ref", epilepsy, "2017-07", by("nair"))
	refuted.Confidence = "refuted"
	withoutSubject := vital(pulse, "88", "/min", c.at(-4, "10:00"))
	withoutSubject.NoSubject = true
	return Person{
		Demographics: someone("9997929217", "Mr", "Gareth", "Davies", c.born(49, "05-01"), "male"), Practice: practiceODS(16),
		Story: "an allergy with an unknown modifier cannot be read safely; also an entry made in error, one ruled out, one without subject",
		Holdings: []Holding{
			plainSurgery(c, practiceODS(16)),
			{
				ODS: bth, Allergies: []Allergy{odd}, Problems: []Problem{removed, refuted, diagnosis("mig", migraine, "2010", by("nair"))},
				Observations: []Observation{withoutSubject},
			},
		},
	}
}

func outcomesInside(c calendar) Person {
	return Person{
		Demographics: someone("9993298158", "Mrs", "Patricia", "Haworth", c.born(68, "12-01"), "female"), Practice: practiceODS(17),
		Story: "hospitals answer with warnings and errors inside their lists, and one ignores what it was asked",
		Holdings: []Holding{
			plainSurgery(c, practiceODS(17)),
			{
				ODS: bth, Problems: []Problem{diagnosis("oa", osteoarthritis, "2016", by("nair"))},
				Behaviour: Behaviour{Outcomes: []Outcome{
					{
						Type: "Condition", Severity: "warning", Code: "incomplete",
						Text: "Diagnoses before 2015 are held in another system and are not included.",
					},
					{
						Type: "AllergyIntolerance", Severity: "error", Code: "timeout",
						Text: "The query was abandoned as it took more than 2 seconds", InPlace: true,
					},
				}},
			},
			{ODS: fgh, Problems: []Problem{diagnosis("oa", osteoarthritis, "2016", by("lund"))}, Behaviour: Behaviour{IgnoresParameters: true}},
			{
				ODS: cbh, Problems: []Problem{diagnosis("ht", hypertension, "2014", by("adler"))},
				Behaviour: Behaviour{
					PageSize: 1, Outcomes: []Outcome{{Severity: "information", Code: "informational", Text: "This system was upgraded last night."}},
				},
			},
		},
	}
}

func registeredWrongly(c calendar, who Demographics, ods, shows string) Person {
	return Person{Demographics: who, Practice: ods, Story: shows, Holdings: []Holding{plainSurgery(c, ods)}}
}
