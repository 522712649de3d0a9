package app

import "runtime/debug"

const (
	// collectAt lets the heap grow to five times what is live before it is collected: a portal holds little between views, and collecting
	// at the usual two times takes a fifth of a view's processor time (docs/performance.md).
	collectAt = 400
	// memoryLimit is where collecting becomes more eager whatever is live. Five hundred views that wait for one source keep some 230 MiB, and need
	// as much again while they all print what has come (docs/performance.md, P7).
	memoryLimit = 490 << 20
)

// TuneMemory sets the collector up for views, unless whoever runs the program has set it up themselves.
func TuneMemory(env func(string) (string, bool)) {
	if _, set := env("GOGC"); !set {
		debug.SetGCPercent(collectAt)
	}
	if _, set := env("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(memoryLimit)
	}
}
