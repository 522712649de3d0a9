package sensitive

import "ribble/internal/record"

// rule is one line of the table of what this portal itself leaves out, and which activity opens it.
type rule struct {
	// code stands in the audit trail; it never reaches the page, which only says that something is withheld.
	code string
	// opens is the RBAC activity that may see what the rule covers.
	opens  string
	covers func(*record.Head) bool
}

// confidentiality are the code systems of v3 Confidentiality as the FHIR versions spell them.
var confidentiality = map[string]bool{
	"http://terminology.hl7.org/CodeSystem/v3-Confidentiality":      true,
	"http://hl7.org/fhir/v3/Confidentiality":                        true,
	"http://hl7.org/fhir/ValueSet/v3-ConfidentialityClassification": true,
}

// knownLabels are confidentiality codes that do not hide an entry from staff.
var knownLabels = map[string]bool{"N": true, "L": true, "M": true, "U": true}

// sensitiveActivity is B1611, Access Sensitive (S) Flagged Records.
const sensitiveActivity = "B1611"

var labelRule = rule{
	code:  "confidentiality-label",
	opens: sensitiveActivity,
	// An unknown confidentiality code is treated as the strictest: it fails closed.
	covers: func(h *record.Head) bool {
		for _, l := range h.Labels {
			if confidentiality[l.System] && !knownLabels[l.Code] {
				return true
			}
		}
		return false
	},
}
