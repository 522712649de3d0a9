package checkpoint

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// The two algorithms of signed notes that are used here (C2SP signed-note): a ledger signs plainly, a witness signs with the time.
const (
	algEd25519     = 1
	algCosignature = 4
)

// cosignatureSize is that of a timestamp and an Ed25519 signature (C2SP tlog-cosignature, v1).
const cosignatureSize = 8 + ed25519.SignatureSize

// NewLogKey makes a ledger's key: its secret and its public text. The name is the ledger's origin for as long as it lives, whatever its keys.
func NewLogKey(origin string) (secret, public string, err error) {
	return note.GenerateKey(rand.Reader, origin)
}

// NewWitnessKey makes a witness's key: its secret and its public text, in the forms of signed notes with the algorithm of cosignatures.
func NewWitnessKey(name string) (secret, public string, err error) {
	if name == "" || strings.ContainsAny(name, "+ \n") {
		return "", "", errors.New("a key's name holds neither spaces nor plus signs")
	}
	pub, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", "", fmt.Errorf("making a witness key: %w", err)
	}
	hash := keyHash(name, append([]byte{algCosignature}, pub...))
	encode := func(key []byte) string {
		return base64.StdEncoding.EncodeToString(append([]byte{algCosignature}, key...))
	}
	secret = fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, hash, encode(private.Seed()))
	return secret, fmt.Sprintf("%s+%08x+%s", name, hash, encode(pub)), nil
}

// keyHash is the id of a key (C2SP signed-note).
func keyHash(name string, key []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write(key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// errKey never repeats a key: it may be a secret one.
var errKey = errors.New("not a key in the form of signed notes")

// NewVerifier reads the public text of a ledger's or a witness's key.
func NewVerifier(public string) (note.Verifier, error) {
	name, hash, key, err := splitKey(public)
	if err != nil {
		return nil, err
	}
	switch {
	case key[0] == algEd25519:
		v, err := note.NewVerifier(public)
		if err != nil {
			return nil, errKey
		}
		return v, nil
	case key[0] == algCosignature && len(key) == 1+ed25519.PublicKeySize:
		return cosignatureVerifier{name, hash, key[1:]}, nil
	}
	return nil, errKey
}

func splitKey(text string) (name string, hash uint32, key []byte, err error) {
	fields := strings.SplitN(text, "+", 3)
	if len(fields) != 3 || fields[0] == "" {
		return "", 0, nil, errKey
	}
	id, errID := strconv.ParseUint(fields[1], 16, 32)
	key, errKeyText := base64.StdEncoding.DecodeString(fields[2])
	if errID != nil || errKeyText != nil || len(key) < 1 || len(fields[1]) != 8 {
		return "", 0, nil, errKey
	}
	return fields[0], uint32(id), key, checkHash(fields[0], uint32(id), key)
}

// checkHash holds for public keys; of a secret key's text the hash is that of its public half.
func checkHash(name string, hash uint32, key []byte) error {
	if keyHash(name, key) != hash {
		return errKey
	}
	return nil
}

// Verifiers reads public keys, one a line; empty lines and those that begin with # are passed over.
func Verifiers(text string) ([]note.Verifier, error) {
	var all []note.Verifier
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		v, err := NewVerifier(line)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	if len(all) == 0 {
		return nil, errors.New("there is no key")
	}
	return all, nil
}

// ReadVerifiers reads a file of public keys.
func ReadVerifiers(path string) ([]note.Verifier, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading public keys: %w", err)
	}
	all, err := Verifiers(string(text))
	if err != nil {
		return nil, fmt.Errorf("reading public keys from %s: %w", path, err)
	}
	return all, nil
}

// SignerFile is a file of secret keys with its public halves.
type SignerFile struct {
	Signers   []note.Signer
	Verifiers []note.Verifier
}

// ReadSigners reads a file of secret keys, one a line; all of them sign, so that a new key is known before the old one is retired. A file that
// others may read is refused.
func ReadSigners(path string, now func() time.Time) (SignerFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return SignerFile{}, fmt.Errorf("reading a signing key: %w", err)
	}
	if info.Mode().Perm()&0o037 != 0 {
		return SignerFile{}, fmt.Errorf("%s must be readable by its owner alone (chmod 0400)", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return SignerFile{}, fmt.Errorf("reading a signing key: %w", err)
	}
	var file SignerFile
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		s, v, err := newSigner(line, now)
		if err != nil {
			return SignerFile{}, fmt.Errorf("reading a signing key from %s: %w", path, err)
		}
		file.Signers, file.Verifiers = append(file.Signers, s), append(file.Verifiers, v)
	}
	if len(file.Signers) == 0 {
		return SignerFile{}, fmt.Errorf("%s holds no key", path)
	}
	for _, s := range file.Signers[1:] {
		if s.Name() != file.Signers[0].Name() {
			return SignerFile{}, fmt.Errorf("the keys in %s are of different names", path)
		}
	}
	return file, nil
}

func newSigner(secret string, now func() time.Time) (note.Signer, note.Verifier, error) {
	fields := strings.SplitN(secret, "+", 5)
	if len(fields) != 5 || fields[0] != "PRIVATE" || fields[1] != "KEY" {
		return nil, nil, errKey
	}
	raw, err := base64.StdEncoding.DecodeString(fields[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return nil, nil, errKey
	}
	private := ed25519.NewKeyFromSeed(raw[1:])
	public := append([]byte{raw[0]}, private[ed25519.SeedSize:]...)
	v, err := NewVerifier(fields[2] + "+" + fields[3] + "+" + base64.StdEncoding.EncodeToString(public))
	if err != nil {
		return nil, nil, err
	}
	if raw[0] == algCosignature {
		return cosigner{v, private, now}, v, nil
	}
	s, err := note.NewSigner(secret)
	if err != nil {
		return nil, nil, errKey
	}
	return s, v, nil
}

// cosigner signs as a witness: the note's text after a line that says so and one with the time.
type cosigner struct {
	note.Verifier
	private ed25519.PrivateKey
	now     func() time.Time
}

// Sign gives the time and the signature.
func (c cosigner) Sign(msg []byte) ([]byte, error) {
	at := binary.BigEndian.AppendUint64(nil, uint64(c.now().Unix()))
	return append(at, ed25519.Sign(c.private, cosigned(at, msg))...), nil
}

// cosigned is what a witness signs (C2SP tlog-cosignature, v1).
func cosigned(at, msg []byte) []byte {
	text := fmt.Appendf(nil, "cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(at))
	return append(text, msg...)
}

func cosignatureTime(sig []byte) time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64(sig)), 0).UTC()
}

type cosignatureVerifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// Name is the witness's name.
func (v cosignatureVerifier) Name() string { return v.name }

// KeyHash is the key's id.
func (v cosignatureVerifier) KeyHash() uint32 { return v.hash }

// Verify checks a cosignature.
func (v cosignatureVerifier) Verify(msg, sig []byte) bool {
	return len(sig) == cosignatureSize && ed25519.Verify(v.key, cosigned(sig[:8], msg), sig[8:])
}

// WriteKeyPair writes a secret key to path, readable by its owner alone, and its public text to path with the ending .pub. It never replaces a file.
func WriteKeyPair(path, secret, public string) error {
	if err := write(path, secret, 0o400); err != nil {
		return err
	}
	return write(path+".pub", public, 0o444)
}

func write(path, text string, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return fmt.Errorf("making a key file: %w", err)
	}
	_, err = f.WriteString(text + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing a key file: %w", err)
	}
	return nil
}
