package prove

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// refusingWay is one way in which a database that is there takes nothing. Begin brings it about, and gives what ends it.
type refusingWay struct {
	name  string
	long  bool
	begin func() (end func() error, err error)
}

// backWithin is how soon after its cause a refusal is over.
const backWithin = 5 * time.Second

// databaseRefuses lets users look while the database is there and takes nothing.
func databaseRefuses(st *stage) error {
	st.mayLeave, st.patience = true, time.Duration(st.choose(6, 2))*time.Second
	for _, way := range []refusingWay{
		{name: "read-only", begin: st.readOnly},
		{name: "trail locked", begin: st.lockTrail},
		{name: "no connection free", long: true, begin: st.takeConnections},
	} {
		if way.long && !st.long {
			continue
		}
		if err := st.refusedBy(way); err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
	}
	if !st.long {
		return nil
	}
	if err := st.fullLog(); err != nil {
		return fmt.Errorf("%s: %w", fullLogName, err)
	}
	return nil
}

// refusedBy has users look from before a cause until after it.
func (st *stage) refusedBy(way refusingWay) error {
	users, err := st.prepared(4)
	if err != nil {
		return err
	}
	if err := st.settle(); err != nil {
		return err
	}
	end, err := way.begin()
	if err != nil {
		return err
	}
	began := time.Now()
	views := st.persist(users, st.choose(12, 2))
	if err := end(); err != nil {
		return err
	}
	back, err := st.wholeAgain()
	if err != nil {
		return err
	}
	return st.judgeRefusing(way.name, views, began, back)
}

// persist lets every user look so many times, whatever comes of it. Every other time they begin with the search, as whoever was refused does; else with the
// person whom they had found, so that the opening itself is refused.
func (st *stage) persist(users []*user, times int) []*view {
	var group sync.WaitGroup
	views := make([][]*view, len(users))
	for i, u := range users {
		found := u.person
		group.Go(func() {
			for n := range times {
				if u.person = found; n%2 == 1 {
					u.person = ""
				}
				views[i] = append(views[i], st.add(st.look(st.ctx, u, st.replicas[i%2].url, false)))
			}
		})
	}
	group.Wait()
	return slices.Concat(views...)
}

