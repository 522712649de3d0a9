package archtest

import (
	"bytes"
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// declared finds a function or method declaration of a package by name.
func (s *source) declared(pkg, name string) *ast.FuncDecl {
	for _, f := range s.golang(false) {
		if f.pkg() != pkg || f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == name {
				return fn
			}
		}
	}
	return nil
}

// fields are the names of a struct's fields, embedded ones left out.
func (s *source) fields(pkg, name string) []string {
	var list []string
	for _, f := range s.golang(false) {
		if f.pkg() != pkg {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != name {
				return true
			}
			if typ, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range typ.Fields.List {
					for _, n := range field.Names {
						list = append(list, n.Name)
					}
				}
			}
			return false
		})
	}
	return list
}

// selected are the names x.N that stand below a node, for the given x.
func selected(n ast.Node, x string) []string {
	var list []string
	ast.Inspect(n, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == x {
				list = append(list, sel.Sel.Name)
			}
		}
		return true
	})
	return list
}

// builders is the table of section builders: the section of each entry.
func (s *source) builders(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, f := range s.golang(false) {
		if f.pkg() != "internal/section" || f.test {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Names[0].Name != "builders" {
				return true
			}
			for _, e := range spec.Values[0].(*ast.CompositeLit).Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					list = append(list, selected(kv.Key, "record")...)
				}
			}
			return false
		})
	}
	return list
}

// A list that the record has is filtered, has its heads found, and is built on the page; whoever adds one is told what is missing.
func TestEveryListOfTheRecordIsFilteredAndShown(t *testing.T) {
	s := tree(t)
	lists := s.fields("internal/record", "Chart")
	if len(lists) < 20 {
		t.Fatalf("found only %d lists in record.Chart", len(lists))
	}
	built := s.builders(t)
	filtered := selected(s.declared("internal/sensitive", "filter"), "chart")
	headed := selected(s.declared("internal/record", "Heads"), "c")
	for _, name := range lists {
		if !slices.Contains(built, name) {
			t.Errorf("record.Chart.%s has no builder in internal/section", name)
		}
		if !slices.Contains(filtered, name) {
			t.Errorf("record.Chart.%s passes no filter in internal/sensitive", name)
		}
		if !slices.Contains(headed, name) {
			t.Errorf("record.Chart.%s is missing in Chart.Heads", name)
		}
	}
	if len(built) != len(lists) {
		t.Errorf("%d builders for %d lists", len(built), len(lists))
	}
}

// A section without a slot would arrive and never be seen: the shell must take its slots from the sections themselves, not from a list of its own.
func TestEverySectionHasASlot(t *testing.T) {
	s := tree(t)
	var shell []byte
	for _, f := range s.files {
		if f.name == "web/layout/record.templ" {
			shell = f.text
		}
	}
	for _, want := range []string{"for _, s := range p.Sections {", "<slot name={ s.ID }>", `<slot name={ "at-" + s.ID }>`} {
		if !bytes.Contains(shell, []byte(want)) {
			t.Errorf("web/layout/record.templ does not make a slot for each section: %q is missing", want)
		}
	}
	slots := s.declared("internal/portal/clinician", "slots")
	if slots == nil {
		t.Fatal("internal/portal/clinician has no function slots, which names the sections of the shell")
	}
	if !slices.Contains(selected(slots, "record"), "AllSections") {
		t.Error("internal/portal/clinician: slots does not range over record.AllSections")
	}
}

// nationalServices are the adapters that are not record sources; they tell who somebody is, and where to ask.
var nationalServices = []string{"internal/adapter/pds", "internal/adapter/sds"}

// An adapter's room is complete when the acceptance suite runs in it.
func TestEverySourceAdapterPassesTheAcceptanceSuite(t *testing.T) {
	accepted := map[string]bool{}
	for _, f := range tree(t).golang(false) {
		if path.Dir(f.pkg()) == "internal/adapter" && f.test && slices.Contains(selected(f.syntax, "adaptertest"), "Run") {
			accepted[f.pkg()] = true
		}
	}
	for _, f := range tree(t).golang(false) {
		if path.Dir(f.pkg()) == "internal/adapter" && !slices.Contains(nationalServices, f.pkg()) && !accepted[f.pkg()] {
			t.Errorf("%s does not run adaptertest.Run", f.pkg())
			accepted[f.pkg()] = true
		}
	}
}

// A package without a test says nothing of what it promises.
func TestEveryPackageHasATest(t *testing.T) {
	tested, where := map[string]bool{}, map[string]bool{}
	for _, f := range tree(t).golang(true) {
		where[f.pkg()] = true
		if f.test {
			tested[f.pkg()] = true
		}
	}
	for pkg := range where {
		if !tested[pkg] && !slices.Contains(testOnly, pkg) && !slices.Contains(testedElsewhere, pkg) && !strings.HasPrefix(pkg, "cmd/") {
			t.Errorf("%s has no test", pkg)
		}
	}
}

// testedElsewhere are packages whose work shows only in another's tests.
var testedElsewhere = []string{
	"internal/adapter/internal/r4",       // internal/adapter/internal/r4map
	"internal/app",                       // internal/e2e runs it whole
	"internal/bench",                     // it is a measurement itself
	"internal/demo",                      // internal/e2e
	"internal/adapter/internal/fhirrest", // the acceptance suite of fhirr4 and socialcare
	"internal/adapter/internal/r4feed",   // the same
	"internal/portal",                    // internal/e2e asks for every page
	"internal/portal/account",            // the browser tests of internal/portal
	"internal/portal/clinician",          // internal/e2e
	"internal/sandbox/pki",               // every test over TLS
	"migrations",                         // internal/postgres
	"web/build",                          // its output is web's test
}
