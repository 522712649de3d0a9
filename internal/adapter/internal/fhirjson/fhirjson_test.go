package fhirjson

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type sample struct {
	Name  string  `json:"name"`
	Value Decimal `json:"value"`
	Inner *sample `json:"inner"`
}

func TestDecodeIsStrict(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"plain":              {`{"name":"a","value":5.70}`, nil},
		"unknown member":     {`{"name":"a","else":[1,{"x":null}]}`, nil},
		"duplicate name":     {`{"name":"a","name":"b"}`, ErrMalformed},
		"duplicate unknown":  {`{"else":1,"else":2}`, ErrMalformed},
		"invalid UTF-8":      {"{\"name\":\"\xff\"}", ErrMalformed},
		"trailing value":     {`{"name":"a"} {}`, ErrMalformed},
		"truncated":          {`{"name":"a"`, ErrMalformed},
		"number in quotes":   {`{"value":"5.10"}`, nil},
		"text for a number":  {`{"value":"5 mg"}`, ErrMalformed},
		"space in a number":  {`{"value":"5 "}`, ErrMalformed},
		"empty for a number": {`{"value":""}`, ErrMalformed},
		"true for a number":  {`{"value":true}`, ErrMalformed},
		"text as number":     {`{"name":5}`, ErrMalformed},
		"HTML":               {`<html><body>sign in</body></html>`, ErrMalformed},
		"empty":              {``, ErrMalformed},
		"at the depth limit": {`{"else":` + strings.Repeat("[", MaxDepth-1) + strings.Repeat("]", MaxDepth-1) + `}`, nil},
		"too deep":           {`{"else":` + strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth) + `}`, ErrTooDeep},
		"brackets in text":   {`{"name":"` + strings.Repeat("[{", 200) + `\"` + strings.Repeat("[", 200) + `"}`, nil},
		"ends in backslash":  {`{"name":"\\","else":"` + strings.Repeat("[", 100) + `"}`, nil},
		"too many objects":   {`{"else":[` + strings.Repeat("{},", maxObjects) + `{}]}`, ErrTooMany},
		"too large":          {strings.Repeat(" ", MaxBody+1), ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Decode([]byte(c.body), new(sample)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestNamesAreCaseSensitive(t *testing.T) {
	var got sample
	if err := Decode([]byte(`{"Name":"other","name":"own"}`), &got); err != nil || got.Name != "own" {
		t.Errorf("got %q, %v", got.Name, err)
	}
}

func TestErrorsQuoteNothing(t *testing.T) {
	err := Decode([]byte(`{"name":"secret","value":"secret","secret":1,"secret":2}`), new(sample))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestDecimalKeepsItsText(t *testing.T) {
	for _, text := range []string{"5.70", "5.7000000000000002", "-0.0", "1e3", "7", "100.000"} {
		var got sample
		if err := Decode([]byte(`{"value":`+text+`}`), &got); err != nil || string(got.Value) != text {
			t.Errorf("%s became %q, %v", text, got.Value, err)
		}
	}
}

// peeker records what ResourceType saw for the member it stands in.
type peeker struct{ seen string }

// peekers are where a value may stand.
type peekers struct {
	List []peeker `json:"list"`
	One  peeker   `json:"one"`
}

// several is a list with its cap.
type several struct {
	All List[nothing] `json:"all"`
}

type nothing struct{}

func (*nothing) ReadJSON(r *Reader) { r.Skip() }

type resource struct {
	Type string `json:"resourceType"`
}

func (p *peeker) ReadJSON(r *Reader) {
	p.seen = string(r.ResourceType())
	r.Skip()
}

func TestResourceTypeLooksAhead(t *testing.T) {
	for body, want := range map[string]string{
		`{"resourceType":"Patient","id":"1"}`:                                           "Patient",
		"{ \n\t\"resourceType\" : \"List\" }":                                           "List",
		`{"id":"1","text":{"resourceType":"No","div":"a \"}] b"},"resourceType":"Yes"}`: "Yes",
		`{"a":[1,2,{"resourceType":"No"}],"b":-1.5e3,"c":null,"resourceType":"Yes"}`:    "Yes",
		`{"id":"1"}`:                "",
		`{}`:                        "",
		`[]`:                        "",
		`"resourceType"`:            "",
		`{"resourceType":7}`:        "",
		`{"resource\u0054ype":"X"}`: "",
	} {
		var got peekers
		if err := Decode([]byte(`{"list": [ {} , `+body+` ], "one" : `+body+`}`), &got); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if diff := cmp.Diff([]string{want, want}, []string{got.List[1].seen, got.One.seen}); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestListStopsAtItsLimit(t *testing.T) {
	body := func(n int) []byte { return []byte(`{"all":[` + strings.Repeat("{},", n-1) + "{}]}") }
	var got several
	if err := Decode(body(MaxResources), &got); err != nil || len(got.All) != MaxResources {
		t.Errorf("at the limit: %d, %v", len(got.All), err)
	}
	if err := Decode(body(MaxResources+1), new(several)); !errors.Is(err, ErrTooMany) {
		t.Errorf("over the limit: %v", err)
	}
	for _, empty := range []string{"[]", "null"} {
		if err := Decode([]byte(`{"all":`+empty+`}`), new(several)); err != nil {
			t.Errorf("%s: %v", empty, err)
		}
	}
}

func FuzzResourceType(f *testing.F) {
	f.Add([]byte(`{"a":{"b":["\\\""]},"resourceType":"Patient"}`))
	f.Add([]byte(`{"resourceType":"Patient"`))
	f.Fuzz(func(t *testing.T, body []byte) {
		peeked := string((&Reader{body: body}).ResourceType())
		var p peeker
		if Decode(body, &p) != nil {
			return
		}
		var whole resource
		if Decode(body, &whole) != nil || peeked == "" || strings.Contains(peeked, `\`) {
			return
		}
		if p.seen != whole.Type || p.seen != peeked {
			t.Errorf("looked ahead %q, decoded %q", p.seen, whole.Type)
		}
	})
}
