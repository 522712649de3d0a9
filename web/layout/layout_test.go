package layout

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"ribble/web/internal/golden"
	"ribble/web/ui"
)

// plainURLs gives addresses without hashes, so that golden files do not change with a style sheet.
type plainURLs struct{}

func (plainURLs) URL(name string) string { return "/assets/" + name }

// TestEverySlotHasItsRule: without one, an old printing of a section would stand beside the new one.
func TestEverySlotHasItsRule(t *testing.T) {
	css, err := os.ReadFile("../static/ribble/stream.css")
	if err != nil {
		t.Fatal(err)
	}
	var ruled []string
	for _, m := range regexp.MustCompile(`\[slot="(\w+)"\]:has\(~ \[slot="(\w+)"\]\)`).FindAllStringSubmatch(string(css), -1) {
		if m[1] != m[2] {
			t.Errorf("the rule for %s looks at %s", m[1], m[2])
		}
		ruled = append(ruled, m[1])
	}
	slices.Sort(ruled)
	want := slices.Clone(slots)
	slices.Sort(want)
	if diff := cmp.Diff(want, ruled); diff != "" {
		t.Error(diff)
	}
}

func TestShellRefusesAnUnknownSection(t *testing.T) {
	p := record(plainURLs{})
	p.Sections = append(p.Sections, Section{ID: "invented"})
	var b strings.Builder
	if err := RecordShell(p).Render(t.Context(), &b); err == nil || b.Len() > 0 {
		t.Errorf("printed %d bytes, error %v", b.Len(), err)
	}
}

func TestRecordPage(t *testing.T) {
	p := record(plainURLs{})
	golden.Check(t, "shell", RecordShell(p))
	golden.Check(t, "end", RecordEnd(p.Props))
}

func TestWholeRecordObeysTheRules(t *testing.T) {
	p := record(plainURLs{})
	p.Glass = glass
	var b strings.Builder
	for _, c := range append(append([]templ.Component{RecordShell(p)}, parts()...), RecordEnd(p.Props)) {
		if err := c.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	golden.Rules(t, b.String())
}

// glass is the bar of an emergency access.
var glass = &ui.GlassProps{Left: "24 min 10 s", LeftISO: "PT24M10S", Ends: "14:26:23", Reason: "unconscious, “found collapsed, no one with her”",
	Told: "Privacy Officer told 14:02:13.", End: ui.Action{Text: "End now", URL: "/record/end", Post: true}}

func BenchmarkRecordShell(b *testing.B) {
	p := record(plainURLs{})
	b.ReportAllocs()
	for b.Loop() {
		if err := RecordShell(p).Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
