package telemetry

import (
	"context"
	"log/slog"
	"time"
)

const (
	// StepLimit is by how much the clock of day may stray from the clock that nobody can set before it is an alarm.
	StepLimit = 250 * time.Millisecond
	// lookAtClock is how often the two clocks are compared.
	lookAtClock = time.Second
)

// Directions of a step of the clock of day.
const (
	Forward  = "forward"
	Backward = "backward"
)

// Clocks is what the machine's two clocks say at one moment, each counted from a beginning of its own.
type Clocks struct {
	// Day is the clock of day, which can be set.
	Day time.Duration
	// Running is the clock that only goes on, at the same rate: a time service that slews the one slews the other.
	Running time.Duration
}

// ClockWatch sounds an alarm when the clock of day is set. The trail keeps its order, which is that of its numbers, but the times in it, the ends of
// sessions and the tokens of sources go by that clock. A machine that was frozen and thawed is one whose clock steps forward.
type ClockWatch struct {
	Log *slog.Logger
	// Stepped, which may be nil, is told the direction of each step that is an alarm.
	Stepped func(direction string)
	// Read gives the clocks; nil means those of this machine.
	Read func() Clocks

	// allowed is how far apart the clocks were at the last alarm.
	allowed time.Duration
}

// Run compares the clocks until ctx ends.
func (w *ClockWatch) Run(ctx context.Context) {
	if w.Read == nil {
		w.Read = machineClocks()
	}
	w.allowed = w.apart()
	tick := time.NewTicker(lookAtClock)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.look()
		}
	}
}

func (w *ClockWatch) apart() time.Duration {
	c := w.Read()
	return c.Day - c.Running
}

// look sounds the alarm for a step, or for small ones that have come to as much since the last alarm.
func (w *ClockWatch) look() {
	if (w.apart() - w.allowed).Abs() <= StepLimit {
		return
	}
	// The process may have been put aside between its readings of the one clock and the other: a step is there when it looks again, too.
	by := w.apart() - w.allowed
	if by.Abs() <= StepLimit {
		return
	}
	w.allowed += by
	direction := Forward
	if by < 0 {
		direction = Backward
	}
	if w.Stepped != nil {
		w.Stepped(direction)
	}
	w.Log.Error("the clock of this machine was set", "kind", direction, "duration", by.Abs().Milliseconds())
}

// machineClocks reads the clocks of this machine: a time of Go's carries both.
func machineClocks() func() Clocks {
	began := time.Now()
	return func() Clocks {
		now := time.Now()
		// Round takes the reading of the running clock away, so that the difference is that of the clock of day.
		return Clocks{Day: now.Round(0).Sub(began.Round(0)), Running: now.Sub(began)}
	}
}
