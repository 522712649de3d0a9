package outbound

import (
	"context"
	"errors"
	"testing"
)

// TestLargeAnswersTakeTurns: only so many answers are large at a time; who waits too long for a place gives up and holds nothing.
func TestLargeAnswersTakeTurns(t *testing.T) {
	const large = 2 << 20
	rooms := make([]room, cap(steps[1].places))
	for i := range rooms {
		if err := rooms[i].take(t.Context(), large); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var late room
	if err := late.take(ctx, 1<<20); err != nil {
		t.Errorf("an answer of a megabyte waits for the largest: %v", err)
	}
	cancel()
	if err := late.take(ctx, large); !errors.Is(err, context.Canceled) {
		t.Errorf("one more large answer: %v", err)
	}
	late.leave()
	rooms[0].leave()
	if err := late.take(t.Context(), large); err != nil {
		t.Errorf("after a place is free: %v", err)
	}
	late.leave()
	for i := range rooms {
		rooms[i].leave()
	}
	for i := range steps {
		if n := len(steps[i].places); n != 0 {
			t.Errorf("%d places of step %d are still taken", n, i)
		}
	}
}
