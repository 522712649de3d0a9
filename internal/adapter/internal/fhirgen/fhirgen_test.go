package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is committed must be what the structs say: "make generate" was run.
func TestReadersAreGenerated(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../..", func(path string, entry os.DirEntry, err error) error {
		tests, output := outputs[entry.Name()]
		if err != nil || !output {
			return err
		}
		seen++
		want, err := generate(filepath.Dir(path), tests)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(path)
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("%s is not what its structs say: run make generate", path)
		}
		return err
	})
	if err != nil || seen == 0 {
		t.Errorf("%d files of readers, %v", seen, err)
	}
}

// many are the fields of a large struct.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "F%d string `json:\"f%d\"`\n", i, i)
	}
	return b.String()
}

// A struct that cannot be read is refused with its name: it would be read wrongly, or not at all, and nothing would show it.
func TestWhatCannotBeReadIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"type S struct { A int `json:\"a,omitempty\"` }":                                 "tag",
		"type S struct { A string `json:\"modifierExtension\"` }":                        "tag",
		"type S struct { A string `json:\"a\"`; B string `json:\"a\"` }":                 "two fields",
		"type S struct { A map[string]string `json:\"a\"` }":                             "no way to read",
		"type S struct { A struct{ B string } `json:\"a\"` }":                            "no way to read",
		"type T struct { A string `json:\"a\"` }; type S struct { T; B T `json:\"b\"` }": "no reader",
		"type S struct { A []struct{ B string `json:\"b\"` } `json:\"a\"` }":             "no way to read",
		"type S struct { other.T; B string `json:\"b\"` }":                               "no struct of this package",
		"type S struct {" + many(known+1) + "}":                                          "more than 64",
	} {
		folder := t.TempDir()
		if err := os.WriteFile(folder+"/s.go", []byte("package p\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := run(folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
