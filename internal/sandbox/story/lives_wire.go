package story

import "strings"

// livesOfMessages are about what real messages do: odd codes, odd dates, odd papers, hostile text.
func livesOfMessages(c calendar) []Person {
	return []Person{manyAllergies(c), manyMedicines(c), manyPapers(c)}
}

func manyAllergies(c calendar) Person {
	list := []Allergy{
		nothingKnown(noKnownAllergy, "2005-01-01", by("gp1")),
		{
			Head:     on("2019-03-02", by("gp2")),
			Agent:    Legacy("TJ53.", "Adverse reaction to ibuprofen: facial swelling", "292044008", "Aspirin adverse reaction"),
			Category: []string{"medication"}, Status: "active", Reactions: reaction("moderate", SNOMED("41291007", "Angioedema")),
		},
		{
			Head: on("2001", by("gp1")),
			Agent: Concept{
				Text:  "Co-trimoxazole, mother says",
				Codes: []Code{{System: SystemSNOMED, Value: "196461000000101", Display: "Transfer-degraded drug allergy"}},
			},
			Category: []string{"medication"}, Status: "active",
		},
		{
			Head: on("2002", by("gp1")),
			Agent: Concept{
				Text: "Bee / wasp ??", Codes: []Code{{System: SystemSNOMED, Value: "196471000000108", Display: "Transfer-degraded non-drug allergy"}},
			},
			Category: []string{"environment"}, Status: "active",
		},
		{
			Head: on("2010-07-09", by("gp1")), Agent: waspSting, Category: []string{"environment"}, Status: "active", Onset: "2010-07",
			LastTime: "2018-08", Criticality: "high", Reactions: reaction("severe", anaphylaxis),
		},
		{
			Head: on("1996", by("gp1")), Agent: trimethoprim, Category: []string{"medication"}, Status: "resolved", Ended: "2004-02-03",
			EndReason: "No information available",
		},
		{
			Head: on("1999", by("gp1")), Agent: aspirin, Category: []string{"medication"}, Status: "resolved", Ended: "2014",
			EndReason: "Tolerated since",
		},
	}
	for _, agent := range []Concept{penicillin, latex, egg, peanut, SNOMED("294881007", "Allergy to warfarin"), SNOMED("91931000", "Allergy to erythromycin"), SNOMED("300912001", "Allergy to chocolate")} {
		list = append(
			list,
			Allergy{
				Head: on("2015-05-05", by("gp3")), Agent: agent, Category: []string{"medication"}, Status: "active", Onset: "2015",
				Reactions: reaction("mild", rash),
			},
		)
	}
	twice := list[len(list)-7]
	list = append(list, twice)
	refuted := allergic(egg, "2020-06-06", by("nair"), nil)
	refuted.Confidence = "refuted"
	return Person{
		Demographics: someone("9996394999", "Mrs", "Susan", "Varley", c.born(59, "05-15"), "female"), Practice: practiceODS(10),
		Story: "15 allergy entries: conflict with “no known allergy” in one record, degraded, legacy codes, one twice, ended, ruled out elsewhere, drug-only nil",
		Holdings: []Holding{
			{
				ODS: practiceODS(10), Registered: "1990", Allergies: list,
				Medicines: []Medicine{repeat("Loratadine 5mg/5ml oral solution", "10 ml a day", "2019-04-01", c.day(-5))},
			},
			{
				ODS: bth,
				Allergies: []Allergy{
					refuted, allergic(penicillin, "2015", by("obi"), reaction("severe", anaphylaxis)),
					nothingKnown(SNOMED("429625007", "No known food allergy"), "2021-01-05", by("obi")),
				},
			},
			{ODS: fgh, Allergies: []Allergy{nothingKnown(noKnownDrugAllergy, "2022-08-08", by("triage"))}},
		},
	}
}

