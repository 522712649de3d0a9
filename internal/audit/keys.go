package audit

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"ribble/internal/record"
)

// Keys keep the people of the trail unreadable. There are two kinds, each in a file of its own, so that whoever may search by person need not
// be able to read, and a key can be destroyed without the other. The first key of a file is used for new events; the others stay
// for what they protected before.
type Keys struct {
	index []indexKey
	seal  []sealKey
}

type indexKey struct {
	id     string
	secret []byte
}

type sealKey struct {
	id   string
	aead cipher.AEAD
}

const keySize = 32

// The labels keep uses of one key apart.
const (
	indexLabel = "ribble audit person index v1\x00"
	itemsLabel = "ribble audit items v1\x00"
	sealLabel  = "ribble audit person v1\x00"
	// registerLabel keeps the index of the registers apart from that of the trail: who holds both tables cannot join them.
	registerLabel = "ribble register person index v1\x00"
)

// ErrKeyUnknown says that the key under which something was protected is not among those loaded, for example because it was destroyed.
var ErrKeyUnknown = errors.New("the key is not among those loaded")

// LoadKeys reads the key files: one key per line, "id base64", newest first. A file that others may read is refused: the service's own user
// must be its only reader (its group may read, because that is how systemd hands credentials over).
func LoadKeys(indexFile, sealFile string) (*Keys, error) {
	index, err := readKeyFile(indexFile)
	if err != nil {
		return nil, fmt.Errorf("reading the audit index keys: %w", err)
	}
	seal, err := readKeyFile(sealFile)
	if err != nil {
		return nil, fmt.Errorf("reading the audit sealing keys: %w", err)
	}
	return newKeys(index, seal)
}

// GenerateKeys makes keys that live as long as the process: for the demo and for tests. What they sealed is lost with them.
func GenerateKeys() *Keys {
	k, err := newKeys([]indexKey{newKey()}, []indexKey{newKey()})
	if err != nil {
		panic("audit: a fresh key was refused")
	}
	return k
}

// WriteKeyFile makes a key file with one fresh key, readable by its owner alone. It never replaces a file.
func WriteKeyFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o400)
	if err != nil {
		return fmt.Errorf("making a key file: %w", err)
	}
	k := newKey()
	if _, err := fmt.Fprintf(f, "%s %s\n", k.id, base64.StdEncoding.EncodeToString(k.secret)); err != nil {
		_ = f.Close()
		return fmt.Errorf("writing a key file: %w", err)
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return fmt.Errorf("writing a key file: %w", err)
	}
	return f.Close()
}

func newKey() indexKey {
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process rather than return weak bytes
	return indexKey{id: strings.ToLower(rand.Text()[:8]), secret: secret}
}

func newKeys(index, seal []indexKey) (*Keys, error) {
	k := &Keys{index: index}
	for _, raw := range seal {
		block, err := aes.NewCipher(raw.secret)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		k.seal = append(k.seal, sealKey{raw.id, aead})
	}
	return k, nil
}

func readKeyFile(path string) ([]indexKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o037 != 0 {
		return nil, fmt.Errorf("%s must be readable by its owner alone (chmod 0400)", path)
	}
	const enough = 64 << 10
	text, err := io.ReadAll(io.LimitReader(f, enough))
	if err != nil {
		return nil, err
	}
	return parseKeys(string(text))
}

// parseKeys never repeats a line in an error: it may be a secret.
func parseKeys(text string) ([]indexKey, error) {
	var keys []indexKey
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 || len(fields[0]) > 32 || seen[fields[0]] {
			return nil, fmt.Errorf("key %d is not an id of its own and a base64 text", len(keys)+1)
		}
		secret, err := base64.StdEncoding.Strict().DecodeString(fields[1])
		if err != nil || len(secret) != keySize {
			return nil, fmt.Errorf("key %d is not %d bytes in base64", len(keys)+1, keySize)
		}
		seen[fields[0]] = true
		keys = append(keys, indexKey{fields[0], secret})
	}
	if len(keys) == 0 {
		return nil, errors.New("the file holds no key")
	}
	return keys, nil
}

