package telemetry_test

import (
	"bytes"
	"log"
	"log/slog"
	"strings"
	"testing"

	"ribble/internal/telemetry"
)

// TestTakeStandardLog: a library's line leaves a trace in the log, and none of its words.
func TestTakeStandardLog(t *testing.T) {
	writer, flags := log.Writer(), log.Flags()
	t.Cleanup(func() { log.SetOutput(writer); log.SetFlags(flags) })
	var out bytes.Buffer
	telemetry.TakeStandardLog(telemetry.NewLogger(&out, slog.LevelInfo))
	log.Printf("Unsolicited response received on idle HTTP channel starting with %q", "Penicillin")
	if got := out.String(); strings.Contains(got, "Penicillin") || !strings.Contains(got, "standard log") {
		t.Errorf("the log says %s", got)
	}
}
