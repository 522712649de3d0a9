package story

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// identity derives who the nth made-up person is. It is cheap: the demographics service reads all of them at start.
func (w *World) identity(n int) Person {
	chance := rand.New(rand.NewPCG(w.seed, uint64(n)))
	gender, given := "female", girls
	if chance.IntN(2) == 0 {
		gender, given = "male", boys
	}
	prefix := map[string]string{"female": "Ms", "male": "Mr"}[gender]
	age := ages[chance.IntN(len(ages))] + chance.IntN(10)
	born := w.cal.today.AddDate(-age, 0, -chance.IntN(365))
	person := Person{
		Demographics: Demographics{
			NHSNumber: w.numbers[n],
			Name: Name{
				Prefix: prefix, Family: families[chance.IntN(len(families))],
				Given: []string{given[chance.IntN(len(given))], given[chance.IntN(len(given))]},
			},
			Born: born.Format("2006-01-02"), Gender: gender,
			Address: Address{
				Lines: []string{fmt.Sprintf("%d %s", 1+chance.IntN(180), streets[chance.IntN(len(streets))])},
				City:  towns[chance.IntN(len(towns))], Postcode: postcode(chance.IntN(3500)),
			},
			Phones: []Phone{{Use: "home", Number: fmt.Sprintf("01632 96%04d", chance.IntN(10000))}},
		},
		Practice: practiceODS(n % goodPractices),
	}
	if chance.IntN(100) == 0 {
		person.Died = born.AddDate(age, 0, 0).Format("2006-01-02")
	}
	return person
}

// ages gives each decade of life its share, from the 0s to the 90s.
var ages = []int{0, 0, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40, 50, 50, 50, 60, 60, 60, 70, 70, 70, 80, 80, 90}

// maker writes one made-up life into the holdings of the organisations that met the person.
type maker struct {
	chance   *rand.Rand
	cal      calendar
	age      int
	person   *Person
	gp       Holding
	hospital Holding
	known    bool // the hospital has met the person
	lowMood  bool // the mental health trust may have met the person
}

// life derives everything that anybody holds about the nth made-up person.
func (w *World) life(n int) Person {
	person := w.identity(n)
	home := []string{bth, fgh, cbh, bth}[n%4]
	m := &maker{
		chance: rand.New(rand.NewPCG(w.seed^0x9e3779b97f4a7c15, uint64(n))), cal: w.cal, person: &person,
		age: w.cal.today.Year() - year(person.Born),
		gp:  Holding{ODS: person.Practice, LocalID: localID(person.Practice, n), Registered: "2015-04-01"},
	}
	if m.age < 17 {
		home = swc
	}
	m.hospital = Holding{ODS: home, LocalID: localID(home, n)}
	m.allergies()
	m.ailments()
	m.surgery()
	m.vaccinations()
	if m.chance.IntN(6) == 0 {
		m.emergency()
	}
	person.Holdings = append(person.Holdings, m.gp)
	if m.known {
		person.Holdings = append(person.Holdings, m.hospital)
	}
	if m.lowMood && m.chance.IntN(4) == 0 {
		person.Holdings = append(person.Holdings, m.mentalHealth(localID(pvt, n)))
	}
	if m.age > 77 && m.chance.IntN(3) == 0 {
		council := []string{wyc, ldc}[n%2]
		person.Holdings = append(person.Holdings, m.socialCare(council, localID(council, n)))
	}
	return person
}

func localID(ods string, n int) string { return fmt.Sprintf("%s-v%05d", prefixOf(ods), n) }

func year(date string) int {
	y, err := strconv.Atoi(date[:4])
	if err != nil {
		panic("a made-up date does not start with a year")
	}
	return y
}

func (m *maker) staff() string { return []string{"gp1", "gp2", "gp3"}[m.chance.IntN(3)] }

// consultantOf names the first member of staff of each hospital.
var consultantOf = map[string]string{bth: "nair", fgh: "lund", cbh: "adler", swc: "khan"}

func (m *maker) consultant() Actor { return by(consultantOf[m.hospital.ODS]) }

