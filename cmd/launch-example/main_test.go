package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ribble/internal/identity"
	"ribble/internal/identity/launch"
	"ribble/internal/record"
)

// trail lets everything through and remembers what was refused.
type trail struct{ refused []string }

// Spend lets every launch through.
func (*trail) Spend(context.Context, string, string, string, time.Time) (bool, error) {
	return true, nil
}

// LaunchRefused remembers why.
func (t *trail) LaunchRefused(_ context.Context, _ identity.User, _ record.NHSNumber, reason string) error {
	t.refused = append(t.refused, reason)
	return nil
}

// TestExampleIsAccepted holds the example to what the portal takes: keys it made, a page it printed, a launch it posted.
func TestExampleIsAccepted(t *testing.T) {
	dir := t.TempDir()
	if err := run(t.Context(), []string{"keys", dir}, nil); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"keys", dir}, nil); err == nil {
		t.Error("a key was replaced")
	}
	set, err := os.ReadFile(filepath.Join(dir, "jwks.json"))
	if err != nil {
		t.Fatal(err)
	}
	said := &trail{}
	var opened []launch.Opening
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	h, err := launch.New(launch.Config{
		Launchers: []launch.Launcher{{
			ID: "epr", Issuer: "https://epr.example", Organisation: identity.Organisation{ODS: "RZB"}, Level: 2, Keys: set, Algorithms: []string{"ES256"},
			Roles: []launch.Role{{Profile: "Consultant", Name: "Consultant"}},
		}},
		PublicURL: server.URL, Spender: said, Auditor: said, Log: slog.New(slog.DiscardHandler),
		Begin: func(_ http.ResponseWriter, _ *http.Request, u identity.User) (identity.User, error) { return u, nil },
		Pages: launch.Pages{
			Opening: func(_ http.ResponseWriter, _ *http.Request, o launch.Opening) error {
				opened = append(opened, o)
				return nil
			},
			Refused: func(w http.ResponseWriter, _ *http.Request, status int, _ string) error {
				w.WriteHeader(status)
				return nil
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("POST /launch", h.Signed)
	flags := []string{
		"-to", server.URL + "/launch", "-key", filepath.Join(dir, "launch.key"), "-iss", "https://epr.example", "-sub", "17", "-name", "Dr Priya Nair",
		"-role", "Consultant", "-location", "RZB", "-patient", "9991411690", "-birthdate", "1942-03-03",
	}
	var out strings.Builder
	if err := run(t.Context(), append([]string{"post"}, flags...), &out); err != nil || !strings.HasPrefix(out.String(), "200 OK accepted") {
		t.Errorf("%s %v %q", &out, err, said.refused)
	}
	out.Reset()
	if err := run(t.Context(), append([]string{"page"}, flags...), &out); err != nil || !regexp.MustCompile(`name="launch" value="[\w-]+\.[\w-]+\.[\w-]+"`).MatchString(out.String()) {
		t.Errorf("%s %v", &out, err)
	}
	out.Reset()
	if err := run(t.Context(), append([]string{"post"}, append(flags, "-role", "Gardener")...), &out); err != nil || !strings.HasPrefix(out.String(), "403") {
		t.Errorf("%s %v", &out, err)
	}
	if len(opened) != 1 || opened[0].Number.Digits() != "9991411690" || len(said.refused) != 1 {
		t.Errorf("%d opened, refused %q", len(opened), said.refused)
	}
}
