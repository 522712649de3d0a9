package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the module's path; import paths in the tables leave it out.
const module = "ribble"

// file is one file of the repository. Go files are parsed.
type file struct {
	// name is relative to the root, with slashes.
	name      string
	text      []byte
	syntax    *ast.File
	test      bool
	generated bool
}

// pkg is the folder of a Go file: its import path without the module's.
func (f *file) pkg() string { return path.Dir(f.name) }

// imports are the import paths of a Go file; those of this module without its name in front.
func (f *file) imports() []string {
	var list []string
	for _, spec := range f.syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		list = append(list, strings.TrimPrefix(p, module+"/"))
	}
	return list
}

// ours reports whether an import is a package of this module, as imports gives it.
func ours(imported string) bool {
	top, _, _ := strings.Cut(imported, "/")
	switch top {
	case "cmd", "internal", "web", "migrations":
		return !strings.HasPrefix(imported, "internal/race")
	}
	return false
}

// source is the whole repository as it stands on disk.
type source struct {
	root  string
	set   *token.FileSet
	files []*file
}

// at is where a node stands, as an editor understands it.
func (s *source) at(n ast.Node) string {
	p := s.set.Position(n.Pos())
	return p.Filename + ":" + strconv.Itoa(p.Line)
}

// golang yields the Go files; generated ones only where generated is asked for.
func (s *source) golang(generated bool) []*file {
	var list []*file
	for _, f := range s.files {
		if f.syntax != nil && (generated || !f.generated) {
			list = append(list, f)
		}
	}
	return list
}

// notOurs are folders that are built or fetched, never committed.
var notOurs = map[string]bool{".git": true, "bin": true, "web/node_modules": true, "web/static/nhsuk": true, ".demo": true}

var load = sync.OnceValues(func() (*source, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	s := &source{root: root, set: token.NewFileSet()}
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if d.IsDir() {
			if notOurs[name] {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return s.add(p, name)
	})
	return s, err
})

func (s *source) add(p, name string) error {
	text, err := os.ReadFile(p)
	if err != nil {
		return err
	}
	f := &file{name: name, text: text, test: strings.HasSuffix(name, "_test.go"), generated: bytes.Contains(text, []byte("// Code generated "))}
	s.files = append(s.files, f)
	if !strings.HasSuffix(name, ".go") || strings.Contains(name, "/testdata/") {
		return nil
	}
	f.generated = strings.HasSuffix(name, "_templ.go")
	f.syntax, err = parser.ParseFile(s.set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	return err
}

// tree reads the repository once for all tests.
func tree(t *testing.T) *source {
	t.Helper()
	s, err := load()
	if err != nil {
		t.Fatalf("reading the repository: %v", err)
	}
	return s
}
