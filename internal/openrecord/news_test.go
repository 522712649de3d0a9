package openrecord_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ribble/internal/directory"
	"ribble/internal/openrecord"
	"ribble/internal/record"
)

// TestNewsIsGathered: sources that end while no list is whole are told of together, soon, and not each with a part and a commit of its own. A list
// that is whole waits for nobody.
func TestNewsIsGathered(t *testing.T) {
	feed := func(id, ods string) string {
		return `{"id":"` + id + `","organisation":"` + ods + `","protocol":"fhirr4","endpoint":"https://127.0.0.1:9001/` + id + `","sections":["allergies"],"stage":"live","agreement":"isa","flow":"f","allow_cidr":["127.0.0.0/8"]}`
	}
	many, _, _ := strings.Cut(directoryFile, `"feeds"`)
	many += `"feeds":[` + strings.Join([]string{feed("a", "RAA"), feed("b", "RBB"), feed("c", "RAA"), feed("d", "RBB"), feed("e", "RAA")}, ",") + `],"spine":{}}`
	snapshot, err := directory.Load(strings.NewReader(many))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		s := sources{}
		for i, id := range []string{"a", "b", "c", "d", "e"} {
			s[id] = source{w: w, feed: id, delay: []time.Duration{100, 200, 210, 220, 1000}[i] * time.Millisecond}
		}
		f := flow(t, w, s)
		f.Directory = directory.NewHolder(snapshot)
		p := &timedPage{page: page{w: w}, began: time.Now()}
		if err := f.Open(t.Context(), request(), p); err != nil {
			t.Fatal(err)
		}
		// What no source supplies is whole at the first answer; then three sources at once; then the list itself.
		want := []struct {
			after   time.Duration
			answers int
		}{{100, 1}, {450, 4}, {1000, 5}}
		if len(p.parts) != len(want) {
			t.Fatalf("%d parts, want %d: %v", len(p.parts), len(want), p.after)
		}
		for i, part := range p.parts {
			if p.after[i] != want[i].after*time.Millisecond || len(part.View.Answers)-notAsked(part) != want[i].answers {
				t.Errorf("part %d after %v with %d answers, want %+v", i+1, p.after[i], len(part.View.Answers)-notAsked(part), want[i])
			}
		}
	})
}

func notAsked(part openrecord.Part) (n int) {
	for _, a := range part.View.Answers {
		if a.Answer().State == record.NotAsked {
			n++
		}
	}
	return n
}

// timedPage notes when each part came.
type timedPage struct {
	page
	began time.Time
	after []time.Duration
}

func (p *timedPage) Render(part openrecord.Part) ([]byte, error) {
	p.after = append(p.after, time.Since(p.began))
	return p.page.Render(part)
}
