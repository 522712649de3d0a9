package audit

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"ribble/internal/record"
)

// DataKey is the key under which one person is sealed, wrapped by a key from the person key file. Destroying it erases the person from the trail and
// changes none of its bytes, so every proof stays valid.
type DataKey struct {
	// ID stands in the events that it sealed.
	ID string
	// Index and IndexKey find the key of a person, as they find the person's events.
	Index    []byte
	IndexKey string
	// Wrapped is the key, encrypted under the key WrapKey.
	Wrapped []byte
	WrapKey string
}

// DataKeys keeps data keys. ErrKeyUnknown says that there is none.
type DataKeys interface {
	// Keep keeps a new key durably and gives the key there is: another, when that was first.
	Keep(ctx context.Context, k DataKey) (DataKey, error)
	Of(ctx context.Context, index []byte, indexKey string) (DataKey, error)
	ByID(ctx context.Context, id string) (DataKey, error)
	// Gone gives those of the ids that there is no key of any more.
	Gone(ctx context.Context, ids []string) ([]string, error)
}

// How many opened data keys are held, and for how long: a key that was destroyed is forgotten by every replica within dataKeyLife.
const (
	mostDataKeys = 4096
	dataKeyLife  = time.Minute
	dataKeyLimit = 2 * time.Second
)

// dataKeys opens data keys and remembers them: a view writes several events about one person. Once in dataKeyLife it asks which of them are still there, all
// at once.
type dataKeys struct {
	store DataKeys
	// asking is held by whoever asks.
	asking sync.Mutex
	mu     sync.Mutex
	held   map[string]openKey
	asked  time.Time
}

type openKey struct {
	id   string
	aead cipher.AEAD
}

func newDataKeys(store DataKeys) *dataKeys {
	return &dataKeys{store: store, held: map[string]openKey{}}
}

func (d *dataKeys) find(ctx context.Context, name string) (openKey, bool) {
	d.refresh(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.held[name]
	return k, ok
}

func (d *dataKeys) due() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.held) > 0 && time.Since(d.asked) >= dataKeyLife
}

// refresh forgets the keys that are no longer there, or all when that cannot be found out.
func (d *dataKeys) refresh(ctx context.Context) {
	if !d.due() {
		return
	}
	d.asking.Lock()
	defer d.asking.Unlock()
	if !d.due() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dataKeyLimit)
	defer cancel()
	d.mu.Lock()
	ids := make([]string, 0, len(d.held))
	for _, k := range d.held {
		ids = append(ids, k.id)
	}
	d.mu.Unlock()
	began := time.Now()
	gone, err := d.store.Gone(ctx, ids)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = began
	if err != nil {
		clear(d.held)
		return
	}
	for name, k := range d.held {
		if slices.Contains(gone, k.id) {
			delete(d.held, name)
		}
	}
}

func (d *dataKeys) hold(name string, k openKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for old := range d.held {
		if len(d.held) < mostDataKeys {
			break
		}
		delete(d.held, old)
	}
	if len(d.held) == 0 {
		d.asked = time.Now()
	}
	d.held[name] = k
}

// forget drops every key that is held.
func (d *dataKeys) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.held)
}

// dataKey gives the data key of a person, and makes one at the first event about them.
func (k *Keys) dataKey(ctx context.Context, i Index) (openKey, error) {
	name := i.Key + "\x00" + string(i.Value)
	if key, ok := k.data.find(ctx, name); ok {
		return key, nil
	}
	ctx, cancel := context.WithTimeout(ctx, dataKeyLimit)
	defer cancel()
	stored, err := k.data.store.Of(ctx, i.Value, i.Key)
	if errors.Is(err, ErrKeyUnknown) {
		stored, err = k.data.store.Keep(ctx, k.newDataKey(i))
	}
	if err != nil {
		return openKey{}, fmt.Errorf("finding the data key of a person: %w", err)
	}
	key, err := k.open(stored)
	if err == nil {
		k.data.hold(name, key)
	}
	return key, err
}

func (k *Keys) dataKeyByID(ctx context.Context, id string) (openKey, error) {
	name := "id " + id
	if key, ok := k.data.find(ctx, name); ok {
		return key, nil
	}
	ctx, cancel := context.WithTimeout(ctx, dataKeyLimit)
	defer cancel()
	stored, err := k.data.store.ByID(ctx, id)
	if err != nil {
		return openKey{}, fmt.Errorf("finding the data key of a person: %w", err)
	}
	key, err := k.open(stored)
	if err == nil {
		k.data.hold(name, key)
	}
	return key, err
}

