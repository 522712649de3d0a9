package config

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io/fs"
	"os"
	"strings"
)

const (
	keySize = 32
	// maxFile bounds any file a setting names: none has a reason to be larger.
	maxFile = 1 << 20
)

func (l *loader) file(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		l.problem("the file cannot be read")
		return ""
	}
	return path
}

// folder checks that a folder is there.
func (l *loader) folder(path string) string {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		l.problem("the folder cannot be read")
		return ""
	}
	return path
}

// secretFile checks that a file is a plain one that nobody but its owner can read or write. Its group may read, because that is how systemd
// hands credentials over, as package audit has it for its keys.
func (l *loader) secretFile(path string) string {
	info, err := os.Stat(path)
	switch {
	case err != nil || !info.Mode().IsRegular():
		l.problem("the file cannot be read")
	case info.Size() > maxFile:
		l.problem("the file is too large")
	case info.Mode().Perm()&^fs.FileMode(0o640) != 0:
		l.problem("the file may be read by others: its mode must be 0400 or 0600, or 0440 from systemd")
	default:
		return path
	}
	return ""
}

func (l *loader) secretText(path string) []byte {
	if l.secretFile(path) == "" {
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		l.problem("the file cannot be read")
	}
	return raw
}

// key reads 32 bytes, plain or as 64 hexadecimal digits (`openssl rand -hex 32`).
func (l *loader) key(path string) Key {
	raw := l.secretText(path)
	if raw == nil {
		return Key{}
	}
	if len(raw) != keySize {
		decoded, err := hex.DecodeString(strings.TrimSpace(string(raw)))
		if err != nil || len(decoded) != keySize {
			l.problem("the file must hold 32 bytes, plain or as 64 hexadecimal digits")
			return Key{}
		}
		raw = decoded
	}
	if strings.Count(string(raw), string(raw[:1])) == keySize {
		l.problem("the file holds no random key")
		return Key{}
	}
	return Key{bytes: raw}
}

func (l *loader) authority(path string) Authority {
	raw, err := os.ReadFile(path)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(raw) {
		l.problem("the authority file must hold PEM certificates")
		return Authority{}
	}
	return Authority{pool: pool}
}

// identity reads a certificate and, from the setting keyName, the file of its private key.
func (l *loader) identity(certPath, keyName string) *Identity {
	keyPath := l.text(keyName)
	if keyPath == "" {
		l.problem("is given without %s", keyName)
		return nil
	}
	cert, err := os.ReadFile(certPath)
	if err != nil {
		l.problem("the file cannot be read")
		return nil
	}
	pair, err := tls.X509KeyPair(cert, l.secretText(keyPath))
	if err != nil {
		l.problem("it and %s must be a PEM certificate and its private key", keyName)
		return nil
	}
	return &Identity{certificate: pair}
}
