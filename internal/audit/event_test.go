package audit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ribble/internal/record"
)

func drawEvent(t *rapid.T) Event {
	text := rapid.String()
	e := Event{
		Version: 1, At: time.UnixMicro(rapid.Int64Range(1577836800e6, 4102444800e6).Draw(t, "at")).UTC(),
		Act:  rapid.SampledFrom(Acts).Draw(t, "act"),
		User: User{Issuer: clip(text.Draw(t, "issuer"), 200), Name: clip(text.Draw(t, "name"), 200)}, Purpose: clip(text.Draw(t, "purpose"), 200),
		Sections: rapid.SliceOfN(rapid.SampledFrom(sectionIDs(record.AllSections)), 1, 5).Draw(t, "sections"), Found: rapid.Int().Draw(t, "found"),
	}
	copy(e.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	copy(e.Look[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "look"))
	return e
}

func TestEncodingReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t)
		body, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(body)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if d := cmp.Diff(e, got); d != "" {
			t.Fatal(d)
		}
	})
}

// TestEncodingIsFixed pins the bytes: events of years ago must verify for decades.
func TestEncodingIsFixed(t *testing.T) {
	e := Event{
		Version: 1, ID: UUID{1, 2, 3}, At: time.Date(2026, 11, 21, 10, 30, 0, 123456000, time.FixedZone("", 3600)), Act: ActDisclosed, Look: UUID{4},
		User: User{Issuer: "i", Subject: "s", Organisation: "RXX"}, Person: &Person{Index: []byte{1}, IndexKey: "k", Sealed: []byte{2}, SealKey: "l"},
		Sections: []string{"allergies"}, Sources: []Source{{Feed: "gp", State: "DATA", Sections: []Section{{ID: "allergies", State: "DATA", Count: 2}}}}, Bytes: 7,
	}
	const want = `{"v":1,"id":"01020300-0000-0000-0000-000000000000","at":"2026-11-21T09:30:00.123456Z","act":"disclosed",` +
		`"look":"04000000-0000-0000-0000-000000000000","user":{"issuer":"i","subject":"s","org":"RXX"},` +
		`"person":{"index":"AQ==","index_key":"k","sealed":"Ag==","seal_key":"l"},"sections":["allergies"],` +
		`"sources":[{"feed":"gp","state":"DATA","sections":[{"id":"allergies","state":"DATA","count":2}]}],"bytes":7}`
	body, err := e.Encode()
	if err != nil || string(body) != want {
		t.Errorf("%v\n got %s\nwant %s", err, body, want)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"v":1,"id":"01020300-0000-0000-0000-000000000000","at":"2026-11-21T09:30:00.123456Z","act":"disclosed"}`,
		`{"v":1,"V":1}`, `{"v":1,"id":"x"}`, ` {}`, `{"v":1,"act":"intent","extra":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := Decode(body)
		if err != nil {
			if !errors.Is(err, errEncoding) {
				t.Errorf("error tells of the input: %v", err)
			}
			return
		}
		if again, err := e.Encode(); err != nil || !bytes.Equal(again, body) {
			t.Errorf("%s became %s (%v)", body, again, err)
		}
	})
}

func TestTooLargeAnEventIsRefused(t *testing.T) {
	e := Event{Version: 1, Act: ActIntent, Asked: []string{strings.Repeat("x", MaxEventSize)}}
	if _, err := e.Encode(); err == nil {
		t.Error("encoded")
	}
	// The largest region fits: 64 feeds with every section, each with entries.
	trail, _ := testTrail()
	var sources []SourceAnswer
	for range 64 {
		s := SourceAnswer{Feed: "a-feed-with-a-long-name", Organisation: "RXX01", State: record.Data, Received: 20000}
		for section := range record.AllSections.All {
			s.Sections = append(s.Sections, SectionAnswer{Section: section, State: record.Uninterpretable, Items: make([]record.ItemKey, 1000)})
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
