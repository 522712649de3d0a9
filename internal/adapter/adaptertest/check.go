package adaptertest

import (
	"bytes"
	"io"
	"log"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"

	"ribble/internal/record"
)

// invariants are what holds of every answer, good or bad.
func (h Harness) invariants(t *testing.T, source Source, a record.Answer) {
	t.Helper()
	ref, asked := source.Ref(), h.Ask.Sections&source.Supplies()
	if a.Source.Feed != ref.Feed || a.Source.Organisation != ref.Organisation {
		t.Errorf("the answer names source %q, the adapter is %q", a.Source.Feed, ref.Feed)
	}
	if a.State == 0 || int(a.State) >= record.NumStates {
		t.Errorf("the answer as a whole is in no state")
	}
	h.sections(t, a, asked)
	h.balance(t, a)
	h.provenance(t, a)
	h.silence(t, a)
}

func (h Harness) sections(t *testing.T, a record.Answer, asked record.Sections) {
	t.Helper()
	for s := range record.AllSections.All {
		state := a.Coverage[s].State
		_, rows := a.Chart.Count(s)
		switch {
		case state == 0 || int(state) >= record.NumStates:
			t.Errorf("%s: in no state", s.ID())
		case rows > 0 && !state.HasRows():
			t.Errorf("%s: %d rows in state %v", s.ID(), rows, state)
		case !asked.Has(s) && state != record.NotAsked && rows == 0:
			t.Errorf("%s: state %v though it was not asked", s.ID(), state)
		}
	}
}

func (h Harness) balance(t *testing.T, a record.Answer) {
	t.Helper()
	shown := 0
	for s := range record.AllSections.All {
		resources, _ := a.Chart.Count(s)
		shown += resources
	}
	if n := a.Account.Unaccounted(); n != 0 {
		t.Errorf("%d resources are not accounted for: %+v", n, a.Account.Rows())
	}
	if total := a.Account.Total(); total.Fates[record.Shown] != shown {
		t.Errorf("the account has %d resources as shown, the chart shows %d", total.Fates[record.Shown], shown)
	}
}

func (h Harness) provenance(t *testing.T, a record.Answer) {
	t.Helper()
	for s := range record.AllSections.All {
		a.Chart.Heads(s, func(head *record.Head) {
			switch {
			case head.Source == nil:
				t.Errorf("%s: an entry without its source", s.ID())
			case head.Source.Feed != a.Source.Feed || head.Source.Organisation != a.Source.Organisation || head.Source.RetrievedAt.IsZero():
				t.Errorf("%s: an entry whose source is not the answer's, or without the time of retrieval", s.ID())
			case head.Key.Type == "":
				t.Errorf("%s: an entry without its key", s.ID())
			}
		})
	}
}

// silence checks that what the page may print of a failure quotes neither the reply nor the person. The words of a section that has rows
// may be the source's own, as those of a list's warning are.
func (h Harness) silence(t *testing.T, a record.Answer) {
	t.Helper()
	said := a.Detail
	for _, c := range a.Coverage {
		if !c.State.HasRows() {
			said += "\n" + c.Detail
		}
	}
	if words := h.secrets().in(said); words != "" {
		t.Errorf("the words for a failure hold %s", words)
	}
	if a.State != record.Data && a.Detail == "" {
		t.Errorf("state %v without words", a.State)
	}
}

// secrets are the texts that must stay inside, each with what to call it.
type secrets map[string]string

func (h Harness) secrets() secrets {
	s := secrets{Canary: "words of the reply", "://": "an address", "127.0.0.1": "an address", "goroutine ": "a stack"}
	if n := h.Ask.Person.NHSNumber; !n.IsZero() {
		s[n.Digits()], s[n.Spaced()] = "the NHS number", "the NHS number"
	}
	for _, name := range h.Ask.Person.Names {
		if len(name.Family) > 3 {
			s[name.Family] = "the person's name"
		}
	}
	return s
}

func (s secrets) in(text string) string {
	for secret, name := range s {
		if strings.Contains(text, secret) {
			return name
		}
	}
	return ""
}

// holds reports whether any string anywhere in v is exactly text.
func holds(v any, text string) bool {
	found := false
	walk(reflect.ValueOf(v), func(v reflect.Value) {
		found = found || v.Kind() == reflect.String && v.String() == text
	})
	return found
}

// values gives every value of type T anywhere in v.
func values[T any](v any) []T {
	var list []T
	walk(reflect.ValueOf(v), func(v reflect.Value) {
		if v.Type() == reflect.TypeFor[T]() && v.CanInterface() {
			list = append(list, v.Interface().(T))
		}
	})
	return list
}

func walk(v reflect.Value, visit func(reflect.Value)) {
	if !v.IsValid() {
		return
	}
	visit(v)
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		walk(v.Elem(), visit)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i), visit)
			}
		}
	}
}

// catchLogs sends the default loggers into a buffer until the test ends.
func catchLogs(t *testing.T) *lockedBuffer {
	t.Helper()
	buffer := new(lockedBuffer)
	structured, plain := slog.Default(), log.Writer()
	slog.SetDefault(slog.New(slog.NewTextHandler(buffer, &slog.HandlerOptions{Level: slog.LevelDebug})))
	// What net/http writes there of its own is caught by telemetry.TakeStandardLog in the program; adapters may not write there at all.
	log.SetOutput(io.Discard)
	t.Cleanup(func() {
		slog.SetDefault(structured)
		log.SetOutput(plain)
	})
	return buffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// quiet takes what net/http has to say about connections that the suite breaks on purpose.
var quiet = log.New(new(lockedBuffer), "", 0)
