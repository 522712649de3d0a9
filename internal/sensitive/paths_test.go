package sensitive_test

import (
	"reflect"
	"strings"
	"testing"

	"ribble/internal/record"
)

// path is one place in one kind of entry where a code may stand, found by reflection: a field that is added later is found too.
type path struct {
	section record.Section
	// name is the path in words; of is the type of entry.
	name string
	of   reflect.Type
	// put sets the codings at the place, in an entry that is otherwise empty.
	put func(entry reflect.Value, codings []record.Coding)
}

// add puts an entry with the head and the codings into the chart.
func (p path) add(chart *record.Chart, h record.Head, codings []record.Coding) {
	entry := reflect.New(p.of).Elem()
	entry.FieldByName("Head").Set(reflect.ValueOf(h))
	p.put(entry, codings)
	list := reflect.ValueOf(chart).Elem().Field(int(p.section))
	list.Set(reflect.Append(list, entry))
}

var codings = reflect.TypeFor[[]record.Coding]()

// depth is how far groups within groups are followed.
const depth = 16

// paths are all places of all lists of a chart.
func paths() []path {
	var all []path
	chart := reflect.TypeFor[record.Chart]()
	for s := range record.AllSections.All {
		of := chart.Field(int(s)).Type.Elem()
		walk(of, nil, 0, func(name string, steps []int) {
			all = append(all, path{s, s.ID() + name, of, func(entry reflect.Value, list []record.Coding) { place(entry, steps).Set(reflect.ValueOf(list)) }})
		})
	}
	return all
}

// walk calls found for each place of a type, with the fields that lead there; a step of -1 goes into a list or behind a pointer.
func walk(t reflect.Type, steps []int, deep int, found func(string, []int)) {
	var visit func(t reflect.Type, name string, steps []int, deep int)
	visit = func(t reflect.Type, name string, steps []int, deep int) {
		steps = steps[:len(steps):len(steps)]
		switch {
		case deep > depth:
		case t == codings:
			found(name, steps)
		case t.Kind() == reflect.Slice, t.Kind() == reflect.Pointer:
			if e := t.Elem(); e != reflect.TypeFor[record.SourceRef]() {
				visit(e, name, append(steps, -1), deep+1)
			}
		case t.Kind() == reflect.Struct:
			for i := range t.NumField() {
				if f := t.Field(i); f.IsExported() {
					visit(f.Type, name+"."+f.Name, append(steps, i), deep+1)
				}
			}
		}
	}
	visit(t, "", steps, deep)
}

// place follows the steps, making what does not exist yet.
func place(v reflect.Value, steps []int) reflect.Value {
	for _, step := range steps {
		switch {
		case step >= 0:
			v = v.Field(step)
		case v.Kind() == reflect.Pointer:
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		default:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			v = v.Index(0)
		}
	}
	return v
}

// Every place in a chart where a code can stand is judged: whoever adds one is told.
func TestEveryCodeIsJudged(t *testing.T) {
	p := policy(t)
	all := paths()
	if len(all) < 100 {
		t.Fatalf("found only %d places", len(all))
	}
	for _, at := range all {
		var chart record.Chart
		at.add(&chart, head("X", "1"), []record.Coding{{System: "urn:of-no-matter", Code: "x"}, {System: record.SNOMED, Code: secret}})
		if _, rows := p.Clear(grant(t, detailed), checked(answer(chart))).Answer().Chart.Count(at.section); rows != 0 {
			t.Errorf("a sensitive code at %s is shown", at.name)
		}
	}
}

// mentions counts the keys in a chart that the predicate holds for, wherever they stand.
func mentions(v reflect.Value, of func(record.ItemKey) bool) []string {
	var found []string
	var look func(v reflect.Value, name string)
	look = func(v reflect.Value, name string) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() && v.Type() != reflect.TypeFor[*record.SourceRef]() {
				look(v.Elem(), name)
			}
		case reflect.Slice:
			for i := range v.Len() {
				look(v.Index(i), name)
			}
		case reflect.Struct:
			if key, ok := v.Interface().(record.ItemKey); ok {
				if of(key) {
					found = append(found, name)
				}
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					look(v.Field(i), name+"."+v.Type().Field(i).Name)
				}
			}
		default:
		}
	}
	look(v, "")
	return found
}

// The lists of a chart stand in the order of the sections: Mentions relies on it.
func TestListsStandInTheOrderOfSections(t *testing.T) {
	chart := reflect.TypeFor[record.Chart]()
	if chart.NumField() != record.NumSections {
		t.Fatalf("%d lists for %d sections", chart.NumField(), record.NumSections)
	}
	for s := range record.AllSections.All {
		if got := strings.ToLower(chart.Field(int(s)).Name); got != s.ID() {
			t.Errorf("list %s stands at the place of section %s", got, s.ID())
		}
	}
}
