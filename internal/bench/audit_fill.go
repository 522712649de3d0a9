package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/oversight/patrol"
	"ribble/internal/postgres"
)

// filled is a database with a trail in it.
type filled struct {
	cast cast
	rows int
	keys audit.KeyFiles
	urls postgres.URLs
	// admin is the administrator's address of the database.
	admin string
}

// fill makes a database with a trail of about so many events: real ones, made by the trail itself with the clock set back, and copied into the table.
func (b *trailBench) fill(ctx context.Context, name string, rows int) (*filled, error) {
	f := &filled{rows: rows}
	var err error
	if f.cast, err = newCast(rows); err != nil {
		return nil, err
	}
	if f.keys, err = b.keyFiles(); err != nil {
		return nil, err
	}
	if f.urls, err = postgres.Bootstrap(ctx, b.cluster.URL(), postgres.Setup{Database: name, Passwords: passwords()}); err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, f.urls[postgres.Owner]); err != nil {
		return nil, err
	}
	at, err := url.Parse(b.cluster.URL())
	if err != nil {
		return nil, err
	}
	at.Path = "/" + name
	f.admin = at.String()
	conn, err := pgx.Connect(ctx, f.admin)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return f, f.load(ctx, conn)
}

// load copies the events, and beside them what stands beside a real trail: the counts of the patrol and the data keys.
func (f *filled) load(ctx context.Context, conn *pgx.Conn) error {
	from := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -daysFilled)
	var firsts []time.Time
	for m := range months + 1 {
		firsts = append(firsts, from.AddDate(0, m, 0))
	}
	if _, err := conn.Exec(ctx, "SELECT audit.prepare($1::timestamptz[])", firsts); err != nil {
		return fmt.Errorf("making the partitions: %w", err)
	}
	ring := &keyRing{of: map[string]audit.DataKey{}}
	keys, err := audit.LoadKeys(f.keys, ring)
	if err != nil {
		return err
	}
	p := newPast(f.cast, f.rows, from, keys)
	if _, err := conn.Exec(ctx, "SET synchronous_commit = off"); err != nil {
		return err
	}
	if err := p.copyAll(ctx, conn); err != nil {
		return err
	}
	f.rows = int(p.copied)
	if err := copyTallies(ctx, conn, p.tallies); err != nil {
		return fmt.Errorf("copying the counts: %w", err)
	}
	if err := ring.copyTo(ctx, conn); err != nil {
		return fmt.Errorf("copying the data keys: %w", err)
	}
	// Rows of a commit that did not wait for the disk cannot be marked as seen by all before it has reached it: the first checkpoint sees to that.
	for _, after := range []string{"CHECKPOINT", "VACUUM (ANALYZE)", "CHECKPOINT"} {
		if _, err := conn.Exec(ctx, after); err != nil {
			return fmt.Errorf("settling the trail: %w", err)
		}
	}
	return nil
}

// past makes the events of a past region, in the order of their times.
type past struct {
	cast    cast
	trail   *audit.Trail
	made    capture
	tallies map[patrol.Tally]int64
	random  *rand.Rand
	clock   time.Time
	step    time.Duration
	looks   int
	copied  int64
}

func newPast(c cast, events int, from time.Time, keys *audit.Keys) *past {
	p := &past{cast: c, random: rand.New(rand.NewPCG(1, uint64(events))), clock: from, looks: max(events/eventsPerLook, 1), tallies: map[patrol.Tally]int64{}}
	p.step = daysFilled * 24 * time.Hour / time.Duration(p.looks)
	p.trail = audit.NewTrail(&p.made, keys, func() time.Time { return p.clock })
	return p
}

// makeLook makes the events of one look.
func (p *past) makeLook(ctx context.Context) error {
	p.made.entries = p.made.entries[:0]
	began := p.clock
	l := look{trail: p.trail, user: p.cast.user(p.random), who: p.cast.person(p.random), now: func() time.Time {
		p.clock = p.clock.Add(300 * time.Millisecond)
		return p.clock
	}}
	receipt, err := l.open(ctx)
	if err == nil {
		err = l.finish(ctx, receipt)
	}
	for _, e := range p.made.entries {
		p.tallies[patrol.Tally{Day: e.At.Format(time.DateOnly), Hour: e.At.Hour(), Organisation: e.Organisation, Role: l.user.Role.Name, Act: string(e.Act)}]++
	}
	p.clock = began.Add(p.step)
	return err
}

// copiedAtOnce bounds one COPY, and with it one transaction.
const copiedAtOnce = 30_000

func (p *past) copyAll(ctx context.Context, conn *pgx.Conn) error {
	to := postgres.NewCopier(conn)
	batch := make([]audit.Entry, 0, copiedAtOnce)
	for p.looks > 0 {
		batch = batch[:0]
		for ; p.looks > 0 && len(batch) < copiedAtOnce; p.looks-- {
			if err := p.makeLook(ctx); err != nil {
				return err
			}
			batch = append(batch, p.made.entries...)
		}
		var err error
		if p.copied, err = to.Copy(ctx, batch, 2*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func copyTallies(ctx context.Context, conn *pgx.Conn, tallies map[patrol.Tally]int64) error {
	days := patrol.Tallies{Acts: tallies}.Days()
	maps.Copy(days, tallies)
	rows := make([][]any, 0, len(days))
	for k, n := range days {
		day, err := time.Parse(time.DateOnly, k.Day)
		if err != nil {
			return err
		}
		rows = append(rows, []any{day, int16(k.Hour), k.Organisation, k.Role, k.Act, n})
	}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"oversight", "tally"}, []string{"day", "hour", "organisation", "role", "act", "n"}, pgx.CopyFromRows(rows))
	return err
}

// capture takes entries in place of a database.
type capture struct{ entries []audit.Entry }

// Append keeps the entry.
func (c *capture) Append(_ context.Context, e audit.Entry) (audit.Position, error) {
	c.entries = append(c.entries, e)
	return audit.Position{Sequence: int64(len(c.entries))}, nil
}

// keyRing keeps data keys in memory until they are copied.
type keyRing struct{ of map[string]audit.DataKey }

var errByID = errors.New("nobody reveals a person while a trail is filled")

// Keep keeps a new key.
func (r *keyRing) Keep(_ context.Context, k audit.DataKey) (audit.DataKey, error) {
	r.of[string(k.Index)] = k
	return k, nil
}

// Of finds a person's key.
func (r *keyRing) Of(_ context.Context, index []byte, _ string) (audit.DataKey, error) {
	if k, ok := r.of[string(index)]; ok {
		return k, nil
	}
	return audit.DataKey{}, audit.ErrKeyUnknown
}

// ByID is never asked.
func (r *keyRing) ByID(context.Context, string) (audit.DataKey, error) {
	return audit.DataKey{}, errByID
}

// Gone is never asked within the life of a fill: nothing is gone.
func (r *keyRing) Gone(context.Context, []string) ([]string, error) { return nil, nil }

func (r *keyRing) copyTo(ctx context.Context, conn *pgx.Conn) error {
	rows := make([][]any, 0, len(r.of))
	for _, k := range r.of {
		rows = append(rows, []any{k.ID, k.Index, k.IndexKey, k.Wrapped, k.WrapKey})
	}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"portal", "person_key"}, []string{"id", "person_index", "index_key", "wrapped", "wrap_key"}, pgx.CopyFromRows(rows))
	return err
}
