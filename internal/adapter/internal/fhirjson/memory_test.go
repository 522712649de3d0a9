package fhirjson

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// leaf is a laid type that nests, with lists and by itself, and with lists that are shared and stay.
type leaf struct {
	Text   string
	Marks  []mark
	Leaves []leaf
	Next   *leaf
}

var (
	leaves = Lay[leaf]()
	marks  = Share(func(m *mark) string { return m.Word })
)

func (l *leaf) ReadJSON(r *Reader) {
	var o Object
	for name, more := r.Open(&o); more; name, more = r.Next(&o) {
		r.Unknown(&o, name)
		switch string(name) {
		case "text":
			l.Text = r.Text()
		case "marks":
			for more := r.OpenList(); more; more = r.NextElement() {
				l.Marks = marks.Longer(r, l.Marks)
				l.Marks[len(l.Marks)-1].ReadJSON(r)
			}
			l.Marks = marks.Settle(r, l.Marks)
		case "leaves":
			for more := r.OpenList(); more; more = r.NextElement() {
				l.Leaves = leaves.Longer(r, l.Leaves)
				l.Leaves[len(l.Leaves)-1].ReadJSON(r)
			}
		case "next":
			l.Next = leaves.One(r)
			l.Next.ReadJSON(r)
		}
	}
}

// mark stays with whoever keeps it. One may be read while a list of others is, as a code in an extension of a code.
type mark struct{ Word string }

func (m *mark) ReadJSON(r *Reader) {
	var o Object
	for name, more := r.Open(&o); more; name, more = r.Next(&o) {
		r.Unknown(&o, name)
		if string(name) == "word" {
			m.Word += r.Text()
			continue
		}
		var inner []mark
		for more := r.OpenList(); more; more = r.NextElement() {
			inner = marks.Longer(r, inner)
			inner[len(inner)-1].ReadJSON(r)
		}
		for _, in := range marks.Settle(r, inner) {
			m.Word += "/" + in.Word
		}
	}
}

func markJSON(t *rapid.T, who string, depth int) string {
	parts := []string{`"word":"` + who + rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "word") + `"`}
	if depth > 0 {
		for n := range rapid.IntRange(0, 4).Draw(t, "in") / 2 {
			inner := make([]string, rapid.IntRange(0, 20).Draw(t, "inner")/(4-depth))
			for i := range inner {
				inner[i] = markJSON(t, who, depth-1)
			}
			parts = append(parts, fmt.Sprintf(`"in%d":[%s]`, n, strings.Join(inner, ",")))
		}
	}
	return "{" + strings.Join(rapid.Permutation(parts).Draw(t, "order"), ",") + "}"
}

func leafJSON(t *rapid.T, who string, depth int) string {
	list := func(label string, one func() string) string {
		parts := make([]string, rapid.IntRange(0, 18).Draw(t, label)/(depth+1))
		for i := range parts {
			parts[i] = one()
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	members := []string{fmt.Sprintf(`"text":"%s %d"`, who, depth)}
	if rapid.Bool().Draw(t, "marks") {
		members = append(members, `"marks":`+list("marks", func() string { return markJSON(t, who, 2) }))
	}
	if depth < 3 && rapid.Bool().Draw(t, "leaves") {
		members = append(members, `"leaves":`+list("leaves", func() string { return leafJSON(t, who, depth+1) }))
	}
	if depth < 3 && rapid.Bool().Draw(t, "next") {
		members = append(members, `"next":`+leafJSON(t, who, depth+1))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// marksOf are all the lists of a type that stays.
func marksOf(l *leaf) (all [][]mark) {
	all = append(all, l.Marks)
	for i := range l.Leaves {
		all = append(all, marksOf(&l.Leaves[i])...)
	}
	if l.Next != nil {
		all = append(all, marksOf(l.Next)...)
	}
	return all
}

// However people's answers follow each other through one memory, each is read as it would be by itself; what stays is never touched again; and a
// returned memory holds nothing of anybody.
func TestMemoryKeepsPeopleApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := new(Memory)
		var kept, want [][]mark
		for person := range rapid.IntRange(1, 6).Draw(t, "people") {
			var read []*leaf
			for range rapid.IntRange(1, 3).Draw(t, "answers") {
				body := []byte(leafJSON(t, fmt.Sprint("person ", person), 0))
				var got, alone leaf
				if err := m.Decode(body, &got); err != nil {
					t.Fatal(err)
				}
				if err := Decode(body, &alone); err != nil {
					t.Fatal(err)
				}
				read, kept, want = append(read, &got), append(kept, marksOf(&got)...), append(want, marksOf(&alone)...)
				if diff := cmp.Diff(alone, got); diff != "" {
					t.Fatal(diff)
				}
			}
			m.wipe()
			for _, l := range read {
				empty(t, l.Leaves)
				if l.Next != nil && !reflect.ValueOf(*l.Next).IsZero() {
					t.Fatalf("a returned memory still holds %+v", *l.Next)
				}
			}
			if diff := cmp.Diff(want, kept); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// empty demands that a list was wiped, unless it was too long to be laid.
func empty(t *rapid.T, list []leaf) {
	for i := range list {
		if len(list) <= longestInSlab && !reflect.ValueOf(list[i]).IsZero() {
			t.Fatalf("a returned memory still holds %+v", list[i])
		}
	}
}

// What Decode reads belongs to the caller for good, whoever reads next.
func TestDecodeGivesForGood(t *testing.T) {
	body := []byte(`{"text":"a","leaves":[{"text":"b"},{"text":"c","next":{"text":"d"}}]}`)
	var first, again leaf
	if err := Decode(body, &first); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		m := Borrow()
		var other leaf
		if err := m.Decode([]byte(`{"text":"A","leaves":[{"text":"B"}],"next":{"text":"D"}}`), &other); err != nil {
			t.Fatal(err)
		}
		m.Return()
	}
	if err := Decode(body, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(again, first); diff != "" {
		t.Error(diff)
	}
}

// Equal lists of one answer are one, and none of another answer is among them.
func TestListsAreShared(t *testing.T) {
	m := new(Memory)
	var a, b leaf
	body := []byte(`{"marks":[{"word":"x"}],"leaves":[{"marks":[{"word":"x"}]},{"marks":[{"word":"y"}]}]}`)
	for _, l := range []*leaf{&a, &b} {
		if err := m.Decode(body, l); err != nil {
			t.Fatal(err)
		}
		if &l.Marks[0] != &l.Leaves[0].Marks[0] || &l.Marks[0] == &l.Leaves[1].Marks[0] || cap(l.Marks) != 1 {
			t.Error("lists are shared that differ, or are not shared though they are equal")
		}
		m.wipe()
	}
	if &a.Marks[0] == &b.Marks[0] {
		t.Error("a list is shared by two answers")
	}
}
