package prove

import (
	"fmt"
	"slices"
	"time"

	"ribble/internal/sandbox/fault"
)

// histories are the three histories of a scenario: each in its own order, by clocks of one machine.
type histories struct {
	views []*view
	asked []fault.Asked
	// byNumber finds the user who looks at a person.
	byNumber map[string]*user
	trail    *trail
}

// window is a view of a user with the time at which the next one began: everything that the user caused between belongs to it.
type window struct {
	view *view
	from time.Time
	to   time.Time
}

// violations holds the histories against the invariants I1 to I4. I5 is the trail's own: see trail.take for what may not come after an end, and trail.open.
func (h *histories) violations() []string {
	wrong := slices.Clone(h.trail.wrong)
	windows := h.windows()
	for subject, list := range windows {
		for _, w := range list {
			wrong = append(wrong, h.judge(subject, w)...)
		}
	}
	for _, a := range h.asked {
		if said := h.unintended(windows, a); said != "" {
			wrong = append(wrong, said)
		}
	}
	slices.Sort(wrong)
	return wrong
}

func (h *histories) windows() map[string][]window {
	out := map[string][]window{}
	sorted := slices.SortedFunc(slices.Values(h.views), func(a, b *view) int { return a.began.Compare(b.began) })
	for _, v := range sorted {
		list := out[v.user.subject]
		if n := len(list); n > 0 {
			list[n-1].to = v.began
		}
		out[v.user.subject] = append(list, window{view: v, from: v.began, to: time.Now().Add(time.Hour)})
	}
	return out
}

// judge holds one view against the trail: I1 and I3.
func (h *histories) judge(subject string, w window) []string {
	var wrong []string
	v := w.view
	name := fmt.Sprintf("%s at %s", subject, w.from.UTC().Format("15:04:05.000"))
	looks := slices.DeleteFunc(slices.Clone(h.trail.looks[subject]), func(l *look) bool { return l.began.Before(w.from) || !l.began.Before(w.to) })
	for ods, at := range v.marks {
		feed := sourceOf[ods]
		if ods == practice {
			feed = practiceFeed
		}
		if !slices.ContainsFunc(looks, func(l *look) bool { return !l.shown[feed].IsZero() && l.shown[feed].Before(at) }) {
			wrong = append(wrong, fmt.Sprintf("I1: %s saw an entry of %s that no earlier event says was shown", name, feed))
		}
	}
	if v.stranger {
		wrong = append(wrong, fmt.Sprintf("I1: %s saw an entry about somebody else", name))
	}
	if v.shell && len(looks) == 0 {
		wrong = append(wrong, fmt.Sprintf("I3: the page of %s began, and no intent is in the trail", name))
	}
	if v.accepted && !slices.ContainsFunc(h.trail.noted[subject], func(at time.Time) bool { return !at.Before(w.from) && at.Before(w.to) }) {
		wrong = append(wrong, fmt.Sprintf("I3: the form of %s was accepted, and the trail does not hold it", name))
	}
	return wrong
}

// nationals are asked before there is an intent: who the person is, and where the practice is.
var nationals = map[string]bool{"pds": true, "sds": true, "cis2": true, "epr": true}

// stillUnderWay is how long after its intent a question of a killed portal may still be on the wire.
const stillUnderWay = 9 * time.Second

// lateArrival is how long after its intent a question may reach a source on a machine that has no processor to spare: it was asked within the source's eight
// seconds, and stood in the queue for the processor on its way.
const lateArrival = 20 * time.Second

// unintended says what is wrong with a request that reached a source: I2.
func (h *histories) unintended(windows map[string][]window, a fault.Asked) string {
	if nationals[a.Source] {
		return ""
	}
	feed := a.Source
	if feed == practiceID {
		feed = practiceFeed
	}
	u := h.byNumber[a.NHSNumber]
	if u == nil {
		return h.unnamed(feed, a)
	}
	for _, w := range windows[u.subject] {
		if a.At.Before(w.from) || !a.At.Before(w.to) {
			continue
		}
		for _, l := range h.trail.looks[u.subject] {
			// What a killed portal asked may arrive when its user has already turned to the other one.
			late := !l.finished && w.from.Sub(l.began) < stillUnderWay
			if (late || !l.began.Before(w.from)) && !l.began.After(a.At) && l.asked[feed] {
				return ""
			}
		}
	}
	for _, l := range h.trail.before[u.subject] {
		if l.asked[feed] && !l.began.After(a.At) && a.At.Sub(l.began) < lateArrival {
			return ""
		}
	}
	return fmt.Sprintf("I2: %s was asked about the person of %s at %s without an earlier intent", feed, u.subject, a.At.Format("15:04:05.000"))
}

// unnamed judges a request that names nobody, as one for the bytes of a document does: somebody must have looked just before.
func (h *histories) unnamed(feed string, a fault.Asked) string {
	for _, looks := range h.trail.looks {
		for _, l := range looks {
			if l.asked[feed] && !l.began.After(a.At) && a.At.Sub(l.began) < stillUnderWay {
				return ""
			}
		}
	}
	return fmt.Sprintf("I2: %s was asked at %s while nobody had an intent", feed, a.At.Format("15:04:05.000"))
}
