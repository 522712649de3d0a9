package postgres_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/pgtest"
	"ribble/internal/record"
	"ribble/internal/relationship"
)

const (
	canaryNumber = "9990000018"
	canaryName   = "Zyxcanaryborough"
)

// TestNothingReadableAboutAPerson writes every kind of event about a person, makes appends fail in ways that make servers talkative, and then
// reads every byte the server wrote: tables, write-ahead log, server log.
func TestNothingReadableAboutAPerson(t *testing.T) {
	server := pgtest.NewServer(t)
	db := server.Open(t)
	trail := audit.NewTrail(db.Audit(), audit.GenerateKeys(), time.Now)
	writeEverything(t, trail)
	for _, f := range failpoints[:4] {
		script(t, server.AdminURL, f.set)
		number, err := record.ParseNHSNumber(canaryNumber)
		if err != nil {
			t.Fatal(err)
		}
		err = trail.Note(t.Context(), audit.Note{Act: audit.ActTraced, NHSNumber: number, Terms: audit.Terms{Family: canaryName}})
		if err == nil || strings.Contains(err.Error(), canaryNumber) || strings.Contains(err.Error(), canaryName) {
			t.Errorf("%s: %v", f.name, err)
		}
		script(t, server.AdminURL, f.lift+`; DROP FUNCTION IF EXISTS public.explode`)
	}
	execute(t, server.AdminURL, "CHECKPOINT")
	if hits := scan(t, server); len(hits) > 0 {
		t.Errorf("readable in %v", hits)
	}
	// The control: what is readable is found, in the tables and in the write-ahead log.
	execute(t, server.AdminURL, "CREATE TABLE public.leak AS SELECT '"+canaryName+"' AS name", "CHECKPOINT")
	if hits := scan(t, server); len(hits) < 2 {
		t.Errorf("the control was found in %v only", hits)
	}
}

func writeEverything(t *testing.T, trail *audit.Trail) {
	t.Helper()
	number, err := record.ParseNHSNumber(canaryNumber)
	if err != nil {
		t.Fatal(err)
	}
	user := identity.User{
		Issuer: "i", Subject: "s", Role: identity.Role{Activities: []string{"B0360"}}, Organisation: identity.Organisation{ODS: "RXX"}, AssuranceLevel: 3,
	}
	person := record.Person{NHSNumber: number, TracedAt: time.Now()}
	person.Names = []record.Name{{Family: canaryName}}
	request := access.Request{
		User: user, Person: person, Purpose: access.DirectCare, At: time.Now(),
		Facts: access.Facts{Relationships: []relationship.Evidence{{Kind: relationship.Caseload, Organisation: "RXX"}}},
	}
	grant, err := access.Decide(request)
	if err != nil {
		t.Fatal(err)
	}
	request.User.AssuranceLevel = 0
	_, refusal := access.Decide(request)
	receipt, err := trail.Begin(t.Context(), grant, []string{"gp"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	shown := &record.Chart{Allergies: make([]record.Allergy, 1)}
	shown.Allergies[0].Key = record.ItemKey{Type: "AllergyIntolerance", ID: canaryNumber}
	answer := audit.SourceAnswer{Feed: "gp", State: record.Data, Shown: shown, Sections: []audit.SectionAnswer{{Section: record.Allergies, State: record.Data, Count: 1}}}
	_, errDisclose := trail.Disclose(t.Context(), receipt, audit.Disclosure{Sections: record.SectionsOf(record.Allergies), Sources: []audit.SourceAnswer{answer}})
	_, errDocument := trail.OpenDocument(t.Context(), receipt, audit.OpenedDocument{Feed: "gp", Item: record.ItemKey{Type: "Binary", ID: canaryName}})
	for _, err := range []error{
		errDisclose, errDocument,
		trail.Refuse(t.Context(), refusal.(access.Refusal)),
		trail.Note(t.Context(), audit.Note{Act: audit.ActSearched, User: user, Terms: audit.Terms{Family: canaryName}}),
		trail.Note(t.Context(), audit.Note{Act: audit.ActOpenRequested, User: user, NHSNumber: number}),
		trail.Note(t.Context(), audit.Note{Act: audit.ActMismatchFound, Look: receipt, Feed: "gp"}),
		trail.SignInFailed(t.Context(), identity.User{Issuer: "i"}, canaryName, 1),
		trail.Finish(t.Context(), receipt, audit.Outcome{Ended: audit.Complete, Sources: []audit.SourceAnswer{answer}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// scan names the files of the server that hold a canary in any of the forms in which it could travel.
func scan(t *testing.T, server *pgtest.DB) []string {
	t.Helper()
	var needles [][]byte
	for _, canary := range []string{canaryNumber, canaryNumber[:3] + " " + canaryNumber[3:6] + " " + canaryNumber[6:], canaryName} {
		needles = append(needles, []byte(canary), []byte(hex.EncodeToString([]byte(canary))))
		// The three ways in which base64 can fall, without the ends that depend on the neighbours.
		for shift := range 3 {
			text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + canary))
			needles = append(needles, []byte(text[4:len(text)-3]))
		}
	}
	var hits []string
	look := func(path string) {
		content, err := os.ReadFile(path)
		if err != nil {
			return // the server removes files while this reads
		}
		for _, n := range needles {
			if bytes.Contains(content, n) {
				hits = append(hits, filepath.Base(path))
				return
			}
		}
	}
	look(server.Cluster.LogFile())
	err := filepath.WalkDir(server.Cluster.DataDir(), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			look(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return hits
}
