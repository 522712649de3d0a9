package prove

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/pgrun"
	"ribble/internal/postgres"
)

// oldCopyStays is for how long the portals are led to an old copy: longer than the ledger takes from one round to the next, so that it looks there too.
const oldCopyStays = 8 * time.Second

// succession is what a scenario sees of one database server after another.
type succession struct {
	*stage
	views int
	back  []time.Duration
}

// failover has a standby take over from a primary that dies under load, again and again; then the portals are led to the last of those primaries, which
// lacks what was written since. The estate goes on with the newest server.
func failover(st *stage) error {
	st.mayLeave, st.patience = true, 6*time.Second
	if _, err := st.cluster.Program("pg_basebackup"); err != nil {
		return fmt.Errorf("%w: %w", errNotHere, err)
	}
	s := &succession{stage: st}
	for left := st.choose(4, 1); left > 0; left-- {
		if err := s.generation(left == 1); err != nil {
			return err
		}
	}
	return nil
}

// generation is one failover, and after the last the return of the old server.
func (s *succession) generation(last bool) (err error) {
	old := s.cluster
	next, err := old.Standby(s.ctx)
	if err != nil {
		return fmt.Errorf("making a standby: %w", err)
	}
	defer func() {
		for _, c := range []*pgrun.Cluster{old, next} {
			if c != s.cluster {
				err = errors.Join(err, c.Close())
			}
		}
	}()
	if err := s.takeOver(next); err != nil {
		return fmt.Errorf("failing over: %w", err)
	}
	if !last {
		return nil
	}
	if err := s.judge(); err != nil {
		return err
	}
	if err := old.Restart(s.ctx); err != nil {
		return fmt.Errorf("starting the old primary: %w", err)
	}
	return s.oldCopy(old)
}

// takeOver kills the primary under a load of views, promotes its standby and leads the portals there.
func (s *succession) takeOver(next *pgrun.Cluster) error {
	stop, done := make(chan struct{}), make(chan error, 1)
	var seen []*view
	go func() {
		var err error
		seen, err = s.stream(8, stop, s.either())
		done <- err
	}()
	back, err := s.succeed(next)
	close(stop)
	if err := errors.Join(err, <-done); err != nil {
		return err
	}
	s.back, s.views = append(s.back, back), s.views+len(seen)
	return s.settle()
}

// succeed gives how long after the promotion both portals have shown a whole view.
func (s *succession) succeed(next *pgrun.Cluster) (time.Duration, error) {
	if err := s.confirmed(); err != nil {
		return 0, err
	}
	time.Sleep(time.Duration(1000+s.rng.IntN(1500)) * time.Millisecond)
	if err := s.cluster.Crash(); err != nil {
		return 0, err
	}
	if err := s.adopt(next); err != nil {
		return 0, err
	}
	if err := s.command("SELECT pg_promote(true, 30)"); err != nil {
		return 0, err
	}
	promoted := time.Now()
	if err := s.lead(next); err != nil {
		return 0, err
	}
	if _, err := s.wholeAgain(); err != nil {
		return 0, err
	}
	back := time.Since(promoted)
	// Views that are shown by the new server alone.
	time.Sleep(time.Second)
	return back, nil
}

// confirmed has every commit wait for the standby, from when the server says so.
func (s *succession) confirmed() error {
	if err := s.command("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	db, err := s.admin(s.ctx)
	if err != nil {
		return fmt.Errorf("connecting as the administrator: %w", err)
	}
	defer closeNow(db)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var confirming bool
		const ask = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync')"
		if err := db.QueryRow(s.ctx, ask).Scan(&confirming); err != nil {
			return fmt.Errorf("asking for the standby: %w", err)
		}
		if confirming {
			return nil
		}
	}
	return errors.New("the standby does not confirm what is committed")
}

// adopt makes another server the estate's own.
func (e *estate) adopt(c *pgrun.Cluster) error {
	at, err := url.Parse(c.URL())
	if err != nil {
		return errors.New("the server's address cannot be read")
	}
	urls := postgres.URLs{}
	for role, address := range e.urls {
		u, err := url.Parse(address)
		if err != nil {
			return errors.New("a role's address cannot be read")
		}
		u.Host = at.Host
		urls[role] = u.String()
	}
	e.cluster, e.urls = c, urls
	return nil
}

