package r4

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ribble/internal/adapter/internal/fhirjson"
)

// drawing draws JSON for a type: mostly what its fields are for, now and then something else.
type drawing struct {
	*rapid.T
	// oddly is how often, in a thousand, a value is of another kind than its field, a name stands twice, or something is written with escapes.
	oddly int
}

func (d drawing) odd() bool { return d.oddly > 0 && rapid.IntRange(0, 999).Draw(d.T, "odd") < d.oddly }

var strays = []string{`null`, `true`, `""`, `"stray"`, `7`, `-1.50`, `"5.10"`, `[]`, `{}`, `[null]`, `[{}]`, `["a","b"]`, `{"modifierExtension":[{"url":"x"}]}`, `"\ud800"`, `[[{"a":[{}]}]]`}

func (d drawing) text() string {
	words := []string{"final", "active", "http://snomed.info/sct", "Patient/p1", "2014-06", "Café “x”", "A note that is longer than one word of eight bytes.", `caf\u00e9 \"x\" \\ \n`, ""}
	return `"` + rapid.SampledFrom(words).Draw(d.T, "text") + `"`
}

// objects are the types without tags, by their members.
var objects = map[reflect.Type][]reflect.StructField{
	reflect.TypeFor[CodeableConcept](): membersOf[struct {
		Coding []Coding `json:"coding"`
		Text   string   `json:"text"`
	}](),
	reflect.TypeFor[Coding](): membersOf[struct {
		System       string      `json:"system"`
		Code         string      `json:"code"`
		Display      string      `json:"display"`
		UserSelected bool        `json:"userSelected"`
		Extension    []Extension `json:"extension"`
	}](),
	reflect.TypeFor[Reference](): membersOf[struct {
		Reference  string      `json:"reference"`
		Type       string      `json:"type"`
		Display    string      `json:"display"`
		Identifier *Identifier `json:"identifier"`
	}](),
	reflect.TypeFor[Quantity](): membersOf[struct {
		Value      fhirjson.Decimal `json:"value"`
		Comparator string           `json:"comparator"`
		Unit       string           `json:"unit"`
		System     string           `json:"system"`
		Code       string           `json:"code"`
		Extension  []Extension      `json:"extension"`
	}](),
	reflect.TypeFor[General](): append(membersOf[Header](), membersOf[struct {
		Status          string          `json:"status"`
		Topic           CodeableConcept `json:"topic"`
		Code            []Coding        `json:"code"`
		Scope           string          `json:"scope"`
		Title           string          `json:"title"`
		Description     string          `json:"description"`
		Summary         string          `json:"summary"`
		Subject         *Reference      `json:"subject"`
		Patient         *Reference      `json:"patient"`
		Date            string          `json:"date"`
		Period          Period          `json:"period"`
		EffectivePeriod *Period         `json:"effectivePeriod"`
		Note            []Annotation    `json:"note"`
		Identifier      []Identifier    `json:"identifier"`
	}]()...),
}

func membersOf[T any]() []reflect.StructField { return fieldsOf(reflect.TypeFor[T]()) }

// fieldsOf are the fields of a struct with those of the structs embedded in it.
func fieldsOf(t reflect.Type) (list []reflect.StructField) {
	for _, f := range reflect.VisibleFields(t) {
		if tag := f.Tag.Get("json"); tag != "" && tag != "-" {
			list = append(list, f)
		}
	}
	return list
}

