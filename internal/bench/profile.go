package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// profiling is one more file for the portal's main package, in the build that is profiled and in no other.
const profiling = `package main

import (
	"net/http"
	_ "net/http/pprof"
	"os"
)

func init() {
	go func() { _ = http.ListenAndServe(os.Getenv("BENCH_PROFILES"), nil) }()
}
`

// profiled gives the overlay that adds it.
func profiled(dir string) (string, error) {
	at, err := mainFolder()
	if err != nil {
		return "", err
	}
	added := filepath.Join(dir, "profiling.go")
	if err := os.WriteFile(added, []byte(profiling), 0o600); err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, writeFile(overlay, map[string]any{"Replace": map[string]string{filepath.Join(at, "profiling.go"): added}})
}

// mainFolder is the folder of the portal's main package, as the go tool knows it.
func mainFolder() (string, error) {
	out, err := command("go", "list", "-f", "{{.Dir}}", "ribble/cmd/ribble")
	return strings.TrimSpace(out), err
}

// save writes a profile of the portal.
func (p *portal) save(dir, name, path string) error {
	body, err := fetch(p.profiles + path)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), body, 0o600)
}

// profile saves where the portal's processor time and memory go while it makes views of the reference patient.
func (m *measurement) profile(ctx context.Context) error {
	return m.profileOf(ctx, m.subject, referencePerson, costAtOnce, "")
}

// profileOf saves the same for views of a person, under names that begin with a word.
func (m *measurement) profileOf(ctx context.Context, p *portal, number string, atOnce int, word string) error {
	if m.options.Profiles == "" {
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	visits, err := m.visits(ctx, p, number, 600)
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// The views end when the profile does, whatever they were about.
		_, _ = p.views(ctx, visits, atOnce, 1)
	}()
	err = p.save(m.options.Profiles, word+"cpu.pprof", "/debug/pprof/profile?seconds=8")
	err = errors.Join(err, p.save(m.options.Profiles, word+"allocs.pprof", "/debug/pprof/allocs"))
	stop()
	<-ended
	return err
}