// wholeAgain is how long it takes from now until each portal has shown a whole view.
func (st *stage) wholeAgain() (time.Duration, error) {
	const limit = 20 * time.Second
	users := make([]*user, len(st.replicas))
	for i := range users {
		var err error
		if users[i], err = st.borrow(); err != nil {
			return 0, err
		}
	}
	began, last := time.Now(), make([]*view, len(users))
	var group sync.WaitGroup
	for i, r := range st.replicas {
		group.Go(func() {
			for {
				last[i] = st.add(st.look(st.ctx, users[i], r.url, false))
				if last[i].full() || time.Since(began) > limit {
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		})
	}
	group.Wait()
	took := time.Since(began)
	if took > backWithin {
		for i, v := range last {
			st.note("the last view at %s, waiting for a whole one, began after %s and took %s", st.replicas[i].name, v.began.Sub(began).Round(time.Millisecond), v.took().Round(time.Millisecond))
		}
	}
	return took, st.ctx.Err()
}

// judgeRefusing holds the views around a cause, which was in force from a moment on, against the bar, and the histories against the invariants.
func (st *stage) judgeRefusing(name string, views []*view, from time.Time, back time.Duration) error {
	whole, ended, refused := 0, 0, []*view{}
	for _, v := range views {
		switch {
		case v.full():
			whole++
		case v.status == http.StatusServiceUnavailable && !v.shell && len(v.marks) == 0:
			refused = append(refused, v)
		case v.shell && v.began.Before(from):
			ended++ // its page had begun: the histories tell whether it showed what is not written down
		default:
			st.must(false, "%s: a view is neither whole nor refused: %d, %v", name, v.status, v.err)
		}
	}
	asked := st.askedMeanwhile(refused)
	st.must(len(refused) > 0, "%s: nobody was refused: that proves nothing", name)
	st.must(asked == 0, "%s: sources were asked %d times for who was refused", name, asked)
	longest := quantile(refused, 1, (*view).took)
	st.bar(longest <= hangingWithin, "%s: refusals took up to %s", name, longest)
	st.bar(back <= backWithin, "%s: whole again only after %s", name, back)
	before := st.unwritten
	if err := st.settle(); err != nil {
		return err
	}
	st.unrestarted()
	figure := strings.ReplaceAll(name, " ", "_")
	st.figure("refusal_ms_longest_"+figure, milliseconds(longest), milliseconds(hangingWithin))
	st.figure("whole_again_ms_"+figure, milliseconds(back), milliseconds(backWithin))
	st.say("%s: %d views, %d refused in %s p50, %s at most, %d whole, %d ended early; %d showed what is not written down; sources asked %d times; whole again after %s", name, len(views), len(refused),
		quantile(refused, .5, (*view).took), longest, whole, ended, st.unwritten-before, asked, back.Round(time.Millisecond))
	return nil
}

// unrestarted makes sure that every portal is the process that it was: none is started while a database refuses.
func (st *stage) unrestarted() {
	for _, r := range st.replicas {
		st.must(r.running(), "%s has ended", r.name)
	}
}

// askedMeanwhile is how often a source was asked about somebody's person while they were being refused.
func (st *stage) askedMeanwhile(refused []*view) int {
	_, log := st.region.Control.Requests()
	n := 0
	for _, a := range log {
		if !nationals[a.Source] && slices.ContainsFunc(refused, func(v *view) bool {
			return v.user.number == a.NHSNumber && !a.At.Before(v.began) && !a.At.After(v.ended)
		}) {
			n++
		}
	}
	return n
}

// command runs statements as the administrator, one by one.
func (st *stage) command(statements ...string) error {
	db, err := st.admin(st.ctx)
	if err != nil {
		return fmt.Errorf("connecting as the administrator: %w", err)
	}
	defer closeNow(db)
	for _, statement := range statements {
		if _, err := db.Exec(st.ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// closeNow ends a connection that is needed no more, or that does not answer.
func closeNow(db *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = db.Close(ctx)
}

// readOnly is what a primary does that was demoted, or whose operators have shut it for work.
func (st *stage) readOnly() (end func() error, err error) {
	const reload = "SELECT pg_reload_conf()"
	return func() error { return st.command("ALTER SYSTEM RESET default_transaction_read_only", reload) },
		st.command("ALTER SYSTEM SET default_transaction_read_only = on", reload)
}

// lockTrail has somebody hold the table of events.
func (st *stage) lockTrail() (end func() error, err error) {
	db, err := st.admin(st.ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting as the administrator: %w", err)
	}
	for _, statement := range []string{"BEGIN", "LOCK TABLE audit.event IN ACCESS EXCLUSIVE MODE"} {
		if _, err := db.Exec(st.ctx, statement); err != nil {
			closeNow(db)
			return nil, fmt.Errorf("%s: %w", statement, err)
		}
	}
	return func() error {
		defer closeNow(db)
		if _, err := db.Exec(st.ctx, "ROLLBACK"); err != nil {
			return fmt.Errorf("letting go of the trail: %w", err)
		}
		return nil
	}, nil
}

// takeConnections ends the portals' connections and holds every one that the server has to give.
func (st *stage) takeConnections() (end func() error, err error) {
	var held []*pgx.Conn
	end = func() error {
		for _, db := range held {
			closeNow(db)
		}
		return nil
	}
	defer func() {
		if err != nil {
			_ = end() // closing connections cannot fail
		}
	}()
	// Whoever is thrown out comes back at once, and may be faster than this is.
	for range 20 {
		if held, err = st.takeWhatIsFree(held); err != nil {
			return nil, err
		}
		var thrown int
		const throw = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> current_user"
		if err := held[0].QueryRow(st.ctx, throw).Scan(&thrown); err != nil {
			return nil, fmt.Errorf("ending the portals' connections: %w", err)
		}
		if thrown == 0 {
			st.note("no connection free: %d connections were held", len(held))
			return end, nil
		}
	}
	return nil, errors.New("the portals could not be kept from connecting")
}

// takeWhatIsFree adds connections until the server has no more, not even those that it keeps for administrators.
func (st *stage) takeWhatIsFree(held []*pgx.Conn) ([]*pgx.Conn, error) {
	const tooMany = "53300"
	for st.ctx.Err() == nil {
		db, err := st.admin(st.ctx)
		var said *pgconn.PgError
		if errors.As(err, &said) && said.Code == tooMany {
			return held, nil
		}
		if err != nil {
			return held, fmt.Errorf("taking a connection: %w", err)
		}
		held = append(held, db)
	}
	return held, st.ctx.Err()
}
