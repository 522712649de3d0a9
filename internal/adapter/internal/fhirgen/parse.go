package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// source is what a folder's files say of types: of those of the program alone, or of those of its tests alone.
type source struct {
	name    string
	structs map[string]*ast.StructType
	// byHand are the types with a ReadJSON of their own; embedded are the structs that only ever stand in others.
	byHand, embedded map[string]bool
}

func parse(folder string, tests bool) (*source, error) {
	s := &source{structs: map[string]*ast.StructType{}, byHand: map[string]bool{}, embedded: map[string]bool{}}
	names, err := filepath.Glob(folder + "/*.go")
	if err != nil {
		return nil, fmt.Errorf("look into the folder: %w", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name) //nolint:gosec // the folder is the one that it is run for
		if err != nil {
			return nil, fmt.Errorf("read a file: %w", err)
		}
		_, output := outputs[filepath.Base(name)]
		if strings.HasSuffix(name, "_test.go") != tests || output {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse a file: %w", err)
		}
		s.name = file.Name.Name
		for _, d := range file.Decls {
			s.declared(d)
		}
	}
	for name := range s.structs {
		if s.tagged(name) && !s.byHand[name] {
			for _, part := range embeddedIn(s.structs[name]) {
				s.embedded[part] = true
			}
		}
	}
	return s, nil
}

func (s *source) declared(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.Name == "ReadJSON" && d.Recv != nil {
			if pointer, ok := d.Recv.List[0].Type.(*ast.StarExpr); ok {
				s.byHand[typeName(pointer.X)] = true
			}
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok && t.TypeParams == nil {
				if shape, ok := t.Type.(*ast.StructType); ok {
					s.structs[t.Name.Name] = shape
				}
			}
		}
	}
}

// typeName is the name of a type of this package, without the types it is made for; "" for any other.
func typeName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.IndexExpr:
		return typeName(t.X)
	}
	return ""
}

func embeddedIn(shape *ast.StructType) (names []string) {
	for _, f := range shape.Fields.List {
		if len(f.Names) == 0 {
			names = append(names, typeName(f.Type))
		}
	}
	return names
}

// field is a member with the field that it is read into.
type field struct {
	member, name string
	kind         ast.Expr
}

// tagged reports a struct that is read by the tags of its fields or of those of the structs in it.
func (s *source) tagged(name string) bool {
	shape := s.structs[name]
	return shape != nil && (slices.ContainsFunc(shape.Fields.List, func(f *ast.Field) bool {
		return f.Tag != nil && strings.Contains(f.Tag.Value, `json:"`)
	}) || slices.ContainsFunc(embeddedIn(shape), s.tagged))
}

// fields are those of a struct and then those of the structs embedded in it, which its own hide.
func (s *source) fields(name string) (list []field, err error) {
	shape := s.structs[name]
	if shape == nil {
		return nil, fmt.Errorf("%s is embedded and is no struct of this package", name)
	}
	for _, f := range shape.Fields.List {
		member, err := memberOf(f)
		if err != nil {
			return nil, fmt.Errorf("struct %s: %w", name, err)
		}
		if member == "" {
			continue
		}
		if slices.ContainsFunc(list, func(other field) bool { return other.member == member }) {
			return nil, fmt.Errorf("struct %s has two fields for one member", name)
		}
		list = append(list, field{member, f.Names[0].Name, f.Type})
	}
	for _, part := range embeddedIn(shape) {
		inner, err := s.fields(part)
		if err != nil {
			return nil, err
		}
		for _, f := range inner {
			if !slices.ContainsFunc(list, func(own field) bool { return own.member == f.member }) {
				list = append(list, f)
			}
		}
	}
	return list, nil
}

// memberOf is the name in a field's tag, "" for what is not read.
func memberOf(f *ast.Field) (string, error) {
	if f.Tag == nil {
		return "", nil
	}
	tag, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return "", fmt.Errorf("read a tag: %w", err)
	}
	member := reflect.StructTag(tag).Get("json")
	switch {
	case member == "-" || member == "":
		return "", nil
	case len(f.Names) != 1 || strings.ContainsAny(member, `,"\`) || member == "modifierExtension":
		return "", fmt.Errorf("there is no way to read the tag %s", f.Tag.Value)
	}
	return member, nil
}
