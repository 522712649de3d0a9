package checkpoint

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func TestBodyReadsBack(t *testing.T) {
	for _, want := range []Checkpoint{
		{Origin: "ribble.example/audit", Size: 0, Root: tlog.Hash{1}},
		{Origin: "ribble.example/audit", Size: 12, Root: tlog.Hash{1}},
		{Origin: "ribble.example/audit", Size: 12, Root: tlog.Hash{2}, From: 10, Prints: []byte("0123456789abcdef")},
	} {
		got, err := Parse(want.Body())
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%v %s", err, d)
		}
	}
}

// TestBodyIsThatOfTheSpecification pins the text (C2SP tlog-checkpoint): origin, size, root, extension lines.
func TestBodyIsThatOfTheSpecification(t *testing.T) {
	c := Checkpoint{Origin: "ribble.example/audit", Size: 2, Root: tlog.Hash{0xff}, From: 1, Prints: []byte("abcdefgh")}
	const want = "ribble.example/audit\n2\n/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nleaves 1 YWJjZGVmZ2g=\n"
	if got := c.Body(); got != want {
		t.Errorf("got %q", got)
	}
}

func TestParseRefuses(t *testing.T) {
	const root = "/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	for _, bad := range []string{"", "o\n1\n", "o\n01\n" + root, "o\n-1\n" + root, "o\n+1\n" + root, "\n1\n" + root, "o\n1\nAAAA\n", "o\n1\n" + root + "x", "o\n1\n" + root + "\n"} {
		if c, err := Parse(bad); err == nil {
			t.Errorf("%q reads as %+v", bad, c)
		}
	}
	for _, odd := range []string{"leaves 0 AAAA\n", "leaves x YWJjZGVmZ2g=\n", "leaves 2 YWJjZGVmZ2g=\n", "something else\n"} {
		if c, err := Parse("o\n1\n" + root + odd); err != nil || c.Prints != nil {
			t.Errorf("%q: %+v, %v", odd, c, err)
		}
	}
}

func files(t *testing.T) (log, witness SignerFile) {
	t.Helper()
	read := func(name string, make func(string) (string, string, error)) SignerFile {
		secret, public, err := make(name)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "key")
		if err := WriteKeyPair(path, secret, public); err != nil {
			t.Fatal(err)
		}
		if err := WriteKeyPair(path, secret, public); err == nil {
			t.Error("a key was replaced")
		}
		f, err := ReadSigners(path, func() time.Time { return time.Unix(1_800_000_000, 0) })
		if err != nil {
			t.Fatal(err)
		}
		verifiers, err := ReadVerifiers(path + ".pub")
		if err != nil || verifiers[0].KeyHash() != f.Verifiers[0].KeyHash() {
			t.Errorf("the public half differs: %v", err)
		}
		return f
	}
	return read("ribble.example/audit", NewLogKey), read("witness.example", NewWitnessKey)
}

func TestSignAndCosign(t *testing.T) {
	log, witness := files(t)
	signed, err := note.Sign(&note.Note{Text: Checkpoint{Origin: "ribble.example/audit", Size: 3}.Body()}, log.Signers[0], witness.Signers[0])
	if err != nil {
		t.Fatal(err)
	}
	c, n, err := Open(signed, note.VerifierList(log.Verifiers[0], witness.Verifiers[0]))
	if err != nil || c.Size != 3 || !CosignedAt(n).Equal(time.Unix(1_800_000_000, 0)) {
		t.Errorf("%+v, %v", c, err)
	}
	if _, n, err := Open(signed, note.VerifierList(log.Verifiers[0])); err != nil || !CosignedAt(n).IsZero() {
		t.Errorf("an unknown witness counts: %v", err)
	}
	other, _ := files(t)
	if _, _, err := Open(signed, note.VerifierList(other.Verifiers[0])); err == nil {
		t.Error("a note of somebody else's was accepted")
	}
	// The time is signed: a witness's signature cannot be made to look older or newer.
	if _, _, err := Open(bytes.Replace(signed, []byte("\n3\n"), []byte("\n4\n"), 1), note.VerifierList(log.Verifiers[0], witness.Verifiers[0])); err == nil {
		t.Error("a changed note was accepted")
	}
}

func TestKeysRefused(t *testing.T) {
	secret, public, err := NewWitnessKey("witness.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "a+b", "a+00000000+", strings.Replace(public, "witness", "witless", 1), public + "AA", secret} {
		if _, err := NewVerifier(bad); err == nil || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := Verifiers("# nothing\n\n"); err == nil {
		t.Error("no key was accepted")
	}
	for _, bad := range []string{"a b", "", "a+b"} {
		if _, _, err := NewWitnessKey(bad); err == nil {
			t.Errorf("name %q", bad)
		}
	}
	path := filepath.Join(t.TempDir(), "key")
	for text, mode := range map[string]os.FileMode{secret: 0o444, "": 0o400, public: 0o400, secret + "\n" + other(t): 0o400} {
		_ = os.Remove(path)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSigners(path, time.Now); err == nil || len(text) > 0 && strings.Contains(err.Error(), secret) {
			t.Errorf("%q with mode %v: %v", text, mode, err)
		}
	}
}

// other is a secret key of another name.
func other(t *testing.T) string {
	t.Helper()
	secret, _, err := NewLogKey("another.example")
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func FuzzParse(f *testing.F) {
	f.Add("o\n1\n/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nleaves 0 YWJjZGVmZ2g=\n")
	f.Fuzz(func(t *testing.T, body string) {
		c, err := Parse(body)
		if err != nil {
			return
		}
		if again, err := Parse(c.Body()); err != nil || again.Size != c.Size || again.Root != c.Root || !bytes.Equal(again.Prints, c.Prints) {
			t.Errorf("%q reads as %+v and then as %+v (%v)", body, c, again, err)
		}
	})
}
