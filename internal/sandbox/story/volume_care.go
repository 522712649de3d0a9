package story

import "fmt"

// suffer writes one ailment into the practice's record, and where a clinic shares the care into the hospital's too.
func (m *maker) suffer(a ailment) {
	ageOfIt := 100 + m.chance.IntN(300*max(1, min(20, m.age-a.from)))
	onset, last := m.cal.day(-ageOfIt), m.cal.day(-1-m.chance.IntN(27))
	m.gp.Problems = append(m.gp.Problems, problem(a.what, onset, "major"))
	m.lowMood = m.lowMood || a.what.Codes[0] == depression.Codes[0]
	for _, medicine := range a.medicines {
		m.gp.Medicines = append(m.gp.Medicines, repeat(medicine[0], medicine[1], onset, last))
	}
	if len(a.tests) > 0 {
		m.monitor(a)
	}
	if !a.clinic.Empty() {
		m.sharedCare(a, onset)
	}
}

// monitor is the yearly blood test, the newest first.
func (m *maker) monitor(a ailment) {
	for year := range 3 {
		taken := m.cal.at(-30-365*year-m.chance.IntN(60), "09:10")
		results := make([]Observation, 0, len(a.tests))
		for _, t := range a.tests {
			results = append(results, t.is(m.value(t), taken, ""))
		}
		report := atPractice(bloods(kidneyPanel, taken, results...), taken[:10], "Satisfactory. No action.")
		report.Identifiers = []Identifier{
			{System: "urn:oid:2.16.840.1.113883.2.1.4.5.5", Value: fmt.Sprintf("LAB-%s-%d-%d", m.gp.LocalID, len(m.gp.Reports), year)},
		}
		m.gp.Reports = append(m.gp.Reports, report)
	}
}

// value draws a plausible figure for a test.
func (m *maker) value(t test) string {
	switch t.unit {
	case "umol/L":
		return fmt.Sprint(60 + m.chance.IntN(90))
	case "mL/min/1.73m*2":
		return fmt.Sprint(30 + m.chance.IntN(60))
	case "mmol/mol":
		return fmt.Sprint(38 + m.chance.IntN(40))
	case "g/L":
		return fmt.Sprint(100 + m.chance.IntN(50))
	case "ug/L":
		return fmt.Sprint(10 + m.chance.IntN(200))
	default:
		return fmt.Sprintf("%d.%d", 2+m.chance.IntN(4), m.chance.IntN(10))
	}
}

// sharedCare is a clinic visit whose letter lies at the hospital and, as the same bytes, at the practice; the hospital
// knows the diagnosis and the medicines, some of them at the dose before the last change.
func (m *maker) sharedCare(a ailment, onset string) {
	m.known = true
	seen := 20 + m.chance.IntN(300)
	name := a.what.Codes[0].Display
	id := fmt.Sprint("clinic", len(m.hospital.Encounters))
	m.hospital.Problems = append(m.hospital.Problems, diagnosis(id+"-dx", a.what, onset, m.consultant()))
	visit := clinic(id, m.cal.at(-seen, "10:00"), m.cal.at(-seen, "10:20"), a.clinic, m.consultant(), "opd", "Review of "+name)
	visit.Diagnoses = []Diagnosis{{Problem: id + "-dx", Use: "CC", Rank: 1}}
	m.hospital.Encounters = append(m.hospital.Encounters, visit)
	words := letter(id+"-letter", a.clinic.Codes[0].Display+" letter", "Clinic letter", m.cal.at(-seen, "16:00"), m.consultant(),
		"Dear doctor,", "I reviewed your patient today.", "Diagnosis: "+name+".", "No change to treatment. Review in twelve months.").asPDF()
	m.hospital.Documents = append(m.hospital.Documents, words.typed("371530004", "Clinical consultation report"))
	m.gp.Documents = append(m.gp.Documents, words.received("Clinic letter", m.cal.at(-seen+3, "08:30"), m.hospital.ODS))
	for i, medicine := range a.medicines {
		dose := medicine[1]
		if i == 0 && m.chance.IntN(5) == 0 {
			dose = "HALF " + dose
		}
		m.hospital.Medicines = append(m.hospital.Medicines, inHospital(medicine[0], dose, m.cal.day(-seen), "active", m.consultant()))
	}
	if m.chance.IntN(2) == 0 && m.hospital.ODS != fgh {
		ahead := 10 + m.chance.IntN(80)
		m.hospital.Appointments = append(m.hospital.Appointments, Appointment{
			Status: "booked", Start: m.cal.at(ahead, "14:20"), End: m.cal.at(ahead, "14:40"), Minutes: 20, Service: a.clinic, With: m.consultant(),
			Place: "opd", Channel: "in-person",
		})
	}
}

