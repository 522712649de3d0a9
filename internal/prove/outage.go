package prove

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// outage is how long Postgres is dead, and insistence how long each user waits before they try again.
	outage, insistence = 3 * time.Second, 500 * time.Millisecond
	// The bars of the performance goals (P11).
	refusedWithin, hangingWithin, goodAfter = 50 * time.Millisecond, 2 * time.Second, time.Second
)

// databaseDead kills Postgres for three seconds while users go on looking at both portals, as they would with no load balancer before them.
func databaseDead(st *stage) error {
	st.mayLeave, st.patience = true, 6*time.Second
	users, err := st.prepared(12)
	if err != nil {
		return err
	}
	if err := st.settle(); err != nil {
		return err
	}
	var died, back time.Time
	views, err := st.insist(users, func() error {
		time.Sleep(time.Second)
		if err := st.cluster.Crash(); err != nil {
			return err
		}
		died = time.Now()
		time.Sleep(outage)
		if err := st.cluster.Restart(st.ctx); err != nil {
			return err
		}
		back = time.Now()
		time.Sleep(2 * time.Second)
		return nil
	})
	if err != nil {
		return err
	}
	refusals, leaked := st.refused(views, died, back)
	first := firstGood(views, back)
	before := st.unwritten
	if err := st.settle(); err != nil {
		return err
	}
	proven, err := st.verified()
	if err != nil {
		return err
	}
	leaked += st.unwritten - before
	p99 := quantileOf(refusals, .99)
	st.must(len(refusals) >= len(users), "only %d refusals: that proves nothing", len(refusals))
	st.must(leaked == 0, "%d times something was shown that is not written down", leaked)
	st.bar(p99 <= refusedWithin, "refusals took up to %s", p99)
	st.bar(first <= goodAfter, "the first whole view ended %s after Postgres was back", first)
	st.figure("shown_without_being_written_down", float64(leaked), 0)
	st.figure("refusal_ms_p99_postgres_dead", milliseconds(p99), milliseconds(refusedWithin))
	st.figure("first_whole_view_ms_after_recovery", milliseconds(first), milliseconds(goodAfter))
	st.say("%d views, %d of them refused in %s p50, %s p99; %d showed what is not written down; the first whole view ended %s after Postgres was back; an export of the trail verifies to event %d",
		len(views), len(refusals), quantileOf(refusals, .5), p99, leaked, first.Round(time.Millisecond), proven)
	return nil
}

// insist has every user look again and again at their own portal while something is done.
func (st *stage) insist(users []*user, during func() error) ([]*view, error) {
	stop := make(chan struct{})
	var group sync.WaitGroup
	for i, u := range users {
		group.Go(func() {
			// Not all at once.
			next := time.After(time.Duration(i) * insistence / time.Duration(len(users)))
			for u.left > 0 {
				select {
				case <-stop:
					return
				case <-st.ctx.Done():
					return
				case <-next:
				}
				st.add(st.look(st.ctx, u, st.replicas[i%2].url, false))
				next = time.After(insistence)
			}
		})
	}
	err := during()
	close(stop)
	group.Wait()
	return slices.Clone(st.views), err
}

// refused judges what began while Postgres was dead: how long each refusal took, and how many of them showed something of a record.
func (st *stage) refused(views []*view, died, back time.Time) (refusals []time.Duration, leaked int) {
	for _, v := range views {
		if v.began.Before(died) || v.ended.After(back) {
			continue
		}
		if v.shell || len(v.marks) > 0 {
			leaked++
		}
		st.must(v.status == http.StatusServiceUnavailable, "a record without a database is answered with %d, %v", v.status, v.err)
		refusals = append(refusals, v.took())
	}
	return refusals, leaked
}

// firstGood is how long after a moment the first view ended that was whole.
func firstGood(views []*view, after time.Time) time.Duration {
	first := time.Hour
	for _, v := range views {
		if v.full() && v.ended.After(after) {
			first = min(first, v.ended.Sub(after))
		}
	}
	return first
}

// provenTo is the line of the verifier that says how far it got.
var provenTo = regexp.MustCompile(`(?m)^proven: events 1 to (\d+) `)

// verified exports the trail and verifies the export, both as an operator would, until everything read so far is proven.
func (st *stage) verified() (proven int64, err error) {
	path := st.in("trail.export")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(500 * time.Millisecond) {
		if err := os.RemoveAll(path); err != nil {
			return 0, err
		}
		if _, err := st.operate("audit", "export", "-out", path, "-purpose", "proof"); err != nil {
			return 0, fmt.Errorf("exporting the trail: %w", err)
		}
		said, err := st.operate("audit", "verify", "-export", path, "-key", st.settings["RIBBLE_CHECKPOINT_KEY"]+".pub")
		if err != nil {
			return 0, fmt.Errorf("verifying the trail: %w", err)
		}
		if m := provenTo.FindSubmatch(said); m != nil {
			if proven, err = strconv.ParseInt(string(m[1]), 10, 64); err != nil {
				return 0, err
			}
		}
		if proven >= st.trail.last {
			return proven, os.Remove(path)
		}
		if time.Now().After(end) {
			return 0, fmt.Errorf("of %d events only %d are proven", st.trail.last, proven)
		}
	}
}

// operate runs one of the program's commands with the portals' settings.
func (e *estate) operate(args ...string) ([]byte, error) {
	cmd := exec.Command(e.ribble, args...)
	cmd.Env = environment(e.settings)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return out, nil
}
