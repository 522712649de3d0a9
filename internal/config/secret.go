package config

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
)

const redacted = "[redacted]"

// hidden makes whatever embeds it print as "[redacted]" with every verb of fmt and in every encoding.
type hidden struct{}

// Format writes "[redacted]" for every verb.
func (hidden) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// String gives "[redacted]".
func (hidden) String() string { return redacted }

// MarshalText gives "[redacted]".
func (hidden) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Secret is a text that is never printed, for example a database URL with its password.
type Secret struct {
	hidden
	text string
}

// Reveal gives the text to the one place that needs it.
func (s Secret) Reveal() string { return s.text }

// Key is 32 secret bytes.
type Key struct {
	hidden
	bytes []byte
}

// Bytes gives the key to the one place that needs it.
func (k Key) Bytes() []byte { return k.bytes }

// Identity is a certificate with its private key.
type Identity struct {
	hidden
	certificate tls.Certificate
}

// Certificate gives the certificate and key for a tls.Config.
func (i *Identity) Certificate() tls.Certificate { return i.certificate }

// Authority is a set of pinned certificate authorities.
type Authority struct {
	pool *x509.CertPool
}

// Pool gives the authorities for a tls.Config; nil when none are set.
func (a Authority) Pool() *x509.CertPool { return a.pool }

// SigningKey is a private key that signs tokens.
type SigningKey struct {
	hidden
	signer crypto.Signer
}

// Signer gives the key to the one place that signs.
func (k SigningKey) Signer() crypto.Signer { return k.signer }
