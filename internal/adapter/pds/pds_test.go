package pds_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/adapter/pds"
	"ribble/internal/fault"
	"ribble/internal/record"
)

const base = "/personal-demographics/FHIR/R4"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a fake PDS.
func serve(t *testing.T, handler http.Handler) *pds.Service {
	t.Helper()
	server := adaptertest.NewServer(t, handler)
	client := server.Client(t, base)
	t.Cleanup(client.Close)
	return pds.New(client, nil)
}

func reply(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		w.Header().Set("X-Request-ID", r.Header.Get("X-Request-ID"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "fixtures", "pds", name))
	if err != nil {
		t.Skip("the shared fixtures are not here: ", err)
	}
	return string(text)
}

func number(t *testing.T, text string) record.NHSNumber {
	t.Helper()
	n, err := record.ParseNHSNumber(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var asker = record.Requester{
	Name: "Dr A Test", RoleProfileID: "555254240100", RoleName: "GP", Organisation: record.Organisation{ODS: "P81001", Name: "Wyre Bank Surgery"},
}

// made writes a PDS patient; extra are further members, each ending in a comma.
func made(id, extra string) string {
	return `{"resourceType":"Patient","id":"` + id + `",` + extra +
		`"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + id + `"}],"name":[{"use":"usual","family":"Secretson","given":["Zaphod"]}]}`
}

const unrestricted = `"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"U"}]},`

const (
	asked = "9434765919"
	newer = "9434765870"
)

func TestTraceSendsWhatTheServiceDemands(t *testing.T) {
	var got *http.Request
	service := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		reply(200, made(asked, unrestricted)).ServeHTTP(w, r)
	}))
	if _, err := service.Trace(pds.WithCorrelation(context.Background(), "view-7"), number(t, asked), asker); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"X-Correlation-ID": "view-7", "NHSD-Session-URID": "555254240100", "NHSD-End-User-Organisation-ODS": "P81001", "Accept": "application/fhir+json", "Authorization": "",
	}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), value)
		}
	}
	first := got.Header.Get("X-Request-ID")
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(first) {
		t.Errorf("X-Request-ID %q is no random UUID", first)
	}
	if got.Method != http.MethodGet || got.URL.Path != base+"/Patient/"+asked {
		t.Errorf("%s %s", got.Method, got.URL.Path)
	}
	if _, err := service.Trace(context.Background(), number(t, asked), asker); err != nil || got.Header.Get("X-Request-ID") == first {
		t.Errorf("a second question has the id of the first (%v)", err)
	}
}

func TestTokenIsSent(t *testing.T) {
	var sent string
	server := adaptertest.NewServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("Authorization")
		reply(200, made(asked, unrestricted)).ServeHTTP(w, r)
	}))
	client := server.Client(t, base)
	defer client.Close()
	token := func(context.Context) (string, error) { return "abc", nil }
	if _, err := pds.New(client, token).Trace(context.Background(), number(t, asked), asker); err != nil || sent != "Bearer abc" {
		t.Errorf("authorization %q, error %v", sent, err)
	}
	none := func(context.Context) (string, error) { return "", errors.New("secret reason") }
	_, err := pds.New(client, none).Trace(context.Background(), number(t, asked), asker)
	if !errors.Is(err, pds.ErrDenied) || strings.Contains(err.Error(), "secret") {
		t.Errorf("without a token: %v", err)
	}
}

