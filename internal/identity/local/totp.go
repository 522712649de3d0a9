package local

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// Codes follow RFC 6238 as every authenticator app does: SHA-1, six digits, 30 seconds; one step to either side is allowed for its clock.
const (
	stepSeconds = 30
	skew        = 1
	secretSize  = 20
	codeDigits  = 6
)

var b32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret makes a TOTP secret, in base32 as authenticator apps take it.
func NewSecret() string {
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process rather than return weak bytes
	return b32.EncodeToString(secret)
}

// CodeAt is the code of a secret at a time: what an authenticator app shows.
func CodeAt(secret string, at time.Time) (string, error) {
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		return "", fmt.Errorf("computing a code: %w", err)
	}
	return code, nil
}

// step finds the step, at most skew from now, of which typed is the code. It looks at every step whatever it finds, so that the time taken says nothing.
func step(secret, typed string, now time.Time) (int64, bool) {
	typed = digitsOf(typed)
	current := now.Unix() / stepSeconds
	var found int64
	var ok bool
	for at := current - skew; at <= current+skew; at++ {
		code, err := hotp.GenerateCodeCustom(secret, uint64(at), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && len(typed) == codeDigits && subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 {
			found, ok = at, true
		}
	}
	return found, ok
}

// digitsOf drops the spaces with which people read a code.
func digitsOf(typed string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, typed)
}

// qrSize is the width of the picture in pixels.
const qrSize = 240

// QR is the picture, as PNG, from which an authenticator app takes a secret. It must never be kept or sent by e-mail.
func QR(secret, login string) ([]byte, error) {
	raw, err := b32.DecodeString(secret)
	if err != nil {
		return nil, errors.New("a secret is not base32")
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Ribble", AccountName: login, Secret: raw})
	if err != nil {
		return nil, fmt.Errorf("describing a secret: %w", err)
	}
	image, err := key.Image(qrSize, qrSize)
	if err != nil {
		return nil, fmt.Errorf("drawing a secret: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image); err != nil {
		return nil, fmt.Errorf("encoding a picture: %w", err)
	}
	return b.Bytes(), nil
}

// Grouped is a secret in groups of four, for typing.
func Grouped(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
