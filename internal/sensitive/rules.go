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

// sensitiveActivity is B1611, Access Sensitive (S) Flagged Records.
const sensitiveActivity = "B1611"

var labelRule = rule{
	code:   "confidentiality-label",
	opens:  sensitiveActivity,
	covers: func(h *record.Head) bool { return record.Restricted(h.Labels) },
}
