// Package supply says what a program of this project is made of: a software bill of materials from what the toolchain wrote into it, and the licence of each part.
package supply

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

// Part is one module that a program holds.
type Part struct {
	Path, Version, Sum string
	// Licence is its SPDX id; empty where it has not been looked for.
	Licence string
}

// Program is a program with its parts.
type Program struct {
	Path, Go string
	Settings []debug.BuildSetting
	Parts    []Part
}

// Read reads what the toolchain wrote into a program, as `go version -m` does.
func Read(path string) (Program, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return Program{}, fmt.Errorf("reading what %s is made of: %w", filepath.Base(path), err)
	}
	p := Program{Path: info.Path, Go: info.GoVersion, Settings: info.Settings}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		p.Parts = append(p.Parts, Part{Path: m.Path, Version: m.Version, Sum: m.Sum})
	}
	return p, nil
}

// Bill writes the bill of materials as CycloneDX 1.5 JSON. The same program gives the same bytes.
func (p Program) Bill(w io.Writer) error {
	type licence struct {
		Licence struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	type component struct {
		Type     string    `json:"type"`
		Name     string    `json:"name"`
		Version  string    `json:"version,omitempty"`
		PURL     string    `json:"purl,omitempty"`
		Licences []licence `json:"licenses,omitempty"`
	}
	type bill struct {
		Format     string                        `json:"bomFormat"`
		Spec       string                        `json:"specVersion"`
		Version    int                           `json:"version"`
		Metadata   struct{ Component component } `json:"metadata"`
		Components []component                   `json:"components"`
	}
	b := bill{Format: "CycloneDX", Spec: "1.5", Version: 1}
	b.Metadata.Component = component{Type: "application", Name: p.Path}
	b.Components = append(b.Components, component{Type: "platform", Name: "go", Version: strings.TrimPrefix(p.Go, "go")})
	for _, m := range p.Parts {
		c := component{Type: "library", Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path + "@" + m.Version}
		if m.Licence != "" {
			l := licence{}
			l.Licence.ID = m.Licence
			c.Licences = []licence{l}
		}
		b.Components = append(b.Components, c)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(b)
}

// kinds are licences by the words that stand in them and in no other, the narrower first.
var kinds = []struct {
	id    string
	words *regexp.Regexp
}{
	{"Apache-2.0", regexp.MustCompile(`Apache License\s+Version 2\.0`)},
	{"MPL-2.0", regexp.MustCompile(`Mozilla Public License,? [Vv]ersion 2\.0`)},
	{"BSD-3-Clause", regexp.MustCompile(`(?s)Redistribution and use in source and binary forms.*(Neither the name|names? of)`)},
	{"BSD-2-Clause", regexp.MustCompile(`Redistribution and use in source and binary forms`)},
	{"ISC", regexp.MustCompile(`Permission to use, copy, modify, and(/or)? distribute this software`)},
	{"MIT", regexp.MustCompile(`Permission is hereby granted, free of charge, to any person obtaining a copy`)},
}

// Licence names the licence of a module whose files lie in a folder; empty when it is none of those known here.
func Licence(dir string) string {
	files, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, f := range files {
		if name := strings.ToUpper(f.Name()); !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			continue
		}
		// Lines are broken differently everywhere.
		flat := strings.Join(strings.Fields(string(text)), " ")
		for _, k := range kinds {
			if k.words.MatchString(flat) {
				return k.id
			}
		}
	}
	return ""
}

// License fills in the licences of the parts, whose folders dirOf gives, and names the parts without one.
func (p Program) License(dirOf func(path, version string) string) (unknown []string) {
	for i, m := range p.Parts {
		if p.Parts[i].Licence = Licence(dirOf(m.Path, m.Version)); p.Parts[i].Licence == "" {
			unknown = append(unknown, m.Path)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// Folders gives the folder of each module that the build knows, by its path.
func Folders() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}}\t{{.Dir}}", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("listing the modules: %w", err)
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		dirs[path] = dir
	}
	return dirs, nil
}
