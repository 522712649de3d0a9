package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ribble/internal/ledger/leaf"
	"ribble/internal/record"
)

func drawEvent(t *rapid.T) Event {
	text := func(label string) string { return clip(rapid.String().Draw(t, label), 200) }
	perhaps := func(label string) bool { return rapid.Bool().Draw(t, label) }
	count := func(label string) int { return rapid.IntRange(0, 1<<40).Draw(t, label) }
	raw := func(label string, n int) []byte { return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, label) }
	list := func(label string) (out []string) {
		for _, s := range rapid.SliceOfN(rapid.StringN(1, 9, 20), 0, 4).Draw(t, label) {
			if s = strings.ReplaceAll(s, joint, ""); s != "" {
				out = append(out, s)
			}
		}
		return out
	}
	e := Event{
		Version: eventVersion, At: time.UnixMicro(rapid.Int64Range(1577836800e6, 4102444800e6).Draw(t, "at")).UTC(), Act: rapid.SampledFrom(Acts).Draw(t, "act"),
		ID: UUID(raw("id", 16)), Purpose: text("purpose"), Relationship: text("relationship"), Override: text("override"), Register: text("register"),
		Reason: text("reason"), Account: text("account"), Basis: list("basis"), Asked: list("asked"), Sets: list("sets"), Found: count("found"),
		Bytes: count("bytes"), Directory: int64(count("directory")), Provisional: perhaps("provisional"), Device: Device{text("address"), text("agent")},
		User: User{
			Issuer: text("issuer"), Subject: text("subject"), SDSUserID: text("sds"), Name: text("name"), RoleProfile: text("profile"), RoleCode: text("code"),
			RoleName: text("role"), Organisation: text("ods"), OrganisationName: text("organisation"), Session: text("session"), AssuranceLevel: rapid.IntRange(0, 3).Draw(t, "level"),
		},
		Sections: sectionIDs(record.Sections(rapid.Uint32Range(0, uint32(record.AllSections)).Draw(t, "sections"))),
	}
	if perhaps("look") {
		e.Look = UUID(append([]byte{1}, raw("look", 15)...))
	}
	if perhaps("person") {
		e.Person = &Person{Sealed: raw("sealed", 40), SealKey: sealKeys.EncodeToString(raw("seal key", sealKeySize))}
		if perhaps("index") {
			e.Person.Index, e.Person.IndexKey = raw("index", indexSize), "k"
		}
	}
	if perhaps("traits") {
		e.Traits = &Traits{Surname: raw("surname", traitSize), Restricted: perhaps("restricted")}
	}
	if perhaps("document") {
		e.Document = &Document{Feed: text("feed"), Organisation: text("of"), Digest: raw("digest", itemsSize)}
	}
	for range rapid.IntRange(0, 3).Draw(t, "sources") {
		e.Sources = append(e.Sources, drawSource(t, text, count, raw))
	}
	if len(e.Sections) == 0 {
		e.Sections = nil
	}
	return e
}

func drawSource(t *rapid.T, text func(string) string, count func(string) int, raw func(string, int) []byte) Source {
	states := rapid.SampledFrom([]string{"INVALID", "DATA", "NONE_RECORDED", "WITHHELD", "UNINTERPRETABLE", "NOT_ASKED"})
	s := Source{Feed: text("feed"), Organisation: text("org"), State: states.Draw(t, "state"), Received: count("received"), TookMillis: int64(count("took"))}
	for _, id := range sectionIDs(record.Sections(rapid.Uint32Range(0, uint32(record.AllSections)).Draw(t, "of"))) {
		s.Sections = append(s.Sections, Section{ID: id, State: states.Draw(t, "state"), Count: rapid.IntRange(0, 300).Draw(t, "shown"), Withheld: rapid.IntRange(0, 3).Draw(t, "withheld")})
	}
	if rapid.Bool().Draw(t, "digest") {
		s.Items, s.Fates, s.Withheld = raw("items", itemsSize), []int{1, 0, 300}, []Withheld{{text("rule"), 0}, {"x", 4}}
	}
	return s
}

func TestEncodingReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t)
		entry, err := e.Entry()
		if err != nil {
			t.Fatal(err)
		}
		got, err := entry.Event()
		if err != nil {
			t.Fatalf("%q %x: %v", entry.Words, entry.Body, err)
		}
		if d := cmp.Diff(e, got); d != "" {
			t.Fatal(d)
		}
	})
}

