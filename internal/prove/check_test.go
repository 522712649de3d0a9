package prove

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/sandbox/fault"
)

// whole are three histories of one view that agree: the form, the intent, the question, the answer shown, the end.
func whole() (h histories, v *view, l *look) {
	at := func(ms int) time.Time {
		return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)
	}
	u := &user{subject: "prover-1", number: "9997000005"}
	v = &view{user: u, began: at(0), ended: at(100), accepted: true, shell: true, whole: true, marks: map[string]time.Time{bowland: at(50)}}
	l = &look{began: at(20), asked: map[string]bool{"bth": true}, shown: map[string]time.Time{"bth": at(40)}, finished: true}
	h = histories{
		views: []*view{v}, asked: []fault.Asked{{At: at(30), Source: "bth", NHSNumber: u.number}, {At: at(1), Source: "pds", NHSNumber: u.number}}, byNumber: map[string]*user{u.number: u},
		trail: &trail{looks: map[string][]*look{u.subject: {l}}, noted: map[string][]time.Time{u.subject: {at(10)}}},
	}
	return h, v, l
}

// TestInvariants: histories that agree pass, and each way of breaking an invariant is found.
func TestInvariants(t *testing.T) {
	if h, _, _ := whole(); len(h.violations()) > 0 {
		t.Fatalf("histories that agree: %v", h.violations())
	}
	for name, c := range map[string]struct {
		want  string
		spoil func(h *histories, v *view, l *look)
	}{
		"shown without an event":       {"I1", func(_ *histories, _ *view, l *look) { delete(l.shown, "bth") }},
		"shown before the event":       {"I1", func(_ *histories, v *view, l *look) { l.shown["bth"] = v.marks[bowland].Add(time.Millisecond) }},
		"shown of another source":      {"I1", func(_ *histories, v *view, _ *look) { v.marks["RZF"] = v.marks[bowland] }},
		"shown about somebody else":    {"I1", func(_ *histories, v *view, _ *look) { v.stranger = true }},
		"asked before the intent":      {"I2", func(h *histories, _ *view, l *look) { h.asked[0].At = l.began.Add(-time.Millisecond) }},
		"asked a feed not intended":    {"I2", func(h *histories, _ *view, _ *look) { h.asked[0].Source = "fgh" }},
		"asked about nobody, unlooked": {"I2", func(h *histories, _ *view, _ *look) { h.asked[0].NHSNumber, h.asked[0].Source = "", "fgh" }},
		"asked before any view":        {"I2", func(h *histories, v *view, _ *look) { h.asked[0].At = v.began.Add(-time.Second) }},
		"no intent":                    {"I3", func(h *histories, _ *view, _ *look) { h.trail.looks = nil }},
		"form not written down":        {"I3", func(h *histories, _ *view, _ *look) { h.trail.noted = nil }},
		"intent of an earlier view": {"I3", func(_ *histories, v *view, l *look) {
			l.began = v.began.Add(-time.Millisecond)
		}},
		"wrong trail": {"I4", func(h *histories, _ *view, _ *look) { h.trail.wrong = []string{"I4: number 3 follows 1"} }},
	} {
		h, v, l := whole()
		c.spoil(&h, v, l)
		if said := strings.Join(h.violations(), "\n"); !strings.Contains(said, c.want+":") {
			t.Errorf("%s: %q", name, said)
		}
	}
}

// TestTrailTakesEvents: a gap, a repeated event and a look without its end are seen.
func TestTrailTakesEvents(t *testing.T) {
	tr := newTrail(nil)
	id := func(n byte) audit.UUID { return audit.UUID{n} }
	now := time.Now()
	tr.take(1, now, audit.Event{ID: id(1), Act: audit.ActIntent, Look: id(1), Asked: []string{"bth"}, User: audit.User{Subject: "a"}})
	tr.take(2, now, audit.Event{ID: id(2), Act: audit.ActDisclosed, Look: id(1), Sources: []audit.Source{{Feed: "bth", Sections: []audit.Section{{Count: 1}}}, {Feed: "fgh", Sections: []audit.Section{{}}}}})
	if l := tr.looks["a"][0]; l.shown["bth"].IsZero() || !l.shown["fgh"].IsZero() || !l.asked["bth"] || tr.open() != 1 || len(tr.wrong) != 0 {
		t.Errorf("%+v, %d open, %v", l, tr.open(), tr.wrong)
	}
	tr.take(4, now, audit.Event{ID: id(2), Act: audit.ActFinished, Look: id(1)})
	if tr.open() != 0 || len(tr.wrong) != 2 || !strings.HasPrefix(tr.wrong[0], "I4") || !strings.HasPrefix(tr.wrong[1], "I3") {
		t.Errorf("%d open, %v", tr.open(), tr.wrong)
	}
}