func (k *Keys) newDataKey(i Index) DataKey {
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process rather than return weak bytes
	key := DataKey{ID: strings.ToLower(rand.Text()[:16]), Index: i.Value, IndexKey: i.Key}
	return k.wrapped(key, secret)
}

// wrapped wraps a data key's secret under the newest key of the file. Whose it is, is bound in: keys swapped in the database do not open.
func (k *Keys) wrapped(key DataKey, secret []byte) DataKey {
	key.WrapKey = k.wrap[0].id
	key.Wrapped = k.wrap[0].aead.Seal(nil, nil, secret, wrapContext(key))
	return key
}

func (k *Keys) unwrap(key DataKey) ([]byte, error) {
	for _, w := range k.wrap {
		if w.id != key.WrapKey {
			continue
		}
		secret, err := w.aead.Open(nil, nil, key.Wrapped, wrapContext(key))
		if err != nil || len(secret) != keySize {
			return nil, errors.New("the data key of a person was changed or belongs to another")
		}
		return secret, nil
	}
	return nil, ErrKeyUnknown
}

func (k *Keys) open(key DataKey) (openKey, error) {
	secret, err := k.unwrap(key)
	if err != nil {
		return openKey{}, err
	}
	aead, err := newAEAD(secret)
	return openKey{key.ID, aead}, err
}

// Rewrap wraps a data key under the newest key of the file, so that an older one can be retired. A key that is so wrapped already comes back unchanged.
func (k *Keys) Rewrap(key DataKey) (DataKey, error) {
	if key.WrapKey == k.wrap[0].id {
		return key, nil
	}
	secret, err := k.unwrap(key)
	if err != nil {
		return DataKey{}, err
	}
	return k.wrapped(key, secret), nil
}

// DataKeyIDs names the data keys under which a person was sealed, whichever index keys were in use: what is to be destroyed to erase the person.
func (k *Keys) DataKeyIDs(ctx context.Context, n record.NHSNumber) ([]string, error) {
	var ids []string
	for _, i := range k.Indexes(n) {
		key, err := k.data.store.Of(ctx, i.Value, i.Key)
		switch {
		case err == nil:
			ids = append(ids, key.ID)
		case !errors.Is(err, ErrKeyUnknown):
			return nil, fmt.Errorf("finding the data keys of a person: %w", err)
		}
	}
	return ids, nil
}

func wrapContext(k DataKey) []byte {
	return bytes.Join([][]byte{[]byte(wrapLabel), []byte(k.ID), []byte(k.IndexKey), k.Index}, []byte{0})
}

// Forgetful gives the same keys without the data keys opened so far: as a process that has just started would have them.
func (k *Keys) Forgetful() *Keys {
	again := *k
	again.data = newDataKeys(k.data.store)
	return &again
}

// memoryDataKeys keeps data keys as long as the process lives.
type memoryDataKeys struct {
	mu   sync.Mutex
	keys map[string]DataKey
}

// Keep keeps a key under its id.
func (m *memoryDataKeys) Keep(_ context.Context, k DataKey) (DataKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.of(k.Index, k.IndexKey); ok {
		return old, nil
	}
	m.keys[k.ID] = k
	return k, nil
}

// Of finds a person's key.
func (m *memoryDataKeys) Of(_ context.Context, index []byte, indexKey string) (DataKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, ok := m.of(index, indexKey); ok {
		return k, nil
	}
	return DataKey{}, ErrKeyUnknown
}

func (m *memoryDataKeys) of(index []byte, indexKey string) (DataKey, bool) {
	for _, k := range m.keys {
		if k.IndexKey == indexKey && bytes.Equal(k.Index, index) {
			return k, true
		}
	}
	return DataKey{}, false
}

// ByID finds a key by its name.
func (m *memoryDataKeys) ByID(_ context.Context, id string) (DataKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, ok := m.keys[id]; ok {
		return k, nil
	}
	return DataKey{}, ErrKeyUnknown
}

// Gone gives the ids that are not among those kept.
func (m *memoryDataKeys) Gone(_ context.Context, ids []string) (gone []string, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if _, ok := m.keys[id]; !ok {
			gone = append(gone, id)
		}
	}
	return gone, nil
}
