package main

import (
	"errors"
	"io"
	"testing"

	"ribble/internal/app"
)

// TestCommandsOfTheLedger: the verifier and the witness need no settings, only their own files.
func TestCommandsOfTheLedger(t *testing.T) {
	none := func(string) (string, bool) { return "", false }
	for _, c := range []struct {
		args []string
		want error
	}{
		{[]string{"audit", "verify"}, app.ErrAuditUsage},
		{[]string{"witness"}, app.ErrWitnessUsage},
		{[]string{"nothing"}, errUsage},
	} {
		if err := run(t.Context(), c.args, none, io.Discard); !errors.Is(err, c.want) {
			t.Errorf("%q: %v", c.args, err)
		}
	}
	if err := run(t.Context(), []string{"audit", "export"}, none, io.Discard); err == nil {
		t.Error("an export without settings")
	}
}