// lead takes the portals to a server, and breaks off what they have with another.
func (e *estate) lead(to *pgrun.Cluster) error {
	at, err := url.Parse(to.URL())
	if err != nil {
		return errors.New("the server's address cannot be read")
	}
	return e.wires.ask(http.MethodPost, "/proxies/"+postgresWire, map[string]any{"upstream": at.Host, "enabled": true})
}

// judge reads the whole trail anew from the server that is left.
func (s *succession) judge() error {
	whole := newTrail(s.estate)
	if err := whole.read(s.ctx); err != nil {
		return err
	}
	lost := 0
	for id := range s.trail.ids {
		if !whole.ids[id] {
			lost++
		}
	}
	for _, said := range whole.wrong {
		s.must(false, "on the last server %s", said)
	}
	proven, err := s.verified()
	if err != nil {
		return err
	}
	worst := quantileOf(s.back, 1)
	s.must(lost == 0, "%d events that were read before a failover are not there after it", lost)
	s.bar(worst <= backWithin, "whole again only %s after a promotion", worst)
	s.figure("events_lost_by_failover", float64(lost), 0)
	s.figure("whole_again_ms_after_promotion", milliseconds(worst), milliseconds(backWithin))
	s.say("%d failovers over %d views: %d of %d events lost; whole again at most %s after a promotion; an export of the trail verifies to event %d", len(s.back), s.views, lost, len(whole.ids), worst, proven)
	return nil
}

// visit is what came of leading the portals to an old copy: how many events it lacks, how many rows it got, and how soon all was well after it.
type visit struct {
	behind, added int64
	asked         int
	refusals      []time.Duration
	back          time.Duration
}

// oldCopy leads the portals to a server that lacks the newest events but takes whatever is written to it, and back.
func (s *succession) oldCopy(old *pgrun.Cluster) error {
	users, err := s.prepared(4)
	if err != nil {
		return err
	}
	// Nobody has looked at the person of these, so that no server knows a key under which they are sealed.
	for range 2 {
		u, err := s.borrow()
		if err != nil {
			return err
		}
		users = append(users, u)
	}
	if err := s.settle(); err != nil {
		return err
	}
	had, err := s.opened(old)
	if err != nil {
		return err
	}
	newest, err := s.rows(s.cluster)
	if err != nil {
		return err
	}
	v := visit{behind: newest.events - had.events}
	if err := s.sendTo(old, users, &v); err != nil {
		return err
	}
	has, err := s.rows(old)
	if err != nil {
		return err
	}
	v.added = has.all() - had.all()
	if err := s.lead(s.cluster); err != nil {
		return err
	}
	if v.back, err = s.wholeAgain(); err != nil {
		return err
	}
	return s.judgeVisit(users, &v)
}

// sendTo has users look for a while at portals that are led to the old server, and counts what the sources were asked.
func (s *succession) sendTo(old *pgrun.Cluster, users []*user, v *visit) error {
	if err := s.lead(old); err != nil {
		return err
	}
	from := time.Now()
	views, err := s.insist(users, func() error {
		time.Sleep(oldCopyStays)
		return nil
	})
	if err != nil {
		return err
	}
	leaked := 0
	v.refusals, leaked = s.refused(views, from, time.Now())
	s.must(leaked == 0, "an old copy: %d views showed something", leaked)
	counts, _ := s.region.Control.Requests()
	for id, n := range counts {
		if !nationals[id] {
			v.asked += n
		}
	}
	return nil
}