var complaints = [][2]string{
	{"Cough", "Dry cough for two weeks. Chest clear. Advice given."}, {"Back pain", "Low back pain after lifting. No red flags. Exercises given."},
	{"Medication review", "Medicines reviewed with patient. No side effects reported."}, {"Tiredness", "Tired for a month. Bloods taken."},
	{"Sore throat", "Sore throat, no fever. FeverPAIN 1. Self-care advice."}, {"Skin rash", "Itchy rash on both arms. Emollient advised."},
	{"Knee pain", "Left knee pain on stairs. Crepitus. Physiotherapy discussed."}, {"Headache", "Tension-type headache. Neurology normal."},
}

// surgery is the everyday record of a practice: consultations, measurements, one recall, perhaps one referral.
func (m *maker) surgery() {
	for i := range 1 + m.chance.IntN(5) {
		day := -10 - 120*i - m.chance.IntN(100)
		what := complaints[m.chance.IntN(len(complaints))]
		kind := []string{"GP Surgery", "Telephone call to a patient", "GP Surgery", "Home visit"}[m.chance.IntN(4)]
		c := note(fmt.Sprint("c", i), kind, m.cal.at(day, "10:40"), m.staff(), what[0], "History", what[1], "Plan", "Review if no better.")
		if i == 0 {
			reading := bloodPressure(fmt.Sprint(112+m.chance.IntN(50)), fmt.Sprint(64+m.chance.IntN(30)), m.cal.at(day, "10:45"))
			reading.ID, reading.Encounter = "bp0", c.ID
			m.gp.Observations = append(m.gp.Observations, reading)
			c.Topics[0].Headings = append(c.Topics[0].Headings, Heading{Title: "Examination", Items: []Item{{Ref: "bp0"}}})
		}
		m.gp.Consultations = append(m.gp.Consultations, c)
	}
	day := m.cal.day(-40 - m.chance.IntN(300))
	m.gp.Observations = append(
		m.gp.Observations, vital(bodyWeight, fmt.Sprintf("%d.%d", 12+min(m.age, 18)*3+m.chance.IntN(40), m.chance.IntN(10)), "kg", day),
	)
	if m.age > 15 {
		status := [][2]string{{"266919005", "Never smoked tobacco"}, {"8517006", "Ex-smoker"}, {"77176002", "Smoker"}}[m.chance.IntN(3)]
		m.gp.Observations = append(m.gp.Observations, Observation{What: SNOMED(status[0], status[1]), When: day})
	}
	if len(m.gp.Medicines) > 0 {
		m.gp.Recalls = append(
			m.gp.Recalls,
			Recall{
				Head: on(day, by("gp1")), What: SNOMED("314529007", "Medication review due"), Due: m.cal.day(20 + m.chance.IntN(200)), By: by("gp1"),
			},
		)
	}
	if m.chance.IntN(8) == 0 {
		m.gp.Referrals = append(m.gp.Referrals, Referral{
			Head: on(day, by("gp1")), Reason: SNOMED("279039007", "Low back pain"), Urgency: "routine", When: day, From: by("gp1"),
			To: []Actor{{ODS: m.hospital.ODS}}, Description: "Physiotherapy please",
		})
	}
}

func (m *maker) vaccinations() {
	given := func(code, display string, when string) {
		m.gp.Immunisations = append(m.gp.Immunisations, Immunisation{
			Head: on(when, by("nurse1")), Vaccination: SNOMED(code, display), When: when, GivenBy: by("nurse1"), EnteredBy: by("nurse1"),
			Batch: fmt.Sprintf("B%05d", m.chance.IntN(100000)), Place: "surgery",
		})
	}
	if m.age >= 65 || len(m.gp.Problems) > 2 {
		for year := range 2 {
			given("86198006", "Administration of influenza vaccine", m.cal.day(-30-365*year-m.chance.IntN(20)))
		}
	}
	if m.age < 18 {
		born := year(m.person.Born)
		given("38598009", "Administration of measles and mumps and rubella vaccine", fmt.Sprintf("%d-%s", born+1, m.person.Born[5:7]))
	}
}

