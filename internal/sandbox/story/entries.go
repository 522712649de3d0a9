package story

import "strconv"

// The functions of this file make the entries that most stories hold, so that a story reads as a life and not as a form.

func by(staff string) Actor { return Actor{Staff: staff} }

// on fills the head that most entries share: when recorded, and by whom.
func on(date string, who Actor) Head { return Head{Recorded: date, RecordedBy: who} }

// repeat is a medicine on repeat at a practice, last issued on the given day.
func repeat(name, dose, since, last string) Medicine {
	return Medicine{
		Head: on(since, by("gp1")), Product: vmp(name), Course: Repeat, Status: "active", Dose: dose, Authorised: Period{Start: since},
		LastIssued: last, RepeatsAllowed: 12, RepeatsIssued: 5, QuantityWords: "28 tablet", SupplyDays: 28,
		Issues: []Issue{{On: last, Status: "completed", QuantityWords: "28 tablet", SupplyDays: 28, By: by("gp1")}},
	}
}

// acute is a single course.
func acute(name, dose, from, until string, who Actor) Medicine {
	return Medicine{
		Head: on(from, who), Product: vmp(name), Course: Acute, Status: "completed", Dose: dose,
		Authorised: Period{Start: from, End: until}, LastIssued: from, QuantityWords: "1 course", SupplyDays: 7,
		Issues: []Issue{{On: from, Status: "completed", QuantityWords: "1 course", SupplyDays: 7, By: who}},
	}
}

// ended is a medicine that was stopped.
func ended(m Medicine, on, reason string) Medicine {
	m.Status, m.Stopped, m.StopReason = "stopped", on, reason
	m.Authorised.End = on
	return m
}

// inHospital is a medicine as a hospital's discharge list gives it.
func inHospital(name, dose, date, status string, who Actor) Medicine {
	return Medicine{
		Head: on(date, who), Product: vmp(name), Status: status, Dose: dose, Authorised: Period{Start: date}, Category: "discharge", Course: Repeat,
	}
}

// problem is an active problem at a practice.
func problem(what Concept, onset, significance string) Problem {
	return Problem{Head: on(onset, by("gp1")), What: what, Status: "active", Onset: onset, Significance: significance}
}

// over is a problem that has ended.
func over(p Problem, ended string) Problem {
	p.Status, p.Ended = "inactive", ended
	return p
}

// diagnosis is a hospital's diagnosis.
func diagnosis(id string, what Concept, onset string, who Actor) Problem {
	return Problem{
		Head: Head{ID: id, Recorded: onset, RecordedBy: who}, What: what, Status: "active", Confidence: "confirmed", Onset: onset,
		Categories: []string{"problem-list-item"},
	}
}

// reaction makes the one reaction that an allergy entry of a GP system may hold.
func reaction(severity string, what ...Concept) []Reaction {
	return []Reaction{{Manifestations: what, Severity: severity}}
}

// allergic is an active allergy to a medicine.
func allergic(agent Concept, date string, who Actor, reactions []Reaction) Allergy {
	return Allergy{
		Head: on(date, who), Agent: agent, Kind: "allergy", Category: []string{"medication"}, Status: "active", Confidence: "confirmed",
		Onset: date, Reactions: reactions,
	}
}

// nothingKnown is the statement that there is no allergy, in the scope of the concept.
func nothingKnown(scope Concept, date string, who Actor) Allergy {
	return Allergy{Head: on(date, who), Agent: scope, Status: "active", Confidence: "confirmed", Category: []string{"medication"}}
}

// test is one laboratory test with the usual unit and range.
type test struct {
	what      Concept
	unit      string
	low, high string
}

