package story

import "strings"

// livesToFind are people who are hard to find, hard to tell apart, or must not be opened.
func livesToFind(c calendar) []Person {
	return []Person{
		ashworthMarjorie(c), ashworthEdna(), superseded(c), invalidatedNumber(), deceased(c), accented(c), longNames(c), noPractice(),
		firstTwin(c), secondTwin(c), newInTheArea(c),
	}
}

func someone(number, prefix, given, family, born, gender string) Demographics {
	return Demographics{
		NHSNumber: number, Name: Name{Prefix: prefix, Family: family, Given: strings.Fields(given)}, Born: born, Gender: gender,
		Address: Address{
			Lines: []string{
				"7 " + streets[hash(number)%uint32(len(streets))],
			}, City: towns[hash(family)%uint32(len(towns))], Postcode: postcode(int(hash(number) % 3000)),
		},
		Phones: []Phone{{Use: "home", Number: "01632 960" + number[4:7]}},
	}
}

// plainSurgery is a short practice record, for people whose point lies elsewhere.
func plainSurgery(c calendar, ods string) Holding {
	return Holding{
		ODS: ods, Registered: "2012-05-01",
		Allergies: []Allergy{nothingKnown(noKnownAllergy, "2012-05-14", by("gp1"))},
		Problems:  []Problem{problem(hypertension, "2014-02", "major")},
		Medicines: []Medicine{repeat("Amlodipine 10mg tablets", "ONE a day", "2014-02-20", c.day(-12))},
		Consultations: []Consultation{
			note("c1", "GP Surgery", c.at(-40, "09:30"), "gp2", "Blood pressure check", "Examination", "BP 138/82.", "Plan", "Continue."),
		},
	}
}

func ashworthMarjorie(c calendar) Person {
	who := someone("9993425842", "Miss", "Edith Marjorie", "Ashworth", "1942-03-03", "female")
	who.Address = Address{Lines: []string{"Flat 2, Mill Court"}, City: "Over Bowland", Postcode: "XX7 9BD"}
	return Person{
		Demographics: who, Story: "similar to Edith Margaret ASHWORTH: same birth date and first name", Practice: fellsideSurgery,
		Holdings: []Holding{plainSurgery(c, fellsideSurgery)},
	}
}

func ashworthEdna() Person {
	return Person{
		Demographics: someone("9990646465", "Mrs", "Edna", "Ashworth", "1942-03-03", "female"), Restricted: true, Practice: millbrook,
		Story:    "restricted on the demographics service: address not shown, nothing asked",
		Holdings: []Holding{{ODS: millbrook, Allergies: []Allergy{allergic(penicillin, "1990", by("gp1"), nil)}}},
	}
}

func superseded(c calendar) Person {
	return Person{
		Demographics: someone(
			"9995395630", "Mr", "Walter James", "Kenyon", "1951-09-17", "male",
		), Superseded: []string{"9993581763"}, Practice: dunsop,
		Story: "superseded NHS number: 999 358 1763 now leads here", Holdings: []Holding{plainSurgery(c, dunsop)},
	}
}

func invalidatedNumber() Person {
	return Person{
		Demographics: someone("9996140024", "Ms", "Phantom", "Entry", "1980-01-01", "female"), Invalidated: true,
		Story: "NHS number made invalid by the demographics service",
	}
}

func deceased(c calendar) Person {
	who := someone("9998825547", "Mr", "Harold", "Nuttall", "1938-11-30", "male")
	who.Died = c.at(-20, "00:00")
	return Person{
		Demographics: who, Story: "died 20 days ago: sources are not asked", Practice: millbrook,
		Holdings: []Holding{
			plainSurgery(c, millbrook),
			{ODS: bth, Problems: []Problem{diagnosis("mi", SNOMED("22298006", "Myocardial infarction"), c.day(-21), by("sato"))}},
		},
	}
}

