package r4map

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"
)

var testNow = time.Date(2026, 10, 14, 14, 2, 0, 0, time.UTC)

// fixtures gives the files of a folder beside the repository, or skips.
func fixtures(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Skip("no go.mod above the test")
		}
		root = filepath.Dir(root)
	}
	files, err := filepath.Glob(filepath.Join(root, "..", "shared", "fixtures", folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("the fixtures %s are not there", folder)
	}
	out := map[string][]byte{}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = body
	}
	return out
}

// mapBundle maps one bundle about its first patient, with every section asked.
func mapBundle(t testing.TB, b *r4.Bundle, patient *r4.Patient, declared map[string]record.Section) record.Answer {
	t.Helper()
	set := NewSet()
	set.Add("", record.AllSections, b)
	a := record.Answer{Source: record.SourceRef{Feed: "test", RetrievedAt: testNow, Organisation: record.Organisation{ODS: "RCB"}}, State: record.Data}
	Map(&a, set, Options{Asked: record.AllSections, Patient: patient, Person: personOf(patient), Declared: declared, Source: &a.Source, Now: testNow})
	return a
}

// personOf is the traced person that a patient would be accepted for.
func personOf(p *r4.Patient) record.Person {
	for _, id := range p.Identifier {
		if n, err := record.ParseNHSNumber(id.Value); err == nil && id.System == record.NHSNumberSystem {
			return record.Person{NHSNumber: n}
		}
	}
	return record.Person{}
}

func firstPatient(b *r4.Bundle) *r4.Patient {
	for _, e := range b.Entry {
		if p, ok := e.Resource.Resource.(*r4.Patient); ok {
			return p
		}
	}
	return &r4.Patient{Header: r4.Header{ResourceType: "Patient", ID: "none"}}
}

// balanced settles an answer and demands that nothing was lost on the way.
func balanced(t testing.TB, a record.Answer) {
	t.Helper()
	if n := a.Account.Unaccounted(); n != 0 {
		t.Errorf("%d resources are not accounted for: %+v", n, a.Account.Rows())
	}
	shown := 0
	for s := range record.AllSections.All {
		n, _ := a.Chart.Count(s)
		shown += n
	}
	if total := a.Account.Total().Fates[record.Shown]; total != shown {
		t.Errorf("the account shows %d, the chart %d: %+v", total, shown, a.Account.Rows())
	}
	if a.Settle(record.AllSections); a.State != record.Data {
		t.Errorf("settled as %v: %s", a.State, a.Detail)
	}
}

func TestSyntheticRecordsBalance(t *testing.T) {
	for name, body := range fixtures(t, "synthetic-r4") {
		t.Run(name, func(t *testing.T) {
			b, err := r4.DecodeBundle(body)
			if err != nil {
				t.Fatal(err)
			}
			a := mapBundle(t, b, firstPatient(b), nil)
			balanced(t, a)
			total := a.Account.Total()
			if a.Foreign != 0 || total.Fates[record.Unreadable] != 0 {
				t.Errorf("foreign %d, unreadable %d", a.Foreign, total.Fates[record.Unreadable])
			}
			if strings.Contains(name, "Information") {
				return
			}
			if len(a.Chart.Measurements) == 0 || len(a.Chart.Encounters) == 0 || len(a.Chart.Immunisations) == 0 {
				t.Errorf("sections are empty that should not be: %+v", a.Account.Rows())
			}
			for _, r := range a.Chart.Results {
				if r.Rarely().ResultsNotSent != 0 {
					t.Errorf("a report misses %d results", r.Rarely().ResultsNotSent)
				}
			}
		})
	}
}

// interweave puts the example resources of the guides into one bundle about their example patient.
func interweave(t *testing.T, folders ...string) (*r4.Bundle, *r4.Patient) {
	t.Helper()
	b := &r4.Bundle{Header: r4.Header{ResourceType: "Bundle"}}
	for _, folder := range folders {
		for name, body := range fixtures(t, folder) {
			var any r4.Any
			if err := fhirjson.Decode(body, &any); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			b.Entry = append(b.Entry, r4.BundleEntry{Resource: any})
		}
	}
	for _, e := range b.Entry {
		if p, ok := e.Resource.Resource.(*r4.Patient); ok && p.ID == "InterweavePatientExample-MustSupport" {
			// The guides' number is a placeholder, which nobody can be accepted for.
			p.Identifier = []r4.Identifier{{System: record.NHSNumberSystem, Value: "9434765919"}}
			return b, p
		}
	}
	t.Fatal("the example patient is not among the examples")
	return nil, nil
}

func TestInterweaveExamplesBalance(t *testing.T) {
	b, patient := interweave(t, "interweave-r4-shared", "interweave-r4-council", "interweave-stu3-council")
	a := mapBundle(t, b, patient, nil)
	balanced(t, a)
	if n := a.Account.Total().Fates[record.Unreadable]; n != 0 {
		t.Errorf("%d cannot be read: %+v", n, a.Account.Rows())
	}
	if len(a.Chart.SocialCare) != 6 || len(a.Chart.Alerts) != 2 || len(a.Chart.Network) != 1 || len(a.Chart.Allergies) != 1 || len(a.Chart.Legal) != 1 {
		t.Errorf("social care %d, alerts %d, network %d, allergies %d, legal %d", len(a.Chart.SocialCare), len(a.Chart.Alerts), len(a.Chart.Network), len(a.Chart.Allergies), len(a.Chart.Legal))
	}
}
