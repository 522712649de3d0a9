package gpconnect

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/outbound"
	"ribble/internal/quarantine"
	"ribble/internal/record"
)

// speaks is a fake practice system that answers the record with the whole function's text, and every other question as a practice
// that holds no vaccinations and no documents.
func speaks(status int, whole func() string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		text := ""
		switch {
		case status != http.StatusOK || strings.HasSuffix(req.URL.Path, "$gpc.getstructuredrecord") && !strings.Contains(string(body), "includeNotGiven"):
			text = whole()
		case strings.HasSuffix(req.URL.Path, "$gpc.getstructuredrecord"):
			text = answered(list(immunisationList, nil))
		case strings.HasSuffix(req.URL.Path, "/DocumentReference"):
			text = `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":` + patientJSON + `}]}`
		default:
			text = `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":` + patientJSON + `}]}`
		}
		w.Header().Set("Content-Type", fhirJSON)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(text, "%TRACE%", req.Header.Get("Ssp-TraceID")))
	})
}

func TestAcceptance(t *testing.T) {
	ask := wireAsk(t)
	ask.Person.Demographics = record.Demographics{
		Names: []record.Name{{Use: "usual", Family: "Skelly", Given: []string{"Horace"}}}, Born: record.ParseDate("1925-04-21"), Gender: "male",
	}
	told := func(resources ...string) http.Handler {
		return speaks(200, func() string { return answered(resources...) })
	}
	entries := append(emptyLists(allergyList, uncategorisedList), list(allergyList, []string{"AllergyIntolerance/1"}), allergy("1", `,`+snomed("91936005", "Allergy to penicillin")), list(uncategorisedList, []string{"Observation/1"}))
	odd := append(append([]string{}, entries...),
		observation("1", `,"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"`+adaptertest.LabelCode+`"}]},"code":{"text":"`+adaptertest.OddText+`","coding":[{"system":"`+adaptertest.OddSystem+`","code":"`+adaptertest.OddCode+`"}]}`),
		strings.Replace(observation("2", `,"code":{"text":"x"}`), "2020-01-02", adaptertest.YearOnly, 1),
		observation("t", `,"code":{"text":"`+adaptertest.FirstTwin+`"}`), observation("t", `,"code":{"text":"`+adaptertest.SecondTwin+`"}`))
	good := append(append([]string{}, entries...), observation("1", `,`+snomed("1", "An entry")))
	other := strings.NewReplacer(testNumber, "9690937278", "Skelly", "Wood", "1925", "1960")
	adaptertest.Run(t, adaptertest.Harness{
		New: func(_ testing.TB, client *outbound.Client, base string) adaptertest.Source {
			spine := testSpine()
			spine.Proxy = ""
			return New(Config{Ref: testSource, Directory: addresses{base, base + "/documents"}, Transport: spine, Client: client})
		},
		BasePath: "/B82617/STU3/1", Ask: ask, Kind: quarantine.GP,
		Good:    told(good...),
		Empty:   told(emptyLists()...),
		Unknown: speaks(404, func() string { return outcome("PATIENT_NOT_FOUND") }),
		Refused: speaks(403, func() string { return outcome("NO_PATIENT_CONSENT") }),
		Other:   speaks(200, func() string { return other.Replace(answered(good...)) }),
		Foreign: told(append(append([]string{}, good...), strings.Replace(observation("9", `,`+snomed("1", "Not theirs")), "Patient/p", "Patient/z", 1))...),
		Odd:     told(odd...),
		Many: func(n int) http.Handler {
			return speaks(200, func() string {
				var b strings.Builder
				for i := range n {
					b.WriteString(`},{"resource":` + observation(strconv.Itoa(i), `,"code":{"text":"x"}`))
				}
				return strings.TrimSuffix(answered(), `}]}`) + b.String() + `}]}`
			})
		},
	})
}
