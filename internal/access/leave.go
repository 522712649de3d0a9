package access

import "ribble/internal/record"

// Leave is what an open page rests on, without the person: its handle keeps it, to be held against the registers later.
type Leave struct {
	// Sections are what the page may show.
	Sections record.Sections `json:"o"`
	// Override is the id of the emergency access that it is shown under; empty outside it.
	Override string `json:"i,omitempty"`
	// Withheld names the objections to the supply of data that the decision has heeded.
	Withheld []string `json:"x,omitempty"`
}

// Leave is what a page shown under the grant rests on.
func (g Grant) Leave() Leave {
	return Leave{Sections: g.sections, Override: g.override.ID, Withheld: g.request.Facts.Consent.Withheld(g.request.At)}
}

// Bears reports whether the grant allows all that an open page rests on: nothing that it may show is closed, its emergency access is the same,
// and no objection to the supply of data has come since. One to viewing closes sections, where it is about the user's organisation.
func (g Grant) Bears(l Leave) bool {
	if !g.Valid() || l.Sections&^g.sections != 0 || l.Override != "" && l.Override != g.override.ID {
		return false
	}
	known := make(map[string]bool, len(l.Withheld))
	for _, name := range l.Withheld {
		known[name] = true
	}
	for _, name := range g.request.Facts.Consent.Withheld(g.request.At) {
		if !known[name] {
			return false
		}
	}
	return true
}
