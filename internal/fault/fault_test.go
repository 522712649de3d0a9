package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ribble/internal/fault"
)

func TestKindAndText(t *testing.T) {
	cause := errors.New("dial tcp 10.0.0.1: secret detail")
	cases := []struct {
		name string
		err  error
		kind fault.Kind
		text string
	}{
		{"new", fault.New(fault.Denied, "Choose a role first."), fault.Denied, "Choose a role first."},
		{"wrapped further", fmt.Errorf("opening: %w", fault.Wrap(fault.Unavailable, "The ward system is down.", cause)), fault.Unavailable, "The ward system is down."},
		{"outermost wins", fault.Wrap(fault.Invalid, "outer", fault.New(fault.Denied, "inner")), fault.Invalid, "outer"},
		{"deadline", fmt.Errorf("asking: %w", context.DeadlineExceeded), fault.Timeout, fault.SafeText(fault.New(fault.Timeout, ""))},
		{"unknown", cause, fault.Internal, fault.SafeText(fault.New(fault.Internal, ""))},
		{"nil", nil, fault.Internal, fault.SafeText(nil)},
		{"kind out of range", fault.New(fault.Kind(99), ""), fault.Kind(99), fault.SafeText(cause)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := fault.KindOf(c.err); got != c.kind {
				t.Errorf("kind %v, want %v", got, c.kind)
			}
			if got := fault.SafeText(c.err); got != c.text || got == "" {
				t.Errorf("text %q, want %q", got, c.text)
			}
			if strings.Contains(fault.SafeText(c.err), "secret") {
				t.Error("the safe text holds the cause")
			}
		})
	}
}

func TestWrapKeepsCause(t *testing.T) {
	cause := errors.New("cause")
	err := fault.Wrap(fault.Refused, "No.", cause)
	if !errors.Is(err, cause) || err.Error() != "refused: cause" {
		t.Errorf("cause lost: %v", err)
	}
}

func TestEveryKindHasAName(t *testing.T) {
	seen := map[string]bool{}
	for k := fault.Internal; k <= fault.TooMany; k++ {
		if seen[k.String()] || fault.SafeText(fault.New(k, "")) == "" {
			t.Errorf("kind %d has no name or words of its own", k)
		}
		seen[k.String()] = true
	}
	if fault.Kind(-1).String() != "internal" {
		t.Error("an unknown kind is not internal")
	}
}
