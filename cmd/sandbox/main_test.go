package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// untilReady stops the sandbox as soon as it says that it is ready.
type untilReady struct {
	bytes.Buffer
	stop context.CancelFunc
}

func (u *untilReady) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), "READY http://127.0.0.1:") {
		u.stop()
	}
	return u.Buffer.Write(p)
}

func TestRunSaysWhatThereIsAndEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out := &untilReady{stop: stop}
	if err := run(ctx, []string{"-people", "10", "-today", "2026-11-18", "-fixtures", "", "-out", t.TempDir()}, out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"999 141 1690  ASHWORTH, Edith Margaret (Mrs)", "NAIR Priya Dr", "READY http://"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the announcement lacks %q", want)
		}
	}
}

func TestRunRefusesWrongWords(t *testing.T) {
	for _, args := range [][]string{{"-today", "18/11/2026"}, {"-no-such-flag"}, {"-host", "nowhere.invalid"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
