package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/sandbox/story"
)

var numberInName = regexp.MustCompile(`_(\d{10})_`)

// What stands where an NHS number should: a placeholder, or the template of a mock server. Plain searches, because regular
// expressions over fifteen megabytes would double the time that the region takes to start.
var (
	placeholder   = []byte(`"1234567890"`)
	templateStart = []byte(`"{{jsonPath`)
	templateEnd   = []byte(`}}"`)
	patientRef    = []byte(`"Patient/`)
	numberSystem  = []byte(`"https://fhir.nhs.uk/Id/nhs-number"`)
	valueName     = []byte(`"value"`)
)

// addFixtures serves every published record in dir/gpconnect-structured: as it is, and where its identifier is only a
// placeholder or a template also once with that put right. A missing folder is no error: the records are not ours to copy.
func addFixtures(world *story.World, dir string) error {
	files, err := fs.Glob(os.DirFS(dir), "gpconnect-structured/*.json")
	if err != nil || dir == "" || len(files) == 0 {
		return nil
	}
	slices.Sort(files)
	f := fixtures{world: world, next: 999_000}
	for _, name := range files {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("reading a published record: %w", err)
		}
		if err := f.add(filepath.Base(name), raw); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
	}
	return nil
}

// fixtures enrols the people of published records; next is where the search for a free test number goes on.
type fixtures struct {
	world *story.World
	next  int
}

func (f *fixtures) add(name string, raw []byte) error {
	who, err := whoIsIn(raw)
	if err != nil {
		return err
	}
	label := strings.TrimSuffix(name, ".json")
	if !bytes.Contains(raw, placeholder) && !bytes.Contains(raw, templateStart) {
		number := who.NHSNumber
		if !story.ValidNHSNumber(number) {
			number = f.free()
			f.enrol(who, number, label+": as published, its NHS number is invalid (to be quarantined)", raw)
			return nil
		}
		f.enrol(who, number, label+": as published, holds documents of another patient (to be quarantined)", raw)
		f.enrolPatched(who, f.free(), label+": with number and subjects put right, for size", ownSubjects(raw, who.localID))
		return nil
	}
	number := f.free()
	if match := numberInName.FindStringSubmatch(name); match != nil {
		if _, taken := f.world.Person(match[1]); !taken {
			number = match[1]
		}
	}
	patched := withNumber(raw, number)
	if whole := ownSubjects(patched, who.localID); !bytes.Equal(whole, patched) {
		f.enrol(who, number, label+": number put right, but it holds documents of another patient (to be quarantined)", patched)
		who.NHSNumber = number
		f.enrolPatched(who, f.free(), label+": published record, number and subjects put right", whole)
	} else {
		f.enrol(who, number, label+": published record, number put right", patched)
	}
	f.enrol(who, f.free(), label+": as published, identifier is a placeholder (to be quarantined)", raw)
	return nil
}

func (f *fixtures) enrolPatched(who identity, number, shows string, raw []byte) {
	f.enrol(who, number, shows, ownNumbers(raw, number))
}

// withNumber puts an NHS number where the placeholder or the template stands.
func withNumber(raw []byte, number string) []byte {
	quoted := []byte(`"` + number + `"`)
	raw = bytes.ReplaceAll(raw, placeholder, quoted)
	if start := bytes.Index(raw, templateStart); start >= 0 {
		length := bytes.Index(raw[start:], templateEnd) + len(templateEnd)
		raw = slices.Concat(raw[:start], quoted, raw[start+length:])
	}
	return raw
}

// ownSubjects makes every reference to a patient one to the accepted patient.
func ownSubjects(raw []byte, localID string) []byte {
	own := []byte(localID)
	var out []byte
	for {
		at := bytes.Index(raw, patientRef)
		if at < 0 {
			return append(out, raw...)
		}
		id := raw[at+len(patientRef):]
		out = append(append(out, raw[:at+len(patientRef)]...), own...)
		raw = id[max(bytes.IndexByte(id, '"'), 0):]
	}
}

// ownNumbers makes every NHS number with its system the accepted patient's: subjects are named by their number too.
func ownNumbers(raw []byte, number string) []byte {
	var out []byte
	for {
		at := bytes.Index(raw, numberSystem)
		if at < 0 {
			return append(out, raw...)
		}
		at += len(numberSystem)
		// The value follows its system, with no other member between them.
		if value := bytes.Index(raw[at:min(at+100, len(raw))], valueName); value >= 0 {
			at += value + len(valueName)
			at += bytes.IndexByte(raw[at:], '"') + 1
			out = append(append(out, raw[:at]...), number...)
			raw = raw[at+bytes.IndexByte(raw[at:], '"'):]
			continue
		}
		out, raw = append(out, raw[:at]...), raw[at:]
	}
}

