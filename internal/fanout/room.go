package fanout

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"
)

// Room bounds what is kept of large answers over the whole process: an answer is kept until the page of its look has ended, and many looks at once at people
// about whom several sources hold nearly as much as one answer may have would fill the memory. Small answers take none of it.
type Room struct {
	places *semaphore.Weighted
	size   int64
}

// NewRoom makes room for so many resources of large answers.
func NewRoom(resources int64) *Room {
	return &Room{places: semaphore.NewWeighted(resources), size: resources}
}

const (
	// small is the most resources of an answer that needs no room.
	small = 2_000
	// patience is how long before its deadline an answer gives up waiting, so that there is time to say so.
	patience = 250 * time.Millisecond
)

// keeper is what the answers of one look ask for room, which is theirs until the look has ended. An answer that is larger than all of the room
// has it to itself.
func (r *Room) keeper(look context.Context) func(context.Context, int) bool {
	if r == nil {
		return nil
	}
	return func(ctx context.Context, resources int) bool {
		if resources <= small {
			return true
		}
		weight := min(int64(resources), r.size)
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-patience))
			defer cancel()
		}
		if r.places.Acquire(ctx, weight) != nil {
			return false
		}
		context.AfterFunc(look, func() { r.places.Release(weight) })
		return true
	}
}