func accented(c calendar) Person {
	who := someone("9992506318", "Ms", "Siobhán Zoë", "O’Brien-Łukaszewicz", "1979-04-12", "female")
	who.OtherNames = []Name{
		{Use: "maiden", Family: "Łukaszewicz", Given: []string{"Zoë"}}, {Use: "nickname", Family: "O'Brien", Given: []string{"Shiv"}},
	}
	who.Languages = []Language{{Code: "pl", Display: "Polish", Preferred: true, Interpreter: true}}
	atHospital := who
	// The hospital's older system keeps plain letters; the names still are the same.
	atHospital.Name = Name{Prefix: "MS", Family: "OBRIEN LUKASZEWICZ", Given: []string{"SIOBHAN"}}
	return Person{
		Demographics: who, Story: "accents, apostrophe and hyphen in the name, written without them by a hospital; Polish interpreter",
		Practice: slaidburn,
		Holdings: []Holding{
			plainSurgery(c, slaidburn), {ODS: bth, As: &atHospital, Problems: []Problem{diagnosis("mig", migraine, "2011", by("nair"))}},
		},
	}
}

func longNames(c calendar) Person {
	who := someone(
		"9992759542", "Professor", "Wolfeschlegelsteinhausenbergerdorff Bartholomew-Maximilian Featherstonehaugh Cholmondeley",
		"Fotheringay-Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch-Smythe", "1966-06-06", "male",
	)
	h := plainSurgery(c, chipping)
	h.Medicines = append(h.Medicines, repeat("Fluticasone furoate 92micrograms/dose / Umeclidinium bromide 55micrograms/dose / Vilanterol 22micrograms/dose dry powder inhaler",
		"Inhale ONE dose ONCE a day at the same time each day; rinse the mouth with water afterwards and spit it out; do not stop without talking to the practice nurse, even when feeling well", "2022-08-01", c.day(-9)))
	return Person{
		Demographics: who, Story: "very long names, of the person and of a medicine and its dose", Practice: chipping, Holdings: []Holding{h},
	}
}

func noPractice() Person {
	return Person{
		Demographics: someone(
			"9997619137", "Mr", "Aleksandr", "Petrov", "1990-02-02", "male",
		), Story: "registered with no GP practice: no practice can be asked",
		Holdings: []Holding{{ODS: fgh, Allergies: []Allergy{allergic(penicillin, "2020-01", by("lund"), reaction("moderate", hives))}}},
	}
}

func firstTwin(c calendar) Person {
	who := someone("9995834529", "Miss", "Ruby May", "Catterall", c.born(16, "05-21"), "female")
	h := Holding{
		ODS: dunsop, Allergies: []Allergy{allergic(peanut, "2014-07", by("gp1"), reaction("severe", anaphylaxis))},
		Problems: []Problem{problem(asthma, "2015", "major")},
	}
	return Person{
		Demographics: who, Story: "one of twins: same address, birth date and family name; allergic to peanut", Practice: dunsop,
		Holdings: []Holding{h},
	}
}

func secondTwin(c calendar) Person {
	who := firstTwin(c).Demographics
	who.NHSNumber, who.Name.Given = "9998110971", []string{"Ruth", "Mary"}
	return Person{
		Demographics: who, Story: "the other twin: no known allergies", Practice: dunsop,
		Holdings: []Holding{{ODS: dunsop, Allergies: []Allergy{nothingKnown(noKnownAllergy, "2015", by("gp1"))}}},
	}
}

func newInTheArea(c calendar) Person {
	return Person{
		Demographics: someone("9992987022", "Mr", "Neil", "Walmsley", c.born(47, "08-19"), "male"), Practice: whitewell,
		Story:    "known to the demographics service only: every source answers that it does not know him",
		Holdings: []Holding{{ODS: whitewell, Behaviour: Behaviour{Error: "PATIENT_NOT_FOUND"}}},
	}
}
