package supply

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryPartHasALicence builds the portal, and asks for the licence of everything in it: each must be one that lets it be given away.
func TestEveryPartHasALicence(t *testing.T) {
	out := filepath.Join(t.TempDir(), "ribble")
	build := exec.Command("go", "build", "-o", out, "ribble/cmd/ribble")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	p, err := Read(out)
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := Folders()
	if err != nil {
		t.Fatal(err)
	}
	if unknown := p.License(func(path, _ string) string { return dirs[path] }); len(unknown) > 0 {
		t.Errorf("without a known licence: %v", unknown)
	}
	if len(p.Parts) < 10 {
		t.Errorf("only %d parts", len(p.Parts))
	}
	var first, second bytes.Buffer
	if err := p.Bill(&first); err != nil {
		t.Fatal(err)
	}
	if err := p.Bill(&second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("two bills of one program differ, %v", err)
	}
	var bill struct{ Components []struct{ Name, PURL string } }
	if err := json.Unmarshal(first.Bytes(), &bill); err != nil || len(bill.Components) != len(p.Parts)+1 {
		t.Errorf("%d components of %d parts, %v", len(bill.Components), len(p.Parts), err)
	}
	// What serves the tests and the lint must not reach a hospital.
	for _, m := range p.Parts {
		for _, never := range []string{"chromedp", "rapid", "goleak", "go-cmp", "toxiproxy", "staticcheck", "honnef.co"} {
			if strings.Contains(m.Path, never) {
				t.Errorf("the portal holds %s", m.Path)
			}
		}
	}
}

// TestLicence tells licences apart, and does not guess.
func TestLicence(t *testing.T) {
	for text, want := range map[string]string{
		"Apache License\n   Version 2.0, January 2004": "Apache-2.0", "Permission is hereby granted,\nfree of charge, to any person obtaining a copy": "MIT",
		"Redistribution and use in source and binary forms ... Neither the name of X": "BSD-3-Clause", "Redistribution and use in source\nand binary forms": "BSD-2-Clause",
		"All rights reserved.": "", "Permission to use, copy, modify, and distribute this software": "ISC", "Mozilla Public License, version 2.0": "MPL-2.0",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "LICENSE.md"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Licence(dir); got != want {
			t.Errorf("%q is taken for %q, want %q", text, got, want)
		}
	}
	if got := Licence(t.TempDir()); got != "" {
		t.Errorf("no file is taken for %q", got)
	}
}
