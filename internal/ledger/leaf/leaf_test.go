package leaf

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func draw(t *rapid.T) Row {
	text := rapid.StringN(0, 20, 40)
	raw := func(label string, n int) []byte {
		if rapid.Bool().Draw(t, label+" given") {
			return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, label)
		}
		return nil
	}
	r := Row{
		Sequence: rapid.Int64Min(1).Draw(t, "sequence"), RecordedAt: time.UnixMicro(rapid.Int64Range(1, 1<<51).Draw(t, "recorded")).UTC(),
		At: time.UnixMicro(rapid.Int64Range(1, 1<<51).Draw(t, "at")).UTC(), Act: text.Draw(t, "act"), Look: raw("look", 16), Issuer: text.Draw(t, "issuer"),
		Subject: text.Draw(t, "subject"), Organisation: text.Draw(t, "organisation"), Reason: text.Draw(t, "reason"),
		Register: text.Draw(t, "register"), PersonIndex: raw("index", 16), PersonKey: text.Draw(t, "key"),
		Body: rapid.SliceOfN(rapid.Byte(), 2, 100).Draw(t, "body"), MAC: raw("mac", 16), MACKey: text.Draw(t, "mac key"),
	}
	copy(r.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	if words := rapid.SliceOfN(text, 0, 5).Draw(t, "words"); len(words) > 0 {
		r.Words = words
	}
	return r
}

func TestRowsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := draw(t)
		encoded := r.Append(nil)
		got, err := Decode(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r, got); d != "" {
			t.Fatal(d)
		}
		if sequence, recorded, err := Glance(encoded); err != nil || sequence != r.Sequence || !recorded.Equal(r.RecordedAt) {
			t.Fatalf("%d, %v, %v", sequence, recorded, err)
		}
		if _, err := Decode(append(encoded, 0)); err == nil {
			t.Fatal("a longer encoding was accepted")
		}
		if _, err := Decode(encoded[:len(encoded)-1]); err == nil {
			t.Fatal("a shorter encoding was accepted")
		}
	})
}

// TestEveryFieldIsCovered changes one field at a time: the bytes must differ, and those of the MAC too, but for what the database adds.
func TestEveryFieldIsCovered(t *testing.T) {
	for name, change := range map[string]func(*Row){
		"sequence": func(r *Row) { r.Sequence++ }, "recorded": func(r *Row) { r.RecordedAt = r.RecordedAt.Add(time.Microsecond) },
		"id": func(r *Row) { r.ID[15]++ }, "at": func(r *Row) { r.At = r.At.Add(time.Microsecond) }, "act": func(r *Row) { r.Act += "x" },
		"look": func(r *Row) { r.Look = nil }, "issuer": func(r *Row) { r.Issuer = "" }, "subject": func(r *Row) { r.Subject += "x" },
		"organisation": func(r *Row) { r.Organisation = "RYY" }, "index": func(r *Row) { r.PersonIndex = nil }, "key": func(r *Row) { r.PersonKey = "" },
		"body": func(r *Row) { r.Body = []byte("{ }") }, "mac": func(r *Row) { r.MAC = nil }, "mac key": func(r *Row) { r.MACKey = "l" },
		"reason": func(r *Row) { r.Reason = "" }, "register": func(r *Row) { r.Register += "x" }, "a word": func(r *Row) { r.Words[1] = "v" },
		"a word more": func(r *Row) { r.Words = append(r.Words, "") }, "words moved": func(r *Row) { r.Words = []string{"wx", ""} },
		"a byte moved": func(r *Row) { r.Issuer, r.Subject = "ix", "" },
	} {
		plain := fixed()
		changed := fixed()
		change(&changed)
		if bytes.Equal(plain.Append(nil), changed.Append(nil)) {
			t.Errorf("%s: the leaf does not cover it", name)
		}
		byDatabase := name == "sequence" || name == "recorded" || name == "mac"
		if same := bytes.Equal(plain.AppendForMAC(nil), changed.AppendForMAC(nil)); same != byDatabase {
			t.Errorf("%s: covered by the MAC: %v", name, !same)
		}
	}
}

func fixed() Row {
	return Row{
		Sequence: 7, RecordedAt: time.UnixMicro(1_800_000_000_000_001).UTC(), ID: [16]byte{1}, At: time.UnixMicro(1_800_000_000_000_000).UTC(), Act: "intent",
		Look: bytes.Repeat([]byte{2}, 16), Issuer: "i", Subject: "x", Organisation: "RXX", Reason: "r", Register: "g",
		PersonIndex: bytes.Repeat([]byte{3}, 16), PersonKey: "k", Words: []string{"w", "x"}, Body: []byte("{}"), MAC: bytes.Repeat([]byte{4}, 16), MACKey: "m",
	}
}

// TestEncodingIsFixed pins the bytes: rows of years ago must verify for decades.
func TestEncodingIsFixed(t *testing.T) {
	r := fixed()
	const want = "0200000000000000070006651728988001000665172898800001000000000000000000000000000000100202020202020202020202020202020206696e74656e7401690178" +
		"0352585801720167016b016d100303030303030303030303030303030310040404040404040404040404040404040201770178027b7d"
	if got := hex.EncodeToString(r.Append(nil)); got != want {
		t.Errorf("got %s", got)
	}
}

func FuzzDecode(f *testing.F) {
	r := fixed()
	f.Add(r.Append(nil))
	f.Add([]byte{version})
	f.Add(append(bytes.Repeat([]byte{0}, head), 0x80, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := Decode(b); err == nil && !bytes.Equal(r.Append(nil), b) {
			t.Errorf("%x reads as another row", b)
		}
	})
}
