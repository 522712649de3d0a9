// Package requestid makes the ids by which national services know one request: random, and about nobody.
package requestid

import (
	"crypto/rand"
	"encoding/hex"
)

// New makes a random UUID in small letters (RFC 9562, version 4).
func New() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