func (s *succession) judgeVisit(users []*user, v *visit) error {
	// Those who were refused look again: what the portals remember of the old copy must not get into the new trail.
	for i, u := range users {
		again := s.add(s.look(s.ctx, u, s.replicas[i%2].url, false))
		s.must(again.full(), "after the old copy a view lacks %q: %d, %v", again.lacks(), again.status, again.err)
	}
	if err := s.settle(); err != nil {
		return err
	}
	sealed, err := s.unreadable()
	if err != nil {
		return err
	}
	s.unrestarted()
	longest := quantileOf(v.refusals, 1)
	s.must(v.behind > 0, "the old copy lacks nothing: it is none")
	s.must(len(v.refusals) >= len(users), "only %d refusals at an old copy: that proves nothing", len(v.refusals))
	s.must(v.asked == 0, "an old copy: sources were asked %d times", v.asked)
	s.must(v.added == 0, "an old copy got %d rows", v.added)
	s.must(sealed == 0, "%d events are about somebody sealed under a key that the database does not have", sealed)
	s.bar(longest <= hangingWithin, "an old copy: refusals took up to %s", longest)
	s.bar(v.back <= backWithin, "after the old copy whole again only after %s", v.back)
	s.figure("rows_added_to_old_copy", float64(v.added), 0)
	s.figure("refusal_ms_longest_old_copy", milliseconds(longest), milliseconds(hangingWithin))
	s.figure("whole_again_ms_after_old_copy", milliseconds(v.back), milliseconds(backWithin))
	s.say("a copy that lacks %d events, for %s: %d refused in %s p50, %s at most; sources asked %d times; %d rows added to its trail; %d events sealed under a key that is lost; whole again after %s",
		v.behind, oldCopyStays, len(v.refusals), quantileOf(v.refusals, .5), longest, v.asked, v.added, sealed, v.back.Round(time.Millisecond))
	return nil
}

// unreadable counts the events whose person is sealed under a key that the database does not have.
func (s *succession) unreadable() (n int, err error) {
	db, err := postgres.OpenLedger(s.ctx, s.urls[postgres.Verifier], "")
	if err != nil {
		return 0, fmt.Errorf("opening the trail: %w", err)
	}
	defer db.Close()
	admin, err := s.admin(s.ctx)
	if err != nil {
		return 0, fmt.Errorf("connecting as the administrator: %w", err)
	}
	defer closeNow(admin)
	found, err := admin.Query(s.ctx, "SELECT id FROM portal.person_key")
	if err != nil {
		return 0, fmt.Errorf("reading the data keys' names: %w", err)
	}
	keys, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("reading the data keys' names: %w", err)
	}
	slices.Sort(keys)
	const most = 1000
	for after := int64(0); ; {
		rows, err := db.Rows(s.ctx, after, most)
		if err != nil {
			return 0, fmt.Errorf("reading the trail: %w", err)
		}
		for i := range rows {
			after = rows[i].Sequence
			event, err := audit.Decode(&rows[i])
			if err != nil {
				return 0, fmt.Errorf("event %d: %w", after, err)
			}
			if event.Person == nil {
				continue
			}
			if _, there := slices.BinarySearch(keys, event.Person.SealKey); !there {
				n++
			}
		}
		if len(rows) < most {
			return n, nil
		}
	}
}

// trailRows are how many rows a server has of what makes the trail.
type trailRows struct{ events, checkpoints, tiles int64 }

func (n trailRows) all() int64 { return n.events + n.checkpoints + n.tiles }

func (s *succession) rows(c *pgrun.Cluster) (n trailRows, err error) {
	err = s.adminOf(c, func(db *pgx.Conn) error {
		const count = "SELECT (SELECT count(*) FROM audit.event), (SELECT count(*) FROM audit.checkpoint), (SELECT count(*) FROM audit.tile)"
		return db.QueryRow(s.ctx, count).Scan(&n.events, &n.checkpoints, &n.tiles)
	})
	if err != nil {
		return n, fmt.Errorf("counting the rows of a server: %w", err)
	}
	return n, nil
}

// opened frees an old primary of waiting for a standby, and makes sure that the trail there takes events from who knows no better: else it would prove
// nothing that it got none.
func (s *succession) opened(old *pgrun.Cluster) (trailRows, error) {
	err := s.adminOf(old, func(db *pgx.Conn) error {
		for _, statement := range []string{
			"ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()",
			"SELECT audit.append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 0)",
		} {
			if _, err := db.Exec(s.ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
	if err != nil {
		return trailRows{}, fmt.Errorf("opening the old copy: %w", err)
	}
	return s.rows(old)
}

// adminOf does something in the database of a server as its administrator.
func (s *succession) adminOf(c *pgrun.Cluster, do func(*pgx.Conn) error) error {
	u, err := url.Parse(c.URL())
	if err != nil {
		return errors.New("the server's address cannot be read")
	}
	u.Path = "/" + database
	db, err := pgx.Connect(s.ctx, u.String())
	if err != nil {
		return err
	}
	defer closeNow(db)
	return do(db)
}
