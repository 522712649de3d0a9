package officer

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/oversight/inquiry"
)

// gap says what of one person's entries cannot be found here, because the keys that index them are not all loaded: one was taken out of the file, or another
// replica has a fresh one already. Empty when nothing is missing, and for a list about several people, which no key is needed for.
func (p *Pages) gap(r *http.Request, a asking) (string, error) {
	if a.NHS == "" {
		return "", nil
	}
	ids, err := p.IndexKeys(r.Context())
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	for _, known := range p.Keys.Indexes(a.number()) {
		ids = slices.DeleteFunc(ids, func(id string) bool { return id == known.Key })
	}
	switch len(ids) {
	case 0:
		return "", nil
	case 1:
		return "Entries may be missing: those of the index key " + ids[0] + " cannot be found, because this portal does not have it. Ask your Ribble team.", nil
	}
	return "Entries may be missing: those of the index keys " + strings.Join(ids, ", ") + " cannot be found, because this portal does not have them. Ask your Ribble team.", nil
}

// older says what a page or a document leaves out that tells the newest entries alone.
func older(rows []inquiry.Row) string {
	return fmt.Sprintf("This is not all. Only the newest %s of the log’s entries about this record are told here, back to %s. What is older is left out.",
		thousands(int64(len(rows))), moment(rows[len(rows)-1].Event.At))
}

// erased says when the person was made unreadable; empty when they were not.
func erased(rows []inquiry.Row) string {
	for _, row := range rows {
		if row.Event.Act == audit.ActErased {
			return "On " + moment(row.Event.At) + " the key to this person’s details in the log was destroyed by order. Entries before it still say who looked, when and on what it rested; what was written in words cannot be read any more."
		}
	}
	return ""
}

// sentences joins what is not empty.
func sentences(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}
