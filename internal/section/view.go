// Package section turns cleared answers into the page: one builder per clinical section, and the frame they share, which says of every source what is known and what is missing.
package section

import (
	"strings"
	"time"

	"ribble/internal/record"
	"ribble/internal/sensitive"
	"ribble/web/panel"
	"ribble/web/ui"
)

// View is everything the page is built from at one moment: the answers that have come, in the order of the directory, and the sources still awaited.
// It is not changed once something was built from it.
type View struct {
	// Now is the time of the view; ages and "future" are measured from it.
	Now time.Time
	// Own is the ODS code of the reader's organisation.
	Own     string
	Answers []*sensitive.Cleared
	Waiting []Waiting
	// Late holds the feeds that answered after the section was first shown, each with the number of renderings before it: their rows stand after those that
	// were there, so that nothing moves under the cursor (rule R4).
	Late map[string]int
	// Document makes the link under which a document of a source can be opened; it returns "" where none may be.
	Document func(record.SourceRef, record.Attachment) string
	// kept is shared by the copies that For and Beside make, room by those that For makes: a view is for one goroutine, and Beside gives one
	// for another.
	kept *kept
	room *room
}

// Waiting is a source that has not ended.
type Waiting struct {
	Ref      record.SourceRef
	Sections record.Sections
	// So is how long it has been asked for, Stops when it will be given up.
	So, Stops time.Duration
}

// Content is what a builder makes of its section.
type Content struct {
	// News is the worst news of the section's own content ("CONFLICT"), for its title.
	News []string
	// Notices are the section's own, such as a conflict; the frame adds those of the sources.
	Notices []panel.Notice
	Blocks  []panel.Block
	// Rows is how many entries there are, Groups as how many rows they are shown.
	Rows, Groups int
}

// builders holds the builder of every section; a missing one is a compile-time hole that archtest and TestEverySectionIsBuilt find.
var builders = [record.NumSections]func(*View) Content{
	record.Allergies:     allergies,
	record.Medicines:     medicines,
	record.Problems:      problems,
	record.Alerts:        alerts,
	record.Plans:         plans,
	record.Legal:         legal,
	record.Results:       results,
	record.Imaging:       imaging,
	record.Measurements:  measurements,
	record.Encounters:    encounters,
	record.Consultations: consultations,
	record.Appointments:  appointments,
	record.Referrals:     referrals,
	record.Immunisations: immunisations,
	record.Procedures:    procedures,
	record.Documents:     documents,
	record.SocialCare:    socialCare,
	record.AboutMe:       aboutMe,
	record.Network:       network,
	record.History:       history,
	record.Other:         other,
}

// entries gathers pointers to one section's entries of all answers, in the order of the answers.
func entries[T any](v *View, of func(*record.Chart) []T) []*T {
	n := 0
	for _, a := range v.Answers {
		n += len(of(&a.Answer().Chart))
	}
	all := make([]*T, 0, n)
	for _, a := range v.Answers {
		list := of(&a.Answer().Chart)
		for i := range list {
			all = append(all, &list[i])
		}
	}
	return all
}

// badge is the badge of an organisation: filled when it is the reader's own.
func (v *View) badge(o record.Organisation) ui.Badge {
	return ui.Badge{Code: o.Badge, Org: o.Name, Own: o.ODS == v.Own}
}

// retrieved is the time of retrieval as rows show it.
func retrieved(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(ukTime).Format("15:04:05")
}

var ukTime = func() *time.Location {
	if l, err := time.LoadLocation("Europe/London"); err == nil {
		return l
	}
	return time.UTC
}()

// list writes names as people do: "A, B and C".
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// actors names several actors.
func actors(all []record.Actor) string {
	names := make([]string, 0, len(all))
	for _, a := range all {
		if s := a.Display(); s != "" {
			names = append(names, s)
		}
	}
	return strings.Join(names, "; ")
}

// concepts names several concepts.
func concepts(all []record.Concept) string {
	names := make([]string, 0, len(all))
	for _, c := range all {
		if s := c.Name(); s != "" {
			names = append(names, s)
		}
	}
	return strings.Join(names, "; ")
}
