package access_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ribble/internal/access"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/record"
)

func load(t testing.TB, text string) *access.Profiles {
	t.Helper()
	p, err := access.LoadProfiles(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func shippedText(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("profiles.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func someone(code string, activities ...string) identity.User {
	return identity.User{Issuer: "i", Subject: "s", Role: identity.Role{Code: code, Activities: activities}, Organisation: identity.Organisation{ODS: "RXX"}}
}

// held are the rights of a user, by name.
func held(p *access.Profiles, u identity.User) []string {
	var out []string
	for _, r := range access.Rights {
		if p.Holds(u, r) {
			out = append(out, r.String())
		}
	}
	return out
}

func TestShippedProfiles(t *testing.T) {
	if access.Rights[len(access.Rights)-1] != access.Sponsor || len(load(t, shippedText(t)).Version()) == 0 {
		t.Error("the shipped table is not as expected")
	}
	for _, c := range []struct {
		name       string
		activities []string
		want       string
	}{
		{"clinician", []string{"B0264", "B0360", "B0370", "B0820", "B0168"}, "demographics summary detailed social-care mental-health documents break-glass"},
		{"mental health nurse", []string{"B0360", "B1611"}, "demographics summary detailed social-care mental-health documents safeguarding sensitive"},
		{"summary", []string{"B0370"}, "demographics summary"},
		{"receptionist", []string{"B0264", "B0820"}, "demographics"},
		{"privacy officer", []string{"B0015", "B0016", "B0018", "B0011"}, "audit"},
		{"region's officer", []string{"B0011", "B9001"}, "audit audit-region"},
		{"administrator", []string{"B0062", "B1700", "B0011"}, "administer"},
		{"consent desk", []string{"B0820", "B0020"}, "demographics record-consent"},
		{"local sponsor", []string{"B1300"}, "sponsor"},
		{"unknown activities", []string{"B9999", "", "B036"}, ""},
	} {
		if got := strings.Join(held(nil, someone("R8000", c.activities...)), " "); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	if held(nil, identity.User{Role: identity.Role{Activities: []string{"B0360"}}}) != nil {
		t.Error("nobody holds rights")
	}
	summary := (*access.Profiles)(nil).Sections(someone("", "B0370", "B0062"))
	if !summary.Has(record.Allergies) || summary.Has(record.Results) {
		t.Errorf("summary sections: %b", summary)
	}
}

// A local account never has more than a smartcard of the same role has, whatever its account says.
func TestLocalNeverExceedsASmartcard(t *testing.T) {
	p := load(t, shippedText(t))
	for key, role := range local.Roles {
		card := identity.User{Issuer: "smartcard", Subject: "s", Role: role, Organisation: identity.Organisation{ODS: "RXX"}}
		account := card
		account.Issuer = local.Issuer
		if got := held(p, account); !slices.Equal(got, held(p, card)) || key != "sponsor" && (!p.MayFind(account) || p.Sections(account) == 0) {
			t.Errorf("%s: as an account %q: an activity of it is beyond a smartcard's", key, got)
		}
	}
	codes := []string{"B0264", "B0820", "B0825", "B0370", "B0360", "B0380", "B8029", "B1611", "B0168", "B0020", "B0015", "B0062", "B1700", "B1300", "B9001", "B9999"}
	rapid.Check(t, func(t *rapid.T) {
		u := someone(rapid.SampledFrom([]string{"R8000", "R8001", "R8003", "R8009", "R0001", ""}).Draw(t, "role"), rapid.SliceOf(rapid.SampledFrom(codes)).Draw(t, "activities")...)
		card := held(p, u)
		u.Issuer = local.Issuer
		for _, r := range held(p, u) {
			if !slices.Contains(card, r) || slices.Contains([]string{"sensitive", "safeguarding", "break-glass", "audit", "administer", "record-consent"}, r) {
				t.Fatalf("a local account holds %s", r)
			}
		}
	})
}

const table = `{
	"version": "1",
	"rights": {
		"summary": ["allergies", "medicines", "problems", "alerts", "plans"],
		"detailed": ["results", "imaging", "measurements", "encounters", "consultations", "appointments", "referrals", "immunisations", "procedures", "aboutme", "network", "history", "other"],
		"social-care": ["socialcare"], "mental-health": ["legal"], "documents": ["documents"]
	},
	"activities": {"B0370": ["summary"], "B0360": ["summary", "detailed", "documents"], "B0168": ["break-glass"]},
	"baseline": {"R8000": ["B0168"]},
	"smartcard": {"R8000": ["B0370"]},
	"local_never": ["break-glass"],
	"organisations": {"RXX": [{"role": "R8001", "without": ["detailed"]}, {"without": ["documents"]}]}
}`

func TestProfiles(t *testing.T) {
	p := load(t, table)
	local := func(u identity.User) identity.User { u.Issuer = identity.LocalIssuer; return u }
	elsewhere := someone("R8001", "B0360")
	elsewhere.Organisation.ODS = "RYY"
	for _, c := range []struct {
		name string
		user identity.User
		want string
	}{
		{"a job role brings its own", someone("R8000", "B0370"), "summary break-glass"},
		{"an organisation takes away", someone("R8000", "B0360"), "summary detailed break-glass"},
		{"an organisation takes from one role", someone("R8001", "B0360"), "summary"},
		{"and from its own staff alone", elsewhere, "summary detailed documents"},
		{"a local account", local(someone("R8000", "B0370", "B0360", "B0168")), "summary"},
		{"a local account of a role that no smartcard has", local(someone("R8003", "B0370")), ""},
	} {
		if got := strings.Join(held(p, c.user), " "); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if p.MayFind(someone("R8000", "B0360")) {
		t.Error("a table without demographics lets people be looked up")
	}
}

// Whatever an organisation writes, its staff have no more than without it.
func TestOrganisationsOnlyTakeAway(t *testing.T) {
	p, bare := load(t, table), load(t, strings.Replace(table, `"RXX"`, `"RZZ"`, 1))
	for _, code := range []string{"R8000", "R8001", ""} {
		u := someone(code, "B0360", "B0370", "B0168")
		for _, r := range held(p, u) {
			if !slices.Contains(held(bare, u), r) {
				t.Errorf("%s gains %s", code, r)
			}
		}
	}
}

func TestLoadProfilesRefuses(t *testing.T) {
	change := func(from, to string) string {
		if !strings.Contains(table, from) {
			t.Fatalf("%q is not in the table", from)
		}
		return strings.Replace(table, from, to, 1)
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", ``, []string{": not JSON (at byte 0)"}},
		{"cut short", table[:len(table)-9], []string{"organisations.RXX.1.without.0: not JSON (at byte 691)"}},
		{"a name twice", change(`"baseline"`, `"smartcard"`), []string{"smartcard: the same name twice (at byte 532)"}},
		{"not an object", `[]`, []string{": is not of the right kind"}},
		{"nothing in it", `{}`, nil},
		{"many at once", strings.NewReplacer(
			`"version": "1"`, `"version": " ", "versoin": "1"`, `"legal"`, `"legl", "allergies"`, `"B0168": ["break-glass"]`, `"B168": ["break-glas", "audit", "audit"]`,
			`"R8000": ["B0168"]`, `"8000": ["B0168"]`, `["break-glass"],`, `7,`, `"RXX"`, `"rxx"`, `["documents"]}]`, `[]}, {"with": []}]`,
		).Replace(table), []string{
			"versoin: is not known", "version: must be given", "rights.mental-health[0]: is no section", "rights.summary[0]: the section belongs to another right already",
			"rights: no right opens the section legal", "activities.B168: must be an activity code such as B0360", "activities.B168[2]: the same code twice", "activities.B168[0]: is no right",
			"baseline.8000: must be a role code such as R8000", "baseline.8000[0]: is not among the activities", "local_never: is not of the right kind",
			"organisations.rxx: must be an ODS code: capital letters and digits", "organisations.rxx.2.with: is not of the right kind",
		}},
		{"a right that opens nothing", change(`"documents": ["documents"]`, `"audit": ["documents"]`), []string{
			"rights.audit: is no right that opens sections", "rights: no right opens the section documents",
		}},
		{"more for an organisation", change(`"without": ["detailed"]`, `"with": ["detailed"]`), []string{"organisations.RXX.0.with: is not of the right kind"}},
	} {
		_, err := access.LoadProfiles(strings.NewReader(c.text))
		var problems access.Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if c.want != nil {
			if diff := cmp.Diff(c.want, []string(problems)); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
	}
}

func FuzzLoadProfiles(f *testing.F) {
	f.Add(table)
	f.Add(shippedText(f))
	f.Add(`{"rights":{"audit":null},"organisations":{"RXX":[{}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := access.LoadProfiles(strings.NewReader(text))
		if (p == nil) == (err == nil) {
			t.Fatal("neither a table nor an error, or both")
		}
		if err == nil && (p.Holds(identity.User{}, access.Summary) || p.Version() == "") {
			t.Fatal("a table that gives nobody rights, or has no version, was taken")
		}
	})
}