var (
	creatinine  = test{SNOMED("1000731000000107", "Serum creatinine level"), "umol/L", "45", "84"}
	egfr        = test{SNOMED("1020291000000106", "eGFR using creatinine (CKD-EPI) per 1.73 square metres"), "mL/min/1.73m*2", "", ""}
	potassium   = test{SNOMED("1000651000000109", "Serum potassium level"), "mmol/L", "3.5", "5.3"}
	sodium      = test{SNOMED("1000661000000107", "Serum sodium level"), "mmol/L", "133", "146"}
	urea        = test{SNOMED("1000951000000103", "Serum urea level"), "mmol/L", "2.5", "7.8"}
	haemoglobin = test{SNOMED("1022431000000105", "Haemoglobin estimation"), "g/L", "115", "165"}
	whiteCells  = test{SNOMED("1022541000000102", "Total white cell count"), "10*9/L", "4.0", "11.0"}
	platelets   = test{SNOMED("1022651000000100", "Platelet count"), "10*9/L", "150", "450"}
	crp         = test{SNOMED("1001371000000100", "Serum CRP (C reactive protein) level"), "mg/L", "0", "5"}
	tsh         = test{SNOMED("1022791000000101", "Serum TSH (thyroid stimulating hormone) level"), "mU/L", "0.27", "4.2"}
	hba1c       = test{SNOMED("999791000000106", "Haemoglobin A1c level (IFCC standardised)"), "mmol/mol", "", ""}
	cholesterol = test{SNOMED("1005671000000105", "Serum cholesterol level"), "mmol/L", "0", "5.0"}
	albumin     = test{SNOMED("1000821000000103", "Serum albumin level"), "g/L", "35", "50"}
	ferritin    = test{SNOMED("993381000000106", "Serum ferritin level"), "ug/L", "15", "300"}
)

var (
	kidneyPanel = SNOMED("1000971000000107", "Urea and electrolytes level")
	bloodCount  = SNOMED("1022441000000101", "FBC - full blood count")
	thyroid     = SNOMED("1027151000000105", "Thyroid function test")
	pathology   = Code{System: "http://terminology.hl7.org/CodeSystem/v2-0074", Value: "LAB", Display: "Laboratory"}
	radiology   = Code{System: "http://terminology.hl7.org/CodeSystem/v2-0074", Value: "RAD", Display: "Radiology"}
	gpPathology = Code{System: "http://hl7.org/fhir/v2/0074", Value: "PAT", Display: "Pathology (gross & histopath, not surgical)"}
	venousBlood = SNOMED("122555007", "Venous blood specimen")
)

// is gives the test a result, with the source's own flag when there is one.
func (t test) is(value, when, flag string) Observation {
	o := Observation{
		Category: "laboratory", What: t.what, When: when, Value: Value{Quantity: Quantity{Value: value, Unit: t.unit, Code: t.unit}},
		Specimen: "blood",
	}
	if value[0] == '<' || value[0] == '>' {
		o.Value.Quantity.Comparator, o.Value.Quantity.Value = value[:1], value[1:]
	}
	if t.low != "" {
		o.Ranges = []Range{{Low: Quantity{Value: t.low, Unit: t.unit}, High: Quantity{Value: t.high, Unit: t.unit}}}
	}
	if flag != "" {
		o.Interpretation = Coded(
			"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", flag,
			map[string]string{"H": "High", "L": "Low", "A": "Abnormal"}[flag],
		)
	}
	return o
}

// bloods is a final laboratory report of one venous sample.
func bloods(name Concept, taken string, results ...Observation) Report {
	return Report{
		Category: pathology, Name: name, Status: "final", Effective: taken, Issued: taken,
		Specimens: []Specimen{{ID: "blood", Type: venousBlood, Collected: taken, Received: taken}}, Results: results,
	}
}

// atPractice is the same report as it reaches a practice: no status, and filed by a doctor with a comment.
func atPractice(r Report, filed, comment string) Report {
	r.Category, r.Status = gpPathology, "unknown"
	if filed != "" {
		r.Filed = []Filing{{When: filed, Comment: comment, By: by("gp1")}}
	}
	return r
}

// imaging is a radiology report.
func imaging(exam Concept, performed, issued, words string, reporter Actor) Report {
	return Report{
		Category: radiology, Name: exam, Status: "final", Effective: performed, Issued: issued, Interpreter: reporter, Conclusion: words,
	}
}

// vital is one measurement at the bedside or in the surgery.
func vital(what Concept, value, unit, when string) Observation {
	return Observation{Category: "vital-signs", What: what, When: when, Value: Value{Quantity: Quantity{Value: value, Unit: unit, Code: unit}}}
}

var (
	pulse      = SNOMED("364075005", "Heart rate")
	bodyWeight = SNOMED("27113001", "Body weight")
	bodyMass   = SNOMED("60621009", "Body mass index")
	smoking    = SNOMED("266918002", "Tobacco smoking consumption")
	alcohol    = SNOMED("1082641000000106", "Alcohol units consumed per week")
)