// Index is a person's index under one key.
type Index struct {
	Key   string
	Value []byte
}

// Indexes gives the person's index under every key, newest first: a search for the events about a person looks for all of them.
func (k *Keys) Indexes(n record.NHSNumber) []Index {
	list := make([]Index, len(k.index))
	for i, key := range k.index {
		list[i] = Index{key.id, digest(key.secret, indexLabel, n.Digits())}
	}
	return list
}

// RegisterIndexes gives the person's index in the registers (objections, relationships, emergency access) under every key, newest first.
func (k *Keys) RegisterIndexes(n record.NHSNumber) []Index {
	list := make([]Index, len(k.index))
	for i, key := range k.index {
		list[i] = Index{key.id, digest(key.secret, registerLabel, n.Digits())}
	}
	return list
}

// digest is an HMAC over parts that cannot run into each other.
func digest(secret []byte, label string, parts ...string) []byte {
	mac := hmac.New(sha256.New, secret)
	_, _ = io.WriteString(mac, label)
	for _, p := range parts {
		_, _ = io.WriteString(mac, p)
		_, _ = mac.Write([]byte{0})
	}
	return mac.Sum(nil)
}

// items is the keyed digest of resource ids, under the newest index key.
func (k *Keys) items(keys []record.ItemKey) []byte {
	if len(keys) == 0 {
		return nil
	}
	parts := make([]string, 0, 2*len(keys))
	for _, key := range keys {
		parts = append(parts, key.Type, key.ID)
	}
	return digest(k.index[0].secret, itemsLabel, parts...)
}

// subject is what is sealed about a person: the number, or what was typed to find one.
type subject struct {
	NHSNumber string `json:"nhs,omitempty"`
	Terms     *Terms `json:"terms,omitempty"`
}

// protect makes a person unreadable. The event's id is bound in, so that a sealed person moved to another event does not open there.
func (k *Keys) protect(event UUID, n record.NHSNumber, terms Terms) (*Person, error) {
	s := subject{NHSNumber: n.Digits()}
	if terms != (Terms{}) {
		s.Terms = &terms
	}
	if s == (subject{}) {
		return nil, nil
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, errors.New("sealing the person")
	}
	p := &Person{SealKey: k.seal[0].id, Sealed: k.seal[0].aead.Seal(nil, nil, plain, sealContext(event))}
	if !n.IsZero() {
		p.IndexKey, p.Index = k.index[0].id, digest(k.index[0].secret, indexLabel, n.Digits())
	}
	return p, nil
}

// Reveal opens the person of an event: the NHS number, zero when only search terms were given, and those terms. It is for IG officers and is
// itself to be audited.
func (k *Keys) Reveal(e Event) (record.NHSNumber, Terms, error) {
	if e.Person == nil {
		return record.NHSNumber{}, Terms{}, errors.New("the event concerns no person")
	}
	for _, key := range k.seal {
		if key.id != e.Person.SealKey {
			continue
		}
		plain, err := key.aead.Open(nil, nil, e.Person.Sealed, sealContext(e.ID))
		if err != nil {
			return record.NHSNumber{}, Terms{}, errors.New("the sealed person was changed or belongs to another event")
		}
		return parseSubject(plain)
	}
	return record.NHSNumber{}, Terms{}, ErrKeyUnknown
}

func parseSubject(plain []byte) (record.NHSNumber, Terms, error) {
	var s subject
	if json.Unmarshal(plain, &s) != nil {
		return record.NHSNumber{}, Terms{}, errors.New("the sealed person cannot be read")
	}
	var terms Terms
	if s.Terms != nil {
		terms = *s.Terms
	}
	if s.NHSNumber == "" {
		return record.NHSNumber{}, terms, nil
	}
	n, err := record.ParseNHSNumber(s.NHSNumber)
	return n, terms, err
}

func sealContext(event UUID) []byte { return append([]byte(sealLabel), event[:]...) }
