package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// strict refuses a text that decodes to the same bytes as another: what was changed by one bit was changed.
var strict = base64.StdEncoding.Strict()

// The algorithms of keys (C2SP signed-note): a ledger's and a witness's.
const (
	algLog     = 1
	algWitness = 4
)

// key is a public key in the form of signed notes.
type key struct {
	name string
	id   [4]byte
	ed25519.PublicKey
}

func parseKeys(texts []string, alg byte) ([]key, error) {
	var keys []key
	for _, text := range texts {
		fields := strings.SplitN(strings.TrimSpace(text), "+", 3)
		if len(fields) != 3 {
			return nil, errors.New("a key has the form name+id+base64")
		}
		raw, err := strict.DecodeString(fields[2])
		if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != alg {
			return nil, fmt.Errorf("the key of %s is not of the kind that is needed here", fields[0])
		}
		k := key{name: fields[0], PublicKey: raw[1:]}
		sum := sha256.Sum256(append([]byte(k.name+"\n"), raw...))
		copy(k.id[:], sum[:4])
		if fmt.Sprintf("%x", k.id) != fields[1] {
			return nil, fmt.Errorf("the key of %s does not have the id it names", fields[0])
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// checkpoint is what the ledger signed at one size.
type checkpoint struct {
	size int64
	root hash
	// prints are of the events after from; see package ledger/checkpoint.
	from   int64
	prints []byte
	// cosigned is the time of the newest signature of a known witness; zero without one.
	cosigned time.Time
	note     []byte
}

const unsigned = "its checkpoint is not signed by the ledger"

// openNote reads a signed note; why says what is wrong with it.
func (v *verifier) openNote(signed []byte) (c *checkpoint, why string) {
	end := bytes.LastIndex(signed, []byte("\n\n"))
	if end < 0 {
		return nil, "its checkpoint cannot be read"
	}
	text, lines := signed[:end+1], strings.Split(strings.TrimSuffix(string(signed[end+2:]), "\n"), "\n")
	if v.on(checkLogKey) && !v.signedByLog(text, lines) {
		return nil, unsigned
	}
	c = &checkpoint{note: bytes.Clone(signed)}
	origin, ok := c.parse(string(text))
	switch {
	case !ok:
		return nil, "its checkpoint cannot be read"
	case v.on(checkOrigin) && origin != v.logs[0].name:
		return nil, "its checkpoint is of another ledger"
	}
	for _, k := range v.others {
		for _, line := range lines {
			if at, ok := k.confirms(text, line); ok && at.After(c.cosigned) {
				c.cosigned = at
			}
		}
	}
	return c, ""
}

func (v *verifier) signedByLog(text []byte, lines []string) bool {
	for _, k := range v.logs {
		for _, line := range lines {
			if sig, ok := k.signature(line); ok && ed25519.Verify(k.PublicKey, text, sig) {
				return true
			}
		}
	}
	return false
}

// signature reads the line of a key's signature.
func (k key) signature(line string) ([]byte, bool) {
	rest, ok := strings.CutPrefix(line, "— "+k.name+" ")
	if !ok {
		return nil, false
	}
	raw, err := strict.DecodeString(rest)
	if err != nil || len(raw) < 4 || !bytes.Equal(raw[:4], k.id[:]) {
		return nil, false
	}
	return raw[4:], true
}

// confirms checks a witness's signature and gives its time (C2SP tlog-cosignature, v1).
func (k key) confirms(text []byte, line string) (time.Time, bool) {
	sig, ok := k.signature(line)
	if !ok || len(sig) != 8+ed25519.SignatureSize {
		return time.Time{}, false
	}
	at := binary.BigEndian.Uint64(sig)
	message := append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...)
	return time.Unix(int64(at), 0), ed25519.Verify(k.PublicKey, message, sig[8:])
}

// parse reads the text of a checkpoint (C2SP tlog-checkpoint).
func (c *checkpoint) parse(text string) (origin string, ok bool) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return "", false
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, errRoot := strict.DecodeString(lines[2])
	if err != nil || errRoot != nil || size < 0 || len(root) != len(c.root) {
		return "", false
	}
	c.size = size
	copy(c.root[:], root)
	for _, line := range lines[3:] {
		if rest, ours := strings.CutPrefix(line, "leaves "); ours {
			from, encoded, _ := strings.Cut(rest, " ")
			first, errFrom := strconv.ParseInt(from, 10, 64)
			prints, errPrints := strict.DecodeString(encoded)
			if errFrom == nil && errPrints == nil && first >= 0 && int64(len(prints)) == (size-first)*printSize {
				c.from, c.prints = first, prints
			}
		}
	}
	return lines[0], true
}