// bloodPressure is one reading with both parts.
func bloodPressure(systolic, diastolic, when string) Observation {
	part := func(code, name, value string) Component {
		return Component{What: SNOMED(code, name), Value: Value{Quantity: Quantity{Value: value, Unit: "mmHg", Code: "mm[Hg]"}}}
	}
	return Observation{
		Category: "vital-signs", What: SNOMED("75367002", "Blood pressure"), When: when,
		Components: []Component{part("271649006", "Systolic blood pressure", systolic), part("271650006", "Diastolic blood pressure", diastolic)},
	}
}

// news2 is a National Early Warning Score with its seven parts, each as scored by the nurse.
func news2(when string, parts [7]int) Observation {
	o := Observation{
		Category: "survey", What: SNOMED("1104051000000101", "Royal College of Physicians NEWS2 (National Early Warning Score 2) total score"),
		When: when,
	}
	names := [7][2]string{
		{"1104301000000104", "RCP NEWS2 - respiration rate score"}, {"1104311000000102", "RCP NEWS2 - oxygen saturation scale 1 score"},
		{"1104331000000105", "RCP NEWS2 - air or oxygen score"}, {"1104341000000101", "RCP NEWS2 - systolic blood pressure score"},
		{"1104351000000103", "RCP NEWS2 - pulse score"}, {"1104361000000100", "RCP NEWS2 - consciousness score"},
		{"1104371000000107", "RCP NEWS2 - temperature score"},
	}
	total := 0
	for i, part := range parts {
		total += part
		o.Components = append(
			o.Components, Component{What: SNOMED(names[i][0], names[i][1]), Value: Value{Quantity: Quantity{Value: strconv.Itoa(part)}}},
		)
	}
	o.Value = Value{Quantity: Quantity{Value: strconv.Itoa(total)}}
	return o
}

// note is a consultation of one topic whose headings hold one comment each: pairs of heading and words.
func note(id, kind, when, who, title string, headings ...string) Consultation {
	c := Consultation{
		Head: Head{ID: id, RecordedBy: by(who), Recorded: when}, Type: kind, When: Period{Start: when, End: when}, Minutes: 10,
		Performers: []Actor{by(who)}, Place: "surgery", Edited: when,
	}
	topic := Topic{Title: title}
	for i := 0; i+1 < len(headings); i += 2 {
		topic.Headings = append(topic.Headings, Heading{Title: headings[i], Items: []Item{{Comment: headings[i+1]}}})
	}
	c.Topics = []Topic{topic}
	return c
}

// classes of encounter.
var (
	inpatient  = Code{System: "http://terminology.hl7.org/CodeSystem/v3-ActCode", Value: "IMP", Display: "inpatient encounter"}
	emergency  = Code{System: "http://terminology.hl7.org/CodeSystem/v3-ActCode", Value: "EMER", Display: "emergency"}
	outpatient = Code{System: "http://terminology.hl7.org/CodeSystem/v3-ActCode", Value: "AMB", Display: "ambulatory"}
	homeVisit  = Code{System: "http://terminology.hl7.org/CodeSystem/v3-ActCode", Value: "HH", Display: "home health"}
	ambulanceC = Code{
		System: "https://fhir.interweavedigital.nhs.uk/CodeSystem/Interweave-EncounterClass", Value: "999-EPR",
		Display: "999 electronic patient record",
	}
)

// clinic is an outpatient contact.
func clinic(id, start, end string, service Concept, who Actor, place, why string) Encounter {
	return Encounter{
		Head: Head{ID: id}, Class: outpatient, Status: "finished", Type: Words("Outpatient attendance"), Service: service,
		When:    Period{Start: start, End: end},
		Reasons: []Concept{Words(why)}, People: []Participant{{Role: "PPRF", Actor: who}}, Places: []Visit{{Place: place, Status: "completed"}},
	}
}

// adjustment is a flag about how to treat somebody, from the national reasonable adjustment flag.
func adjustment(what Concept, since, words string) Flag {
	return Flag{
		Head: Head{Notes: []string{words}}, What: what, Status: "active", When: Period{Start: since},
		Categories: []Code{
			{System: "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryRA", Value: "national-reasonable-adjustment-flag", Display: "NRAF"},
		},
	}
}