func (d drawing) value(t reflect.Type, depth int) string {
	if d.odd() {
		return rapid.SampledFrom(strays).Draw(d.T, "stray")
	}
	switch {
	case t == reflect.TypeFor[fhirjson.Decimal]():
		return rapid.SampledFrom([]string{`5.70`, `-0`, `1e3`, `"28"`}).Draw(d.T, "number")
	case t == reflect.TypeFor[Any]():
		return d.resource(depth)
	case objects[t] != nil:
		return d.object(objects[t], depth, "")
	}
	switch t.Kind() {
	case reflect.String:
		return d.text()
	case reflect.Bool:
		return `true`
	case reflect.Pointer:
		return d.value(t.Elem(), depth)
	case reflect.Slice:
		items := make([]string, rapid.IntRange(0, 3).Draw(d.T, "length"))
		if len(items) == 3 && rapid.IntRange(0, 9).Draw(d.T, "long") == 0 {
			items = make([]string, 20)
			depth = 0
		}
		for i := range items {
			items[i] = d.value(t.Elem(), depth)
		}
		return "[" + strings.Join(items, ",") + "]"
	default:
		return d.object(fieldsOf(t), depth, "")
	}
}

// object draws some of the members. Lead is one that comes first.
func (d drawing) object(fields []reflect.StructField, depth int, lead string) string {
	var parts []string
	if lead != "" {
		parts = append(parts, lead)
	}
	if depth > 0 && len(fields) > 0 {
		chosen := rapid.SliceOfNDistinct(rapid.IntRange(0, len(fields)-1), 0, 7, rapid.ID).Draw(d.T, "members")
		for _, i := range chosen {
			name := fields[i].Tag.Get("json")
			if name == "resourceType" && lead != "" {
				continue
			}
			parts = append(parts, d.name(name)+":"+d.value(fields[i].Type, depth-1))
		}
	}
	if len(parts) > 0 && d.odd() {
		parts = append(parts, rapid.SampledFrom([]string{parts[0], `"unknown":[{"a":1,"a":2}]`, `"modifierExtension":[{"url":"x"}]`, `"unknown":{"b":["\u00e9"]}`}).Draw(d.T, "more"))
	}
	return "{" + strings.Join(parts, " , ") + "}"
}

func (d drawing) name(name string) string {
	switch {
	case !d.odd():
	case rapid.Bool().Draw(d.T, "escaped"):
		return `"\u00` + strconv.FormatInt(int64(name[0]), 16) + name[1:] + `"`
	default:
		return strconv.Quote(strings.ToUpper(name))
	}
	return strconv.Quote(name)
}

var resourceTypes = append(slices.Sorted(maps.Keys(create)), "Basic", "RiskAssessment")

// resource draws one, its type mostly first.
func (d drawing) resource(depth int) string {
	name := rapid.SampledFrom(resourceTypes).Draw(d.T, "type")
	t := reflect.TypeOf(newResource(new(fhirjson.Reader), []byte(name))).Elem()
	fields := objects[t]
	if fields == nil {
		fields = fieldsOf(t)
	}
	lead := `"resourceType":"` + name + `"`
	if d.odd() {
		lead = rapid.SampledFrom([]string{`"id":"1",` + lead, `"text":{"resourceType":"No","div":"<p class=\"x\">"},` + lead, `"resourceType":"\u004fbservation"`, `"resourceTyp\u0065":"Flag"`, `"id":"2"`}).Draw(d.T, "lead")
	}
	return d.object(fields, depth, lead)
}

// Whatever a source sends, the package reads what the library would read, and refuses what it would refuse.
func TestResourcesAreReadAsByTheLibrary(t *testing.T) {
	for _, oddly := range []int{0, 12, 80} {
		taken, refused := 0, 0
		rapid.Check(t, func(t *rapid.T) {
			body := []byte(drawing{t, oddly}.resource(5))
			var got, want Any
			failed, expected := fhirjson.Decode(body, &got), oracle(body, &want)
			if (failed == nil) != (expected == nil) {
				t.Fatalf("%s\n%v, the library says %v", body, failed, expected)
			}
			if failed != nil {
				refused++
				return
			}
			taken++
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s\n%s", body, diff)
			}
		})
		if taken == 0 || oddly > 0 && refused == 0 || oddly == 0 && refused > 0 {
			t.Errorf("%d of a thousand odd: %d taken, %d refused", oddly, taken, refused)
		}
	}
}
