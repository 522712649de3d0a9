package bench

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/audit"
)

func TestBarsInBothDirections(t *testing.T) {
	var out bytes.Buffer
	p := report{out: &out}
	p.judge("P1", "cost", []float64{1, 3, 2}, 2)
	p.judge("P1", "cost", []float64{2.1}, 2)
	p.judgeMore("P9", "rate", []float64{2.3}, 2)
	p.judgeMore("P9", "rate", []float64{1.9}, 2)
	var lines []string
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "  #") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	want := []string{"P1 cost 2.00 (bar 2.00) ok", "P1 cost 2.10 (bar 2.00) short", "P9 rate 2.30 (bar 2.00) ok", "P9 rate 1.90 (bar 2.00) short"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if r := p.results; r[0].MoreIsBetter || !r[2].MoreIsBetter || r[0].Low != 1 || r[0].High != 3 {
		t.Errorf("%+v", r)
	}
}

func TestPrediction(t *testing.T) {
	if got := predict(2, 3, 1e6, 1e9); math.Abs(got-6) > 1e-9 {
		t.Errorf("one more for each of three times ten: %v", got)
	}
	if got := predict(3, 2, 1e6, 1e9); got != 2 {
		t.Errorf("what became quicker is not predicted to become quicker still: %v", got)
	}
}

func TestBusyDiskRoundsAreLeftOut(t *testing.T) {
	rounds := []appendRound{{trail: 1, disk: 1}, {trail: 2, disk: 4}, {trail: 3, disk: 1.2}}
	if kept := withQuietDisk(rounds); len(kept) != 2 || kept[1].trail != 3 {
		t.Errorf("%+v", kept)
	}
}

func TestAppendsWithAndWithoutPgbench(t *testing.T) {
	round := appendRound{trail: 6000, pgbench: 3000, chain: 400, p50: 2, p99: 6, commit: 1, disk: 1, ours: spending{30, 70}, theirs: spending{50, 150}}
	for _, pgbench := range []bool{true, false} {
		var out bytes.Buffer
		p := report{out: &out}
		p.appends([]appendRound{round}, pgbench)
		values := map[string]float64{}
		for _, r := range p.results {
			values[r.Name] = r.Value
		}
		want := map[string]float64{
			"appends_over_locked_chain": 15, "events_a_second_64_callers": 6000, "append_p50_over_commit_64_callers": 2, "append_p99_over_commit_64_callers": 6,
		}
		if pgbench {
			want["appends_over_pgbench"], want["appends_over_pgbench_by_processor_time"] = 2, 2
		}
		if diff := cmp.Diff(want, values); diff != "" {
			t.Error(diff)
		}
		if said := strings.Contains(out.String(), "left out"); said == pgbench {
			t.Errorf("pgbench %v: %s", pgbench, out.String())
		}
	}
}

func TestPgbenchIsRead(t *testing.T) {
	const out = "pgbench (15.18)\nnumber of transactions actually processed: 12018\nlatency average = 10.1 ms\ntps = 6014.123 (without initial connection time)\n"
	got, err := parsePgbench(out)
	if err != nil || got.rows != 12018 || got.perSecond != 6014.123 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := parsePgbench("connection refused"); err == nil {
		t.Error("no figure passed for one")
	}
}

func TestProcessorTimeOfTheServer(t *testing.T) {
	const master = "77 (postgres) S 1 77 77 0 -1 0 0 0 0 0 10 20 30 40 20 0"
	const child = "78 (postgres: a (b)) S 77 77 77 0 -1 0 0 0 0 0 1 2 99 99 20 0"
	const other = "79 (sh) S 1 77 77 0 -1 0 0 0 0 0 1 2 3 4 20 0"
	for _, c := range []struct {
		stat, pid string
		want      time.Duration
	}{{master, "77", time.Second}, {child, "78", 30 * time.Millisecond}, {other, "79", 0}, {"80 (x) Z", "80", 0}} {
		if got := timeOf(c.stat, c.pid, "77"); got != c.want {
			t.Errorf("%s: %v, want %v", c.pid, got, c.want)
		}
	}
}

// pastOf makes the whole past of a small region.
func pastOf(t *testing.T, events int) (*past, []audit.Entry) {
	t.Helper()
	dir := t.TempDir()
	b := &trailBench{dir: dir}
	files, err := b.keyFiles()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := audit.LoadKeys(files, &keyRing{of: map[string]audit.DataKey{}})
	if err != nil {
		t.Fatal(err)
	}
	people, err := newCast(events)
	if err != nil {
		t.Fatal(err)
	}
	p := newPast(people, events, time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -daysFilled), keys)
	var all []audit.Entry
	for range p.looks {
		if err := p.makeLook(t.Context()); err != nil {
			t.Fatal(err)
		}
		all = append(all, p.made.entries...)
	}
	return p, all
}

func TestThePastIsMadeOfRealEvents(t *testing.T) {
	p, all := pastOf(t, 3000)
	if len(all) != 3000 {
		t.Fatalf("%d events", len(all))
	}
	months, acts, tallied := map[string]bool{}, map[audit.Act]int{}, int64(0)
	for i, e := range all {
		if _, err := e.Event(); err != nil {
			t.Fatal(err)
		}
		if len(e.PersonIndex) != 16 || len(e.MAC) != 16 || i > 0 && e.At.Before(all[i-1].At) {
			t.Fatalf("event %d is not one that a trail would hold", i)
		}
		months[e.At.Format("2006-01")] = true
		acts[e.Act]++
	}
	if last := all[len(all)-1].At; last.After(time.Now()) || len(months) < 14 || len(acts) != 5 || acts[audit.ActDisclosed] != 1000 {
		t.Errorf("until %s in %d months: %v", last, len(months), acts)
	}
	for _, n := range p.tallies {
		tallied += n
	}
	if tallied != int64(len(all)) {
		t.Errorf("%d of %d events are counted", tallied, len(all))
	}
}

func TestDrawsAreWithinTheCast(t *testing.T) {
	c, err := newCast(FewestRows)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	counts := map[string]int{}
	for range 5000 {
		counts[c.person(r).Digits()]++
	}
	if counts[c.people[0].Digits()] < 20 || len(counts) < len(c.people)/2 {
		t.Errorf("%d people drawn, the first %d times", len(counts), counts[c.people[0].Digits()])
	}
}

func TestCapturedEntriesAreNumbered(t *testing.T) {
	var c capture
	for want := int64(1); want < 4; want++ {
		if p, err := c.Append(context.Background(), audit.Entry{}); err != nil || p.Sequence != want {
			t.Errorf("%v, %v", p, err)
		}
	}
}

func TestPagesOfAFolderCanBeDropped(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/file", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := dropPages(dir+"/file", entries[0], nil); err != nil {
		t.Error(err)
	}
}
