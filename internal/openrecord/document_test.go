package openrecord_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/fault"
	"ribble/internal/openrecord"
	"ribble/internal/record"
)

// archive is a source that also gives documents, a letter at a time.
type archive struct {
	source
	every time.Duration
}

func (a archive) Document(ctx context.Context, _ record.Ask, _ record.Attachment) (record.DocumentBody, error) {
	a.w.note("fetched from " + a.feed)
	return record.DocumentBody{ContentType: "text/plain", Body: &slow{ctx: ctx, every: a.every, left: 100}}, nil
}

// slow is a body that takes its time.
type slow struct {
	ctx   context.Context
	every time.Duration
	left  int
}

func (s *slow) Read(p []byte) (int, error) {
	select {
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	case <-time.After(s.every):
	}
	if s.left--; s.left < 0 {
		return 0, io.EOF
	}
	p[0] = 'a'
	return 1, nil
}

func (s *slow) Close() error { return nil }

// reader is a browser that takes a document.
type reader struct{ got strings.Builder }

func (r *reader) Show(proof audit.Disclosed, body record.DocumentBody) error {
	if !proof.Valid() || !proof.Document() {
		return errors.New("a document without its proof")
	}
	_, err := io.Copy(&r.got, body.Body)
	return err
}

// letter is a document of feed b as a page listed it, cleared by the rules in force.
func letter(t *testing.T, w *world) record.Attachment {
	t.Helper()
	listed := func(a *record.Answer) {
		a.Chart.Documents = []record.Document{{Head: record.Head{Key: record.ItemKey{Type: "DocumentReference", ID: "1"}}, Attachments: []record.Attachment{{URL: "https://b/1"}}}}
	}
	p := &page{w: w}
	if err := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": source{w: w, feed: "b", alter: listed}}).Open(t.Context(), request(), p); err != nil {
		t.Fatal(err)
	}
	w.events = nil
	for _, a := range p.parts[len(p.parts)-1].View.Answers {
		for _, d := range a.Answer().Chart.Documents {
			return d.Attachments[0]
		}
	}
	t.Fatal("no document was listed")
	return record.Attachment{}
}

// TestADocumentOpensWhereItWasListed: what closes documents, or the section that listed it, closes the body too.
func TestADocumentOpensWhereItWasListed(t *testing.T) {
	supply := func(s record.Section, organisation string) consent.Standing {
		return consent.Standing{{ID: "1", Organisation: organisation, Sections: record.SectionsOf(s), Direction: consent.Supply, Stance: consent.Objected}}
	}
	for name, c := range map[string]struct {
		listed  record.Section
		closed  consent.Standing
		cleared bool
		opens   bool
	}{
		"a letter":                      {record.Documents, nil, true, true},
		"a plan":                        {record.Plans, nil, true, true},
		"a plan where plans are closed": {record.Plans, supply(record.Plans, "RBB"), true, false},
		"plans closed elsewhere":        {record.Plans, supply(record.Plans, "RAA"), true, true},
		"documents are closed":          {record.Plans, supply(record.Documents, "RBB"), true, false},
		"plans may not be seen": {record.Plans, consent.Standing{
			{ID: "1", Organisation: "RAA", Sections: record.SectionsOf(record.Plans), Direction: consent.View, Stance: consent.Objected},
		}, true, false},
		"listed under other rules": {record.Documents, nil, false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &world{}
			body := letter(t, w)
			if !c.cleared {
				body.Cleared = "older"
			}
			facts := caseload()
			facts.Consent = c.closed
			w.about = says(facts)
			f := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": archive{source: source{w: w, feed: "b"}}})
			r := &reader{}
			err := f.OpenDocument(t.Context(), openrecord.DocumentRequest{Request: request(), Feed: "b", Section: c.listed, Attachment: body}, r)
			if c.opens && (err != nil || r.got.Len() != 100 || w.events[len(w.events)-1] != "trail finished") {
				t.Errorf("%s: %v, %d bytes, events %q", name, err, r.got.Len(), w.events)
			}
			if !c.opens && (fault.KindOf(err) != fault.NotFound || slices.Contains(w.events, "fetched from b")) {
				t.Errorf("%s: %v, events %q", name, err, w.events)
			}
		})
	}
}

// TestAnObjectionCutsOffADocument: it is watched while it streams, as a page is.
func TestAnObjectionCutsOffADocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		body := letter(t, w)
		began, facts := time.Now(), caseload()
		w.about = func() (access.Facts, error) {
			if time.Since(began) > 6*time.Second {
				facts.Relationships = nil
			}
			return facts, nil
		}
		f := flow(t, w, sources{"a": source{w: w, feed: "a"}, "b": archive{source{w: w, feed: "b"}, time.Second}})
		r := &reader{}
		err := f.OpenDocument(t.Context(), openrecord.DocumentRequest{Request: request(), Feed: "b", Section: record.Documents, Attachment: body}, r)
		if took := time.Since(began); err == nil || r.got.Len() == 100 || took > 15*time.Second || w.events[len(w.events)-1] != "trail finished" {
			t.Errorf("after %s: %v, %d bytes, events %q", took, err, r.got.Len(), w.events)
		}
	})
}