func TestTraceFixtures(t *testing.T) {
	jane := record.Name{Use: "usual", Family: "Smith", Given: []string{"Jane"}, Prefix: []string{"Mrs"}, Suffix: []string{"MBE"}, Ended: true}
	for _, c := range []struct {
		file, number string
		check        func(*testing.T, record.Person)
	}{
		{"Patient.json", "9000000009", func(t *testing.T, p record.Person) {
			if diff := cmp.Diff([]record.Name{jane}, p.Names); diff != "" {
				t.Error(diff)
			}
			if p.NumberStatus != "01" || p.Restricted || p.Practice.ODS != "Y12345" || p.Postcode != "LS1 6AE" || p.Gender != "female" {
				t.Errorf("status %q, restricted %v, practice %q, postcode %q, gender %q", p.NumberStatus, p.Restricted, p.Practice.ODS, p.Postcode, p.Gender)
			}
			if p.Born != record.ParseDate("2010-10-22") || p.Deceased != (record.Deceased{Recorded: true, Date: record.ParseDate("2010-10-22T00:00:00+00:00")}) {
				t.Errorf("born %v, deceased %v", p.Born, p.Deceased)
			}
			needs := []string{"Interpreter required", "Prefers to be written to in: Braille", "Prefers contact by: Letter", "Contact times: Not after 7pm"}
			if diff := cmp.Diff(needs, p.Needs) + cmp.Diff([]string{"French"}, p.Languages); diff != "" {
				t.Error(diff)
			}
		}},
		{"patient_9000000025.json", "9000000025", func(t *testing.T, p record.Person) {
			if !p.Restricted || !p.Deceased.Recorded || len(p.Addresses)+len(p.Phones) != 0 || p.Practice != (record.Practice{}) {
				t.Errorf("restricted %v, deceased %v, practice %v", p.Restricted, p.Deceased, p.Practice)
			}
		}},
		{"patient_9000000033.json", "9000000033", func(t *testing.T, p record.Person) {
			if len(p.Names) != 0 || !p.Born.IsZero() || p.Practice.ODS != "" || p.Restricted {
				t.Errorf("a minimal person has more than a number: %+v", p.Demographics)
			}
		}},
		{"patient_9693632109.json", "9693632109", func(t *testing.T, p record.Person) {
			if p.Practice.ODS != "A20047" || p.Current().Display() != "GARTON, Bill (MR)" || p.Addresses[0] != "1 MOUNT AVENUE, BARTON-UPON-HUMBER, S HUMBERSIDE, DN18 5DW" {
				t.Errorf("practice %q, name %q, address %q", p.Practice.ODS, p.Current().Display(), p.Addresses)
			}
		}},
		{"patient_5900046192.json", "5900046192", nil}, {"patient_5900057208.json", "5900057208", nil}, {"patient_5900059332.json", "5900059332", nil},
		{"patient_9733162043.json", "9733162043", nil}, {"patient_9736363023.json", "9736363023", nil}, {"patient_9736363074.json", "9736363074", nil},
		{"patient_9000000009.json", "9000000009", nil}, {"search_patient_9000000009.json", "9000000009", nil}, {"Minimal_Patient.json", "9000000033", nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			before := time.Now()
			p, err := serve(t, reply(200, fixture(t, c.file))).Trace(context.Background(), number(t, c.number), asker)
			if err != nil {
				t.Fatal(err)
			}
			if p.NHSNumber != number(t, c.number) || len(p.Superseded) != 0 || p.TracedAt.Before(before) {
				t.Errorf("number right: %v, superseded %d, traced at %v", p.NHSNumber == number(t, c.number), len(p.Superseded), p.TracedAt)
			}
			if c.check != nil {
				c.check(t, p)
			}
		})
	}
}

func TestSupersededNumberIsFollowedAndKept(t *testing.T) {
	p, err := serve(t, reply(200, made(newer, unrestricted))).Trace(context.Background(), number(t, asked), asker)
	if err != nil {
		t.Fatal(err)
	}
	if p.NHSNumber != number(t, newer) || len(p.Superseded) != 1 || p.Superseded[0] != number(t, asked) {
		t.Errorf("new number kept: %v, old ones %d", p.NHSNumber == number(t, newer), len(p.Superseded))
	}
}

func TestRestriction(t *testing.T) {
	place := `"address":[{"use":"home","line":["1 Hidden Lane"],"postalCode":"LA1 4XX"}],"telecom":[{"value":"01632 960000"}],` +
		`"generalPractitioner":[{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":" p81001 "}}],`
	label := func(code string) string { return strings.Replace(unrestricted, `"U"`, `"`+code+`"`, 1) }
	for name, c := range map[string]struct {
		meta string
		want bool
	}{"unrestricted": {unrestricted, false}, "restricted": {label("R"), true}, "very restricted": {label("V"), true}, "redacted": {label("REDACTED"), true}, "no label": {"", true}} {
		p, err := serve(t, reply(200, made(asked, c.meta+place))).Trace(context.Background(), number(t, asked), asker)
		if err != nil {
			t.Fatal(name, err)
		}
		told := len(p.Addresses) > 0 || p.Postcode != "" || len(p.Phones) > 0 || p.GeneralPractitioner != "" || p.Practice.ODS != ""
		if p.Restricted != c.want || told == c.want {
			t.Errorf("%s: restricted %v, tells where the person is: %v", name, p.Restricted, told)
		}
		if !c.want && p.Practice.ODS != "P81001" {
			t.Errorf("practice %q", p.Practice.ODS)
		}
	}
}

