// Package golden compares printed HTML with files of a test's testdata, and holds the rules every page obeys.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Check compares what a component prints with testdata/<name>.html, and that it obeys the rules of [Rules].
func Check(t *testing.T, name string, c templ.Component) {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	Rules(t, b.String())
	got := strings.ReplaceAll(b.String(), "><", ">\n<") + "\n"
	file := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs, run with -update if it should (-want +got):\n%s", file, diff)
	}
}

// Rules fails on inline script or style, which the CSP blocks, on an id used twice, and on a form whose method would
// put its fields into an address.
func Rules(t *testing.T, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
			t.Errorf("inline <%s>", n.Data)
		}
		if n.Data == "form" && !has(n, "method", "post") {
			t.Error("a form that does not post")
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("inline %s=%q", a.Key, a.Val)
			}
			if a.Key == "id" && ids[a.Val] {
				t.Errorf("the id %q stands twice", a.Val)
			}
			if a.Key == "id" {
				ids[a.Val] = true
			}
			if strings.Contains(strings.ToLower(a.Val), "javascript:") {
				t.Errorf("a script in %s", a.Key)
			}
		}
	}
}

func has(n *html.Node, key, value string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val == value
		}
	}
	return false
}
