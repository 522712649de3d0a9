package register_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/record"
	"ribble/internal/register"
)

var now = time.Date(2026, 11, 18, 14, 0, 0, 0, time.UTC)

func parse(text string) record.NHSNumber {
	n, err := record.ParseNHSNumber(text)
	if err != nil {
		panic("a test's own NHS number is wrong")
	}
	return n
}

var edith, other = parse("9991411690"), parse("9990646465")

func TestReadCaseload(t *testing.T) {
	const list = `{"resourceType":"List","status":"current","mode":"snapshot","entry":[
		{"item":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9991411690","period":{"end":"2027-03-31"}}}},
		{"deleted":true,"item":{"reference":"Patient/1"}},
		{"item":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990646465"}}}]}`
	want := []register.CaseloadRow{{edith, time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)}, {other, now.Add(register.CaseloadLife)}}
	for name, file := range map[string]string{
		"CSV":                            "nhs_number,until\n9991411690,2027-03-31\n9990646465,\n",
		"with a byte order mark":         "\ufeffnhs_number,until\r\n999 141 1690,2027-03-31\r\n9990646465,\r\n",
		"a person twice":                 "nhs_number,until\n9991411690,2027-01-01\n9990646465,\n9991411690,2027-03-31\n",
		"a FHIR List":                    list,
		"a FHIR List after a white line": "\n " + list,
	} {
		got, err := register.ReadCaseload(strings.NewReader(file), now)
		if err != nil || !equal(got, want) {
			t.Errorf("%s: %d rows, error %v", name, len(got), err)
		}
	}
	if got, err := register.ReadCaseload(strings.NewReader("nhs_number,until\n"), now); err != nil || len(got) != 0 {
		t.Errorf("an empty caseload: %v", err)
	}
}

func equal(got, want []register.CaseloadRow) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i].Number != want[i].Number || !got[i].Until.Equal(want[i].Until) {
			return false
		}
	}
	return true
}

func TestReadCaseloadRefuses(t *testing.T) {
	for file, want := range map[string]string{
		"":                               `line 1: the header must be "nhs_number,until"`,
		"9991411690,2027-03-31\n":        "line 1: the header",
		"nhs_number;until\n":             "line 1: the header",
		"until,nhs_number\n":             "line 1: the header",
		"n\x00h\x00s\x00":                "line 1: the header",
		"nhs_number,until\n9991411690\n": "line 2: wrong number of fields",
		"nhs_number,until\n9991411690,2027-03-31\n9991411691,2027-03-31\n": "line 3: not a valid NHS number",
		"nhs_number,until\n9991411690,31/03/2027\n":                        "line 2: the day must be written",
		"nhs_number,until\n9991411690,2025-03-31\n":                        "line 2: the day has passed",
		"nhs_number,until\n\"9991411690,2027-03-31\n":                      "line 2: extraneous or missing",
		`{"resourceType":"List","status":"retired"}`:                       "not a FHIR R4 List in force",
		`{"resourceType":"Bundle"}`:                                        "not a FHIR R4 List in force",
		`{"resourceType":"List","status":"current","entry":[`:              "not a FHIR R4 List in force",
		`{"resourceType":"List","status":"current","entry":[{"item":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9991411691"}}}]}`: "entry 1: not a valid",
		`{"resourceType":"List","status":"current","entry":[{"item":{"identifier":{"system":"urn:mrn","value":"9991411690"}}}]}`:                           "entry 1: the item does not name",
	} {
		rows, err := register.ReadCaseload(strings.NewReader(file), now)
		if err == nil || len(rows) != 0 || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "999141") {
			t.Errorf("%q: %d rows, error %v", file, len(rows), err)
		}
	}
}

func TestReadWatched(t *testing.T) {
	staff, err := register.ReadWatched(register.Staff, strings.NewReader("\ufeffnhs_number,sds_user_id,organisation\n9991411690,900100000001,RZB\n9991411690,900100000001,RZB\n"))
	if err != nil || len(staff) != 1 || staff[0] != (register.WatchedRow{Number: edith, SDSUserID: "900100000001", Organisation: "RZB"}) {
		t.Errorf("%d rows, error %v", len(staff), err)
	}
	listed, err := register.ReadWatched(register.Listed, strings.NewReader("nhs_number\n9991411690\n"))
	if err != nil || len(listed) != 1 || listed[0].Number != edith {
		t.Errorf("%d rows, error %v", len(listed), err)
	}
	for file, want := range map[string]string{
		"nhs_number\n": "line 1: the header must be \"nhs_number,sds_user_id,organisation\"",
		"nhs_number,sds_user_id,organisation\n9991411690,,RZB\n":   "line 2: there is no user id",
		"nhs_number,sds_user_id,organisation\n9991411690,1,rzb \n": "line 2: the organisation is not",
	} {
		if _, err := register.ReadWatched(register.Staff, strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v", file, err)
		}
	}
}

// FuzzReadCaseload: whatever is sent, there are rows or an error, the error repeats no number, and no person stands there twice.
func FuzzReadCaseload(f *testing.F) {
	f.Add([]byte("nhs_number,until\n9991411690,2027-03-31\n"))
	f.Add([]byte(`{"resourceType":"List","status":"current","entry":[{"item":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9991411690"}}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := register.ReadCaseload(strings.NewReader(string(body)), now)
		if err != nil && (len(rows) != 0 || strings.Contains(err.Error(), "9991411690")) {
			t.Fatalf("%d rows with an error", len(rows))
		}
		seen := map[record.NHSNumber]bool{}
		for _, r := range rows {
			if r.Number.IsZero() || seen[r.Number] || !r.Until.After(now) {
				t.Fatal("a row that is nobody's, a second one, or one that has ended")
			}
			seen[r.Number] = true
		}
	})
}

func TestReasonsAreDistinct(t *testing.T) {
	for name, list := range map[string][]register.Reason{"claims": register.ClaimReasons, "overrides": register.OverrideReasons} {
		seen := map[string]bool{}
		for _, r := range list {
			if r.Code == "" || r.Words == "" || seen[r.Code] {
				t.Errorf("%s: %q", name, fmt.Sprint(r))
			}
			seen[r.Code] = true
		}
	}
	if diff := cmp.Diff(register.OverrideReasons[0].Code, "unconscious"); diff != "" {
		t.Error(diff)
	}
}