func TestInformalDeathCounts(t *testing.T) {
	note := func(code string) string {
		return `"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus","extension":[{"url":"deathNotificationStatus",` +
			`"valueCodeableConcept":{"coding":[{"code":"` + code + `"}]}}]}],`
	}
	for code, want := range map[string]bool{"1": true, "2": true, "U": false} {
		p, err := serve(t, reply(200, made(asked, unrestricted+note(code)))).Trace(context.Background(), number(t, asked), asker)
		if err != nil || p.Deceased.Recorded != want {
			t.Errorf("death status %s: deceased %v, error %v", code, p.Deceased.Recorded, err)
		}
	}
}

// refused are answers that are errors: each must come out as its own kind, with safe words.
func TestTraceErrors(t *testing.T) {
	outcome := func(code string) string {
		return `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"x","diagnostics":"Secretson","details":{"coding":[{"code":"` + code + `","display":"Secretson"}]}}]}`
	}
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   error
		kind   fault.Kind
	}{
		{"unknown", 404, outcome("RESOURCE_NOT_FOUND"), pds.ErrUnknown, fault.NotFound},
		{"invalidated", 404, outcome("INVALIDATED_RESOURCE"), pds.ErrInvalidated, fault.NotFound},
		{"number refused", 400, outcome("INVALID_RESOURCE_ID"), pds.ErrUnknown, fault.NotFound},
		{"wrong address", 404, "<html>Secretson</html>", pds.ErrUnavailable, fault.Unavailable},
		{"our header refused", 400, outcome("MISSING_VALUE"), pds.ErrUnavailable, fault.Unavailable},
		{"not signed in", 401, outcome("ACCESS_DENIED"), pds.ErrDenied, fault.Refused},
		{"not allowed", 403, outcome("ACCESS_DENIED"), pds.ErrDenied, fault.Refused},
		{"spine down", 408, outcome("UNABLE_TO_CALL_SERVICE"), pds.ErrTimeout, fault.Timeout},
		{"too many", 429, outcome("TOO_MANY_REQUESTS"), pds.ErrBusy, fault.TooMany},
		{"broken", 500, "", pds.ErrUnavailable, fault.Unavailable},
		{"outcome inside a 200", 200, outcome("TOO_MANY_MATCHES"), pds.ErrUnreadable, fault.Unavailable},
		{"a bundle", 200, `{"resourceType":"Bundle"}`, pds.ErrUnreadable, fault.Unavailable},
		{"id that is no number", 200, made("9434765918", unrestricted), pds.ErrUnreadable, fault.Unavailable},
		{"id and identifier differ", 200, strings.Replace(made(asked, unrestricted), `"value":"`+asked, `"value":"`+newer, 1), pds.ErrUnreadable, fault.Unavailable},
		{"meaning changed", 200, made(asked, unrestricted+`"modifierExtension":[{"url":"x"}],`), pds.ErrUnreadable, fault.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := serve(t, reply(c.status, c.body)).Trace(context.Background(), number(t, asked), asker)
			told(t, err, c.want, c.kind)
			if !p.NHSNumber.IsZero() {
				t.Error("a person came with the error")
			}
		})
	}
	_, err := serve(t, reply(200, "")).Trace(context.Background(), record.NHSNumber{}, asker)
	told(t, err, pds.ErrInvalidSearch, fault.Invalid)
}

// told checks an error's kind, and that nothing of the person or the reply is in it.
func told(t *testing.T, err, want error, kind fault.Kind) {
	t.Helper()
	if !errors.Is(err, want) || fault.KindOf(err) != kind {
		t.Fatalf("error %v of kind %v, want %v of kind %v", err, fault.KindOf(err), want, kind)
	}
	text := err.Error() + fault.SafeText(err)
	for _, secret := range []string{asked, newer, "Secretson", "secretson", "Zaphod", "://", "127.0.0.1", adaptertest.Canary} {
		if strings.Contains(text, secret) {
			t.Errorf("the error holds %q", secret)
		}
	}
}

