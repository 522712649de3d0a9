package local_test

import (
	"bufio"
	"context"

	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"ribble/internal/identity/local"
)

// cheap is a cost for tests: the work is counted, not timed.
var cheap = local.Cost{Time: 1, Memory: 64, Threads: 1}

// lines reads a table of tests, one line each, tabs between its columns.
func lines(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		if text := s.Text(); text != "" && !strings.HasPrefix(text, "#") {
			rows = append(rows, strings.Split(text, "\t"))
		}
	}
	return rows
}

func TestPassphrases(t *testing.T) {
	names := map[local.Problem]string{"": "ok", local.TooShort: "short", local.TooLong: "long", local.Common: "common", local.OwnName: "own", local.Broken: "broken"}
	for _, row := range lines(t, "passphrases.tsv") {
		passphrase, err := strconv.Unquote(row[0])
		if err != nil {
			t.Fatalf("%s: %v", row[0], err)
		}
		got := local.CheckPassphrase(passphrase, "gadebayo@beckside.example", "Grace Adebayo", "Beckside Home Care", "gadebayo")
		if names[got] != row[1] {
			t.Errorf("%s: %s, want %s", row[0], names[got], row[1])
		}
	}
	long := strings.Repeat("tulip gravel ", 10)
	if got := local.CheckPassphrase(long[:128]); got != "" {
		t.Errorf("128 characters: %s", got)
	}
	if got := local.CheckPassphrase(long[:129]); got != local.TooLong {
		t.Errorf("129 characters: %s", got)
	}
}

// TestLengthIsAllThatMatters: words of any letters pass once they are long and not common, whatever they are composed of.
func TestLengthIsAllThatMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 200, -1).Draw(t, "text")
		problem := local.CheckPassphrase(text)
		n := utf8.RuneCountInString(norm.NFC.String(text))
		if problem == "" && (n < local.MinPassphrase || n > local.MaxPassphrase) {
			t.Fatalf("%d characters passed", n)
		}
		if problem == local.TooShort && n >= local.MinPassphrase || problem == local.TooLong && n <= local.MaxPassphrase {
			t.Fatalf("%d characters: %s", n, problem)
		}
	})
}

func TestHashes(t *testing.T) {
	h := local.NewHasher(cheap)
	// The same word typed as one character and as two.
	encoded, err := h.Hash(t.Context(), "caf\u00e9 gravel ladder")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("encoded as %s", encoded)
	}
	for _, c := range []struct {
		encoded, passphrase string
		right, old          bool
	}{
		{encoded, "cafe\u0301 gravel ladder", true, false},
		{encoded, "cafe gravel ladder", false, false},
		{"", "cafe gravel ladder", false, false},
		{"$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", false, false},
	} {
		before := h.Computed()
		right, old, err := h.Check(t.Context(), c.encoded, c.passphrase)
		if err != nil || right != c.right || old != c.old {
			t.Errorf("%q with %q: %v %v %v", c.encoded, c.passphrase, right, old, err)
		}
		if work := h.Computed() - before; work != 1 {
			t.Errorf("%d hashes, want 1", work)
		}
	}
	stronger := local.NewHasher(local.Cost{Time: 2, Memory: 64, Threads: 1})
	if right, old, err := stronger.Check(t.Context(), encoded, "café gravel ladder"); !right || !old || err != nil {
		t.Errorf("an older hash: %v %v %v", right, old, err)
	}
}

func TestBrokenHashesAreRefused(t *testing.T) {
	h := local.NewHasher(cheap)
	for _, encoded := range []string{
		"plain", "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAA$AAAA", "$argon2id$v=16$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=1,p=1$$", "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA", "$$$$$",
	} {
		if right, _, err := h.Check(t.Context(), encoded, "x"); right || err == nil {
			t.Errorf("%q: %v %v", encoded, right, err)
		}
	}
}

// TestHashingWaitsItsTurn: strangers cannot make the portal use more memory than for a few hashes at once.
func TestHashingWaitsItsTurn(t *testing.T) {
	h := local.NewHasher(cheap)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	refused := 0
	for range 100 {
		if _, err := h.Hash(ctx, "x"); errors.Is(err, context.Canceled) {
			refused++
		}
	}
	if refused == 0 {
		t.Error("a request that is gone still hashes every time")
	}
}

func TestLogins(t *testing.T) {
	for typed, want := range map[string]string{
		" G.Adebayo@Beckside.Example ": "g.adebayo@beckside.example", "JOSE\u0301": "josé", "two words": "", "": "", "a\x00b": "", "bad\xff": "", strings.Repeat("a", 201): "",
	} {
		if got := local.Login(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// TestRolesAreBounded: nothing a local account can be goes beyond looking people up, reading records, and vouching for colleagues.
func TestRolesAreBounded(t *testing.T) {
	allowed := []string{"B0264", "B0820", "B0370", "B0360", "B1300"}
	for key, role := range local.Roles {
		for _, activity := range role.Activities {
			if !slices.Contains(allowed, activity) {
				t.Errorf("%s holds %s", key, activity)
			}
		}
		u, ok := local.Account{ID: local.NewID(), Role: key, Status: local.Active}.User(time.Now())
		if !ok || u.AssuranceLevel != 2 || u.Issuer != local.Issuer || u.SDSUserID != "" {
			t.Errorf("%s signs in as %+v", key, u)
		}
	}
	now := time.Now()
	for _, a := range []local.Account{
		{Role: "care-nurse", Status: local.Active, Expires: now}, {Role: "care-nurse", Status: local.Active, Expires: now.Add(time.Hour), ConfirmedUntil: now},
	} {
		if _, ok := a.User(now); ok {
			t.Errorf("one that has lapsed can sign in: %s", a.Lapse(now))
		}
	}
	for _, a := range []local.Account{{Role: "administrator", Status: local.Active}, {Role: "care-nurse", Status: local.Invited}, {Role: "care-nurse", Status: local.Locked}, {Role: "care-nurse", Status: local.Ended}} {
		if _, ok := a.User(time.Now()); ok {
			t.Errorf("%+v can sign in", a)
		}
	}
}

func TestCodesAreUnlike(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		for _, code := range local.NewCodes() {
			if len(code) != 19 || seen[code] {
				t.Fatalf("code %q", code)
			}
			seen[code] = true
		}
	}
}

func TestQR(t *testing.T) {
	png, err := local.QR(local.NewSecret(), "g.adebayo@beckside.example")
	if err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
		t.Errorf("%d bytes, %v", len(png), err)
	}
	if _, err := local.QR("not base32!", "x"); err == nil {
		t.Error("a broken secret was drawn")
	}
}

func FuzzCheckPassphrase(f *testing.F) {
	for _, seed := range []string{"", "password", "tulip gravel Sunday ladder", "\xff", "\u0301\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if local.CheckPassphrase(text, text) == "" && local.Normal(text) != norm.NFC.String(text) {
			t.Error("not in its normal form")
		}
	})
}
