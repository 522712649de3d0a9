// Package ledger turns the audit trail into evidence: an RFC 6962 tree over its rows, signed checkpoints that outside witnesses confirm, and exports
// that anybody with the public keys can check.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/leaf"
)

// ErrBroken is in the error of everything that can only mean that the trail is not what it was: rows changed, missing or forged, a database that is
// behind its last checkpoint, a witness that saw another history. Nothing may be appended then.
var ErrBroken = errors.New("the ledger is broken")

// errBehind says that the database lacks events that this process knows to have been written: it is an old copy. For as long as it is, nothing can be added
// to it, because the writer says how many events there are (audit.append); so what was read there does not have to end the writer for good, and the one that
// lacks nothing is taken up again once it is back.
var errBehind = fmt.Errorf("%w: the database is an old copy", ErrBroken)

// ErrTaken says that another replica's checkpoint was first.
var ErrTaken = errors.New("another checkpoint was first")

// State is what the database says of the ledger at one moment.
type State struct {
	// Head is how many events there are.
	Head int64
	// Size and Note are those of the newest checkpoint; zero and empty before the first. Age is how long ago it was made or confirmed.
	Size int64
	Note []byte
	Age  time.Duration
}

// Reader reads the trail and its ledger.
type Reader interface {
	// State is what there is now.
	State(ctx context.Context) (State, error)
	// Rows gives the rows after a number, in order, at most so many.
	Rows(ctx context.Context, after int64, most int) ([]leaf.Row, error)
	// Picked gives the rows of these numbers that there are, in order.
	Picked(ctx context.Context, sequences []int64) ([]leaf.Row, error)
	// Tiles gives those of the tiles that there are.
	Tiles(ctx context.Context, ids []TileID) (map[TileID][]byte, error)
	// Checkpoints gives the checkpoints with sizes beyond the given, in order, at most so many.
	Checkpoints(ctx context.Context, beyond int64, most int) ([]Stored, error)
}

// Stored is a checkpoint as the database keeps it: what it says of the size, and the note, which must agree.
type Stored struct {
	Size int64
	Note []byte
}

// Writer adds to the ledger.
type Writer interface {
	// Turn makes replicas take turns: it waits until it is this one's, and gives the turn back with done.
	Turn(ctx context.Context) (done func(), err error)
	// Add adds a checkpoint, or refreshes the newest one; ErrTaken when it was not built on the newest.
	Add(ctx context.Context, a Addition) error
}

// Addition is a checkpoint with the tiles that changed since the one it was built on.
type Addition struct {
	BuiltOn, Size int64
	Note          []byte
	Tiles         []Tile
}

// Witness confirms checkpoints from outside.
type Witness interface {
	// Cosign asks for a signature on a checkpoint, given a proof from the size the witness is believed to have. Errors: a *Behind when it has another
	// size, ErrBroken when it saw another history, any other when it could not be asked.
	Cosign(ctx context.Context, old int64, proof tlog.TreeProof, signed []byte) (signatures []byte, err error)
	// Verifier checks its signatures.
	Verifier() note.Verifier
}

// Behind says that a witness knows the ledger at another size than was assumed.
type Behind struct{ Size int64 }

// Error names the size.
func (b *Behind) Error() string {
	return fmt.Sprintf("the witness knows the ledger at size %d", b.Size)
}

// Config is what a Ledger works with.
type Config struct {
	Reader Reader
	Writer Writer
	Keys   checkpoint.SignerFile
	// Witnesses may be none, and then nothing outside the database proves its past.
	Witnesses []Witness
	// Authentic checks the MAC of a row before it is signed for.
	Authentic func(*leaf.Row) error
	// Appended is the number of the last event this process appended; Know tells the process's writer how far the trail is proven; Halt makes it
	// refuse for good.
	Appended func() int64
	Know     func(size int64)
	Halt     func(error)
	Log      *slog.Logger
	// Now is the clock of ages; nil means the real one.
	Now func() time.Time
}

// Ledger keeps the tree and its checkpoints in step with the trail. Every replica has one; they take turns.
type Ledger struct {
	c         Config
	verifiers note.Verifiers
	// turn is held during a round, so that a round asked for waits for the one under way.
	turn sync.Mutex
	tree *tree
	// known is, for each witness, the size it is believed to have.
	known []int64

	mu sync.Mutex
	// size is the newest checkpoint seen, confirmed when that was, witnessed when a witness last confirmed one.
	size                 int64
	root                 tlog.Hash
	confirmed, witnessed time.Time
	// broken is for good, behind lasts until a round finds a database that lacks nothing.
	broken, behind error
}

