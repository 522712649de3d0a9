package bench

import (
	"fmt"
	"strings"
	"time"
)

// Terms of the invented record, "code|display" of SNOMED CT. Few enough that sources repeat each other, as they do.
var (
	laboratory = []string{
		"1022431000000105|Haemoglobin estimation|g/L|100|180", "1022541000000102|Total white cell count|10*9/L|4|11", "1000731000000107|Serum creatinine level|umol/L|50|120",
		"1000661000000107|Serum sodium level|mmol/L|133|146", "1000651000000109|Serum potassium level|mmol/L|3.5|5.3", "1049301000000100|Haemoglobin A1c level|mmol/mol|20|48",
		"1020291000000106|Glomerular filtration rate|mL/min/1.73m*2|60|120", "1005671000000105|Serum cholesterol level|mmol/L|2|5",
	}
	vitals = []string{
		"364075005|Heart rate|/min|50|100", "86290005|Respiratory rate|/min|12|20", "276885007|Core body temperature|Cel|36|38", "431314004|Peripheral oxygen saturation|%|94|100",
		"27113001|Body weight|kg|45|110",
	}
	disorders = []string{
		"38341003|Hypertension", "44054006|Type 2 diabetes mellitus", "13645005|Chronic obstructive pulmonary disease", "49436004|Atrial fibrillation", "195967001|Asthma",
		"709044004|Chronic kidney disease", "396275006|Osteoarthritis", "35489007|Depressive disorder", "84114007|Heart failure", "40930008|Hypothyroidism",
		"22298006|Myocardial infarction", "230690007|Cerebrovascular accident", "64859006|Osteoporosis", "36971009|Sinusitis", "68566005|Urinary tract infection",
	}
	drugs = []string{
		"318353009|Bisoprolol 5mg tablets|One tablet to be taken each morning", "319740004|Ramipril 5mg capsules|One to be taken daily",
		"325063001|Metformin 500mg tablets|One tablet three times a day with meals", "319775004|Atorvastatin 20mg tablets|One to be taken at night",
		"322236009|Paracetamol 500mg tablets|Two tablets up to four times a day when required", "317334001|Omeprazole 20mg gastro-resistant capsules|One to be taken daily",
		"320139002|Salbutamol 100micrograms/dose inhaler CFC free|Two puffs when required", "318420003|Furosemide 40mg tablets|One tablet each morning",
		"325225002|Levothyroxine sodium 50microgram tablets|One tablet each morning before food", "319283006|Apixaban 5mg tablets|One tablet twice a day",
	}
	vaccines   = []string{"822851000000102|Seasonal influenza vaccination", "1324681000000101|Severe acute respiratory syndrome coronavirus 2 vaccination", "12866006|Pneumococcal vaccination", "722215002|Shingles vaccination"}
	procedures = []string{"80146002|Appendicectomy", "52734007|Total replacement of hip", "73761001|Colonoscopy", "415070008|Percutaneous coronary intervention", "16310003|Diagnostic ultrasonography"}
	allergens  = []string{"91936005|Allergy to penicillin", "293963004|Allergy to cefuroxime", "300916003|Allergy to latex", "91935009|Allergy to peanut"}
	clinicians = []string{"Dr Anne Holt", "Mr Sanjay Rao", "Sister Mary Kenyon", "Dr Tomasz Nowak", "Dr Lucy Grimshaw", "Ms Olu Adeyemi"}
)

// term writes "code|display|…" as a CodeableConcept and gives its display.
func term(text string) (concept, display string) {
	parts := strings.Split(text, "|")
	return fmt.Sprintf(`{"coding":[{"system":"http://snomed.info/sct","code":%q,"display":%q}],"text":%q}`, parts[0], parts[1], parts[1]), parts[1]
}

func fixed(system, code, display string) string {
	return fmt.Sprintf(`{"coding":[{"system":%q,"code":%q,"display":%q}]}`, system, code, display)
}

func (w *writer) identifier() string {
	return fmt.Sprintf(`"identifier":[{"system":"https://source-%d.bench.invalid/id","value":"%s"}]`, w.source, w.id)
}

