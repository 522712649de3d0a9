package telemetry

import (
	"fmt"
	"log/slog"
)

// Panic is a recovered panic: what kind of value it carried and where it happened, but never the value, which may be a
// piece of someone's record.
type Panic struct {
	Type, Stack string
}

// Error makes a Panic usable as an error; its text is fit for a log.
func (p Panic) Error() string { return "panic of type " + p.Type }

// Recovered describes what recover() gave. Call it from the deferred function itself, so that the stack is the panic's.
func Recovered(value any) Panic {
	return Panic{Type: fmt.Sprintf("%T", value), Stack: Stack(1)}
}

// Go runs f in a goroutine of its own. Should f panic, the panic ends there instead of ending the process: its type and
// stack are logged and onPanic, which may be nil, is told. A panic in a goroutine nobody guards prints its value and kills
// every view in flight.
func Go(log *slog.Logger, name string, f func(), onPanic func(Panic)) {
	go Guard(log, name, f, onPanic)
}

// Guard is Go in the calling goroutine, for use with a WaitGroup or an errgroup.
func Guard(log *slog.Logger, name string, f func(), onPanic func(Panic)) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		p := Recovered(value)
		log.Error("a goroutine panicked", "goroutine", name, "panic_type", p.Type, "stack", p.Stack)
		if onPanic != nil {
			onPanic(p)
		}
	}()
	f()
}
