package app

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"ribble/internal/audit"
)

// The key files of an installation, as WriteKeys names them.
const (
	IndexKeyFile  = "audit-index.key"
	PersonKeyFile = "audit-person.key"
	HandleKeyFile = "handle.key"
	// AccountKeyFile seals the second factors of local accounts.
	AccountKeyFile = "account.key"
)

// WriteKeys makes the key files of a new installation, readable by their owner alone. It never replaces one.
func WriteKeys(dir string) error {
	for _, name := range []string{IndexKeyFile, PersonKeyFile} {
		if err := audit.WriteKeyFile(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for _, name := range []string{HandleKeyFile, AccountKeyFile} {
		if err := writeKey(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func writeKey(path string) error {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process rather than return weak bytes
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o400)
	if err != nil {
		return fmt.Errorf("making a key file: %w", err)
	}
	if _, err := f.WriteString(hex.EncodeToString(secret) + "\n"); err != nil {
		_ = f.Close()
		return fmt.Errorf("writing a key file: %w", err)
	}
	return f.Close()
}
