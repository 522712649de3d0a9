// Package wiretest helps to test the sandbox's servers: a small region with one person who has an entry of every
// kind, and checks that any FHIR message must pass.
package wiretest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Resource is a decoded FHIR resource.
type Resource map[string]any

// Type is the resource type.
func (r Resource) Type() string { return text(r["resourceType"]) }

// Reference is "Type/id".
func (r Resource) Reference() string { return r.Type() + "/" + text(r["id"]) }

// At walks members and list positions ("code.coding.0.code"); empty text when something on the way is missing.
func (r Resource) At(path string) string {
	var here any = map[string]any(r)
	for _, step := range strings.Split(path, ".") {
		switch v := here.(type) {
		case map[string]any:
			here = v[step]
		case []any:
			if len(step) != 1 || int(step[0]-'0') >= len(v) {
				return ""
			}
			here = v[step[0]-'0']
		default:
			return ""
		}
	}
	if n, ok := here.(json.Number); ok {
		return n.String()
	}
	if b, ok := here.(bool); ok {
		return map[bool]string{true: "true", false: "false"}[b]
	}
	return text(here)
}

// Bundle is a decoded Bundle.
type Bundle struct {
	ID, Type  string
	Total     int
	Next      string
	Self      string
	Resources []Resource
	Modes     []string
}

// Parse decodes a Bundle and fails the test when it is no FHIR: duplicate members, empty values, a missing type.
func Parse(t testing.TB, message []byte) Bundle {
	t.Helper()
	var raw struct {
		ResourceType string `json:"resourceType"`
		ID           string `json:"id"`
		Type         string `json:"type"`
		Total        int    `json:"total"`
		Link         []struct{ Relation, URL string }
		Entry        []struct {
			Resource json.RawMessage       `json:"resource"`
			Search   struct{ Mode string } `json:"search"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(message, &raw); err != nil {
		t.Fatalf("message is not JSON: %v\n%.400s", err, message)
	}
	if raw.ResourceType != "Bundle" {
		t.Fatalf("message is a %s, want Bundle:\n%.400s", raw.ResourceType, message)
	}
	b := Bundle{ID: raw.ID, Type: raw.Type, Total: raw.Total}
	for _, l := range raw.Link {
		switch l.Relation {
		case "next":
			b.Next = l.URL
		case "self":
			b.Self = l.URL
		}
	}
	for _, e := range raw.Entry {
		b.Resources = append(b.Resources, Decode(t, e.Resource))
		b.Modes = append(b.Modes, e.Search.Mode)
	}
	return b
}

// Decode decodes one resource with numbers kept as text, and checks that no member is empty or given twice.
func Decode(t testing.TB, message []byte) Resource {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(message)))
	d.UseNumber()
	var r Resource
	if err := d.Decode(&r); err != nil {
		t.Fatalf("resource is not JSON: %v\n%.400s", err, message)
	}
	if r.Type() == "" {
		t.Errorf("resource without type: %.200s", message)
	}
	checkDuplicates(t, message)
	checkValues(t, r.Reference(), map[string]any(r))
	return r
}

func checkValues(t testing.TB, where string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			t.Errorf("%s is an empty object", where)
		}
		for name, inner := range v {
			checkValues(t, where+"."+name, inner)
		}
	case []any:
		if len(v) == 0 {
			t.Errorf("%s is an empty list", where)
		}
		for _, inner := range v {
			checkValues(t, where, inner)
		}
	case string:
		if v == "" {
			t.Errorf("%s is empty text", where)
		}
	case nil:
		t.Errorf("%s is null", where)
	}
}

// checkDuplicates walks the tokens, because a decoded map cannot tell.
func checkDuplicates(t testing.TB, message []byte) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(message)))
	var walk func()
	walk = func() {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("reading tokens: %v", err)
		}
		switch token {
		case json.Delim('{'):
			seen := map[string]bool{}
			for d.More() {
				name, _ := d.Token()
				if seen[name.(string)] {
					t.Errorf("member %q given twice in %.200s", name, message)
				}
				seen[name.(string)] = true
				walk()
			}
			_, _ = d.Token()
		case json.Delim('['):
			for d.More() {
				walk()
			}
			_, _ = d.Token()
		}
	}
	walk()
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// OfType picks the resources of one type.
func (b Bundle) OfType(typ string) []Resource {
	var out []Resource
	for _, r := range b.Resources {
		if r.Type() == typ {
			out = append(out, r)
		}
	}
	return out
}

// Find looks a resource up by "Type/id"; nil when it is not there.
func (b Bundle) Find(reference string) Resource {
	i := slices.IndexFunc(b.Resources, func(r Resource) bool { return r.Reference() == reference })
	if i < 0 {
		return nil
	}
	return b.Resources[i]
}

// Dangling lists the references in the bundle that lead nowhere, contained ones included, sorted.
func (b Bundle) Dangling() []string {
	here := map[string]bool{}
	for _, r := range b.Resources {
		here[r.Reference()] = true
	}
	var out []string
	for _, r := range b.Resources {
		for _, target := range r.References() {
			if !here[target] && !r.contains(target) {
				out = append(out, target)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r Resource) contains(target string) bool {
	inside, _ := r["contained"].([]any)
	return slices.ContainsFunc(inside, func(c any) bool {
		m, _ := c.(map[string]any)
		return "#"+text(m["id"]) == target
	})
}

// References lists every reference in the resource, in no order.
func (r Resource) References() []string { return references(map[string]any(r), nil) }

func references(v any, out []string) []string {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if name == "reference" && text(inner) != "" {
				out = append(out, text(inner))
				continue
			}
			out = references(inner, out)
		}
	case []any:
		for _, inner := range v {
			out = references(inner, out)
		}
	}
	return out
}
