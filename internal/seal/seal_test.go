package seal_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ribble/internal/seal"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func keyOf(b byte) []byte { return bytes.Repeat([]byte{b}, seal.KeySize) }

func sealer(t testing.TB, keys ...[]byte) *seal.Sealer {
	t.Helper()
	s, err := seal.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	s := sealer(t, keyOf(1))
	rapid.Check(t, func(t *rapid.T) {
		purpose := rapid.String().Draw(t, "purpose")
		payload := rapid.SliceOfN(rapid.Byte(), 0, seal.MaxPayload).Draw(t, "payload")
		token := s.Seal(purpose, payload, now.Add(time.Minute))
		got, err := s.Open(purpose, token, now)
		if err != nil || !bytes.Equal(got, payload) {
			t.Fatalf("did not open: %v", err)
		}
		if strings.ContainsAny(token, "+/=") {
			t.Fatal("token is not safe in a URL")
		}
	})
}

func TestRefusals(t *testing.T) {
	s := sealer(t, keyOf(1))
	good := s.Seal("view", []byte("patient"), now.Add(time.Minute))
	cases := []struct {
		name, purpose, token string
		at                   time.Time
	}{
		{"empty", "view", "", now},
		{"not base64", "view", strings.Repeat("!", 80), now},
		{"padded", "view", good + "=", now},
		{"trailing newline", "view", good + "\n", now},
		{"other purpose", "document", good, now},
		{"prefix of the purpose", "vie", good, now},
		{"expired to the second", "view", good, now.Add(time.Minute)},
		{"expired long ago", "view", good, now.AddDate(1, 0, 0)},
		{"other key", "view", sealer(t, keyOf(2)).Seal("view", []byte("patient"), now.Add(time.Minute)), now},
		{"twice over", "view", good + good, now},
		{"too long", "view", strings.Repeat("A", seal.MaxToken+1), now},
		{"payload too large", "view", s.Seal("view", make([]byte, seal.MaxPayload+1), now.Add(time.Minute)), now},
		{"expiry before 1970", "view", s.Seal("view", nil, time.Unix(-5, 0)), now},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, err := s.Open(c.purpose, c.token, c.at); !errors.Is(err, seal.ErrToken) || got != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	if _, err := s.Open("view", good, now); err != nil {
		t.Errorf("the positive control does not open: %v", err)
	}
}

func TestEveryTruncationAndBitFlipIsRefused(t *testing.T) {
	s := sealer(t, keyOf(1))
	good := s.Seal("view", []byte("payload"), now.Add(time.Minute))
	for i := range good {
		if _, err := s.Open("view", good[:i], now); !errors.Is(err, seal.ErrToken) {
			t.Fatalf("truncation at %d: %v", i, err)
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		altered := bytes.Clone(raw)
		altered[bit/8] ^= 1 << (bit % 8)
		if _, err := s.Open("view", base64.RawURLEncoding.EncodeToString(altered), now); !errors.Is(err, seal.ErrToken) {
			t.Fatalf("bit %d flipped: %v", bit, err)
		}
	}
}

func TestRotation(t *testing.T) {
	before := sealer(t, keyOf(1))
	during := sealer(t, keyOf(2), keyOf(1))
	after := sealer(t, keyOf(2))
	old := before.Seal("view", []byte("x"), now.Add(time.Minute))
	fresh := during.Seal("view", []byte("x"), now.Add(time.Minute))
	for name, c := range map[string]struct {
		s     *seal.Sealer
		token string
		opens bool
	}{
		"old during": {during, old, true}, "new during": {during, fresh, true}, "old after": {after, old, false},
		"new after": {after, fresh, true}, "new before": {before, fresh, false},
	} {
		if _, err := c.s.Open("view", c.token, now); (err == nil) != c.opens {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMark(t *testing.T) {
	one, again, rotated := sealer(t, keyOf(1)), sealer(t, keyOf(1)), sealer(t, keyOf(2), keyOf(1))
	mark := one.Mark("patient", []byte("x"))
	if len(mark) != 16 || again.Mark("patient", []byte("x")) != mark {
		t.Errorf("mark %q is not the same on another replica", mark)
	}
	for name, other := range map[string]string{
		"other data": one.Mark("patient", []byte("y")), "other purpose": one.Mark("view", []byte("x")), "other key": rotated.Mark("patient", []byte("x")),
		"shifted": one.Mark("patien", []byte("tx")),
	} {
		if other == mark {
			t.Errorf("%s gives the same mark", name)
		}
	}
}

func TestNewRefusesBadKeys(t *testing.T) {
	for name, keys := range map[string][][]byte{
		"none": {}, "short": {keyOf(1)[:31]}, "long": {append(keyOf(1), 0)}, "twice": {keyOf(1), keyOf(1)},
	} {
		if _, err := seal.New(keys...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	// A key of this process alone: a seed from the coordinating process is then just another forgery.
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	s := sealer(f, secret)
	known := s.Seal("view", []byte("known"), now.Add(time.Minute))
	f.Add(known)
	f.Add("")
	f.Add(known[:len(known)-1] + "A")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := s.Open("view", token, now); err == nil && token != known {
			t.Fatal("a token that was never sealed opens")
		}
	})
}