func TestFixtureErrors(t *testing.T) {
	for file, c := range map[string]struct {
		status        int
		trace, search error
	}{
		"error_RESOURCE_NOT_FOUND.json":       {404, pds.ErrUnknown, pds.ErrUnavailable},
		"error_INVALIDATED_RESOURCE.json":     {404, pds.ErrInvalidated, pds.ErrUnavailable},
		"error_ACCESS_DENIED.json":            {403, pds.ErrDenied, pds.ErrDenied},
		"error_INVALID_SEARCH_DATA.json":      {400, pds.ErrUnavailable, pds.ErrInvalidSearch},
		"error_INVALID_VALUE.json":            {400, pds.ErrUnavailable, pds.ErrInvalidSearch},
		"error_TOO_FEW_VALUES_SUBMITTED.json": {400, pds.ErrUnavailable, pds.ErrInvalidSearch},
		"error_UNSUPPORTED_SERVICE.json":      {400, pds.ErrUnavailable, pds.ErrInvalidSearch},
		"error_NOT_SUPPORTED_SEARCH.json":     {200, pds.ErrUnreadable, pds.ErrUnreadable},
		"TOO_MANY_MATCHES.json":               {200, pds.ErrUnreadable, nil},
	} {
		t.Run(file, func(t *testing.T) {
			service := serve(t, reply(c.status, fixture(t, file)))
			if _, err := service.Trace(context.Background(), number(t, asked), asker); !errors.Is(err, c.trace) {
				t.Errorf("trace: %v, want %v", err, c.trace)
			}
			if _, err := service.Search(context.Background(), query, asker); !errors.Is(err, c.search) {
				t.Errorf("search: %v, want %v", err, c.search)
			}
		})
	}
}

var query = pds.Query{Family: "Secretson", Given: "Zaphod Anne", Gender: "male", Born: record.ParseDate("1950-01-02"), Postcode: "LA1 4XX"}

func TestSearchQuestion(t *testing.T) {
	var got *http.Request
	service := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		reply(200, `{"resourceType":"Bundle","total":0}`).ServeHTTP(w, r)
	}))
	found, err := service.Search(context.Background(), query, asker)
	if err != nil || found.TooMany || len(found.People) != 0 {
		t.Fatalf("found %d, too many %v, error %v; nobody found is no error", len(found.People), found.TooMany, err)
	}
	want := map[string][]string{"family": {"Secretson"}, "given": {"Zaphod", "Anne"}, "gender": {"male"}, "birthdate": {"eq1950-01-02"}, "address-postalcode": {"LA1 4XX"}}
	if diff := cmp.Diff(want, map[string][]string(got.URL.Query())); diff != "" {
		t.Error(diff)
	}
	if _, err := service.Search(context.Background(), pds.Query{Family: "Secretson", Born: query.Born}, asker); err != nil || len(got.URL.Query()) != 2 {
		t.Errorf("parameters without a value were sent: %v (%v)", got.URL.Query(), err)
	}
	for name, q := range map[string]pds.Query{"no family name": {Born: query.Born}, "a birth year": {Family: "x", Born: record.ParseDate("1950")}, "no birth date": {Family: "x"}} {
		got = nil
		_, err := service.Search(context.Background(), q, asker)
		told(t, err, pds.ErrInvalidSearch, fault.Invalid)
		if got != nil {
			t.Errorf("%s: the service was asked all the same", name)
		}
	}
}

func TestSearchFixtures(t *testing.T) {
	for file, c := range map[string]struct {
		people           int
		tooMany, similar bool
	}{
		"TOO_MANY_MATCHES.json":           {0, true, false},
		"PatientSearch.json":              {1, false, false},
		"PatientSearch-Jayne-Smyth.json":  {1, false, false},
		"Minimal_PatientSearch.json":      {1, false, false},
		"Sensitive_PatientSearch.json":    {1, false, false},
		"search_patient_9000000025.json":  {1, false, false},
		"bill_garton_searchset.json":      {1, false, false},
		"fuzzy_single_searchset.json":     {1, false, false},
		"fuzzy_multimatch_searchset.json": {20, false, true},
		"historic_email_searchset.json":   {1, false, false},
		"martha_massam_searchset.json":    {1, false, false},
		"mock_multiple_searchset.json":    {2, false, true},
		"other_givenName.json":            {1, false, false},
		"rodney_godsoe_searchset.json":    {1, false, false},
		"youds_searchset.json":            {4, false, true},
	} {
		t.Run(file, func(t *testing.T) {
			found, err := serve(t, reply(200, fixture(t, file))).Search(context.Background(), query, asker)
			if err != nil {
				t.Fatal(err)
			}
			if len(found.People) != c.people || found.TooMany != c.tooMany || found.Similar() != c.similar {
				t.Errorf("%d people, too many %v, similar %v; want %+v", len(found.People), found.TooMany, found.Similar(), c)
			}
			for _, p := range found.People {
				if p.NHSNumber.IsZero() || p.TracedAt.IsZero() {
					t.Error("a person without number or time")
				}
			}
		})
	}
}