// TestNothingIsLost fills every field of an event that there is, by reflection, and reads it back: a field that somebody adds must be encoded too.
func TestNothingIsLost(t *testing.T) {
	var e Event
	fill(reflect.ValueOf(&e).Elem())
	e.Version, e.Act, e.At = eventVersion, ActDisclosed, time.UnixMicro(1_800_000_000_000_000).UTC()
	e.Sections, e.Sources[0].State, e.Sources[0].Sections[0].ID, e.Sources[0].Sections[0].State = []string{"plans"}, "DATA", "plans", "DATA"
	e.Person.Index, e.Person.SealKey = bytes.Repeat([]byte{7}, indexSize), strings.Repeat("a", 16)
	e.Traits.Surname, e.Traits.Household = bytes.Repeat([]byte{7}, traitSize), bytes.Repeat([]byte{8}, traitSize)
	e.Document.Digest, e.Sources[0].Items = bytes.Repeat([]byte{7}, itemsSize), bytes.Repeat([]byte{8}, itemsSize)
	entry, err := e.Entry()
	if err != nil {
		t.Fatal(err)
	}
	got, err := entry.Event()
	if d := cmp.Diff(e, got); err != nil || d != "" {
		t.Error(err, d)
	}
}

// fill puts something into everything that a value holds.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.String:
		v.SetString("text " + v.String())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(9)
	default:
		v.SetInt(5)
	}
}

// TestEverySectionAndStateHasACode: without one, nothing about it could be written down.
func TestEverySectionAndStateHasACode(t *testing.T) {
	for s := range record.AllSections.All {
		if _, ok := sectionByID[s.ID()]; !ok {
			t.Errorf("the section %s has no code; add it at the end of sectionCodes", s.ID())
		}
	}
	for s := record.State(1); int(s) < record.NumStates; s++ {
		if _, ok := stateByName[s.String()]; !ok {
			t.Errorf("the state %s has no code; add it at the end of stateCodes", s)
		}
	}
	if len(stateCodes) > 16 || len(sectionCodes) > 63 {
		t.Error("a code does not fit into its place")
	}
}

// TestCodesAreFixed pins what the numbers mean: events of years ago must read as what they were.
func TestCodesAreFixed(t *testing.T) {
	const sections = "allergies medicines problems alerts plans legal results imaging measurements encounters consultations appointments referrals immunisations " +
		"procedures documents socialcare aboutme network history other"
	const states = "DATA NIL_ASSERTED NONE_RECORDED NOT_KNOWN_HERE REFUSED WITHHELD INCOMPLETE UNAVAILABLE NOT_ASKED MISMATCH UNINTERPRETABLE"
	var ids, names []string
	for _, s := range sectionCodes {
		ids = append(ids, s.ID())
	}
	for _, s := range stateCodes[1:] {
		names = append(names, s.String())
	}
	if got := strings.Join(ids, " "); !strings.HasPrefix(got, sections) {
		t.Error(got)
	}
	if got := strings.Join(names, " "); !strings.HasPrefix(got, states) {
		t.Error(got)
	}
}

