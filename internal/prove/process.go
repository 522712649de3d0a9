package prove

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"ribble/internal/sandbox/fault"
)

// hostileBodies makes many views of a fault at once at one portal, and watches its memory.
func hostileBodies(st *stage) error {
	names := []string{}
	for _, f := range fault.Table() {
		if f.Name != fault.None && !strings.HasPrefix(f.Name, "tls-") {
			names = append(names, f.Name)
		}
	}
	// A database that is kept waiting too long leaves looks without an outcome, as one that is cut off does.
	st.mayLeave = true
	atOnce, refused := st.choose(50, 12), 0
	if !st.long {
		names = []string{"huge-body", "gzip-bomb", "deep-json", "fifty-thousand-resources", "garbage"}
	}
	r := st.replicas[0]
	if err := st.fresh(r); err != nil {
		return err
	}
	pid, worst, worstName := r.pid(), int64(0), ""
	for _, name := range names {
		for _, ods := range twelve[:3] {
			if err := st.strike(sourceOf[ods], name, 0); err != nil {
				return err
			}
		}
		views, err := st.crowd(atOnce, atOnce, func(int) string { return r.url })
		if err != nil {
			return err
		}
		for _, v := range views {
			// A machine that is full refuses before it begins; a page that has begun comes to its end.
			if !v.shell && v.status == http.StatusServiceUnavailable {
				refused++
				continue
			}
			st.must(v.whole, "%s: a page did not come to its end: %v", name, v.err)
		}
		peak, err := r.memory("VmHWM")
		if err != nil {
			return err
		}
		if peak > worst+8<<20 {
			st.note("%s: resident memory up to %d MiB, pages within %s p95", name, peak>>20, quantile(views, .95, (*view).took))
			worst, worstName = peak, name
		}
		st.region.Control.Reset()
		if err := st.settle(); err != nil {
			return err
		}
	}
	st.must(r.running() && r.pid() == pid, "the portal ended")
	st.bar(worst <= 512<<20, "resident memory came to %d MiB (%s)", worst>>20, worstName)
	st.say("%d kinds x %d at once at three sources each: resident memory at most %d MiB (%s), %d views refused, 0 crashes", len(names), atOnce, worst>>20, worstName, refused)
	return nil
}

// fresh restarts a portal in good order.
func (st *stage) fresh(r *replica) error {
	if _, err := r.term(40 * time.Second); err != nil {
		return err
	}
	return r.start(st.ctx)
}

// drain asks a portal to end while records stream.
func drain(st *stage) error {
	r := st.replicas[0]
	users, err := st.prepared(10)
	if err != nil {
		return err
	}
	for len(users) < 50 {
		u, err := st.borrow()
		if err != nil {
			return err
		}
		if _, err := st.find(st.ctx, u, r.url); err != nil {
			return err
		}
		users = append(users, u)
	}
	for _, ods := range twelve {
		if err := st.strike(sourceOf[ods], "none", 700); err != nil {
			return err
		}
	}
	done := make(chan *view)
	for _, u := range users {
		go func() { done <- st.add(st.look(st.ctx, u, r.url, false)) }()
	}
	time.Sleep(time.Second)
	took, err := r.term(40 * time.Second)
	if err != nil {
		st.miss("%v", err)
	}
	var views []*view
	for range users {
		views = append(views, <-done)
	}
	cut := 0
	for _, v := range views {
		if !v.whole {
			cut++
			st.miss("a view was cut: status %d, %v", v.status, v.err)
		}
	}
	st.bar(took <= 30*time.Second, "ended only after %s", took)
	st.say("%d of %d live views came to their end; the portal ended after %s", len(views)-cut, len(views), took.Round(10*time.Millisecond))
	return nil
}

// rollingRestart restarts one portal after the other under a steady load.
func rollingRestart(st *stage) error {
	stop, done := make(chan struct{}), make(chan error, 1)
	var views []*view
	rate := st.choose(20, 8)
	go func() {
		var err error
		views, err = st.stream(float64(rate), stop, st.either())
		done <- err
	}()
	rounds := st.choose(6, 2)
	for range rounds {
		for _, r := range st.replicas {
			time.Sleep(time.Second)
			if err := st.fresh(r); err != nil {
				return err
			}
		}
	}
	time.Sleep(time.Second)
	close(stop)
	if err := <-done; err != nil {
		return err
	}
	bad := st.lacking(views)
	st.say("%d of %d views failed over %d restarts at %d views/s, p95 %s", bad, len(views), 2*rounds, rate, quantile(views, .95, (*view).took))
	return nil
}

// startUp times how long a portal takes from its start until it is ready.
func startUp(st *stage) error {
	var times []time.Duration
	for range st.choose(15, 2) {
		if err := st.fresh(st.replicas[1]); err != nil {
			return err
		}
		times = append(times, st.replicas[1].served)
	}
	median := quantileOf(times, .5)
	st.bar(median <= 2*time.Second, "ready after %s", median)
	st.say("ready after %s p50, %s at most", median, quantileOf(times, 1))
	return nil
}

