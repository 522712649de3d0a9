package sourcecheck_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/outbound"
	"ribble/internal/record"
	"ribble/internal/sandbox/fault"
	"ribble/internal/sourcecheck"
)

func examine(t *testing.T, f sourcecheck.Feed) sourcecheck.Report {
	t.Helper()
	r, err := checker(new(trail)).Run(t.Context(), f, operator, people)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(t *testing.T, r sourcecheck.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.WriteText(&out, nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func strike(t *testing.T, id string, s fault.Setting) {
	t.Helper()
	if err := region.Control.Set(id, s); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(region.Control.Reset)
}

// TestAHospitalThatIsWell: everything is tried and nothing fails; the certificate of the sandbox lasts a month, which is a warning.
func TestAHospitalThatIsWell(t *testing.T) {
	r := examine(t, hospital(t))
	for _, c := range r.Checks {
		if c.Result != sourcecheck.Passed && c.ID != "certificate" || c.ID == "certificate" && c.Result != sourcecheck.Warning {
			t.Errorf("%s is %s: %s", c.ID, c.Result, c.Seen)
		}
	}
	if !r.Passed() {
		t.Error("the report does not count as passed:\n", text(t, r))
	}
}

func TestAPracticeThatIsWell(t *testing.T) {
	r := examine(t, practice(t))
	for _, id := range []string{"address", "tls", "our-certificate", "no-certificate", "operation-outcome", "identity", "record", "unknown", "dissent", "error", "clock", "times"} {
		if c := r.Of(id); c.Result != sourcecheck.Passed {
			t.Errorf("%s is %s: %s", c.ID, c.Result, c.Seen)
		}
	}
}

// TestFaultsFailTheRightCheck: what goes wrong is told where whoever mends it looks for it.
func TestFaultsFailTheRightCheck(t *testing.T) {
	for name, want := range map[string]struct{ check, says string }{
		fault.TLSExpired:          {"certificate", "has expired"},
		fault.TLSWrongHost:        {"certificate", "another host"},
		fault.TLSOtherAuthority:   {"certificate", "unknown authority"},
		"redirect":                {"metadata", "elsewhere"},
		"html-login-page":         {"metadata", "not a CapabilityStatement"},
		"another-person":          {"identity", "put aside"},
		"one-stray-entry":         {"identity", "put aside"},
		"two-patients":            {"identity", "put aside"},
		"wrong-birth-date":        {"identity", "birth"},
		"no-patient":              {"identity", "does not know"},
		"truncate":                {"record", "could not be read"},
		"garbage":                 {"record", "could not be read"},
		"reset-mid-body":          {"record", "cut off"},
		"gzip-bomb":               {"record", "too large"},
		"deep-json":               {"record", "could not be read"},
		"duplicate-names":         {"record", "could not be read"},
		"status-500":              {"record", "HTTP 500"},
		"status-403":              {"record", "HTTP 403"},
		"operation-outcome-error": {"record", "could not look up the person"},
		"unknown-modifier":        {"record", "UNINTERPRETABLE"},
		"next-elsewhere":          {"paging", "pointed elsewhere"},
		"page-fails":              {"paging", "page"},
	} {
		t.Run(name, func(t *testing.T) {
			f := hospital(t)
			strike(t, "bth", fault.Setting{Fault: name})
			r := examine(t, f)
			if c := r.Of(want.check); c.Result != sourcecheck.Failed || !strings.Contains(c.Seen, want.says) {
				t.Errorf("%s is %s: %s", c.ID, c.Result, c.Seen)
			}
			if r.Passed() {
				t.Error("the report counts as passed")
			}
		})
	}
}

func TestPeopleForWhomTheSourceIsWrong(t *testing.T) {
	whole := people[0]
	for shows, want := range map[sourcecheck.Shows]struct{ check, says string }{
		sourcecheck.Unknown:     {"unknown", "belongs to nobody"},
		sourcecheck.Dissents:    {"dissent", "Stop this feed"},
		sourcecheck.Withheld:    {"withheld", "No list says"},
		sourcecheck.WrongPerson: {"wrong-person", "was not put aside"},
		sourcecheck.Failing:     {"error", "expected to fail"},
		sourcecheck.Sensitive:   {"sensitive", "everybody would see"},
		sourcecheck.NoAllergies: {"nil", "was not seen"},
		sourcecheck.Paging:      {"paging", "end too early"},
	} {
		p := whole
		p.Shows, p.Entries = []sourcecheck.Shows{shows}, 5000
		r, err := checker(new(trail)).Run(t.Context(), hospital(t), operator, []sourcecheck.TestPerson{p})
		if err != nil {
			t.Fatal(err)
		}
		if c := r.Of(want.check); c.Result != sourcecheck.Failed || !strings.Contains(c.Seen, want.says) {
			t.Errorf("%s: %s is %s: %s", shows, c.ID, c.Result, c.Seen)
		}
	}
}

func TestSlowSource(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for a slow source")
	}
	f := hospital(t)
	f.Sections, f.Deadline = record.SectionsOf(record.Allergies), 20*time.Second
	strike(t, "bth", fault.Setting{LatencyMS: 1100})
	k := checker(new(trail))
	k.Asks = 1
	r, err := k.Run(t.Context(), f, operator, people[:1])
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Of("times"); c.Result != sourcecheck.Warning || !strings.Contains(c.Seen, "less than 1 s") {
		t.Errorf("%s: %s", c.Result, c.Seen)
	}
}

func TestConnectionsThatAreNotAsApproved(t *testing.T) {
	stranger := sha256.Sum256([]byte("another key"))
	for name, want := range map[string]struct {
		change func(*outbound.Config)
		check  string
		says   string
	}{
		"outside its networks": {func(c *outbound.Config) { c.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }, "address", "outside the approved networks"},
		"nothing listens":      {func(c *outbound.Config) { c.BaseURL = "https://127.0.0.1:1/fhir" }, "address", "Nothing answers"},
		"another scheme":       {func(c *outbound.Config) { c.BaseURL = "ftp://127.0.0.1/" }, "address", "cannot be used"},
		"another key":          {func(c *outbound.Config) { c.Pins = [][sha256.Size]byte{stranger} }, "certificate", "have that key approved"},
		"none of ours":         {func(c *outbound.Config) { c.Certificates = nil }, "our-certificate", "No certificate of ours"},
	} {
		f := hospital(t)
		way, _ := f.Approved(t.Context())
		want.change(&way)
		f.Approved = func(context.Context) (outbound.Config, error) { return way, nil }
		r := examine(t, f)
		if c := r.Of(want.check); c.Result != sourcecheck.Failed || !strings.Contains(c.Seen, want.says) {
			t.Errorf("%s: %s is %s: %s", name, c.ID, c.Result, c.Seen)
		}
	}
	f := hospital(t)
	f.Approved = func(context.Context) (outbound.Config, error) {
		return outbound.Config{}, errors.New("It has no address.")
	}
	if c := examine(t, f).Of("address"); c.Result != sourcecheck.Failed || c.Seen != "It has no address." {
		t.Errorf("without an address: %+v", c)
	}
}

// TestEveryLookIsWrittenDown: an intent before each question, an outcome after it, and not a word about any test person in the report.
func TestEveryLookIsWrittenDown(t *testing.T) {
	kept := new(trail)
	region.Control.Forget()
	r, err := checker(kept).Run(t.Context(), hospital(t), operator, people)
	if err != nil {
		t.Fatal(err)
	}
	begun, ended := kept.acts(audit.ActIntent), kept.acts(audit.ActFinished)
	if want := len(people) + 2; len(begun) != want || len(ended) != want {
		t.Errorf("%d intents, %d outcomes, want %d", len(begun), len(ended), want)
	}
	for _, e := range begun {
		if e.Purpose != "connection check" || e.User.Subject != "root" || e.Person == nil || !cmp.Equal(e.Asked, []string{"bth"}) {
			t.Errorf("an intent says %+v", e)
		}
	}
	if n := len(kept.acts(audit.ActMismatchFound)); n != 1 {
		t.Errorf("%d mismatches", n)
	}
	for _, p := range people {
		for _, secret := range []string{p.Number.Digits(), p.Family, p.Given} {
			if strings.Contains(text(t, r), secret) {
				t.Error("the report says who a test person is")
			}
		}
	}
}

// TestNobodyIsAskedWithoutATrail, nor by somebody who may not, nor about a number whose owner is not on the list.
func TestNobodyIsAskedWithoutATrail(t *testing.T) {
	clinical := func() (n int) {
		_, log := region.Control.Requests()
		for _, asked := range log {
			if strings.Contains(asked.Path, "_search") {
				n++
			}
		}
		return n
	}
	clerk := sourcecheck.By{User: identity.User{Issuer: "i", Subject: "clerk", AssuranceLevel: 3, Organisation: operator.User.Organisation, Role: identity.Role{Activities: []string{"B0360"}}}}
	mistyped := people[0]
	mistyped.Family = "Somebodyelse"
	for name, c := range map[string]struct {
		by     sourcecheck.By
		broken bool
		who    sourcecheck.TestPerson
		fails  bool
	}{
		"no trail": {operator, true, people[0], true}, "a clinician": {clerk, false, people[0], true}, "nobody": {sourcecheck.By{}, false, people[0], true},
		"a mistyped number": {operator, false, mistyped, false},
	} {
		region.Control.Forget()
		kept := &trail{broken: c.broken}
		_, err := checker(kept).Run(t.Context(), hospital(t), c.by, []sourcecheck.TestPerson{c.who})
		if (err != nil) != c.fails || clinical() != 0 || len(kept.acts(audit.ActIntent)) != 0 {
			t.Errorf("%s: %v, %d questions", name, err, clinical())
		}
		var refusal access.Refusal
		if name == "a clinician" && (!errors.As(err, &refusal) || len(kept.acts(audit.ActRefused)) != 1) {
			t.Errorf("the refusal is %v and was written %d times", err, len(kept.acts(audit.ActRefused)))
		}
	}
}

func TestAnAdministratorMayCheck(t *testing.T) {
	admin := sourcecheck.By{User: identity.User{Issuer: "i", Subject: "farrell", Name: "Owen Farrell", AssuranceLevel: 3, Organisation: operator.User.Organisation, Role: identity.Role{Activities: []string{"B0062"}}}}
	if _, err := checker(new(trail)).Run(t.Context(), hospital(t), admin, people[:1]); err != nil {
		t.Error(err)
	}
}

func TestComparedWithTheLastRun(t *testing.T) {
	f := hospital(t)
	before := examine(t, f)
	var file bytes.Buffer
	if err := before.WriteJSON(&file); err != nil {
		t.Fatal(err)
	}
	last, err := sourcecheck.Read(&file)
	if err != nil || !cmp.Equal(last, before) {
		t.Fatalf("the report does not read back: %v\n%s", err, cmp.Diff(last, before))
	}
	strike(t, "bth", fault.Setting{Fault: "unknown-modifier"})
	now := examine(t, f)
	var changed bool
	for _, c := range now.Since(last) {
		changed = changed || c.ID == "record" && c.Before == sourcecheck.Passed && c.Now == sourcecheck.Failed
	}
	var out bytes.Buffer
	if err := now.WriteText(&out, &last); err != nil || !changed || !strings.Contains(out.String(), "Known test person: whole record read: was passed, is failed") {
		t.Errorf("changes are %v:\n%s", now.Since(last), out.String())
	}
	if len(now.Since(now)) != 0 {
		t.Error("a report differs from itself")
	}
}

func TestReadPeople(t *testing.T) {
	const good = `{"nhs_number":"999 141 1690","family":"Ashworth","given":"Edith","born":"1942-03-03","gender":"female","shows":["known","paging"],"entries":120}`
	list, err := sourcecheck.ReadPeople(strings.NewReader("[" + good + "]"))
	if err != nil || len(list) != 1 || list[0].Number.Digits() != edith || list[0].Entries != 120 {
		t.Fatalf("got %+v, %v", list, err)
	}
	for name, bad := range map[string]string{
		"no list": good, "unknown member": strings.Replace("["+good+"]", `"entries"`, `"records"`, 1), "not a number": strings.Replace("["+good+"]", "1690", "1691", 1),
		"no name": strings.Replace("["+good+"]", "Ashworth", " ", 1), "no date": strings.Replace("["+good+"]", "1942-03-03", "", 1),
		"unknown word": strings.Replace("["+good+"]", "paging", "pages", 1), "shows nothing": strings.Replace("["+good+"]", `"known","paging"`, "", 1),
		"negative": strings.Replace("["+good+"]", "120", "-1", 1), "too many": "[" + strings.Repeat(good+",", 50) + good + "]", "empty": "",
	} {
		list, err := sourcecheck.ReadPeople(strings.NewReader(bad))
		var problems sourcecheck.Problems
		if !errors.As(err, &problems) || list != nil || strings.Contains(err.Error(), "1690") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTLSBelow12 uses a server of its own: no source of the region is that old.
func TestTLSBelow12(t *testing.T) {
	cert, err := region.Authority.Server("Bowland")
	if err != nil {
		t.Fatal(err)
	}
	old := region.Authority.ServerTLS(cert)
	old.MinVersion, old.MaxVersion = tls.VersionTLS11, tls.VersionTLS11
	l, err := tls.Listen("tcp", "127.0.0.1:0", old)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).Handshake()
			_ = c.Close()
		}
	}()
	f := hospital(t)
	way, _ := f.Approved(t.Context())
	way.BaseURL = "https://" + l.Addr().String()
	f.Approved = func(context.Context) (outbound.Config, error) { return way, nil }
	if c := examine(t, f).Of("tls"); c.Result != sourcecheck.Failed {
		t.Errorf("%+v", c)
	}
}
