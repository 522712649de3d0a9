package app

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ribble/internal/audit"
	"ribble/internal/ledger/checkpoint"
)

// The key files of an installation, as WriteKeys names them.
const (
	IndexKeyFile  = "audit-index.key"
	PersonKeyFile = "audit-person.key"
	// RowKeyFile guards rows of the audit trail until a checkpoint covers them; CheckpointKeyFile signs checkpoints, and CheckpointKeyFile + ".pub"
	// is what witnesses and verifiers are given.
	RowKeyFile        = "audit-row.key"
	CheckpointKeyFile = "audit-checkpoint.key"
	HandleKeyFile     = "handle.key"
	// AccountKeyFile seals the second factors of local accounts.
	AccountKeyFile = "account.key"
)

// WriteKeys makes the key files of a new installation, readable by their owner alone. It never replaces one.
func WriteKeys(dir string) error {
	for _, name := range []string{IndexKeyFile, PersonKeyFile, RowKeyFile} {
		if err := audit.WriteKeyFile(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	// The name of the key is the ledger's name for ever, so no two installations may share one.
	secret, public, err := checkpoint.NewLogKey("ribble/audit/" + strings.ToLower(rand.Text()[:10]))
	if err != nil {
		return fmt.Errorf("making a signing key: %w", err)
	}
	if err := checkpoint.WriteKeyPair(filepath.Join(dir, CheckpointKeyFile), secret, public); err != nil {
		return err
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