// openLimit is how long Open tries: what is inconsistent will not mend, but a witness may be restarting.
const openLimit = 10 * time.Second

// Open checks the ledger against its last checkpoint and the witnesses, and brings it up to date. It refuses with ErrBroken when the database is
// behind or inconsistent, and with another error when, of the witnesses configured, none could be asked: a database that was set back looks whole.
func Open(ctx context.Context, c Config) (*Ledger, error) {
	l := newLedger(c)
	deadline := time.Now().Add(openLimit)
	for {
		err := l.Round(ctx)
		switch {
		case err == nil && l.askedWitness():
			return l, nil
		case errors.Is(err, ErrBroken):
			return nil, err
		case err == nil:
			err = errors.New("no witness could be asked whether the database is the newest")
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return nil, fmt.Errorf("opening the ledger: %w", err)
		}
		time.Sleep(250 * time.Millisecond)
	}
}

func newLedger(c Config) *Ledger {
	if c.Now == nil {
		c.Now = time.Now
	}
	verifiers := append([]note.Verifier(nil), c.Keys.Verifiers...)
	for _, w := range c.Witnesses {
		verifiers = append(verifiers, w.Verifier())
	}
	return &Ledger{c: c, verifiers: note.VerifierList(verifiers...), known: make([]int64, len(c.Witnesses))}
}

// askedWitness reports whether a witness, where there are any, confirmed the newest state.
func (l *Ledger) askedWitness() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.c.Witnesses) == 0 || !l.witnessed.IsZero()
}

// The rhythm: a look every lookEvery, and a round when so many events wait or so long has passed. It keeps within ten seconds and a thousand events.
const (
	lookEvery    = 200 * time.Millisecond
	roundEvery   = 5 * time.Second
	afterFailure = 2 * time.Second
)

// Run makes checkpoints until ctx ends.
func (l *Ledger) Run(ctx context.Context) {
	wait := lookEvery
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = lookEvery
		if !l.due() {
			continue
		}
		if err := l.Round(ctx); err != nil && ctx.Err() == nil {
			l.c.Log.ErrorContext(ctx, "the audit ledger could not be brought up to date", "reason", reason(err))
			wait = afterFailure
		}
	}
}

// reason is what a log line may say: the text of what broke holds numbers of events only, that of a driver might hold more.
func reason(err error) string {
	switch {
	case errors.Is(err, ErrBroken):
		return err.Error()
	case errors.Is(err, ErrTaken):
		return ErrTaken.Error()
	}
	return "the database could not be asked, or did not answer in time"
}

// appended is how many events the trail is known to have; nobody knows of any where no writer is tied to the ledger.
func (l *Ledger) appended() int64 {
	if l.c.Appended == nil {
		return 0
	}
	return l.c.Appended()
}

func (l *Ledger) due() bool {
	appended := l.appended()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken == nil && (appended-l.size >= checkpoint.MostPrints || l.c.Now().Sub(l.confirmed) >= roundEvery)
}

// How old the newest checkpoint and the newest confirmation of a witness may be before the portal is not ready. A witness may be away for a little
// longer than the database: it is another machine, and the trail is still written and signed.
const (
	maxAge         = 30 * time.Second
	maxUnwitnessed = 5 * time.Minute
)

// Ready reports whether the ledger is whole, its newest checkpoint at most 30 seconds old (D14), and confirmed by a witness within five minutes.
func (l *Ledger) Ready(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch now := l.c.Now(); {
	case l.broken != nil:
		return l.broken
	case l.behind != nil:
		return l.behind
	case now.Sub(l.confirmed) > maxAge:
		return errors.New("the newest checkpoint of the audit trail is too old")
	case len(l.c.Witnesses) > 0 && l.size > 0 && now.Sub(l.witnessed) > maxUnwitnessed:
		return errors.New("no witness has confirmed the audit trail for too long")
	}
	return nil
}

// Size is the number of events that the newest checkpoint covers.
func (l *Ledger) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

// fallBehind notes that a round met an old copy, or that one met a database that is none.
func (l *Ledger) fallBehind(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case errors.Is(err, errBehind):
		l.behind = err
	case err == nil:
		l.behind = nil
	}
}

// breakDown notes for good that the ledger is broken and stops the writer.
func (l *Ledger) breakDown(err error) {
	l.mu.Lock()
	l.broken = err
	l.mu.Unlock()
	if l.c.Halt != nil {
		l.c.Halt(err)
	}
}
