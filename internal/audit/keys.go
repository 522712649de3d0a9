package audit

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
	"sync"

	"ribble/internal/ledger/leaf"
	"ribble/internal/record"
)

// Keys keep the people of the trail unreadable, and its rows unforgeable. Each kind is in a file of its own, so that whoever may search by person
// need not be able to read, and one can be changed without the others. The first key of a file is used for new events; the others stay for what they
// protected before.
type Keys struct {
	// index finds a person's events; wrap wraps the data keys under which people are sealed; row makes the rows' MACs.
	index []namedKey
	wrap  []wrapKey
	row   []namedKey
	data  *dataKeys
	// macs are those of the newest index key, to use again: a part of a page has a digest for each section of each source. rowMACs are those of the row
	// keys, in their order: every event has one, and the ledger makes it again.
	macs    *sync.Pool
	rowMACs []*sync.Pool
}

type namedKey struct {
	id     string
	secret []byte
}

type wrapKey struct {
	id   string
	aead cipher.AEAD
}

// KeyFiles names the files of the keys, each with one key per line, "id base64", newest first.
type KeyFiles struct{ Index, Person, Row string }

const keySize = 32

// The labels keep uses of one key apart.
const (
	indexLabel = "ribble audit person index v1\x00"
	termsLabel = "ribble audit terms index v1\x00"
	itemsLabel = "ribble audit items v2\x00"
	rowLabel   = "ribble audit row v2\x00"
	sealLabel  = "ribble audit person v3\x00"
	wrapLabel  = "ribble audit data key v1\x00"
	// registerLabel keeps the index of the registers apart from that of the trail: who holds both tables cannot join them.
	registerLabel = "ribble register person index v1\x00"
)

// ErrKeyUnknown says that the key under which something was protected is not among those there are, for example because it was destroyed.
var ErrKeyUnknown = errors.New("the key is not among those there are")

// LoadKeys reads the key files; store keeps the data keys. A file that others may read is refused: the service's own user must be its only reader
// (its group may read, because that is how systemd hands credentials over).
func LoadKeys(files KeyFiles, store DataKeys) (*Keys, error) {
	var read [3][]namedKey
	for i, f := range []struct{ name, path string }{{"index", files.Index}, {"person", files.Person}, {"row", files.Row}} {
		keys, err := readKeyFile(f.path)
		if err != nil {
			return nil, fmt.Errorf("reading the audit %s keys: %w", f.name, err)
		}
		read[i] = keys
	}
	return newKeys(read[0], read[1], read[2], store)
}

