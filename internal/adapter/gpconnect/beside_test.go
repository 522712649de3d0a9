package gpconnect

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"ribble/internal/record"
)

// codesIn gathers the codes that stand anywhere in a value of the record.
func codesIn(v reflect.Value, found map[record.Coding]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && v.Type() != reflect.TypeFor[*record.SourceRef]() {
			codesIn(v.Elem(), found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			codesIn(v.Index(i), found)
		}
	case reflect.Struct:
		if c, ok := v.Interface().(record.Coding); ok {
			found[record.Coding{System: c.System, Code: c.Code}] = true
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				codesIn(v.Field(i), found)
			}
		}
	default:
	}
}

// sent are the codes of a resource as it was sent, with the path to each.
func sent(v any, path string, found map[string][]record.Coding) {
	switch v := v.(type) {
	case map[string]any:
		system, _ := v["system"].(string)
		code, isCode := v["code"].(string)
		if isCode && clinicalSystems[system] {
			found[path] = append(found[path], record.Coding{System: system, Code: code})
		}
		for name, member := range v {
			sent(member, path+"."+name, found)
		}
	case []any:
		for _, member := range v {
			sent(member, path, found)
		}
	}
}

// clinicalSystems are those by which a code can be sensitive.
var clinicalSystems = map[string]bool{record.SNOMED: true, record.ReadV2: true, record.CTV3: true}

// structure are codes that say what kind of thing an entry is, not what it is about: a comment note, a laboratory's result.
var structure = map[string]bool{"Observation.code.coding 37331000000100": true, "Observation.category.coding 394595002": true}

// TestEveryCodeOfAnEntryIsKept: what is not kept cannot be judged by the sensitive filter. Each row is asked for the codes of the resource that it is.
func TestEveryCodeOfAnEntryIsKept(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixtureDir(t), "gpconnect-structured", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("no published messages here")
	}
	missing := map[string]int{}
	for _, name := range files {
		text := load(t, name)
		var bundle struct {
			Entry []struct{ Resource map[string]any }
		}
		if json.Unmarshal(text, &bundle) != nil {
			continue
		}
		resources := map[record.ItemKey]map[string]any{}
		for _, e := range bundle.Entry {
			id, _ := e.Resource["id"].(string)
			kind, _ := e.Resource["resourceType"].(string)
			resources[record.ItemKey{Type: kind, ID: id}] = e.Resource
		}
		a := read(t, string(text))
		chart := reflect.ValueOf(&a.Chart).Elem()
		for s := range record.AllSections.All {
			list := chart.Field(int(s))
			for i := range list.Len() {
				head := list.Index(i).FieldByName("Head").Addr().Interface().(*record.Head)
				kept := map[record.Coding]bool{}
				codesIn(list.Index(i), kept)
				for _, k := range append(slices.Clone(head.Covers()), head.Key) {
					if head.CrossListed {
						continue
					}
					all := map[string][]record.Coding{}
					sent(resources[k], k.Type, all)
					for path, list := range all {
						for _, c := range list {
							if !kept[c] && !structure[path+" "+c.Code] {
								missing[path+" "+c.Code]++
							}
						}
					}
				}
			}
		}
	}
	for path, n := range missing {
		t.Errorf("%s: %d codes are lost", path, n)
	}
}
