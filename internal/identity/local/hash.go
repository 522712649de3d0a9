package local

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// Cost is what one passphrase hash costs (argon2id, RFC 9106).
type Cost struct {
	// Time is the number of passes, Memory is in KiB, Threads the lanes.
	Time, Memory uint32
	Threads      uint8
}

// Standard is the cost in use: about a third of a second and 64 MiB.
var Standard = Cost{Time: 3, Memory: 64 << 10, Threads: 1}

const (
	saltSize, hashSize = 16, 32
	// atOnce bounds the memory that strangers can make the portal use for hashes: 4 x 64 MiB.
	atOnce = 4
	// maxMemory and maxTime bound what a stored hash may ask for.
	maxMemory, maxTime = 1 << 20, 20
)

var errHash = errors.New("a stored passphrase hash cannot be read")

// Hasher hashes passphrases. It is safe for concurrent use.
type Hasher struct {
	cost  Cost
	slots chan struct{}
	done  atomic.Int64
	// nobody is a hash that no passphrase has, for accounts that do not exist.
	nobody string
}

// NewHasher makes a Hasher of the cost.
func NewHasher(cost Cost) *Hasher {
	return &Hasher{cost: cost, slots: make(chan struct{}, atOnce), nobody: encode(cost, make([]byte, saltSize), make([]byte, hashSize))}
}

// Computed is how many hashes were computed so far: the work that a sign-in costs, whoever tries it.
func (h *Hasher) Computed() int64 { return h.done.Load() }

// Hash gives the encoded hash of a passphrase ("$argon2id$v=19$m=...,t=...,p=...$salt$hash"). Its error is that of the context, while it waits its turn.
func (h *Hasher) Hash(ctx context.Context, passphrase string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the process rather than return weak bytes
	sum, err := h.sum(ctx, h.cost, salt, passphrase)
	if err != nil {
		return "", err
	}
	return encode(h.cost, salt, sum), nil
}

// Check compares a passphrase with an encoded hash, at the cost of one hash whether there is one (empty for none) or not. Old says that the
// hash was made at another cost than that in use.
func (h *Hasher) Check(ctx context.Context, encoded, passphrase string) (right, old bool, err error) {
	if encoded == "" {
		encoded = h.nobody
	}
	cost, salt, want, err := decode(encoded)
	if err != nil {
		return false, false, err
	}
	got, err := h.sum(ctx, cost, salt, passphrase)
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(got, want) == 1 && encoded != h.nobody
	return right, cost != h.cost, nil
}

func (h *Hasher) sum(ctx context.Context, c Cost, salt []byte, passphrase string) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to hash a passphrase: %w", ctx.Err())
	}
	defer func() { <-h.slots }()
	h.done.Add(1)
	return argon2.IDKey([]byte(Normal(passphrase)), salt, c.Time, c.Memory, c.Threads, hashSize), nil
}

var b64 = base64.RawStdEncoding.Strict()

func encode(c Cost, salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

func decode(encoded string) (c Cost, salt, sum []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return Cost{}, nil, nil, errHash
	}
	n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads)
	if err != nil || n != 3 || c.Memory > maxMemory || c.Time == 0 || c.Time > maxTime || c.Threads == 0 {
		return Cost{}, nil, nil, errHash
	}
	salt, err = b64.DecodeString(parts[4])
	sum, sumErr := b64.DecodeString(parts[5])
	if err != nil || sumErr != nil || len(salt) < 8 || len(sum) != hashSize {
		return Cost{}, nil, nil, errHash
	}
	return c, salt, sum, nil
}