// GenerateKeys makes keys that live as long as the process: for the demo and for tests. What they sealed is lost with them.
func GenerateKeys() *Keys {
	k, err := newKeys([]namedKey{newKey()}, []namedKey{newKey()}, []namedKey{newKey()}, &memoryDataKeys{keys: map[string]DataKey{}})
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

func newKey() namedKey {
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process rather than return weak bytes
	return namedKey{id: strings.ToLower(rand.Text()[:8]), secret: secret}
}

func newKeys(index, wrap, row []namedKey, store DataKeys) (*Keys, error) {
	k := &Keys{index: index, row: row, data: newDataKeys(store)}
	k.macs = &sync.Pool{New: func() any { return hmac.New(sha256.New, index[0].secret) }}
	for _, key := range row {
		k.rowMACs = append(k.rowMACs, &sync.Pool{New: func() any { return &rowMAC{hash: hmac.New(sha256.New, key.secret)} }})
	}
	for _, raw := range wrap {
		aead, err := newAEAD(raw.secret)
		if err != nil {
			return nil, err
		}
		k.wrap = append(k.wrap, wrapKey{raw.id, aead})
	}
	return k, nil
}

// newAEAD gives AES-256-GCM with a random nonce before each ciphertext.
func newAEAD(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func readKeyFile(path string) ([]namedKey, error) {
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
func parseKeys(text string) ([]namedKey, error) {
	var keys []namedKey
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
		keys = append(keys, namedKey{fields[0], secret})
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
		list[i] = personIndex(key, n)
	}
	return list
}

// newestIndex is the first of Indexes: that of every new event.
func (k *Keys) newestIndex(n record.NHSNumber) Index {
	mac := k.macs.Get().(hash.Hash)
	defer k.macs.Put(mac)
	mac.Reset()
	_, _ = io.WriteString(mac, indexLabel)
	_, _ = io.WriteString(mac, n.Digits())
	_, _ = mac.Write([]byte{0})
	return Index{k.index[0].id, mac.Sum(make([]byte, 0, sha256.Size))[:indexSize]}
}

func personIndex(key namedKey, n record.NHSNumber) Index {
	return Index{key.id, digest(key.secret, indexLabel, n.Digits())[:indexSize]}
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

// item is the digest of one resource's id under the newest index key.
func (k *Keys) item(key record.ItemKey) []byte {
	return k.digest(func(text []byte) []byte { return appendItem(text, &key) })
}

// shown is the digest of what a source contributes to a part of a page: section by section, the ids of its entries. None shown has none. It is made in
// one piece, because a page has thousands.
func (k *Keys) shown(a *SourceAnswer) []byte {
	some := false
	for _, s := range a.Sections {
		some = some || s.Count > 0
	}
	if a.Shown == nil || !some {
		return nil
	}
	return k.digest(func(text []byte) []byte {
		for _, s := range a.Sections {
			if s.Count == 0 {
				continue
			}
			// No resource's type begins so.
			text = append(append(append(text, 1), s.Section.ID()...), 0)
			a.Shown.Heads(s.Section, func(h *record.Head) { text = appendItem(text, &h.Key) })
		}
		return text
	})
}

func appendItem(text []byte, key *record.ItemKey) []byte {
	text = append(append(text, key.Type...), 0)
	return append(append(text, key.ID...), 0)
}

// digest makes the digest of what is appended, and wipes it.
func (k *Keys) digest(of func([]byte) []byte) []byte {
	text, mac := texts.Get().(*[]byte), k.macs.Get().(hash.Hash)
	defer func() {
		clear(*text)
		mac.Reset()
		texts.Put(text)
		k.macs.Put(mac)
	}()
	*text = of(append((*text)[:0], itemsLabel...))
	_, _ = mac.Write(*text)
	return mac.Sum(make([]byte, 0, sha256.Size))[:itemsSize]
}

// texts are buffers for what is digested, wiped.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// errForged says that a row's MAC is missing, of an unknown key, or not that of the row.
var errForged = errors.New("its MAC is not one of this portal's")

// mac guards a row until a checkpoint covers it.
func (k *Keys) mac(e *Entry) {
	r := e.row()
	e.MACKey = k.row[0].id
	r.MACKey = e.MACKey
	e.MAC = make([]byte, macSize)
	k.rowMAC(0, &r, e.MAC)
}

// Authentic checks that a row was written by somebody who holds a row key.
func (k *Keys) Authentic(r *leaf.Row) error {
	for i, key := range k.row {
		var want [macSize]byte
		if key.id != r.MACKey {
			continue
		}
		if k.rowMAC(i, r, want[:]); hmac.Equal(r.MAC, want[:]) {
			return nil
		}
	}
	return errForged
}

// rowMAC makes MACs under one key; the text is nobody's secret, and is written over the next time.
type rowMAC struct {
	hash hash.Hash
	text []byte
	sum  [sha256.Size]byte
}

// rowMAC makes the MAC of a row under a key, as long as there is room for.
func (k *Keys) rowMAC(key int, r *leaf.Row, to []byte) {
	m := k.rowMACs[key].Get().(*rowMAC)
	defer k.rowMACs[key].Put(m)
	m.text = r.AppendForMAC(append(m.text[:0], rowLabel...))
	m.hash.Reset()
	_, _ = m.hash.Write(m.text)
	copy(to, m.hash.Sum(m.sum[:0]))
}
