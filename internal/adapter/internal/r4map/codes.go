package r4map

import (
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

// Codes of section 27 of the section catalogue that decide a home, a kind or a scope. What is not listed is shown by its own words.

// nilScopes are the coded statements that there is no allergy, each with what it speaks about (27.2).
var nilScopes = map[string]string{
	"716186003": "all kinds", "160244002": "all kinds", "409137002": "drugs", "429625007": "food", "428607008": "environment",
	"428197003": "insects", "716220001": "animals", "1003774007": "latex",
}

// planTypes are the document and plan types of 27.3 that are care plans, in the wide sense of section 6.
var planTypes = map[string]bool{
	"736253002": true, "1382601000000107": true, "736373009": true, "861421000000109": true, "325691000000100": true, "735324008": true,
	"736366004": true, "887701000000100": true, "2181441000000107": true, "734163000": true,
}

// resuscitation are the decisions for and against attempted resuscitation (27.3).
var resuscitation = map[string]bool{
	"450475007": true, "450476008": true, "304252001": true, "304253006": true, "143021000119109": true,
}

// alertKinds sorts flags and safeguarding codes (27.4).
var alertKinds = map[string]record.AlertKind{
	"342191000000101": record.ChildProtection, "818901000000100": record.ChildProtection, "764841000000100": record.ChildProtection,
	"CP-IS": record.ChildProtection, "514331000000104": record.Safeguarding, "1098411000000108": record.Safeguarding,
	"417430008": record.Safeguarding, "919461000000108": record.Safeguarding, "1188261000000103": record.Safeguarding,
	"761571000000106": record.Safeguarding, "65108000": record.RiskToOthers, "129707006": record.RiskToOthers,
	"ABUSIVE": record.RiskToStaff, "NVU": record.RiskToStaff, "VISIT": record.RiskToStaff, "225444004": record.RiskToSelf,
	"401233007": record.RiskToSelf, "129839007": record.RiskToSelf, "22761000175104": record.RiskToSelf, "RNENG": record.RiskToSelf,
	"VARM": record.RiskToSelf, "DOLS": record.LegalAlert, "DOL": record.LegalAlert, "365867006": record.LegalAlert,
	"EOL": record.ClinicalAlert, "HDISCH": record.ClinicalAlert, "COVID19": record.ClinicalAlert, "COMM": record.CommunicationAlert,
}

// alertCategories sorts flags whose own code says nothing (Interweave flag categories).
var alertCategories = map[string]record.AlertKind{
	"RTO": record.RiskToOthers, "RTS": record.RiskToSelf, "RSO": record.RiskToOthers, "SGC": record.Safeguarding,
}

// sensitiveAlerts are shown by role only (27.4).
var sensitiveAlerts = map[string]bool{
	"RTC": true, "RTM": true, "RTW": true, "ALPERP": true, "RFO": true, "MARAC": true, "MAPPA": true, "FGM": true,
}

// deliveryDates are the observations that give an expected date of delivery (section 21).
var deliveryDates = map[string]bool{"161714006": true, "289206005": true, "738070007": true}

// news2 is the total of the National Early Warning Score 2.
const news2 = "1104051000000101"

// measured are the codes of 27.6 by which an observation without a category is cross-listed among the measurements.
var measured = map[string]bool{
	news2: true, "86290005": true, "364075005": true, "78564009": true, "103228002": true, "386725007": true, "276885007": true,
	"163020007": true, "75367002": true, "386534000": true, "163034007": true, "163035008": true, "163033001": true,
	"27113001": true, "50373000": true, "248337003": true, "60621009": true, "722742002": true, "371825009": true,
}

// aboutMe are the questions of the "About me" standard (27.3).
var aboutMe = map[string]bool{
	"1515861000000103": true, "1515871000000105": true, "1515881000000107": true, "1515891000000109": true, "1515901000000105": true,
	"1515911000000107": true, "1515921000000101": true,
}

// imagingCategories are the service sections (v2-0074) whose reports stand in section 12.
var imagingCategories = map[string]bool{
	"RAD": true, "IMG": true, "RX": true, "CT": true, "NMR": true, "RUS": true, "NMS": true, "CUS": true, "VUS": true, "OUS": true, "EC": true,
	"PF": true, "EN": true, "imaging": true, "363679005": true, "722124004": true, "1129261000000102": true,
}

const (
	labCategory      = "108252007"
	adjustmentFlag   = "national-reasonable-adjustment-flag"
	carePlanCategory = "734163000"
)

// known gives the first code of the concepts that the set holds, in any system: those sets hold codes of one system only.
func known[V any](set map[string]V, concepts ...r4.CodeableConcept) (V, bool) {
	for _, c := range concepts {
		for _, k := range c.Codings {
			if v, ok := set[k.Code]; ok {
				return v, true
			}
		}
	}
	var none V
	return none, false
}

// coded reports whether any of the concepts has the code.
func coded(code string, concepts ...r4.CodeableConcept) bool {
	for _, c := range concepts {
		for _, k := range c.Codings {
			if k.Code == code {
				return true
			}
		}
	}
	return false
}

// inSystem reports whether any coding is of the code system with that last path part.
func inSystem(name string, concepts ...r4.CodeableConcept) bool {
	for _, c := range concepts {
		for _, k := range c.Codings {
			if r4.LastPart(k.System) == name {
				return true
			}
		}
	}
	return false
}
