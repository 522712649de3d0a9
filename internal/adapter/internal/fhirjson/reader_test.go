package fhirjson

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The reader takes exactly what the library takes, within the limit of depth: grammar, UTF-8, pairs of surrogates, names given twice.
func agree(t interface{ Fatalf(string, ...any) }, body []byte) {
	var raw Raw
	got := Decode(body, &raw)
	want := jsontext.Value(body).IsValid() && depthOf(body) <= MaxDepth
	if (got == nil) != want {
		t.Fatalf("%q: %v, want taken %v", body, got, want)
	}
	if got == nil && !bytes.Equal(raw, bytes.Trim(body, " \t\r\n")) {
		t.Fatalf("%q was read as %q", body, raw)
	}
}

// depthOf is the plainest reading of how deeply a valid body is nested.
func depthOf(body []byte) (deepest int) {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// oddities are pieces of text at which readers of JSON differ.
var oddities = []string{
	`{`, `}`, `[`, `]`, `,`, `:`, `"`, `"a"`, `"a":`, `"b":1`, `\`, `"\u00e9"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83dx"`, `"\u12"`, `"\x"`, "\"\x00\"", "\"\x7f\"",
	"\"\xc3\xa9\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xc0\x80\"", "\"\xef\xbf\xbd\"", "\"twelve bytes\"", "\"nearly eight \\\" \\\\ \"", "\xef\xbb\xbf",
	`0`, `-0`, `01`, `1.`, `.5`, `1.50`, `-1e+9`, `1e`, `1E-2`, `-`, `+1`, `true`, `false`, `null`, `nul`, `True`, `NaN`, ` `, "\t", "\n", "\r", "\v", "\u00a0", `"\u0061":2`, `"":`, `/`, `'a'`,
}

func TestTakesWhatTheLibraryTakes(t *testing.T) {
	for _, a := range oddities {
		for _, b := range oddities {
			for _, form := range []string{"%", "[%]", "{%}", `{"a":%}`, `{"a":1,%}`, `[1,%]`, `{"a":[%,{"a":%}]}`} {
				agree(t, []byte(strings.ReplaceAll(form, "%", a+b)))
				agree(t, []byte(strings.ReplaceAll(form, "%", a)))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		agree(t, []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(oddities), 0, 12).Draw(t, "pieces"), "")))
	})
}

func FuzzReader(f *testing.F) {
	for _, o := range oddities {
		f.Add([]byte(`{"a":[` + o + `,{"b":"long enough for a word of eight"}]}`))
	}
	f.Fuzz(func(t *testing.T, body []byte) { agree(t, body) })
}

//go:generate go run ribble/internal/adapter/internal/fhirgen

// shapes has every kind of field that the generator knows.
type shapes struct {
	Base
	Text    string             `json:"text"`
	Yes     bool               `json:"yes"`
	MayBe   *bool              `json:"maybe"`
	Number  Decimal            `json:"number"`
	Texts   []string           `json:"texts"`
	Inside  *shapes            `json:"inside"`
	Parts   []part             `json:"parts"`
	Pointed []*part            `json:"pointed"`
	Lists   [][]string         `json:"lists"`
	Few     List[shapes]       `json:"few"`
	One     struct{ X string } `json:"-"`
}

// Base is embedded; its text is hidden by the other one.
type Base struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type part struct {
	Name string `json:"name"`
	In   []part `json:"in"`
	Up   *part  `json:"up"`
}

// library reads a value as the library does, with the types that read themselves read in the plainest way.
func library(body []byte, v any) error {
	decimal := json.UnmarshalFromFunc(func(dec *jsontext.Decoder, d *Decimal) error {
		raw, err := dec.ReadValue()
		if err != nil || raw.Kind() == 'n' {
			return err
		}
		text := string(raw)
		if raw.Kind() == '"' {
			err = json.Unmarshal(raw, &text)
		}
		number := jsontext.Value(text)
		if err != nil || !number.IsValid() || number.Kind() != '0' || strings.Trim(text, " \t\r\n") != text {
			return ErrMalformed
		}
		*d = Decimal(text)
		return nil
	})
	list := json.UnmarshalFromFunc(func(dec *jsontext.Decoder, l *List[shapes]) error {
		var plain []shapes
		err := json.UnmarshalDecode(dec, &plain)
		if *l = plain; len(plain) == 0 {
			*l = nil
		}
		return err
	})
	return json.Unmarshal(body, v, json.WithUnmarshalers(json.JoinUnmarshalers(decimal, list)))
}

// value draws a value of a field or of another kind than the field has.
func value(t *rapid.T, depth int) string {
	kinds := []string{`null`, `true`, `false`, `""`, `"a text"`, `"caf\u00e9 \"x\""`, `"a long text with more than one word of eight bytes, é"`, `5.70`, `-0`, `"5.10"`, `"5 "`, `[]`, `{}`}
	if depth == 0 {
		return rapid.SampledFrom(kinds).Draw(t, "leaf")
	}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom(kinds).Draw(t, "leaf")
	case 1:
		items := make([]string, rapid.IntRange(0, 20).Draw(t, "length")/max(1, 4-depth))
		for i := range items {
			items[i] = value(t, depth-1)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"id", "text", "yes", "maybe", "number", "texts", "inside", "parts", "pointed", "lists", "few", "name", "in", "up", "else", "X", "Text"}), 0, 6, rapid.ID).Draw(t, "names")
	if rapid.IntRange(0, 9).Draw(t, "twice") == 0 && len(names) > 0 {
		names = append(names, names[0])
	}
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteString(" , ")
		}
		b.WriteString(strconv.Quote(name) + ":" + fitting(t, name, depth-1))
	}
	return "{" + b.String() + "}"
}

