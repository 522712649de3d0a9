// Command supply writes what a program is made of: a bill of materials in CycloneDX JSON, or the licences of its parts.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"ribble/internal/supply"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "supply:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 2 || args[0] != "sbom" && args[0] != "licences" {
		return errors.New("usage: supply sbom | licences PROGRAM")
	}
	p, err := supply.Read(args[1])
	if err != nil {
		return err
	}
	dirs, err := supply.Folders()
	if err != nil {
		return err
	}
	unknown := p.License(func(path, _ string) string { return dirs[path] })
	if args[0] == "sbom" {
		return p.Bill(out)
	}
	for _, m := range p.Parts {
		fmt.Fprintf(out, "%-14s %s %s\n", m.Licence, m.Path, m.Version)
	}
	if len(unknown) > 0 {
		return fmt.Errorf("without a known licence: %v", unknown)
	}
	return nil
}