// emergency is one attendance: observations, a letter to the practice, home the same day.
func (m *maker) emergency() {
	m.known = true
	day := -5 - m.chance.IntN(500)
	start := m.cal.at(day, "18:05")
	who := m.consultant()
	m.hospital.Encounters = append(m.hospital.Encounters, Encounter{
		Head: Head{ID: "ed"}, Class: emergency, Status: "finished", Type: SNOMED("4525004", "Emergency department patient visit"),
		When: Period{Start: start, End: m.cal.at(day, "22:40")}, Reasons: []Concept{Words("Fall at home")},
		People: []Participant{{Role: "PPRF", Actor: who}},
		Places: []Visit{{Place: "ed", Status: "completed"}}, Discharge: Discharge{Destination: Words("Home")},
	})
	scores := news2(start, [7]int{0, m.chance.IntN(2), 0, 0, m.chance.IntN(2), 0, 0})
	scores.Encounter = "ed"
	reading := bloodPressure(fmt.Sprint(105+m.chance.IntN(60)), fmt.Sprint(60+m.chance.IntN(30)), start)
	reading.Encounter = "ed"
	m.hospital.Observations = append(m.hospital.Observations, scores, reading)
	paper := letter("ed-letter", "Emergency department discharge letter", "Discharge letter", m.cal.at(day, "22:30"), who,
		"Attended after a fall at home.", "No fracture seen.", "Discharged home. No follow-up.").asPDF()
	m.hospital.Documents = append(m.hospital.Documents, paper.typed("373942005", "Discharge summary"))
	m.gp.Documents = append(m.gp.Documents, paper.received("Accident and emergency letter", m.cal.at(day+1, "09:00"), m.hospital.ODS))
	xray := imaging(
		SNOMED("168731009", "Plain X-ray of chest"), start, m.cal.at(day, "21:00"), "Heart and lungs: no acute abnormality reported.", who,
	)
	m.hospital.Reports = append(m.hospital.Reports, xray)
}

func (m *maker) socialCare(ods, id string) Holding {
	since := m.cal.day(-200 - m.chance.IntN(900))
	return Holding{
		ODS: ods, LocalID: id,
		Services: []Service{{
			Type:     care("SocialCareServiceType", "HS", "Home Support"),
			Category: care("SocialCareServiceCategory", "LTS-C", "Long Term Support: Community"),
			Provider: Actor{ODS: bch}, Status: "active", When: Period{Start: since},
		}},
		SupportReasons: []SupportReason{{
			Reason:   care("SocialCareSupportReason", "PS", "Physical Support"),
			Category: care("SocialCareSupportReasonCategory", "PS", "Physical Support"),
			Primary:  true, Status: "active", When: Period{Start: since},
		}},
		Equipment: []Equipment{{Item: SNOMED("705400003", "Perching stool"), Status: "active", When: Period{Start: since}, Requested: since}},
	}
}

// care is a code of the Interweave social-care lists.
func care(list, code, display string) Concept {
	return Coded("https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-"+list, code, display)
}

// mentalHealth is a community caseload: the diagnosis, two contacts and a plan for a crisis.
func (m *maker) mentalHealth(id string) Holding {
	since := m.cal.day(-100 - m.chance.IntN(700))
	contact := func(name string, days int) Encounter {
		return Encounter{
			Head: Head{ID: name}, Class: homeVisit, Status: "finished", Type: Words("Community mental health contact"),
			Reasons: []Concept{Words("Planned visit")},
			When:    Period{Start: m.cal.at(-days, "11:00"), End: m.cal.at(-days, "11:45")}, People: []Participant{{Role: "PPRF", Actor: by("tariq")}},
			Places: []Visit{{Place: "home", Status: "completed"}},
		}
	}
	return Holding{
		ODS: pvt, LocalID: id, Problems: []Problem{diagnosis("mood", depression, since, by("moss"))},
		Encounters: []Encounter{contact("visit1", 9+m.chance.IntN(20)), contact("visit2", 40+m.chance.IntN(40))},
		Episodes: []Episode{
			{Type: Words("Community mental health caseload"), Status: "active", When: Period{Start: since}, Team: "cmht", Manager: by("tariq")},
		},
		CarePlans: []CarePlan{{
			Category: SNOMED("736253002", "Mental health crisis plan"), Title: "Crisis plan", Status: "active", Created: since, Author: by("tariq"),
			Activities: []Activity{{Words: "Ring the crisis team at any hour"}, {Words: "Stay with a friend"}},
		}},
	}
}
