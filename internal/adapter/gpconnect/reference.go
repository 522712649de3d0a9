package gpconnect

import (
	"strings"

	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// find resolves a reference from item n: relative, absolute, "#contained" or "List/id#contained".
func (r *reading) find(n int32, reference string) (int32, bool) {
	if reference == "" || strings.IndexByte(reference, ' ') >= 0 {
		return 0, false
	}
	if hash := strings.IndexByte(reference, '#'); hash >= 0 {
		return r.findContained(n, reference[:hash], reference[hash+1:])
	}
	key, ok := parseReference(reference)
	if !ok {
		return 0, false
	}
	found, ok := r.index[key]
	return found, ok
}

func (r *reading) findContained(n int32, container, id string) (int32, bool) {
	holder := n
	if container != "" {
		found, ok := r.find(n, container)
		if !ok {
			return 0, false
		}
		holder = found
	} else if inside := r.items[n].inside; inside >= 0 {
		holder = inside
	}
	for i := range r.items[holder].base.Contained {
		inner := r.items[holder].base.Contained[i].Common()
		if inner.ID == id {
			found, ok := r.index[record.ItemKey{Type: inner.ResourceType, ID: r.items[holder].key.ID + "#" + id}]
			return found, ok
		}
	}
	return 0, false
}

// parseReference takes "Type/id", also at the end of an absolute address or before "/_history/…".
func parseReference(reference string) (record.ItemKey, bool) {
	if history := strings.Index(reference, "/_history/"); history >= 0 {
		reference = reference[:history]
	}
	slash := strings.LastIndexByte(reference, '/')
	if slash <= 0 {
		return record.ItemKey{}, false
	}
	kind := reference[:slash]
	return record.ItemKey{Type: kind[strings.LastIndexByte(kind, '/')+1:], ID: reference[slash+1:]}, true
}

// wordsOf is what a source wrote as words, beside a reference or wrongly inside one (T11).
func wordsOf(ref stu3.Reference) string {
	if ref.Display == "" && strings.IndexByte(ref.Reference, ' ') >= 0 {
		return ref.Reference
	}
	return ref.Display
}

// ref points at another entry; one that was not sent, or is not shown, is said to be missing.
func (r *reading) ref(n int32, ref stu3.Reference) record.Ref {
	if ref.IsZero() {
		return record.Ref{}
	}
	found, ok := r.find(n, ref.Reference)
	if !ok {
		words := wordsOf(ref)
		return record.Ref{Words: words, Missing: ref.Reference != "" && words != ref.Reference}
	}
	it := &r.items[found]
	it.used = true
	if list, ok := it.entity.(*stu3.List); ok {
		return r.ofList(found, list, wordsOf(ref))
	}
	if it.placed && it.fate != record.Shown && it.fate != record.Structural {
		return record.Ref{Words: wordsOf(ref), Missing: true}
	}
	return record.Ref{Key: it.key, Words: wordsOf(ref)}
}

// ofList turns a link to a List of a consultation into one to the consultation (T10).
func (r *reading) ofList(n int32, list *stu3.List, words string) record.Ref {
	if words == "" {
		words = list.Title
	}
	if found, ok := r.find(n, list.Encounter.Reference); ok {
		return record.Ref{Key: r.items[found].key, Words: words}
	}
	return record.Ref{Words: words}
}

// refs converts a list of references, dropping empty ones.
func (r *reading) refs(n int32, list []stu3.Reference) []record.Ref {
	var out []record.Ref
	for i := range list {
		if ref := r.ref(n, list[i]); !ref.IsZero() {
			out = append(out, ref)
		}
	}
	return out
}