// TestEncodingIsFixed pins the bytes: events of years ago must verify for decades.
func TestEncodingIsFixed(t *testing.T) {
	e := Event{
		Version: 2, ID: UUID{1, 2, 3}, At: time.Date(2026, 11, 21, 10, 30, 0, 123456000, time.FixedZone("", 3600)), Act: ActDisclosed, Look: UUID{4},
		User:     User{Issuer: "i", Subject: "s", Organisation: "RXX", Name: "n", AssuranceLevel: 3},
		Person:   &Person{Index: bytes.Repeat([]byte{1}, 16), IndexKey: "k", Sealed: []byte{2}, SealKey: "aaaaaaaaaaaaaaab"},
		Sections: []string{"allergies"}, Bytes: 7,
		Sources: []Source{{Feed: "gp", Organisation: "P8", State: "DATA", Sections: []Section{{ID: "allergies", State: "DATA", Count: 2}, {ID: "plans", State: "WITHHELD", Withheld: 300}}}},
	}
	entry, err := e.Entry()
	row := entry.row()
	got := fmt.Sprintf("%q %q %x", row.Words, row.PersonKey, row.Body)
	const want = `["\x00n\x00\x00\x00\x00\x003" "gp\x00P8"] "k" 0281a5100101020000000000000000000101010201071161010210ac0207`
	if err != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

func FuzzDecode(f *testing.F) {
	e := Event{Version: 2, At: time.UnixMicro(1), Act: ActDisclosed, Sections: []string{"plans"}, Reason: "r", Asked: []string{"gp", "", "gp"}}
	seed, err := e.Entry()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed.Body, "gp", "", []byte(nil))
	f.Add([]byte{2, 0x80, 0}, "x", "y", bytes.Repeat([]byte{1}, 16))
	f.Fuzz(func(t *testing.T, body []byte, a, b string, index []byte) {
		r := leaf.Row{Act: string(ActDisclosed), At: time.UnixMicro(1), Body: body, PersonIndex: index}
		if len(index) > 0 {
			r.PersonKey = "k"
		}
		for _, word := range []string{a, b} {
			if word != "" {
				r.Words = append(r.Words, word)
			}
		}
		e, err := Decode(&r)
		if err != nil {
			if !errors.Is(err, errEncoding) {
				t.Errorf("error tells of the input: %v", err)
			}
			return
		}
		again, err := e.Entry()
		if err != nil || !bytes.Equal(again.Body, body) || !slices.Equal(again.Words, r.Words) {
			t.Errorf("%x %q became %x %q (%v)", body, r.Words, again.Body, again.Words, err)
		}
	})
}

func TestTooLargeAnEventIsRefused(t *testing.T) {
	e := Event{Version: eventVersion, Act: ActIntent, Override: strings.Repeat("x", MaxEventSize)}
	if _, err := e.Entry(); err == nil {
		t.Error("encoded")
	}
	// The largest region fits: 64 feeds with every section, each with entries.
	trail, _ := testTrail()
	var sources []SourceAnswer
	for range 64 {
		s := SourceAnswer{Feed: "a-feed-with-a-long-name", Organisation: "RXX01", State: record.Data, Received: 20000}
		for section := range record.AllSections.All {
			s.Sections = append(s.Sections, SectionAnswer{Section: section, State: record.Uninterpretable, Count: 1000, Withheld: 1000})
		}
		sources = append(sources, s)
	}
	if err := trail.Finish(t.Context(), begin(t, trail), Outcome{Ended: Complete, Sources: sources}); err != nil {
		t.Error(err)
	}
}

func TestKeyFilesRefused(t *testing.T) {
	const secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"readable by all": {"k " + secret, 0o404}, "writable by the group": {"k " + secret, 0o420}, "empty": {"", 0o400}, "no id": {secret, 0o400},
		"short": {"k AAAA", 0o400}, "not base64": {"k !!!!", 0o400}, "an id twice": {"k " + secret + "\nk " + secret, 0o400},
	} {
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, c.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKeys(KeyFiles{file, file, file}, nil); err == nil || strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := LoadKeys(KeyFiles{"absent", "absent", "absent"}, nil); err == nil {
		t.Error("absent files were accepted")
	}
}

func TestIndexTellsPeopleApart(t *testing.T) {
	k := GenerateKeys()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawNumber(t, "a"), drawNumber(t, "b")
		if same := bytes.Equal(k.Indexes(a)[0].Value, k.Indexes(b)[0].Value); same != (a == b) {
			t.Fatalf("index equal %v, number equal %v", same, a == b)
		}
	})
}

func drawNumber(t *rapid.T, label string) record.NHSNumber {
	digits := rapid.StringMatching(`999[0-9]{6}`).Draw(t, label)
	for check := range 10 {
		if n, err := record.ParseNHSNumber(digits + string(rune('0'+check))); err == nil {
			return n
		}
	}
	t.Skip("no check digit makes it a number")
	return record.NHSNumber{}
}

func TestUUID(t *testing.T) {
	u := newUUID(now)
	text := u.String()
	var back UUID
	if err := back.UnmarshalText([]byte(text)); err != nil || back != u {
		t.Errorf("%s: %v", text, err)
	}
	if text[14] != '7' || !strings.ContainsRune("89ab", rune(text[19])) {
		t.Errorf("%s is not of version 7", text)
	}
	if later := newUUID(now.Add(time.Millisecond)); later.String() <= text {
		t.Error("ids do not follow the time")
	}
	for _, bad := range []string{"", text[:35], strings.ReplaceAll(text, "-", "x"), strings.Repeat("g", 8) + text[8:]} {
		if back.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
