package story

// The NHS numbers of the people who show who may see what; the demo's lists and registers name them.
const (
	Unrelated  = "9997310012"
	SeenLately = "9997310020"
	ShutOut    = "9997310039"
	HeldBack   = "9997310047"
	OnTheList  = "9997310055"
	OwnRecord  = "9997310063"
	Colleague  = "9997310071"
)

// livesUnderRules are people who show who may see what. They have no story, so that lists of records to open leave them out.
func livesUnderRules(c calendar) []Person {
	contact := func(days int) []Encounter {
		return []Encounter{clinic("opd-1", c.at(days, "10:00"), c.at(days, "10:20"), SNOMED("310061009", "Gynaecology service"), by("nair"), "opd", "Review")}
	}
	person := func(number, prefix, given, family, born, gender, rule string, holdings ...Holding) Person {
		return Person{
			Demographics: someone(number, prefix, given, family, born, gender), Practice: whitewell, Rule: rule,
			Holdings: append([]Holding{plainSurgery(c, whitewell)}, holdings...),
		}
	}
	migraineAt := func(ods string, seen ...Encounter) Holding {
		return Holding{ODS: ods, Problems: []Problem{diagnosis("mig", migraine, "2018-05", by("lund"))}, Encounters: seen}
	}
	return []Person{
		person(Unrelated, "Mr", "Peter", "Lord", c.born(58, "02-11"), "male",
			"nobody but the practice and Fellside has anything to do with him: staff elsewhere say why first, and an alert is raised", migraineAt(fgh)),
		person(SeenLately, "Mrs", "Joan", "Hayhurst", c.born(66, "06-30"), "female",
			"on nobody’s caseload, but seen at Bowland three weeks ago: Bowland’s own system says so", migraineAt(bth, contact(-21)...)),
		person(ShutOut, "Mrs", "Maureen", "Croft", c.born(49, "09-09"), "female",
			"does not want staff of Bowland to see her record: only emergency access opens it there", migraineAt(bth, contact(-200)...)),
		person(HeldBack, "Ms", "June", "Slater", c.born(37, "01-23"), "female",
			"does not want what Bowland holds about her to be shown to anybody", migraineAt(bth, contact(-10)...)),
		person(OnTheList, "Sir", "Victor", "Stanhope", c.born(71, "12-01"), "male",
			"on the region’s confidential list: each user gives a reason first, and each look raises an alert", migraineAt(bth, contact(-30)...)),
		person(OwnRecord, "Dr", "Priya", "Nair", "1979-05-17", "female", "Dr Nair herself: her own record is refused to her, and that is alerted", migraineAt(bth)),
		person(Colleague, "Mrs", "Kathleen", "Doyle", "1984-08-08", "female",
			"a nurse at Bowland: a colleague gives a reason first, and the look raises an alert", migraineAt(bth)),
	}
}
