package archtest

import (
	"go/ast"
	"path"
	"regexp"
	"testing"
)

var namedTest = regexp.MustCompile("`([a-z0-9]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")

// A hazard log that names tests which are gone would promise what nobody checks.
func TestHazardLogNamesRealTests(t *testing.T) {
	s, real := tree(t), map[string]bool{}
	for _, f := range s.golang(false) {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test {
				real[path.Base(f.pkg())+"."+fn.Name.Name] = true
			}
		}
	}
	named := 0
	for _, f := range s.files {
		if f.name != "docs/clinical-safety/hazard-log.md" {
			continue
		}
		for _, m := range namedTest.FindAllSubmatch(f.text, -1) {
			if named++; !real[string(m[1])+"."+string(m[2])] {
				t.Errorf("%s names %s.%s, which does not exist", f.name, m[1], m[2])
			}
		}
	}
	if named < 30 {
		t.Errorf("the hazard log names only %d tests", named)
	}
}
