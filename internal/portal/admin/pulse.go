package admin

import (
	"fmt"
	"slices"
	"time"

	"ribble/internal/directory"
	"ribble/internal/health"
	"ribble/web/page"
	"ribble/web/ui"
)

// healthPart is how the feed has served of late.
func healthPart(f *directory.Feed, pulse health.Feed, now time.Time) page.Part {
	part := page.Part{ID: "health", Heading: "Health: " + string(pulse.Standing), Cover: "Questions of the last 60 minutes, as this server saw them"}
	if words := pulse.Sentence(f.Organisation.Name); words != "" && f.Stage.Runs() {
		note := ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconClock, Lead: words}
		if pulse.Standing == health.NotAnswering {
			note.Kind, note.Icon = ui.NoteLoud, ui.IconGone
		}
		part.Notes = []ui.NoteProps{note}
	}
	half := "none yet"
	if pulse.P50 > 0 {
		half = fmt.Sprintf("%.1f s", pulse.P50.Seconds())
	}
	part.Facts = []ui.Pair{
		{Key: "Answered", Value: answered(pulse).Text}, {Key: "Half within", Value: half}, {Key: "95 in 100 within", Value: within(pulse).Text},
		{Key: "Last good answer", Value: lastGood(pulse).Text}, {Key: "Breaker", Value: breakerWords(pulse.Breaker)}, {Key: "Certificate", Value: certificateWords(pulse, now)},
	}
	if slices.ContainsFunc(pulse.Hours[:], func(h health.Hour) bool { return h.Answered > 0 }) {
		part.Spark = spark(pulse)
		part.Spark.Wide = true
		part.Foot = "The last 12 hours: blue, half of the answers; grey, 95 in 100. The upper edge is 3 s, or the longest."
	}
	return part
}

// breakerWords say in which state the breaker of the feed's connections is.
func breakerWords(state string) string {
	switch state {
	case "closed":
		return "closed: it is asked"
	case "half-open":
		return "half open: one question is tried"
	case "open":
		return "open: it is left alone for a moment, because it failed"
	}
	return "nothing was asked yet"
}

func certificateWords(p health.Feed, now time.Time) string {
	days, known := p.CertificateDays(now)
	if !known {
		return "not seen yet"
	}
	return fmt.Sprintf("%s left, to %s", count(days, "day", "days"), day(p.CertificateEnds))
}