// slowClients holds connections open beside a load.
func slowClients(st *stage) error {
	n := st.choose(2000, 300)
	var closed atomic.Int64
	at := strings.TrimPrefix(st.replicas[0].url, "http://")
	began := time.Now()
	var slowest atomic.Int64
	for i := range n {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		defer conn.Close()
		go func() {
			if i%2 == 0 { // half of them say nothing at all
				_, _ = conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nX-Drip: "))
			}
			one := make([]byte, 512)
			for {
				if _, err := conn.Read(one); err != nil {
					break
				}
			}
			closed.Add(1)
			slowest.Store(max(slowest.Load(), int64(time.Since(began))))
		}()
	}
	views, err := st.crowd(st.choose(300, 40), 4, func(int) string { return st.replicas[0].url })
	if err != nil {
		return err
	}
	bad := st.lacking(views)
	for closed.Load() < int64(n) && time.Since(began) < 20*time.Second {
		time.Sleep(100 * time.Millisecond)
	}
	last := time.Duration(slowest.Load()).Round(100 * time.Millisecond)
	st.bar(closed.Load() == int64(n), "%d of %d connections are still open after 20 s", int64(n)-closed.Load(), n)
	st.bar(last <= 15*time.Second, "the last connection was closed only after %s", last)
	st.say("%d connections, all closed within %s; %d of %d views whole beside them, p95 %s", n, last, len(views)-bad, len(views), quantile(views, .95, (*view).took))
	return nil
}

// soakTest makes a steady load and compares what a portal holds before and after.
func soakTest(st *stage) error {
	length := st.soak
	if length == 0 {
		length = time.Duration(st.choose(120, 10)) * time.Second
	}
	if err := st.steady(20 * time.Second / time.Duration(st.choose(1, 4))); err != nil {
		return err
	}
	// Connections to sources and to the database come and go with the load; only a long soak can wait until the idle ones have gone, and until the collector has
	// run of itself, as it does after two minutes.
	idle := time.Second
	if length >= 2*time.Minute {
		idle = 130 * time.Second
	}
	before, err := st.weigh(idle)
	if err != nil {
		return err
	}
	if err := st.steady(length); err != nil {
		return err
	}
	after, err := st.weigh(idle)
	if err != nil {
		return err
	}
	for i := range before {
		b, a := before[i], after[i]
		grown := float64(a.resident-b.resident) / (1 << 20)
		st.bar(length < 2*time.Minute || a.goroutines <= b.goroutines, "%s: goroutines %d, then %d", st.replicas[i].name, b.goroutines, a.goroutines)
		st.bar(length < 2*time.Minute || a.descriptors <= b.descriptors, "%s: descriptors %d, then %d", st.replicas[i].name, b.descriptors, a.descriptors)
		if length >= 30*time.Minute {
			st.bar(grown/length.Hours() <= 1, "%s: resident memory grew by %.1f MiB", st.replicas[i].name, grown)
		}
		st.say("%s over %s: goroutines %d to %d, descriptors %d to %d, resident %d to %d MiB, live %.1f to %.1f MiB", st.replicas[i].name, length, b.goroutines, a.goroutines, b.descriptors, a.descriptors,
			b.resident>>20, a.resident>>20, float64(b.live)/(1<<20), float64(a.live)/(1<<20))
	}
	return nil
}

// steady makes a load of five views a second, settling in between, so that the histories stay small.
func (st *stage) steady(length time.Duration) error {
	for end := time.Now().Add(length); time.Now().Before(end); {
		stop, part := make(chan struct{}), min(time.Until(end), time.Minute)
		time.AfterFunc(part, func() { close(stop) })
		views, err := st.stream(5, stop, st.either())
		if err != nil {
			return err
		}
		st.lacking(views)
		if err := st.settle(); err != nil {
			return err
		}
	}
	return nil
}

// weight is what a portal holds.
type weight struct {
	goroutines, descriptors int
	// resident is what the kernel counts, live what a collection has left: the process keeps room for several times of that.
	resident, live int64
}

// weigh waits until idle connections are gone, and weighs both portals.
func (st *stage) weigh(idle time.Duration) ([]weight, error) {
	browser.CloseIdleConnections()
	time.Sleep(idle)
	var out []weight
	for _, r := range st.replicas {
		g, err := r.figure("go_goroutines")
		if err != nil {
			return nil, err
		}
		d, err := r.figure("process_open_fds")
		if err != nil {
			return nil, err
		}
		m, err := r.memory("VmRSS")
		if err != nil {
			return nil, err
		}
		live, err := r.figure("go_memstats_heap_alloc_bytes")
		if err != nil {
			return nil, err
		}
		out = append(out, weight{int(g), int(d), m, int64(live)})
	}
	return out, nil
}
