package fanout

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestRoomIsHeldUntilTheLookEnds: large answers of other looks wait until then, and small ones never do.
func TestRoomIsHeldUntilTheLookEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		room := NewRoom(10_000)
		first, end := context.WithCancel(t.Context())
		if !room.keeper(first)(t.Context(), 50_000) {
			t.Fatal("an answer larger than all of the room cannot have it")
		}
		second := room.keeper(t.Context())
		if !second(t.Context(), small) {
			t.Error("a small answer is refused")
		}
		limited, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		began := time.Now()
		if second(limited, small+1) {
			t.Error("there was room beside an answer that has all of it")
		}
		if waited := time.Since(began); waited != 8*time.Second-patience {
			t.Errorf("it gave up after %s: there must be time left to say so", waited)
		}
		got := make(chan bool)
		go func() { got <- second(t.Context(), small+1) }()
		synctest.Wait()
		end()
		if !<-got {
			t.Error("what waits is refused when a look ends")
		}
	})
}

// TestRoomOfALookThatHasEnded: what comes too late leaves nothing taken.
func TestRoomOfALookThatHasEnded(t *testing.T) {
	room := NewRoom(10_000)
	ended, end := context.WithCancel(t.Context())
	end()
	room.keeper(ended)(t.Context(), 10_000)
	if !room.keeper(t.Context())(t.Context(), 10_000) {
		t.Error("room is still taken")
	}
}

// TestNoRoomMeansNoBound: callers that keep nothing need none.
func TestNoRoomMeansNoBound(t *testing.T) {
	if (*Room)(nil).keeper(t.Context()) != nil {
		t.Error("without room there is somebody to ask for it")
	}
}
