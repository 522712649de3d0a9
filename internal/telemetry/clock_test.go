package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// alarm is one line of the log that says that the clock was set.
type alarm struct {
	Level, Kind string
	Duration    int64
}

// TestClockSteps: the readings are how far the clock of day is ahead of the running one, at the start and whenever somebody looks.
func TestClockSteps(t *testing.T) {
	const ms = time.Millisecond
	forward := func(by int64) alarm { return alarm{"ERROR", Forward, by} }
	backward := func(by int64) alarm { return alarm{"ERROR", Backward, by} }
	for _, tc := range []struct {
		name  string
		ahead []time.Duration
		looks int
		want  []alarm
	}{
		{"together", []time.Duration{0, 0, 0}, 2, nil},
		{"far apart from the start", []time.Duration{time.Hour, time.Hour}, 1, nil},
		{"as much as is allowed", []time.Duration{0, StepLimit, -StepLimit}, 2, nil},
		{"a little more", []time.Duration{0, StepLimit + ms, StepLimit + ms}, 1, []alarm{forward(251)}},
		{"an hour back", []time.Duration{0, -time.Hour, -time.Hour}, 1, []alarm{backward(3_600_000)}},
		{"an alarm is not repeated", []time.Duration{0, time.Second, time.Second, time.Second, time.Second}, 3, []alarm{forward(1000)}},
		{"back to where it was", []time.Duration{0, time.Second, time.Second, 0, 0}, 2, []alarm{forward(1000), backward(1000)}},
		{"small steps that come to as much", []time.Duration{0, 100 * ms, 200 * ms, 300 * ms, 300 * ms, 400 * ms, 500 * ms}, 5, []alarm{forward(300)}},
		{"small steps to and fro", []time.Duration{0, 200 * ms, 0, -200 * ms, 0}, 4, nil},
		{"a pause between two readings is no step", []time.Duration{0, -time.Second, 0, 0}, 2, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var log bytes.Buffer
			counted := map[string]int{}
			left := tc.ahead
			read := func() Clocks {
				next := left[0]
				left = left[1:]
				return Clocks{Day: time.Minute + next, Running: time.Minute}
			}
			w := &ClockWatch{Log: slog.New(NewHandler(slog.NewJSONHandler(&log, nil))), Read: read, Stepped: func(direction string) { counted[direction]++ }}
			w.allowed = w.apart()
			for range tc.looks {
				w.look()
			}
			got, want := alarms(t, &log), map[string]int{}
			for _, a := range tc.want {
				want[a.Kind]++
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(want, counted); diff != "" {
				t.Error(diff)
			}
			if len(left) > 0 {
				t.Errorf("%d readings are left: the case is not what it says", len(left))
			}
		})
	}
}

func alarms(t *testing.T, log *bytes.Buffer) []alarm {
	t.Helper()
	var out []alarm
	for lines := json.NewDecoder(log); lines.More(); {
		var a alarm
		if err := lines.Decode(&a); err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

// TestClockWatchEnds: it looks once a second, sees no step in clocks that go as they should, and ends with the portal.
func TestClockWatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		looked, machine := 0, machineClocks()
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		w := &ClockWatch{Log: slog.New(slog.NewJSONHandler(&log, nil)), Read: func() Clocks { looked++; return machine() }}
		go func() { w.Run(ctx); close(done) }()
		time.Sleep(10*lookAtClock + lookAtClock/2)
		end()
		<-done
		if looked != 11 || log.Len() > 0 {
			t.Errorf("looked %d times, and said %q", looked, log.String())
		}
	})
}