// This published example carries an NHS number whose check digit is wrong.
func TestSearchFixtureWithAWrongNumber(t *testing.T) {
	_, err := serve(t, reply(200, fixture(t, "john_paul_smith_searchset.json"))).Search(context.Background(), query, asker)
	told(t, err, pds.ErrUnreadable, fault.Unavailable)
}

func TestSearchTakesNoPartOfAList(t *testing.T) {
	entry := func(resources ...string) string {
		return `{"resourceType":"Bundle","entry":[{"resource":` + strings.Join(resources, `},{"resource":`) + `}]}`
	}
	good := made(asked, unrestricted)
	for name, body := range map[string]string{
		"one that cannot be read":      entry(good, made("9434765918", unrestricted)),
		"one of another kind":          entry(good, `{"resourceType":"RelatedPerson"}`),
		"one that is none":             entry(good, `null`),
		"an outcome among the matches": entry(good, `{"resourceType":"OperationOutcome"}`),
	} {
		found, err := serve(t, reply(200, body)).Search(context.Background(), query, asker)
		if !errors.Is(err, pds.ErrUnreadable) || len(found.People) != 0 {
			t.Errorf("%s: %d people, error %v", name, len(found.People), err)
		}
	}
	more := strings.Replace(entry(good), `"entry"`, `"link":[{"relation":"next","url":"x"}],"entry"`, 1)
	if found, err := serve(t, reply(200, more)).Search(context.Background(), query, asker); err != nil || !found.TooMany || len(found.People) != 0 {
		t.Errorf("a further page: %+v, %v", found.TooMany, err)
	}
}

func TestSimilar(t *testing.T) {
	person := func(family, given, born string) record.Person {
		return record.Person{Demographics: record.Demographics{Names: []record.Name{{Use: "usual", Family: family, Given: []string{given}}}, Born: record.ParseDate(born)}}
	}
	for _, c := range []struct {
		a, b record.Person
		want bool
	}{
		{person("Smith", "Ann", "1950-01-02"), person("SMITH", "Joan", "1950-01-02"), true},
		{person("Smith", "Ann", "1950-01-02"), person("Jones", "ANN", "1950-01-02"), true},
		{person("Smith", "Ann", "1950-01-02"), person("Smith", "Ann", "1950-01-03"), false},
		{person("Smith", "Ann", "1950-01-02"), person("Jones", "Joan", "1950-01-02"), false},
		{person("Smith", "Ann", ""), person("Smith", "Ann", ""), false},
		{person("", "", "1950-01-02"), person("", "", "1950-01-02"), false},
	} {
		if got := (pds.Found{People: []record.Person{c.a, c.b}}).Similar(); got != c.want {
			t.Errorf("%v and %v: similar %v", c.a.Names, c.b.Names, got)
		}
	}
}

// Whatever goes wrong with the service, nobody is found and the error is one of ours.
func TestNoFailureFindsAnybody(t *testing.T) {
	ours := []error{pds.ErrUnknown, pds.ErrInvalidated, pds.ErrInvalidSearch, pds.ErrDenied, pds.ErrBusy, pds.ErrUnavailable, pds.ErrTimeout, pds.ErrUnreadable}
	for _, f := range adaptertest.Failures(reply(200, made(asked, unrestricted))) {
		t.Run(f.Name, func(t *testing.T) {
			p, err := serve(t, f.Handler).Trace(context.Background(), number(t, asked), asker)
			known := 0
			for _, e := range ours {
				if errors.Is(err, e) {
					known++
					told(t, err, e, fault.KindOf(err))
				}
			}
			if known != 1 || !p.NHSNumber.IsZero() {
				t.Errorf("error %v is %d of the known ones", err, known)
			}
			if errors.Is(err, pds.ErrUnknown) {
				t.Error("a failure reads as an unknown person")
			}
		})
	}
}

func TestDeadlineAndCancel(t *testing.T) {
	service := serve(t, adaptertest.Hang(""))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := service.Trace(ctx, number(t, asked), asker)
	told(t, err, pds.ErrTimeout, fault.Timeout)
	ctx, cancel = context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err = service.Trace(ctx, number(t, asked), asker); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// The answer to another request on the same connection is no answer to ours (S27).
func TestAnswerToAnotherRequestIsRefused(t *testing.T) {
	service := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-ID", "60E0B220-8136-4CA5-AE46-1D97EF59D068")
		_, _ = io.WriteString(w, made(newer, unrestricted))
	}))
	_, err := service.Trace(context.Background(), number(t, asked), asker)
	told(t, err, pds.ErrUnreadable, fault.Unavailable)
}