// allergies gives one in eight a penicillin allergy that both the practice and the hospital know; some are asked and have none.
func (m *maker) allergies() {
	since := m.cal.day(-400 - m.chance.IntN(6000))
	switch roll := m.chance.IntN(24); {
	case roll < 3:
		reactions := reaction([]string{"mild", "moderate", "severe"}[roll], rash)
		m.gp.Allergies = append(m.gp.Allergies, allergic(penicillin, since, by("gp1"), reactions))
		m.hospital.Allergies = append(m.hospital.Allergies, allergic(penicillin, since, m.consultant(), reactions))
	case roll == 3:
		m.gp.Allergies = append(m.gp.Allergies, Allergy{
			Head: on(since, by("nurse1")), Agent: peanut, Category: []string{"environment"}, Status: "active", Onset: since,
			Reactions: reaction("severe", anaphylaxis),
		})
	case roll < 12:
		m.gp.Allergies = append(m.gp.Allergies, nothingKnown(noKnownAllergy, since, by("gp1")))
		m.hospital.Allergies = append(m.hospital.Allergies, nothingKnown(noKnownAllergy, since, m.consultant()))
	}
}

// ailment is a long-standing condition: who gets it, and what comes with it.
type ailment struct {
	what        Concept
	from, to    int
	perThousand int
	clinic      Concept // the hospital clinic that shares the care, if any
	medicines   [][2]string
	tests       []test
}

var commonAilments = []ailment{
	{
		hypertension, 40, 120, 300, Concept{}, [][2]string{{"Amlodipine 10mg tablets", "ONE each morning"}, {"Ramipril 5mg capsules", "ONE a day"}},
		[]test{creatinine, egfr, potassium, sodium},
	},
	{
		type2Diabetes, 35, 120, 90, SNOMED("306803007", "Diabetes clinic"),
		[][2]string{{"Metformin 500mg tablets", "ONE twice a day with meals"}, {"Gliclazide 80mg tablets", "ONE each morning"}},
		[]test{hba1c, creatinine, egfr},
	},
	{
		asthma, 4, 70, 110, Concept{},
		[][2]string{
			{"Salbutamol 100micrograms/dose inhaler CFC free", "TWO puffs when needed"},
			{"Clenil Modulite 100micrograms/dose inhaler", "TWO puffs twice a day"},
		},
		nil,
	},
	{
		copd, 55, 120, 80, SNOMED("306746000", "Respiratory clinic"),
		[][2]string{{"Tiotropium bromide 18microgram inhalation powder capsules", "inhale ONE a day"}}, []test{haemoglobin},
	},
	{hypothyroidism, 30, 120, 60, Concept{}, [][2]string{{"Levothyroxine sodium 50microgram tablets", "ONE each morning"}}, []test{tsh}},
	{
		atrialFibrillation, 62, 120, 110, SNOMED("306778008", "Cardiology clinic"),
		[][2]string{{"Apixaban 5mg tablets", "ONE twice a day"}, {"Bisoprolol 2.5mg tablets", "ONE each morning"}}, []test{creatinine, haemoglobin},
	},
	{ckd3b, 65, 120, 90, Concept{}, nil, []test{creatinine, egfr, potassium, urea, albumin}},
	{depression, 17, 90, 120, Concept{}, [][2]string{{"Sertraline 100mg tablets", "ONE a day"}}, nil},
	{osteoarthritis, 50, 120, 180, Concept{}, [][2]string{{"Paracetamol 500mg tablets", "ONE or TWO up to 4 times a day when needed"}}, nil},
	{reflux, 25, 120, 110, Concept{}, [][2]string{{"Lansoprazole 15mg gastro-resistant capsules", "ONE each morning"}}, nil},
	{
		ischaemicHeart, 55, 120, 80, SNOMED("306778008", "Cardiology clinic"),
		[][2]string{{"Aspirin 75mg dispersible tablets", "ONE a day"}, {"Atorvastatin 20mg tablets", "ONE at night"}}, []test{cholesterol},
	},
	{migraine, 14, 60, 60, Concept{}, nil, nil},
	{eczema, 0, 30, 120, Concept{}, nil, nil},
	{ironDeficiency, 16, 90, 40, Concept{}, [][2]string{{"Ferrous sulfate 200mg tablets", "ONE a day"}}, []test{haemoglobin, ferritin}},
	{osteoporosis, 62, 120, 70, Concept{}, [][2]string{{"Alendronic acid 70mg tablets", "ONE a week"}}, nil},
}

func (m *maker) ailments() {
	for _, a := range commonAilments {
		if m.age >= a.from && m.age <= a.to && m.chance.IntN(1000) < a.perThousand {
			m.suffer(a)
		}
	}
}
