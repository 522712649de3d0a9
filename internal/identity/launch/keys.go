package launch

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"math/big"
	"net/http"
	"sync"
	"time"

	strict "github.com/go-json-experiment/json"
)

const (
	// keysLife is how long fetched keys are kept; after that a key the launcher withdrew is gone here too.
	keysLife = time.Hour
	// keysPause is how long an unknown key id does not make us ask again: whoever invents ids must not make us flood the launcher.
	keysPause = 30 * time.Second
	// maxKeys bounds a key set.
	maxKeys = 32
)

// jwk is one key of a set (RFC 7517), as far as it is used.
type jwk struct {
	Type      string `json:"kty"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	Curve     string `json:"crv"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
	X         string `json:"x"`
	Y         string `json:"y"`
}

// publicKey is a key with the algorithm it is for, if the set says so.
type publicKey struct {
	key       crypto.PublicKey
	algorithm string
}

// CheckKeys says what is wrong with a JWK set, or nil.
func CheckKeys(raw []byte) error {
	_, err := parseKeys(raw)
	return err
}

// parseKeys reads a JWK set. A key that is not for signatures, or of another kind, is passed over; a weak one or an id given
// twice makes the whole set bad, because nobody can tell which was meant.
func parseKeys(raw []byte) (map[string]publicKey, error) {
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if strict.Unmarshal(raw, &set) != nil || len(set.Keys) > maxKeys {
		return nil, errors.New("not a JWK set")
	}
	keys := map[string]publicKey{}
	for _, k := range set.Keys {
		if k.Use != "" && k.Use != "sig" || k.Type != "RSA" && k.Type != "EC" {
			continue
		}
		public, err := k.public()
		if err != nil {
			return nil, err
		}
		if _, twice := keys[k.ID]; twice || k.ID == "" {
			return nil, errors.New("each key needs an id of its own")
		}
		keys[k.ID] = publicKey{public, k.Algorithm}
	}
	if len(keys) == 0 {
		return nil, errors.New("the set holds no key for signatures")
	}
	return keys, nil
}

func (k jwk) public() (crypto.PublicKey, error) {
	if k.Type == "EC" {
		return k.curve()
	}
	n, errN := part.DecodeString(k.Modulus)
	e, errE := part.DecodeString(k.Exponent)
	exponent := new(big.Int).SetBytes(e)
	modulus := new(big.Int).SetBytes(n)
	if errN != nil || errE != nil || modulus.BitLen() < 2048 || modulus.BitLen() > 8192 || !exponent.IsInt64() || exponent.Int64() < 3 || exponent.Int64() > 1<<31-1 || exponent.Bit(0) == 0 {
		return nil, errors.New("an RSA key must have 2048 to 8192 bits and a usual exponent")
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, nil
}

func (k jwk) curve() (crypto.PublicKey, error) {
	x, errX := part.DecodeString(k.X)
	y, errY := part.DecodeString(k.Y)
	if k.Curve != "P-256" || errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
		return nil, errors.New("an EC key must be on P-256")
	}
	point := append(append([]byte{4}, x...), y...)
	// ParseUncompressedPublicKey refuses a point that is not on the curve.
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
}

// keyRing holds the keys of one launcher: pinned, or fetched from the one pinned address.
type keyRing struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu    sync.Mutex
	keys  map[string]publicKey
	until time.Time
	asked time.Time
}

func newKeyRing(l Launcher, client *http.Client, now func() time.Time) (*keyRing, error) {
	ring := &keyRing{url: l.KeysURL, client: client, now: now}
	if l.KeysURL != "" {
		return ring, nil
	}
	var err error
	ring.keys, err = parseKeys(l.Keys)
	return ring, err
}

// find gives the key of an id, if it fits the algorithm. A fetched set is asked for again when it is old or does not know the id,
// so that a launcher may change its keys at any time.
func (k *keyRing) find(ctx context.Context, id, algorithm string) (crypto.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.refresh(ctx, id); err != nil {
		return nil, err
	}
	found, ok := k.keys[id]
	_, isRSA := found.key.(*rsa.PublicKey)
	if !ok || found.algorithm != "" && found.algorithm != algorithm || isRSA == (algorithm == "ES256") {
		return nil, refused(reasonKey, "the token names no key of this issuer that fits")
	}
	return found.key, nil
}

func (k *keyRing) refresh(ctx context.Context, id string) error {
	now := k.now()
	_, known := k.keys[id]
	fresh := now.Before(k.until)
	if k.url == "" || known && fresh || now.Sub(k.asked) < keysPause && fresh {
		return nil
	}
	k.asked = now
	keys, err := k.fetch(ctx)
	if err == nil {
		k.keys, k.until = keys, now.Add(keysLife)
		return nil
	}
	if fresh {
		return nil
	}
	return refused(reasonUnavailable, "the issuer's keys cannot be fetched")
}

func (k *keyRing) fetch(ctx context.Context) (map[string]publicKey, error) {
	raw, err := fetch(ctx, k.client, k.url, "")
	if err != nil {
		return nil, err
	}
	return parseKeys(raw)
}

// renew fetches the set before somebody waits for it. A failure leaves what is there: whoever comes tries again.
func (k *keyRing) renew(ctx context.Context) error {
	if k.url == "" {
		return nil
	}
	keys, err := k.fetch(ctx)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys, k.until, k.asked = keys, k.now().Add(keysLife), k.now()
	return nil
}

// KeepKeys fetches the keys of every launcher now and well before they are old, until ctx ends, so that nobody who launches waits for them.
func (h *Handlers) KeepKeys(ctx context.Context) {
	renewal := time.NewTicker(keysLife / 2)
	defer renewal.Stop()
	for {
		h.renewKeys(ctx)
		select {
		case <-ctx.Done():
			return
		case <-renewal.C:
		}
	}
}

// renewKeys asks the launchers one after the other: none of them is in a hurry.
func (h *Handlers) renewKeys(ctx context.Context) {
	for _, all := range []map[string]*launcher{h.signed, h.smart} {
		for _, l := range all {
			if err := l.keys.renew(ctx); err != nil && ctx.Err() == nil {
				h.cfg.Log.WarnContext(ctx, "the keys of a launcher could not be fetched ahead", "launcher", l.ID)
			}
		}
	}
}
