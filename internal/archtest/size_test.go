package archtest

import (
	"bytes"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The hard lines of the budgets in CONTRIBUTING.md.
const (
	maxFileLines, maxFuncLines, maxParams, maxMethods = 600, 80, 6, 5
)

// tall are functions that may pass the limit: the composition root and tables, which are read from top to bottom.
var tall = []string{"internal/app New"}

// wide are functions of many parameters that read as the rows of a table.
var wide = []string{"internal/sandbox role", "internal/sandbox/story clinic"}

func TestSizes(t *testing.T) {
	s := tree(t)
	for _, f := range s.golang(false) {
		if n := bytes.Count(f.text, []byte("\n")); n > maxFileLines {
			t.Errorf("%s has %d lines, more than %d", f.name, n, maxFileLines)
		}
		if f.test {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				s.function(t, f, n)
			case *ast.InterfaceType:
				if len(n.Methods.List) > maxMethods {
					t.Errorf("%s: an interface of %d methods, more than %d: ask less of it", s.at(n), len(n.Methods.List), maxMethods)
				}
			}
			return true
		})
	}
}

func (s *source) function(t *testing.T, f *file, fn *ast.FuncDecl) {
	if lines := s.set.Position(fn.End()).Line - s.set.Position(fn.Pos()).Line + 1; lines > maxFuncLines && !slices.Contains(tall, f.pkg()+" "+fn.Name.Name) {
		t.Errorf("%s: %s has %d lines, more than %d", s.at(fn), fn.Name.Name, lines, maxFuncLines)
	}
	if n := fn.Type.Params.NumFields(); n > maxParams && !slices.Contains(wide, f.pkg()+" "+fn.Name.Name) {
		t.Errorf("%s: %s has %d parameters, more than %d: use an options struct", s.at(fn), fn.Name.Name, n, maxParams)
	}
}

func TestPackageComments(t *testing.T) {
	comment, where := map[string]string{}, map[string]string{}
	for _, f := range tree(t).golang(false) {
		if f.test {
			continue
		}
		where[f.pkg()] = f.name
		if doc := f.syntax.Doc.Text(); doc != "" {
			comment[f.pkg()] = doc
		}
	}
	for pkg, name := range where {
		begins := "Package " + path.Base(pkg) + " "
		if strings.HasPrefix(pkg, "cmd/") || pkg == "web/build" || pkg == "internal/adapter/internal/fhirgen" {
			begins = "Command " + path.Base(pkg) + " "
		}
		if !strings.HasPrefix(comment[pkg], begins) {
			t.Errorf("%s: the package comment of %s must begin with %q", name, pkg, begins)
		}
	}
}

// Every exported type, function, constant and variable says what it is for; tests and constants of a documented group are exempt.
func TestExportedNamesAreDocumented(t *testing.T) {
	s := tree(t)
	for _, f := range s.golang(false) {
		if f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || exportedReceiver(d)) {
					t.Errorf("%s: %s has no comment", s.at(d), d.Name.Name)
				}
			case *ast.GenDecl:
				s.undocumented(t, d)
			}
		}
	}
}

func (s *source) undocumented(t *testing.T, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s: %s has no comment", s.at(spec), spec.Name.Name)
			}
		case *ast.ValueSpec:
			if spec.Names[0].IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s: %s has no comment", s.at(spec), spec.Names[0].Name)
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if generic, ok := typ.(*ast.IndexExpr); ok {
		typ = generic.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

// vague are package names that say nothing of what is inside.
var vague = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types", "service", "services", "misc", "base", "shared", "lib", "core", "manager"}

func TestPackageNames(t *testing.T) {
	for _, f := range tree(t).golang(true) {
		for part := range strings.SplitSeq(f.pkg(), "/") {
			if slices.Contains(vague, part) {
				t.Errorf("%s: a package called %q says nothing of what is inside", f.name, part)
			}
		}
	}
}

var openTask = regexp.MustCompile(`(?i)\b(` + "TO" + `DO|FIX` + `ME|XXX|HACK)\b(\(#\d+\))?`)

// An unfinished thing has an issue, or it is not left unfinished.
func TestOpenTasksHaveAnIssue(t *testing.T) {
	s := tree(t)
	for _, f := range s.golang(false) {
		for _, group := range f.syntax.Comments {
			for _, m := range openTask.FindAllStringSubmatch(group.Text(), -1) {
				if m[1] != strings.ToUpper(m[1]) {
					continue
				}
				if m[2] == "" {
					t.Errorf("%s: a %s without the number of an issue", s.at(group), m[1])
				}
			}
		}
	}
}
