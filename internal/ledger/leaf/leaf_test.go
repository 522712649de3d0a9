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
		Subject: text.Draw(t, "subject"), Organisation: text.Draw(t, "organisation"), PersonIndex: raw("index", 32), PersonKey: text.Draw(t, "key"),
		Body: rapid.SliceOfN(rapid.Byte(), 2, 100).Draw(t, "body"), MAC: raw("mac", 32), MACKey: text.Draw(t, "mac key"),
	}
	copy(r.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
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
		Look: bytes.Repeat([]byte{2}, 16), Issuer: "i", Subject: "x", Organisation: "RXX", PersonIndex: bytes.Repeat([]byte{3}, 32), PersonKey: "k", Body: []byte("{}"),
		MAC: bytes.Repeat([]byte{4}, 32), MACKey: "m",
	}
}

// TestEncodingIsFixed pins the bytes: rows of years ago must verify for decades.
func TestEncodingIsFixed(t *testing.T) {
	r := fixed()
	const want = "0100000000000000070006651728988001000665172898800001000000000000000000000000000000000000100202020202020202020202020202020200000006696e74656e" +
		"740000000169000000017800000003525858000000016b000000016d000000200303030303030303030303030303030303030303030303030303030303030303000000200404" +
		"040404040404040404040404040404040404040404040404040404040404000000027b7d"
	if got := hex.EncodeToString(r.Append(nil)); got != want {
		t.Errorf("got %s", got)
	}
}

func FuzzDecode(f *testing.F) {
	r := fixed()
	f.Add(r.Append(nil))
	f.Add([]byte{version})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := Decode(b); err == nil && !bytes.Equal(r.Append(nil), b) {
			t.Errorf("%x reads as another row", b)
		}
	})
}
