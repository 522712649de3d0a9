package record

import "strings"

// Label is a security label (meta.security, securityLabel).
type Label struct{ System, Code, Display string }

// openLabels are the confidentiality codes that do not hide an entry from staff: normal, low, moderate, unrestricted.
var openLabels = map[string]bool{"N": true, "L": true, "M": true, "U": true}

// Restricted reports whether labels mark an entry as for few eyes (HL7 v3 Confidentiality R or V). A code of that system which is not known
// here counts as the strictest: it fails closed.
func Restricted(labels []Label) bool {
	for _, l := range labels {
		if l.confidentiality() && !openLabels[l.Code] {
			return true
		}
	}
	return false
}

// confidentiality reports a label of v3 Confidentiality, in any of the spellings of its system that the FHIR versions and CDA use, or R and V
// with no system at all.
func (l Label) confidentiality() bool {
	if l.System == "" {
		return l.Code == "R" || l.Code == "V"
	}
	return strings.Contains(l.System, "v3-Confidentiality") || strings.Contains(l.System, "v3/Confidentiality") || strings.HasSuffix(l.System, "2.16.840.1.113883.5.25")
}