// TestTrailSettles: a look without an outcome is open until it is reconciled, and what may not come before or after that is seen, also when the look has been
// judged and forgotten meanwhile.
func TestTrailSettles(t *testing.T) {
	id := func(n byte) audit.UUID { return audit.UUID{n} }
	for name, c := range map[string]struct {
		acts  []audit.Act
		wrong bool
		open  int
	}{
		"left open":                  {[]audit.Act{audit.ActIntent, audit.ActDisclosed}, false, 1},
		"finished":                   {[]audit.Act{audit.ActIntent, audit.ActFinished}, false, 0},
		"reconciled":                 {[]audit.Act{audit.ActIntent, audit.ActDisclosed, audit.ActReconciled}, false, 0},
		"reconciled twice":           {[]audit.Act{audit.ActIntent, audit.ActReconciled, audit.ActReconciled}, true, 0},
		"reconciled after its end":   {[]audit.Act{audit.ActIntent, audit.ActFinished, audit.ActReconciled}, true, 0},
		"shown after it":             {[]audit.Act{audit.ActIntent, audit.ActReconciled, audit.ActDisclosed}, true, 0},
		"a document opened after it": {[]audit.Act{audit.ActIntent, audit.ActReconciled, audit.ActDocumentOpened}, true, 0},
		"finished after it":          {[]audit.Act{audit.ActIntent, audit.ActReconciled, audit.ActFinished}, true, 0},
	} {
		for _, forgotten := range []bool{false, true} {
			tr := newTrail(nil)
			for i, act := range c.acts {
				e := audit.Event{ID: id(byte(i + 1)), Act: act, Look: id(1)}
				tr.take(int64(i+1), time.Now(), e)
				if i == 0 && forgotten {
					tr.forget()
				}
			}
			wrong := strings.Join(tr.wrong, "")
			if strings.Contains(wrong, "I5") != c.wrong || len(tr.unsettled) != c.open || !forgotten && tr.open() != c.open {
				t.Errorf("%s (forgotten %v): %q, %d open", name, forgotten, wrong, len(tr.unsettled))
			}
		}
	}
}

// TestSpot: marks are found over the edges of chunks, and somebody else's is told from the user's own.
func TestSpot(t *testing.T) {
	for size := 1; size < 40; size += 3 {
		v := &view{user: &user{number: "9997000005"}, marks: map[string]time.Time{}}
		page := "<html>" + mark("RZB", "9997000005") + "<td>" + mark("991", "9997000005") + "</html>"
		if err := v.read(&drops{text: page, size: size}, true); err != nil || len(v.marks) != 2 || v.stranger || string(v.page) != page {
			t.Errorf("in pieces of %d: %v, %v, stranger %v", size, err, v.marks, v.stranger)
		}
	}
	v := &view{user: &user{number: "9997000005"}, marks: map[string]time.Time{}}
	if err := v.read(strings.NewReader(mark("RZB", "9997000013")), false); err == nil || !v.stranger {
		t.Errorf("a page about somebody else that broke off: %v, stranger %v", err, v.stranger)
	}
}

// drops gives a text in pieces of one size.
type drops struct {
	text string
	size int
}

func (d *drops) Read(p []byte) (int, error) {
	if d.text == "" {
		return 0, io.EOF
	}
	n := copy(p, d.text[:min(d.size, len(d.text))])
	d.text = d.text[n:]
	return n, nil
}

// TestRefused: what began while the database was dead is judged, and nothing else; anything of a record among it is a leak.
func TestRefused(t *testing.T) {
	died := time.Now()
	back := died.Add(3 * time.Second)
	at := func(from, took time.Duration, v view) *view {
		v.began, v.ended = died.Add(from), died.Add(from+took)
		return &v
	}
	gone := view{status: http.StatusServiceUnavailable}
	st := &stage{}
	refusals, leaked := st.refused([]*view{
		at(-time.Second, 2*time.Second, view{status: http.StatusOK, shell: true}),
		at(time.Second, time.Millisecond, gone),
		at(time.Second, 2*time.Millisecond, view{status: http.StatusServiceUnavailable, marks: map[string]time.Time{"RZB": died}}),
		at(2900*time.Millisecond, time.Second, view{status: http.StatusOK, shell: true}),
	}, died, back)
	if len(refusals) != 2 || leaked != 1 || st.broken {
		t.Errorf("refusals %v, %d leaked, broken %v", refusals, leaked, st.broken)
	}
	if st.refused([]*view{at(time.Second, time.Second, view{status: http.StatusOK})}, died, back); !st.broken {
		t.Error("an answer that is no refusal passed for one")
	}
}

// TestLateArrival: a question of a look that was judged before may reach its source now, but not before its intent, at another source, or ever after.
func TestLateArrival(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		after  time.Duration
		fits   bool
	}{
		"late":                {"bth", 9 * time.Second, true},
		"before its intent":   {"bth", -time.Millisecond, false},
		"at another source":   {"fgh", 9 * time.Second, false},
		"long after its look": {"bth", lateArrival, false},
	} {
		h, _, l := whole()
		h.trail.forget()
		h.views, h.asked = nil, []fault.Asked{{At: l.began.Add(c.after), Source: c.source, NHSNumber: h.asked[0].NHSNumber}}
		if said := h.violations(); (len(said) == 0) != c.fits {
			t.Errorf("%s: %q", name, said)
		}
	}
}
