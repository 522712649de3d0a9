package openrecord_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ribble/internal/directory"
	"ribble/internal/openrecord"
	"ribble/internal/record"
)

const ms = time.Millisecond

// region is a directory of so many feeds, all of which supply allergies.
func region(t *testing.T, n int) *directory.Holder {
	t.Helper()
	feeds := make([]string, n)
	for i := range feeds {
		feeds[i] = fmt.Sprintf(`{"id":"f%d","organisation":"%s","protocol":"fhirr4","endpoint":"https://127.0.0.1:9001/f%d","sections":["allergies"],"stage":"live","agreement":"isa","flow":"f","allow_cidr":["127.0.0.0/8"]}`,
			i, []string{"RAA", "RBB"}[i%2], i)
	}
	before, _, _ := strings.Cut(directoryFile, `"feeds"`)
	snapshot, err := directory.Load(strings.NewReader(before + `"feeds":[` + strings.Join(feeds, ",") + `],"spine":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	return directory.NewHolder(snapshot)
}

// usually is what is known of feeds that all answer alike.
func usually(half, most time.Duration, answering bool) openrecord.Usual {
	return func(string) (time.Duration, time.Duration, bool) { return half, most, answering }
}

// TestWhenAListIsShownWithoutASource: a list is shown once where its sources are as quick as they usually are, and soon where they are not.
func TestWhenAListIsShownWithoutASource(t *testing.T) {
	quick := usually(100*ms, 120*ms, true)
	twelve := func(first, others time.Duration) []time.Duration {
		return append([]time.Duration{first}, slices.Repeat([]time.Duration{others}, 11)...)
	}
	for name, c := range map[string]struct {
		usual  openrecord.Usual
		delays []time.Duration
		// want is when the list is shown, each time.
		want []time.Duration
	}{
		"all are as quick as ever":                  {quick, []time.Duration{50 * ms, 110 * ms, 119 * ms}, []time.Duration{119 * ms}},
		"one is a little late":                      {quick, []time.Duration{50 * ms, 90 * ms, 230 * ms}, []time.Duration{230 * ms}},
		"one is surely late":                        {quick, []time.Duration{50 * ms, 90 * ms, 700 * ms}, []time.Duration{240 * ms, 700 * ms}},
		"eleven of twelve hang":                     {quick, twelve(80*ms, 8*time.Second), []time.Duration{100 * ms, 8 * time.Second}},
		"eleven of twelve hang, the twelfth later":  {quick, twelve(300*ms, 8*time.Second), []time.Duration{300 * ms, 8 * time.Second}},
		"a few of many are missing":                 {quick, append(slices.Repeat([]time.Duration{50 * ms}, 4), slices.Repeat([]time.Duration{8 * time.Second}, 8)...), []time.Duration{240 * ms, 8 * time.Second}},
		"eleven of twelve fail at once":             {quick, twelve(80*ms, 10*ms), []time.Duration{80 * ms}},
		"nothing has come":                          {quick, []time.Duration{8 * time.Second, 8 * time.Second}, []time.Duration{1500 * ms, 8 * time.Second}},
		"nothing is known":                          {nil, []time.Duration{50 * ms, 700 * ms}, []time.Duration{700 * ms}},
		"nothing is known, and one hangs":           {nil, []time.Duration{50 * ms, 8 * time.Second}, []time.Duration{1500 * ms, 8 * time.Second}},
		"never asked before":                        {usually(0, 0, true), []time.Duration{50 * ms, 8 * time.Second}, []time.Duration{1500 * ms, 8 * time.Second}},
		"they do not answer at the moment":          {usually(100*ms, 120*ms, false), []time.Duration{50 * ms, 8 * time.Second}, []time.Duration{100 * ms, 8 * time.Second}},
		"they are always slow":                      {usually(2*time.Second, 3*time.Second, true), []time.Duration{50 * ms, 2 * time.Second}, []time.Duration{100 * ms, 2 * time.Second}},
		"some are slow now and then":                {usually(100*ms, 3*time.Second, true), []time.Duration{50 * ms, 2 * time.Second}, []time.Duration{1500 * ms, 2 * time.Second}},
		"more comes while one hangs":                {quick, []time.Duration{50 * ms, 400 * ms, 8 * time.Second}, []time.Duration{240 * ms, 1500 * ms, 8 * time.Second}},
		"more and more comes":                       {quick, []time.Duration{50 * ms, 400 * ms, 2 * time.Second, 8 * time.Second}, []time.Duration{240 * ms, 1500 * ms, 3 * time.Second, 8 * time.Second}},
		"nothing more comes, and nothing is redone": {quick, []time.Duration{50 * ms, 100 * ms, 8 * time.Second}, []time.Duration{240 * ms, 8 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			holder := region(t, len(c.delays))
			synctest.Test(t, func(t *testing.T) {
				w := &world{}
				s := sources{}
				for i, d := range c.delays {
					feed := fmt.Sprintf("f%d", i)
					s[feed] = source{w: w, feed: feed, delay: d}
				}
				f := flow(t, w, s)
				f.Directory, f.Usual = holder, c.usual
				p := &timedPage{page: page{w: w}, began: time.Now()}
				if err := f.Open(t.Context(), request(), p); err != nil {
					t.Fatal(err)
				}
				var shown []time.Duration
				for i, part := range p.parts {
					if part.Sections.Has(record.Allergies) {
						shown = append(shown, p.after[i])
					}
				}
				if !slices.Equal(shown, c.want) {
					t.Errorf("shown after %v, want %v", shown, c.want)
				}
				if last := p.parts[len(p.parts)-1]; !last.Last || len(last.View.Waiting) != 0 || !p.ended {
					t.Error("the page did not come to its end")
				}
			})
		})
	}
}

// TestSlowSourcesAreNotMeasuredByQuickOnes: a source that answers at once does not make those late that never do.
func TestSlowSourcesAreNotMeasuredByQuickOnes(t *testing.T) {
	holder := region(t, 9)
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		s := sources{}
		for i := range 9 {
			feed := fmt.Sprintf("f%d", i)
			s[feed] = source{w: w, feed: feed, delay: min(290, time.Duration(10+280*i)) * ms}
		}
		f := flow(t, w, s)
		f.Directory, f.Usual = holder, func(feed string) (time.Duration, time.Duration, bool) {
			if feed == "f0" {
				return 20 * ms, 25 * ms, true
			}
			return 300 * ms, 320 * ms, true
		}
		p := &timedPage{page: page{w: w}, began: time.Now()}
		if err := f.Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		shown := 0
		for _, part := range p.parts {
			if part.Sections.Has(record.Allergies) {
				shown++
			}
		}
		if shown != 1 {
			t.Errorf("the list is shown %d times", shown)
		}
	})
}

// TestWhatCameLaterStandsLater: of sources that come one after the other into a list that stands, each stands behind those that were there.
func TestWhatCameLaterStandsLater(t *testing.T) {
	holder := region(t, 4)
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		s := sources{}
		for i, d := range []time.Duration{50 * ms, 400 * ms, 2 * time.Second, 8 * time.Second} {
			feed := fmt.Sprintf("f%d", i)
			s[feed] = source{w: w, feed: feed, delay: d}
		}
		f := flow(t, w, s)
		f.Directory, f.Usual = holder, usually(100*ms, 120*ms, true)
		p := &lateness{page: page{w: w}}
		if err := f.Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		want := []string{"", "f1:1", "f1:1 f2:2", "f1:1 f2:2 f3:3"}
		if !slices.Equal(p.late, want) {
			t.Errorf("late %q, want %q", p.late, want)
		}
	})
}

// lateness notes at each showing of the allergies who came late to them, and after how many.
type lateness struct {
	page
	late []string
}

func (p *lateness) Render(part openrecord.Part) ([]byte, error) {
	if part.Sections.Has(record.Allergies) {
		var who []string
		for feed, after := range part.Late(record.Allergies) {
			if strings.HasPrefix(feed, "f") {
				who = append(who, fmt.Sprintf("%s:%d", feed, after))
			}
		}
		slices.Sort(who)
		p.late = append(p.late, strings.Join(who, " "))
	}
	return p.page.Render(part)
}
