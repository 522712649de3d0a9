// Package seal makes opaque, short-lived tokens that only this service can read: view handles, document handles and login
// transactions.
//
// A token is base64url(version 1 | key id 4 | nonce 24 | XChaCha20-Poly1305(expiry 8 | payload)), with the version, the key
// id and the purpose as associated data. So a token made for one purpose opens for no other, nothing in it can be read or
// changed, and every replica that holds the key can open it: no table of handles is kept anywhere.
package seal

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	// KeySize is the length of a key in bytes.
	KeySize = chacha20poly1305.KeySize
	// MaxToken is the longest token Open looks at, in characters; longer ones are refused before anything is decoded.
	MaxToken = 4096
	// MaxPayload is the largest payload whose token Open accepts.
	MaxPayload = MaxToken/4*3 - minRaw

	version    = 1
	keyIDSize  = 4
	headerSize = 1 + keyIDSize
	expirySize = 8
	minRaw     = headerSize + chacha20poly1305.NonceSizeX + expirySize + chacha20poly1305.Overhead
)

// ErrToken is the one answer to every token that does not open: malformed, altered, sealed by an unknown key, made for
// another purpose, or expired. The causes are not told apart, so the answer teaches an attacker nothing.
var ErrToken = errors.New("token is not valid or has expired")

var encoding = base64.RawURLEncoding.Strict()

type keyID [keyIDSize]byte

type key struct {
	id   keyID
	aead cipher.AEAD
	// mark is derived from the same secret, for digests.
	mark [sha256.Size]byte
}

// Sealer seals and opens tokens. It is safe for concurrent use.
type Sealer struct {
	keys []key
}

// New makes a Sealer. The first key seals; every key opens, so that a new key can be put in front while tokens of the old
// one live out their time. Keys are KeySize random bytes each; their ids are derived from them.
func New(keys ...[]byte) (*Sealer, error) {
	if len(keys) == 0 {
		return nil, errors.New("sealing needs at least one key")
	}
	s := &Sealer{keys: make([]key, 0, len(keys))}
	for i, secret := range keys {
		k, err := newKey(secret)
		if err != nil {
			return nil, fmt.Errorf("reading sealing key %d: %w", i+1, err)
		}
		for _, other := range s.keys {
			if other.id == k.id {
				return nil, fmt.Errorf("sealing key %d is given twice", i+1)
			}
		}
		s.keys = append(s.keys, k)
	}
	return s, nil
}

func newKey(secret []byte) (key, error) {
	aead, err := chacha20poly1305.NewX(secret)
	if err != nil {
		return key{}, err
	}
	// The label keeps the public id apart from any other use of a hash of the key.
	sum := sha256.Sum256(append([]byte("ribble seal key id\x00"), secret...))
	mark := sha256.Sum256(append([]byte("ribble seal mark\x00"), secret...))
	return key{id: keyID(sum[:keyIDSize]), aead: aead, mark: mark}, nil
}

// Seal makes a token that opens to payload for the same purpose until expires (to the second). A payload above MaxPayload
// gives a token that Open refuses.
func (s *Sealer) Seal(purpose string, payload []byte, expires time.Time) string {
	k := s.keys[0]
	raw := make([]byte, 0, headerSize+chacha20poly1305.NonceSizeX+expirySize+len(payload)+chacha20poly1305.Overhead)
	raw = append(raw, version)
	raw = append(raw, k.id[:]...)
	raw = raw[:headerSize+chacha20poly1305.NonceSizeX]
	nonce := raw[headerSize:]
	_, _ = rand.Read(nonce) // never fails: crypto/rand ends the process rather than return weak bytes
	plain := binary.BigEndian.AppendUint64(make([]byte, 0, expirySize+len(payload)), uint64(expires.Unix()))
	plain = append(plain, payload...)
	raw = k.aead.Seal(raw, nonce, plain, associated(k.id, purpose))
	return encoding.EncodeToString(raw)
}

// Open gives the payload of a token sealed for purpose and not expired at now, or ErrToken.
func (s *Sealer) Open(purpose, token string, now time.Time) ([]byte, error) {
	if len(token) > MaxToken {
		return nil, ErrToken
	}
	raw, err := encoding.DecodeString(token)
	// The decoder skips line breaks, so the lengths are compared: one handle has exactly one spelling.
	if err != nil || encoding.EncodedLen(len(raw)) != len(token) || len(raw) < minRaw || raw[0] != version {
		return nil, ErrToken
	}
	k, ok := s.find(keyID(raw[1:headerSize]))
	if !ok {
		return nil, ErrToken
	}
	nonce, box := raw[headerSize:headerSize+chacha20poly1305.NonceSizeX], raw[headerSize+chacha20poly1305.NonceSizeX:]
	plain, err := k.aead.Open(nil, nonce, box, associated(k.id, purpose))
	if err != nil {
		return nil, ErrToken
	}
	if expires := int64(binary.BigEndian.Uint64(plain)); now.Unix() >= expires {
		return nil, ErrToken
	}
	return plain[expirySize:], nil
}

func (s *Sealer) find(id keyID) (key, bool) {
	for _, k := range s.keys {
		if k.id == id {
			return k, true
		}
	}
	return key{}, false
}

func associated(id keyID, purpose string) []byte {
	return append(append([]byte{version}, id[:]...), purpose...)
}

// Mark is a short keyed digest of data for one purpose, for telling whether two things are equal without saying what they
// are: the same on every replica, changed when the first key changes, and of no use to anyone without the key. The purpose
// must be a constant without a NUL.
func (s *Sealer) Mark(purpose string, data []byte) string {
	mac := hmac.New(sha256.New, s.keys[0].mark[:])
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write(data)
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
