package story

// The NHS numbers of the people whose records hold what the demo's sensitive code sets name (deploy/demo/sensitive). Like all else here they
// are invented.
const (
	Withheld     = "9997310098"
	WithheldRead = "9997310101"
	Dissented    = "9997310128"
	Abused       = "9997310136"
)

// secret are the concepts of a life that the demo's sets name, in the codes of one practice.
type secret struct{ termination, infection, test, found Concept }

var (
	inSNOMED = secret{
		termination: SNOMED("57797005", "Induced termination of pregnancy"), infection: SNOMED("240589008", "Chlamydia trachomatis infection"),
		test: SNOMED("171120003", "Sexually transmitted infection screening"), found: SNOMED("240589008", "Chlamydia trachomatis infection"),
	}
	// inRead is the same from a practice that still codes in Read version 2 alone.
	inRead = secret{
		termination: Coded(SystemReadV2, "7E086", "Suction termination of pregnancy"), infection: Coded(SystemReadV2, "A7051", "Anogenital warts"),
		test: Coded(SystemReadV2, "43C3.", "HTLV-3 antibody test"), found: Words("Not detected"),
	}
)

// livesWithheld are people who show what the sensitive code sets and a refusal to share do. They have no story, so that lists of records to open
// leave them out.
func livesWithheld(c calendar) []Person {
	return []Person{withheld(c), withheldRead(c), dissented(c), abused(c)}
}

func withheld(c calendar) Person {
	return Person{
		Demographics: someone(Withheld, "Ms", "Helen", "Threlfall", c.born(31, "04-18"), "female"), Practice: whitewell,
		Rule: "her practice and Bowland hold entries that the sensitive code sets name: they are withheld with the report, the consultation and the appointment that tell of them",
		Holdings: []Holding{
			privateSurgery(c, whitewell, inSNOMED),
			{
				ODS: bth, Problems: []Problem{diagnosis("mig", migraine, "2018-05", by("obi"))},
				Appointments: []Appointment{
					{
						Head: Head{ID: "follow-up"}, Status: "booked", Start: c.at(9, "14:00"), End: c.at(9, "14:20"), Minutes: 20,
						Reason: inSNOMED.termination, With: by("nair"), Place: "opd", Channel: "in-person",
					},
					{
						Head: Head{ID: "headache"}, Status: "booked", Start: c.at(21, "10:00"), End: c.at(21, "10:20"), Minutes: 20,
						Reason: migraine, With: by("obi"), Place: "opd", Channel: "in-person",
					},
				},
			},
		},
	}
}

func withheldRead(c calendar) Person {
	return Person{
		Demographics: someone(WithheldRead, "Mrs", "Ruth", "Pinder", c.born(44, "10-07"), "female"), Practice: dunsop,
		Rule:     "the same at a practice that codes in Read version 2 alone",
		Holdings: []Holding{privateSurgery(c, dunsop, inRead)},
	}
}

// privateSurgery is a plain practice's record with two problems that the sets name, the consultation in which one was written down, and a
// screening report whose member found the other.
func privateSurgery(c calendar, ods string, s secret) Holding {
	h := plainSurgery(c, ods)
	termination := problem(s.termination, c.day(-60), "minor")
	termination.ID, termination.Encounter = "private1", "private"
	infection := problem(s.infection, c.day(-30), "minor")
	infection.ID = "private2"
	h.Problems = append(h.Problems, termination, infection)
	visit := note("private", "GP Surgery", c.at(-60, "11:10"), "gp3", "Referral", "Plan", "Seen in confidence; letter sent today.")
	visit.Topics[0].Problems = []string{"private1"}
	h.Consultations = append(h.Consultations, visit)
	taken := c.at(-31, "09:00")
	screen := bloods(s.test, taken, Observation{
		Head: Head{ID: "screen"}, Category: "laboratory", What: s.test, When: taken, Specimen: "blood",
		Group: []Observation{
			{Head: Head{ID: "screen1"}, Category: "laboratory", What: s.test, When: taken, Specimen: "blood", Value: Value{Concept: s.found}},
			haemoglobin.is("131", taken, ""),
		},
	})
	h.Reports = append(h.Reports, atPractice(screen, c.at(-30, "12:00"), "Seen"), atPractice(bloods(bloodCount, taken, haemoglobin.is("131", taken, "")), "", ""))
	return h
}

func dissented(c calendar) Person {
	h := plainSurgery(c, whitewell)
	h.Observations = append(h.Observations, Observation{
		Head: on(c.day(-90), by("gp1")), What: SNOMED("416409005", "Refused consent for upload to local shared electronic record"), When: c.day(-90),
	})
	return Person{
		Demographics: someone(Dissented, "Mr", "Colin", "Wareing", c.born(52, "03-29"), "male"), Practice: whitewell,
		Rule:     "has told his practice not to share locally: what the practice sends is not shown to anybody, Bowland’s part is",
		Holdings: []Holding{h, {ODS: bth, Problems: []Problem{diagnosis("mig", migraine, "2018-05", by("obi"))}}},
	}
}

func abused(c calendar) Person {
	h := plainSurgery(c, whitewell)
	h.Problems = append(h.Problems, problem(SNOMED("412732008", "History of domestic violence"), c.day(-400), "major"))
	// What only words say, no code filter catches: the report of free-text mentions lists this consultation.
	h.Consultations = append(h.Consultations, note("told", "Telephone call", c.at(-20, "15:40"), "gp2", "Sleep", "History", "Sleeps badly. Speaks of domestic abuse in the past."))
	return Person{
		Demographics: someone(Abused, "Mrs", "Carol", "Eastham", c.born(40, "12-12"), "female"), Practice: whitewell,
		Rule:     "a code of domestic violence is withheld by the region’s own category; a consultation that only speaks of it is shown, and reported to the practice’s officer",
		Holdings: []Holding{h, {ODS: bth, Problems: []Problem{diagnosis("mig", migraine, "2018-05", by("obi"))}}},
	}
}