func manyMedicines(c calendar) Person {
	split := repeat(
		"Prednisolone 5mg tablets", "SIX a day for a week. WARNING - Dosage has changed during the effective period, see later issues", c.day(-30),
		c.day(-30),
	)
	split.ID = "pred1"
	next := repeat("Prednisolone 5mg tablets", "Reduce by ONE tablet every week", c.day(-23), c.day(-2))
	next.Prior = "pred1"
	dispensing := repeat("Valproic acid 500mg gastro-resistant tablets", "ONE twice a day", "2019-02-02", c.day(-25))
	dispensing.Course, dispensing.LastIssued, dispensing.RepeatsUntil = RepeatDispensing, "", c.day(-12)
	delayed := acute("Amoxicillin 250mg capsules", "ONE three times a day if no better by Friday", c.day(-3), c.day(4), by("gp2"))
	delayed.Course, delayed.Status = Delayed, "active"
	future := repeat("Paracetamol 500mg capsules", "TWO four times a day", c.day(-60), c.day(7))
	mixture := Medicine{
		Head: on("2014", by("gp1")),
		Product: Concept{
			Text:  "Coal tar 5% in betnovate RD, 50:50",
			Codes: []Code{{System: SystemSNOMED, Value: "196421000000109", Display: "Transfer-degraded medication entry"}},
		},
		Status: "active", Dose: "As directed", Authorised: Period{Start: "2014"},
	}
	blank := repeat("Olive oil ear drops", "n/a", c.day(-100), c.day(-100))
	elsewhere := Medicine{
		Head: on(c.day(-300), by("gp1")), Product: vmp("Methotrexate 2.5mg tablets"), Course: Repeat, Status: "active",
		Dose: "SIX once a WEEK on Mondays", Elsewhere: "Bowland rheumatology", Authorised: Period{Start: c.day(-300)}, MissingIssues: true,
	}
	withEnd := repeat("Doxazosin 4mg tablets", "ONE a day", "2020-01-01", c.day(-70))
	withEnd.Authorised.End = c.day(-40)
	supplier := repeat("Citalopram 20mg tablets", "ONE a day", "2017-03-03", c.day(-14))
	supplier.Product = bySupplier(supplier.Product, SystemEMISDrug)
	atHospital := inHospital("Methotrexate 2.5mg tablets", "SIX once a WEEK on Mondays", c.day(-300), "active", by("nair"))
	atHospital.Category = "outpatient"
	return Person{
		Demographics: someone("9993512621", "Mr", "Kevin", "Parker", c.born(62, "08-08"), "male"), Practice: practiceODS(3),
		Story: "eleven ways of being on a medicine: split dose, repeat dispensing past its date, delayed, post-dated, mixture, prescribed elsewhere, supplier codes",
		Holdings: []Holding{
			{
				ODS: practiceODS(3), Registered: "2000", Allergies: []Allergy{nothingKnown(noKnownAllergy, "2001", by("gp1"))},
				Problems: []Problem{problem(epilepsy, "2004", "major")},
				Medicines: []Medicine{
					split, next, dispensing, delayed, future, mixture, blank, elsewhere, withEnd, supplier,
					ended(repeat("Phenytoin 100mg capsules", "THREE at night", "2004", "2018-12-01"), "2019-02-02", "Expired"),
				},
			},
			{ODS: bth, Medicines: []Medicine{
				atHospital, {
					Head: on(c.day(-2), by("nair")), Product: vmp("Folic acid 5mg tablets"), Status: "active", Intent: "proposal", Dose: "ONE a week",
					Category: "outpatient",
				},
				{Head: on(c.day(-9), by("obi")), Status: "active", MissingProductName: true, Dose: "ONE twice a day", Category: "discharge"}, {
					Head: on("2020", by("obi")), Product: vmp("Aspirin 75mg dispersible tablets"), Status: "active", StatementOnly: true,
					Dose: "ONE a day, bought over the counter",
				},
				{
					Head: on(c.day(-9), by("obi")), Product: vmp("Codeine 30mg tablets"), Status: "on-hold", Dose: "ONE four times a day",
					Category: "discharge",
				},
			}},
		},
	}
}

func manyPapers(c calendar) Person {
	paper := func(title, kind, mime string, content []byte, day int) Document {
		d := letter("", title, kind, c.at(day, "09:00"), Actor{})
		d.Attachment.ContentType, d.Attachment.Content, d.Indexed = mime, content, c.at(day+2, "12:00")
		return d
	}
	tooLarge := paper("Scan of old notes", "Christmas Party", "image/tiff", nil, -400)
	tooLarge.Placeholder = "File size 6.2MB is greater than maximum allowable (5MB)"
	private := paper("Letter from counsellor", "Clinical letter", "text/plain", []byte("Private and confidential."), -90)
	private.SecurityLabels = []Code{{System: "http://hl7.org/fhir/v3/ActCode", Value: "NOPAT", Display: "no disclosure to patient"}}
	draft := letter("draft", "Discharge summary", "Letter", c.at(-3, "18:00"), by("rigby"), "DRAFT").asPDF().typed("373942005", "Discharge summary")
	draft.DocStatus = "preliminary"
	old := letter(
		"v1", "Clinic letter", "Letter", c.at(-50, "10:00"), by("nair"), "First version.",
	).typed("371530004", "Clinical consultation report")
	old.Status = "superseded"
	current := letter(
		"v2", "Clinic letter", "Letter", c.at(-48, "10:00"), by("nair"), "Second version, dose corrected.",
	).typed("371530004", "Clinical consultation report")
	current.Replaces = "v1"
	page := []byte("<html><body onload=\"alert(1)\"><h1>Hello</h1><script>alert('in a letter')</script><p>Potassium 5.1</p></body></html>")
	big := paper("Large letter", "Referral letter", "text/plain", []byte(strings.Repeat("All the pages of a long letter. ", 60_000)), -20)
	return Person{
		Demographics: someone("9997669509", "Mr", "Norman", "Iddon", c.born(70, "09-19"), "male"), Practice: practiceODS(4),
		Story: "papers of many kinds: PDF, Word, TIFF, PNG, HTML with script, audio, unknown, too large to send, draft, replaced, not to be disclosed",
		Holdings: []Holding{
			{ODS: practiceODS(4), Registered: "1999", Allergies: []Allergy{nothingKnown(noKnownAllergy, "1999", by("gp1"))}, Documents: []Document{
				paper(
					"Referral for further care (22-Dec-2020)", "Sore throat", "application/msword", []byte("\xd0\xcf\x11\xe0old Word file"), -700,
				), paper("Scanned letter", "Clinical letter", "image/png", pixel, -300),
				paper(
					"Typed letter", "Clinical letter", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
					[]byte("PK\x03\x04not a whole file"), -200,
				), paper("Web page", "Report", "text/html", page, -100),
				paper("Dictation", "Recording", "audio/basic", []byte(".snd"), -99), paper(
					"Unknown", "Attachment", "application/octet-stream", []byte{0, 1, 2, 3}, -98,
				), tooLarge, private, big,
			}},
			{ODS: bth, Documents: []Document{draft, old, current}},
		},
	}
}
