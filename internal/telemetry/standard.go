package telemetry

import (
	"log"
	"log/slog"
)

// TakeStandardLog catches what libraries write to the standard log: net/http, for one, repeats there the first bytes of an answer that nobody
// asked for, which can be words from a record. The log learns that something was written and how long it was, never what.
func TakeStandardLog(to *slog.Logger) {
	log.SetFlags(0)
	log.SetOutput(lengths{to})
}

type lengths struct{ to *slog.Logger }

// Write notes the length of a line and lets go of it.
func (l lengths) Write(line []byte) (int, error) {
	l.to.Warn("a library wrote to the standard log", "bytes", len(line))
	return len(line), nil
}
