package local

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
)

// NumCodes is how many recovery codes an account gets.
const NumCodes = 10

const (
	codeAlphabet = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's base 32: no letter looks like a digit
	codeLength   = 16                                 // 80 bits: no slow hash is needed
)

// NewCodes makes recovery codes, as they are shown once: "7k3m-9xqd-42ht-b0fz".
func NewCodes() []string {
	codes := make([]string, NumCodes)
	for i := range codes {
		raw := make([]byte, codeLength)
		_, _ = rand.Read(raw) // never fails: crypto/rand ends the process rather than return weak bytes
		var b strings.Builder
		for j, c := range raw {
			if j > 0 && j%4 == 0 {
				b.WriteByte('-')
			}
			b.WriteByte(codeAlphabet[c%32])
		}
		codes[i] = b.String()
	}
	return codes
}

var alike = strings.NewReplacer("o", "0", "i", "1", "l", "1")

// codeHash is what is kept of a code: tied to its account, and the same however the code is typed.
func codeHash(account, typed string) [32]byte {
	typed = strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeAlphabet, r) {
			return r
		}
		return -1
	}, alike.Replace(strings.ToLower(typed)))
	return sha256.Sum256([]byte("ribble recovery code\x00" + account + "\x00" + typed))
}

func codeHashes(account string, codes []string) [][32]byte {
	hashes := make([][32]byte, len(codes))
	for i, c := range codes {
		hashes[i] = codeHash(account, c)
	}
	return hashes
}