// free finds the next number of the test range that nobody has.
func (f *fixtures) free() string {
	for {
		f.next--
		number, ok := story.TestNumber(f.next)
		if _, taken := f.world.Person(number); ok && !taken {
			return number
		}
	}
}

func (f *fixtures) enrol(who identity, number, shows string, raw []byte) {
	f.world.AddOrganisation(story.Organisation{
		ODS: who.practice, Name: who.practiceName, Kind: story.GPPractice, Supplier: story.Fellside, ASID: fmt.Sprintf("9900020%05d", len(f.world.Organisations())),
	})
	demographics := who.Demographics
	demographics.NHSNumber = number
	f.world.Add(story.Person{
		Demographics: demographics, Story: shows, Practice: who.practice,
		Holdings: []story.Holding{{ODS: who.practice}},
	})
	f.world.ServeRecord(number, raw)
}

// identity is who a published record says it is about.
type identity struct {
	story.Demographics
	localID, practice, practiceName string
}

// wirePatient is the part of a STU3 Patient or Organization that enrolment needs.
type wirePatient struct {
	Type       string `json:"resourceType"`
	ID         string `json:"id"`
	Identifier []struct {
		System string `json:"system"`
		Value  string `json:"value"`
	} `json:"identifier"`
	// An organisation's name is a string, a patient's a list.
	Name      jsontext.Value `json:"name"`
	BirthDate string         `json:"birthDate"`
	Gender    string         `json:"gender"`
	Deceased  string         `json:"deceasedDateTime"`
	Address   []struct {
		Line       []string `json:"line"`
		City       string   `json:"city"`
		PostalCode string   `json:"postalCode"`
	} `json:"address"`
	Managing struct {
		Reference string `json:"reference"`
	} `json:"managingOrganization"`
}

type wireName struct {
	Use    string   `json:"use"`
	Family string   `json:"family"`
	Given  []string `json:"given"`
	Prefix []string `json:"prefix"`
}

func whoIsIn(raw []byte) (identity, error) {
	var bundle struct {
		Entry []struct {
			Resource jsontext.Value `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(raw, &bundle); err != nil {
		return identity{}, errors.New("the record is not JSON")
	}
	organisations := map[string]wirePatient{}
	var patient *wirePatient
	for _, entry := range bundle.Entry {
		// Nearly all resources are of other types; looking for the word is much quicker than decoding them.
		if !bytes.Contains(entry.Resource, []byte(`"Patient"`)) && !bytes.Contains(entry.Resource, []byte(`"Organization"`)) {
			continue
		}
		var head wirePatient
		// A resource that only mentions the word may differ in the members read here; it is not wanted.
		_ = json.Unmarshal(entry.Resource, &head)
		switch {
		case head.Type == "Organization":
			organisations["Organization/"+head.ID] = head
		case head.Type == "Patient" && patient == nil:
			patient = &head
		}
	}
	if patient == nil {
		return identity{}, errors.New("the record has no patient")
	}
	return identify(*patient, organisations[patient.Managing.Reference])
}

func identify(p, practice wirePatient) (identity, error) {
	var names []wireName
	if err := json.Unmarshal(p.Name, &names); err != nil || len(names) == 0 || len(practice.Identifier) == 0 {
		return identity{}, errors.New("the record names neither patient nor practice")
	}
	who := identity{localID: p.ID, practice: practice.Identifier[0].Value, practiceName: "Practice " + practice.Identifier[0].Value + " (published examples)"}
	who.Born, who.Gender, who.Died = p.BirthDate, p.Gender, p.Deceased
	for _, identifier := range p.Identifier {
		if identifier.System == story.SystemNHSNumber {
			who.NHSNumber = identifier.Value
		}
	}
	for i, name := range names {
		given := story.Name{Use: name.Use, Family: name.Family, Given: name.Given, Prefix: strings.Join(name.Prefix, " ")}
		if i == 0 {
			who.Name = given
		} else {
			who.OtherNames = append(who.OtherNames, given)
		}
	}
	if len(p.Address) > 0 {
		who.Address = story.Address{Lines: p.Address[0].Line, City: p.Address[0].City, Postcode: p.Address[0].PostalCode}
	}
	return who, nil
}
