package archtest

import (
	"bytes"
	"go/format"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/a-h/templ/generator"
	"github.com/a-h/templ/parser/v2"
)

// What is committed beside a template must be what the template says: "make generate" was run.
func TestTemplatesAreGenerated(t *testing.T) {
	s := tree(t)
	committed, templates := map[string][]byte{}, 0
	for _, f := range s.files {
		if strings.HasSuffix(f.name, "_templ.go") {
			committed[f.name] = f.text
		}
	}
	for _, f := range s.files {
		name, ok := strings.CutSuffix(f.name, ".templ")
		if !ok {
			continue
		}
		templates++
		if want, err := generate(f); err != nil {
			t.Errorf("%s: %v", f.name, err)
		} else if !bytes.Equal(want, committed[name+"_templ.go"]) {
			t.Errorf("%s_templ.go is not what %s says: run make generate", name, f.name)
		}
		delete(committed, name+"_templ.go")
	}
	if templates == 0 {
		t.Error("no templates found")
	}
	for name := range committed {
		t.Errorf("%s has no template", name)
	}
}

// generate does what "go tool templ generate -path web" does with one file.
func generate(f *file) ([]byte, error) {
	parsed, err := parser.ParseString(string(f.text))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	inWeb := strings.TrimPrefix(f.name, "web/")
	if _, err := generator.Generate(parsed, &b, generator.WithVersion(templ.Version()), generator.WithFileName(inWeb)); err != nil {
		return nil, err
	}
	return format.Source(b.Bytes())
}