func (w *writer) subject() string {
	return fmt.Sprintf(`{"reference":"Patient/%s","type":"Patient","identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":%q},"display":"BENCHMARK, Edith (Mrs)"}`, w.patient, w.number)
}

// by names a clinician by identifier and words, so that nothing has to be looked up.
func (w *writer) by() string {
	return fmt.Sprintf(`{"type":"Practitioner","identifier":{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"5555%08d"},"display":%q}`, w.rng.IntN(1e8), w.pick(clinicians))
}

func (w *writer) observation() string {
	list, category, name := laboratory, "laboratory", "Laboratory"
	if w.rng.IntN(5) < 2 {
		list, category, name = vitals, "vital-signs", "Vital Signs"
	}
	text := w.pick(list)
	parts := strings.Split(text, "|")
	concept, _ := term(text)
	when := w.moment()
	return fmt.Sprintf(`%s,"status":"final","category":[%s],"code":%s,"subject":%s,"effectiveDateTime":%q,"issued":%q,"performer":[%s],`+
		`"valueQuantity":{"value":%d.%d,"unit":%q,"system":"http://unitsofmeasure.org","code":%q},"interpretation":[%s],`+
		`"note":[{"text":"Taken at rest; sample satisfactory."}],"referenceRange":[{"low":{"value":%s,"unit":%q},"high":{"value":%s,"unit":%q}}]}`,
		w.identifier(), fixed("http://terminology.hl7.org/CodeSystem/observation-category", category, name), concept, w.subject(), when, when, w.by(),
		30+w.rng.IntN(110), w.rng.IntN(10), parts[2], parts[2], fixed("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "N", "Normal"), parts[3], parts[2], parts[4], parts[2])
}

func (w *writer) medicationRequest() string {
	text := w.pick(drugs)
	concept, _ := term(text)
	return fmt.Sprintf(`%s,"status":%q,"intent":"order","medicationCodeableConcept":%s,"subject":%s,"authoredOn":%q,"requester":%s,`+
		`"reasonCode":[%s],"dosageInstruction":[{"text":%q,"route":%s}],"dispenseRequest":{"validityPeriod":{"start":%q},"quantity":{"value":56,"unit":"tablet"},`+
		`"expectedSupplyDuration":{"value":28,"unit":"day","system":"http://unitsofmeasure.org","code":"d"}}}`,
		w.identifier(), w.pick([]string{"active", "completed", "stopped"}), concept, w.subject(), w.date(), w.by(), first(term(w.pick(disorders))),
		strings.Split(text, "|")[2], fixed("http://snomed.info/sct", "26643006", "Oral route"), w.date())
}

func first(a, _ string) string { return a }

func (w *writer) encounter() string {
	return fmt.Sprintf(`%s,"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"type":[%s],`+
		`"subject":%s,"participant":[{"individual":%s}],"period":{"start":%q,"end":%q},"reasonCode":[%s],"serviceProvider":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RB%02d"},"display":"Benchmark source %d"}}`,
		w.identifier(), fixed("http://snomed.info/sct", "11429006", "Consultation"), w.subject(), w.by(), w.moment(), w.moment(), first(term(w.pick(disorders))), w.source, w.source)
}

func (w *writer) condition() string {
	return fmt.Sprintf(`%s,"clinicalStatus":%s,"verificationStatus":%s,"category":[%s],"code":%s,"subject":%s,"onsetDateTime":%q,"recordedDate":%q,"recorder":%s}`,
		w.identifier(), fixed("http://terminology.hl7.org/CodeSystem/condition-clinical", w.pick([]string{"active", "resolved"}), "Status"),
		fixed("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed", "Confirmed"),
		fixed("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item", "Problem List Item"), first(term(w.pick(disorders))), w.subject(), w.date(), w.date(), w.by())
}

func (w *writer) immunization() string {
	return fmt.Sprintf(`%s,"status":"completed","vaccineCode":%s,"patient":%s,"occurrenceDateTime":%q,"recorded":%q,"primarySource":true,"lotNumber":"L%05d","site":%s,"performer":[{"actor":%s}],"protocolApplied":[{"doseNumberPositiveInt":%d}]}`,
		w.identifier(), first(term(w.pick(vaccines))), w.subject(), w.date(), w.date(), w.rng.IntN(1e5), fixed("http://snomed.info/sct", "368208006", "Left upper arm"), w.by(), 1+w.rng.IntN(3))
}

func (w *writer) procedure() string {
	return fmt.Sprintf(`%s,"status":"completed","code":%s,"subject":%s,"performedDateTime":%q,"performer":[{"actor":%s}],"note":[{"text":"No complications."}]}`,
		w.identifier(), first(term(w.pick(procedures))), w.subject(), w.date(), w.by())
}

func (w *writer) documentReference() string {
	return fmt.Sprintf(`%s,"status":"current","type":%s,"subject":%s,"date":%q,"author":[%s],"description":"Outpatient letter","content":[{"attachment":{"contentType":"application/pdf","url":"Binary/%s","size":48211,"title":"Outpatient letter"}}]}`,
		w.identifier(), fixed("http://snomed.info/sct", "823691000000103", "Clinical letter"), w.subject(), w.moment(), w.by(), w.id)
}

func (w *writer) diagnosticReport() string {
	var results []string
	for _, id := range w.last[w.source] {
		results = append(results, fmt.Sprintf(`{"reference":"Observation/%s"}`, id))
	}
	return fmt.Sprintf(`%s,"status":"final","category":[%s],"code":%s,"subject":%s,"effectiveDateTime":%q,"issued":%q,"performer":[%s],"result":[%s],"conclusion":"Within the usual range for this patient."}`,
		w.identifier(), fixed("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB", "Laboratory"), fixed("http://snomed.info/sct", "26604007", "Full blood count"),
		w.subject(), w.moment(), w.moment(), w.by(), strings.Join(results, ","))
}

func (w *writer) allergy() string {
	return fmt.Sprintf(`%s,"clinicalStatus":%s,"verificationStatus":%s,"type":"allergy","category":["medication"],"criticality":"high","code":%s,"patient":%s,"onsetDateTime":%q,"recordedDate":%q,"recorder":%s,"reaction":[{"manifestation":[%s],"severity":"moderate"}]}`,
		w.identifier(), fixed("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", "Active"),
		fixed("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed", "Confirmed"), first(term(w.pick(allergens))), w.subject(), w.date(), w.date(), w.by(),
		fixed("http://snomed.info/sct", "271807003", "Eruption of skin"))
}

func (w *writer) appointment() string {
	start := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, w.rng.IntN(60)).Add(10 * time.Hour)
	return fmt.Sprintf(`%s,"status":"booked","serviceType":[%s],"description":"Follow-up clinic","start":%q,"end":%q,"created":%q,"participant":[{"actor":%s,"status":"accepted"},{"actor":%s,"status":"accepted"}]}`,
		w.identifier(), fixed("http://snomed.info/sct", "394579002", "Cardiology"), start.Format(time.RFC3339), start.Add(20*time.Minute).Format(time.RFC3339), w.moment(), w.subject(), w.by())
}

func (w *writer) serviceRequest() string {
	return fmt.Sprintf(`%s,"status":"active","intent":"order","category":[%s],"priority":"routine","code":%s,"subject":%s,"authoredOn":%q,"requester":%s,"reasonCode":[%s]}`,
		w.identifier(), fixed("http://snomed.info/sct", "3457005", "Patient referral"), fixed("http://snomed.info/sct", "183519002", "Referral to cardiology service"), w.subject(), w.moment(), w.by(), first(term(w.pick(disorders))))
}

func (w *writer) flag() string {
	return fmt.Sprintf(`%s,"status":"active","category":[%s],"code":{"text":"Lives alone; key safe at the front door"},"subject":%s,"period":{"start":%q},"author":%s}`,
		w.identifier(), fixed("http://terminology.hl7.org/CodeSystem/flag-category", "safety", "Safety"), w.subject(), w.date(), w.by())
}

func (w *writer) carePlan() string {
	return fmt.Sprintf(`%s,"status":"active","intent":"plan","category":[%s],"title":"Diabetes care plan","description":"Agreed with the patient at the annual review.","subject":%s,"period":{"start":%q},"author":%s}`,
		w.identifier(), fixed("http://snomed.info/sct", "735985000", "Diabetes self management plan"), w.subject(), w.date(), w.by())
}
