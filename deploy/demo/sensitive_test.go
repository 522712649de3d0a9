package demo_test

import (
	"io/fs"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/deploy/demo"
	"ribble/internal/record"
	"ribble/internal/sandbox/story"
	"ribble/internal/sensitive/codeset"
)

// anonymousCaller is the child about whom somebody rang who must not be named.
const anonymousCaller = "9998113164"

// TestSensitive: of all people of the region, those made from the seed too, the demo's sets name what exactly these hold.
func TestSensitive(t *testing.T) {
	files, err := fs.Sub(demo.Sensitive, "sensitive")
	if err != nil {
		t.Fatal(err)
	}
	sets, err := codeset.Load(files, "manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	in := sets.InForce(time.Now())
	named, refused := map[string][]string{}, []string{}
	world := story.NewWorld(1, 2000, time.Now())
	for who := range world.Everybody() {
		p, _ := world.Person(who.NHSNumber)
		var topics codeset.Mask
		for _, c := range codes(reflect.ValueOf(p), nil) {
			v := sets.Judge(&record.Coding{System: c.System, Code: c.Value})
			topics |= v.Named & in
			if v.Unreadable&in != 0 {
				t.Errorf("%s: the code %s of %s cannot be read and would be withheld", p.NHSNumber, c.Value, c.System)
			}
			if v.Refused {
				refused = append(refused, p.NHSNumber)
			}
		}
		topics.Each(func(i int) { named[p.NHSNumber] = append(named[p.NHSNumber], sets.Set(i).Topic) })
		slices.Sort(named[p.NHSNumber])
	}
	want := map[string][]string{
		story.Withheld:     {codeset.SexualHealth, codeset.Termination},
		story.WithheldRead: {codeset.SexualHealth, codeset.Termination},
		story.Abused:       {"abuse"},
		anonymousCaller:    {"third-party"},
	}
	for number, topics := range named {
		if len(topics) == 0 {
			delete(named, number)
		}
	}
	if diff := cmp.Diff(want, named); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{story.Dissented}, refused); diff != "" {
		t.Error(diff)
	}
}

// codes are all codings anywhere in a value.
func codes(v reflect.Value, found []story.Code) []story.Code {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return codes(v.Elem(), found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			found = codes(v.Index(i), found)
		}
	case reflect.Struct:
		if c, is := v.Interface().(story.Code); is {
			return append(found, c)
		}
		for i := range v.NumField() {
			found = codes(v.Field(i), found)
		}
	}
	return found
}
