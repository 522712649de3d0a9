// Command fhirgen writes the methods by which the structs of a package read themselves from FHIR JSON, so that none is read by reflection.
//
// It runs in the folder of the package (go generate) and reads its files only. A struct with json tags gets a method ReadJSON, unless it has
// one that is written by hand or is only ever embedded in others. What stands in lists or behind pointers is laid side by side
// (fhirjson.Lay): nobody may keep it longer than the memory of its answer.
package main

import (
	"bytes"
	"fmt"
	"os"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "fhirgen:", err)
		os.Exit(1)
	}
}

// outputs are the files that are written: one beside the program's files, one beside the tests', where those have structs of their own.
var outputs = map[string]bool{"readers.go": false, "readers_test.go": true}

func run(folder string) error {
	for name, tests := range outputs {
		text, err := generate(folder, tests)
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if text == nil {
			continue
		}
		old, err := os.ReadFile(folder + "/" + name)
		if err == nil && bytes.Equal(old, text) {
			continue
		}
		if err := os.WriteFile(folder+"/"+name, text, 0o644); err != nil { //nolint:gosec // source code is for everybody to read
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