// fitting draws mostly what the field is for, so that whole values come out right as well.
func fitting(t *rapid.T, name string, depth int) string {
	if rapid.IntRange(0, 7).Draw(t, "odd") == 0 {
		return value(t, depth)
	}
	list := func(one func() string) string {
		items := make([]string, rapid.IntRange(0, 20).Draw(t, "length"))
		for i := range items {
			items[i] = one()
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	word := func() string { return `"` + rapid.StringMatching(`[a-z ]{0,30}`).Draw(t, "word") + `"` }
	object := func() string { return "{" + `"name":` + word() + "}" }
	switch name {
	case "id", "text", "name", "X", "Text":
		return word()
	case "yes", "maybe":
		return `true`
	case "number":
		return `-12.50e3`
	case "texts":
		return list(word)
	case "lists":
		return list(func() string { return list(word) })
	case "parts", "pointed", "in":
		if depth > 0 {
			return list(func() string { return `{"name":` + word() + `,"in":[` + object() + `],"up":` + object() + `}` })
		}
		return list(object)
	case "few":
		return list(func() string { return `{"id":` + word() + `}` })
	}
	return value(t, depth)
}

// What is read is what the library reads, and what is refused is what the library refuses.
func TestReadsAsTheLibraryReads(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		body := []byte(`{"inside":` + value(t, 3) + `,"parts":` + fitting(t, "parts", 2) + `,"text":"t"}`)
		var got, want shapes
		failed, expected := Decode(body, &got), library(body, &want)
		if (failed == nil) != (expected == nil) {
			t.Fatalf("%s: %v, the library says %v", body, failed, expected)
		}
		if diff := cmp.Diff(want, got); failed == nil && diff != "" {
			t.Fatalf("%s: %s", body, diff)
		}
		if failed == nil {
			taken++
		}
	})
	if taken == 0 {
		t.Error("nothing generated was taken")
	}
}

func TestManyNamesAreToldApart(t *testing.T) {
	var names []string
	for n := range 500 {
		names = append(names, `"m`+strconv.Itoa(n)+`":0`)
	}
	body := func(list []string) []byte { return []byte("{" + strings.Join(list, ",") + "}") }
	agree(t, body(names))
	for _, at := range []int{0, 63, 64, 300} {
		agree(t, body(slices.Insert(slices.Clone(names), at, `"m7":1`)))
	}
}

func TestTryLeavesNoTrace(t *testing.T) {
	r := &Reader{body: []byte(`[{"modifierExtension":[],"name":{"x":1}}, {"name":"n"}, "` + "\xff" + `"]`)}
	var fits []bool
	var got part
	for more := r.OpenList(); more; more = r.NextElement() {
		fits = append(fits, r.Try(func() { got.ReadJSON(r) }))
	}
	if diff := cmp.Diff([]bool{false, true, false}, fits); diff != "" || got.Name != "n" || r.Modifiers() != 1 || r.err == nil {
		t.Error(diff, got, r.modifiers, r.err)
	}
}

// A modifierExtension counts wherever it stands and however its name is written; a text that looks like one does not.
func TestModifiers(t *testing.T) {
	for body, want := range map[string]int{
		`{"resourceType":"Observation"}`:                                                            0,
		`{"modifierExtension":[{"url":"x"}]}`:                                                       1,
		`{"entry":[{"modifierExtension":[{}]},{"item":{"modifierExtension":[{}]}}]}`:                2,
		`{"modifier\u0045xtension":[{}]}`:                                                           1,
		`{"note":"modifierExtension","id":"\"modifierExtension\":"}`:                                0,
		`{"extension":[{"url":"https://example.org/modifierExtensions"}],"\u006eote":"plain text"}`: 0,
	} {
		r := &Reader{body: []byte(body)}
		if r.Skip(); r.Modifiers() != want || r.err != nil {
			t.Errorf("%s: %d, want %d, %v", body, r.Modifiers(), want, r.err)
		}
	}
}

// What one answer held must not be found by the next.
func TestAReaderForgets(t *testing.T) {
	r := &Reader{body: []byte(`{"secret\u0020name":["secret \"text\""]}`)}
	var o Object
	for name, more := r.Open(&o); more; name, more = r.Next(&o) {
		r.Unknown(&o, name)
		for more := r.OpenList(); more; more = r.NextElement() {
			_ = r.Text()
		}
	}
	r.release()
	if r.texts.known != [len(r.texts.known)]string{} || r.texts.kept.last.Cap() != 0 || r.body != nil || bytes.Contains(r.scratch[:cap(r.scratch)], []byte("secret")) || r.names[:1][0] != nil {
		t.Errorf("%+v", r)
	}
}

func BenchmarkSkip(b *testing.B) {
	one := `{"resourceType":"Observation","code":{"coding":[{"system":"s","code":"c","display":"some words here"}]},"value":5.70}`
	body := []byte("[" + strings.Repeat(one+",\n      ", 8000) + "{}]")
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if r := (&Reader{body: body}); r.Skip() == nil {
			b.Fatal(r.err)
		}
	}
}
