package fhirjson

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// plan is how to read a type; read reads the next value into v.
type plan struct {
	read func(r *Reader, v reflect.Value)
}

// plans are those worked out so far: reflect.Type to *plan.
var plans sync.Map

var selfReader = reflect.TypeFor[SelfReader]()

// Value reads the next value into what v points at: a struct by the names in its json tags, exactly; a type that reads itself, by its own method.
func (r *Reader) Value(v any) {
	if self, ok := v.(SelfReader); ok {
		self.ReadJSON(r)
		return
	}
	to := reflect.ValueOf(v).Elem()
	planOf(to.Type()).read(r, to)
}

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	making := making{}
	made := making.plan(t)
	for t, p := range making {
		plans.LoadOrStore(t, p)
	}
	return made
}

// making are the plans of a type and of all that it consists of, which may be itself; they are used once all are made.
type making map[reflect.Type]*plan

// plan panics for a type that cannot be read: that is a mistake in the program, which the first use shows.
func (m making) plan(t reflect.Type) *plan {
	if p, begun := m[t]; begun {
		return p
	}
	p := new(plan)
	m[t] = p
	switch kind := t.Kind(); {
	case reflect.PointerTo(t).Implements(selfReader):
		p.read = func(r *Reader, v reflect.Value) { v.Addr().Interface().(SelfReader).ReadJSON(r) }
	case kind == reflect.String:
		p.read = func(r *Reader, v reflect.Value) { v.SetString(r.Text()) }
	case kind == reflect.Bool:
		p.read = func(r *Reader, v reflect.Value) { v.SetBool(r.Bool()) }
	case kind == reflect.Pointer:
		p.read = m.pointer(t.Elem())
	case kind == reflect.Slice:
		p.read = m.slice(t)
	case kind == reflect.Struct:
		p.read = m.object(t)
	default:
		panic(fmt.Sprintf("fhirjson: no way to read a %v", t))
	}
	return p
}

func (m making) pointer(t reflect.Type) func(*Reader, reflect.Value) {
	element := m.plan(t)
	fresh := func(r *Reader, v reflect.Value) {
		v.Set(reflect.New(t))
		element.read(r, v.Elem())
	}
	if place, ok := placeOf(t); ok {
		fresh = func(r *Reader, v reflect.Value) { r.layer(place).pointee(r, v, element) }
	}
	return func(r *Reader, v reflect.Value) {
		if !r.Null() {
			fresh(r, v)
		}
	}
}

func (m making) slice(t reflect.Type) func(*Reader, reflect.Value) {
	element, empty := m.plan(t.Elem()), reflect.MakeSlice(t, 0, 0)
	list := func(r *Reader, v reflect.Value) {
		v.Set(empty)
		for range r.Elements {
			v.Grow(1)
			v.SetLen(v.Len() + 1)
			element.read(r, v.Index(v.Len()-1))
		}
	}
	if place, ok := placeOf(t.Elem()); ok {
		list = func(r *Reader, v reflect.Value) { r.layer(place).list(r, v, element) }
	}
	return func(r *Reader, v reflect.Value) {
		if !r.Null() {
			list(r, v)
		}
	}
}

// field is a field of a struct, with the way to it through embedded ones.
type field struct {
	name string
	path []int
	plan *plan
}

// fields are those of a struct and of the structs embedded in it.
type fields struct {
	list []field
	at   map[string]int
}

func (m making) object(t reflect.Type) func(*Reader, reflect.Value) {
	fields := fields{at: map[string]int{}}
	fields.add(m, t, nil)
	return func(r *Reader, v reflect.Value) {
		next := 0
		for name := range r.Members {
			at := fields.find(name, next)
			if at < 0 {
				r.skip()
				continue
			}
			f, to := &fields.list[at], v
			for _, i := range f.path {
				to = to.Field(i)
			}
			f.plan.read(r, to)
			next = at + 1
		}
	}
}

// find gives the place of a field, or -1. Most come in the order of the standard, which is that of the structs.
func (f *fields) find(name []byte, next int) int {
	if next < len(f.list) && f.list[next].name == string(name) {
		return next
	}
	if at, known := f.at[string(name)]; known {
		return at
	}
	return -1
}

// add takes in a struct's own fields, and then those of the structs embedded in it, which its own hide.
func (f *fields) add(m making, t reflect.Type, path []int) {
	var embedded []reflect.StructField
	for i := range t.NumField() {
		part := t.Field(i)
		name, options, _ := strings.Cut(part.Tag.Get("json"), ",")
		switch {
		case name == "-" || !part.IsExported() && !part.Anonymous:
			continue
		case part.Anonymous:
			embedded = append(embedded, part)
			continue
		case name == "" || options != "":
			panic(fmt.Sprintf("fhirjson: no way to read %v.%s", t, part.Name))
		}
		if _, hidden := f.at[name]; !hidden {
			f.at[name] = len(f.list)
			f.list = append(f.list, field{name, append(path[:len(path):len(path)], i), m.plan(part.Type)})
		}
	}
	for _, part := range embedded {
		f.add(m, part.Type, append(path[:len(path):len(path)], part.Index[0]))
	}
}
