package story

import (
	"fmt"
	"hash/fnv"
)

// vmp names a medicine as dm+d does. Where the real code is not among the known ones, a well-formed stand-in is made of
// the name, so that the same words carry the same code at every organisation.
func vmp(name string) Concept {
	code, ok := knownMedicines[name]
	if !ok {
		code = standIn(name)
	}
	return SNOMED(code, name)
}

// bySupplier is a medicine as an older GP system sends it: its own drug code first, dm+d second.
func bySupplier(c Concept, system string) Concept {
	if len(c.Codes) == 0 {
		return c
	}
	own := Code{System: system, Value: fmt.Sprintf("%s%d", "DRUG", hash(c.Codes[0].Display)%1_000_000), Display: c.Codes[0].Display}
	return Concept{Text: c.Text, Codes: append([]Code{own}, c.Codes...)}
}

var knownMedicines = map[string]string{
	"Paracetamol 500mg tablets":                                   "322236009",
	"Paracetamol 500mg capsules":                                  "322280009",
	"Amlodipine 10mg tablets":                                     "319284000",
	"Aspirin 75mg dispersible tablets":                            "319773006",
	"Atorvastatin 20mg tablets":                                   "320030001",
	"Amoxicillin 250mg capsules":                                  "323509004",
	"Citalopram 20mg tablets":                                     "321987003",
	"Folic acid 5mg tablets":                                      "327550006",
	"Gliclazide 80mg tablets":                                     "325242002",
	"Doxazosin 4mg tablets":                                       "318783003",
	"Sertraline 100mg tablets":                                    "9751511000001104",
	"Loratadine 5mg/5ml oral solution":                            "38896711000001106",
	"Olive oil ear drops":                                         "16132411000001105",
	"Ciprofloxacin 250mg tablets":                                 "324607004",
	"Xylometazoline 0.1% nasal spray":                             "353205009",
	"Hydrocortisone 1mg capsules":                                 "20455311000001102",
	"Mirena 20micrograms/24hours intrauterine device (Bayer Plc)": "3493211000001100",
}

// standIn makes an identifier in the dm+d extension namespace whose item number is far above those in use.
func standIn(name string) string {
	body := fmt.Sprintf("9%07d100000110", hash(name)%10_000_000)
	return body + string('0'+verhoeff(body))
}

func hash(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32()
}

var (
	verhoeffD = [10][10]byte{
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5}, {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
		{4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1}, {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
		{8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
	}
	verhoeffP = [8][10]byte{
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}, {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
		{9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1}, {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
	}
	verhoeffInverse = [10]byte{0, 4, 3, 2, 1, 5, 6, 7, 8, 9}
)

// verhoeff is the check digit of a SNOMED CT identifier.
func verhoeff(digits string) byte {
	var c byte
	for i := range len(digits) {
		c = verhoeffD[c][verhoeffP[(i+1)%8][digits[len(digits)-1-i]-'0']]
	}
	return verhoeffInverse[c]
}

// Diagnoses, findings and agents that several stories share.
var (
	hypertension       = SNOMED("38341003", "Hypertension")
	type2Diabetes      = SNOMED("44054006", "Type 2 diabetes mellitus")
	asthma             = SNOMED("195967001", "Asthma")
	copd               = SNOMED("13645005", "Chronic obstructive pulmonary disease")
	atrialFibrillation = SNOMED("49436004", "Atrial fibrillation")
	heartFailureEF     = SNOMED("703272007", "Heart failure with reduced ejection fraction")
	ckd3b              = SNOMED("700379002", "Chronic kidney disease stage 3B")
	hypothyroidism     = SNOMED("40930008", "Hypothyroidism")
	osteoporosis       = SNOMED("64859006", "Osteoporosis")
	osteoarthritis     = SNOMED("396275006", "Osteoarthritis")
	depression         = SNOMED("35489007", "Depressive disorder")
	anxiety            = SNOMED("197480006", "Anxiety disorder")
	alzheimers         = SNOMED("26929004", "Alzheimer's disease")
	migraine           = SNOMED("37796009", "Migraine")
	epilepsy           = SNOMED("84757009", "Epilepsy")
	eczema             = SNOMED("24079001", "Atopic dermatitis")
	reflux             = SNOMED("235595009", "Gastro-oesophageal reflux disease")
	ischaemicHeart     = SNOMED("414545008", "Ischaemic heart disease")
	stroke             = SNOMED("230690007", "Cerebrovascular accident")
	ironDeficiency     = SNOMED("87522002", "Iron deficiency anaemia")
	coeliac            = SNOMED("396331005", "Coeliac disease")
	gout               = SNOMED("90560007", "Gout")
	schizophrenia      = SNOMED("64905009", "Paranoid schizophrenia")
	moderateFrailty    = SNOMED("925831000000107", "Moderate frailty")
	hipFracture        = SNOMED("5913000", "Fracture of neck of femur")
	pneumonia          = SNOMED("385093006", "Community acquired pneumonia")
	pregnant           = SNOMED("77386006", "Pregnant")
	learningDisabled   = SNOMED("110359009", "Intellectual disability")
	downsSyndrome      = SNOMED("41040004", "Down syndrome")
	parkinsons         = SNOMED("49049000", "Parkinson's disease")
	multipleSclerosis  = SNOMED("24700007", "Multiple sclerosis")
	lungCancer         = SNOMED("363358000", "Malignant tumour of lung")
	alcoholDependence  = SNOMED("66590003", "Alcohol dependence")

	penicillin   = SNOMED("91936005", "Allergy to penicillin")
	trimethoprim = SNOMED("292939004", "Trimethoprim adverse reaction")
	peanut       = SNOMED("91935009", "Allergy to peanut")
	latex        = SNOMED("300916003", "Allergy to latex")
	egg          = SNOMED("91930004", "Allergy to edible egg")
	aspirin      = SNOMED("293586001", "Allergy to aspirin")
	waspSting    = SNOMED("300909004", "Allergic reaction to wasp sting")

	anaphylaxis  = SNOMED("39579001", "Anaphylaxis")
	hives        = SNOMED("247472004", "Hives")
	rash         = SNOMED("271807003", "Rash")
	diarrhoea    = SNOMED("62315008", "Diarrhoea")
	indigestion  = SNOMED("162031009", "Indigestion")
	maculopapule = SNOMED("47725002", "Maculopapular eruption")

	noKnownAllergy     = SNOMED("716186003", "No known allergy")
	noKnownDrugAllergy = SNOMED("409137002", "No known drug allergy")
)
