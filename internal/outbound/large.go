package outbound

import "context"

// An answer that grows past a step needs a place for it, of which there are only so many: what hostile or broken sources send at the same time must
// not fill the memory. The steps are taken in order and each is held until the answer has been read, so that whoever holds a place on the last
// step waits for nobody.
var steps = [...]struct {
	past   int64
	places chan struct{}
}{
	{past: 256 << 10, places: make(chan struct{}, 64)},
	{past: 1 << 20, places: make(chan struct{}, 6)},
}

// room is the places that one answer holds.
type room struct{ taken int }

// take waits for the places that a buffer of this size needs.
func (r *room) take(ctx context.Context, size int64) error {
	for r.taken < len(steps) && size > steps[r.taken].past {
		select {
		case steps[r.taken].places <- struct{}{}:
			r.taken++
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// leave gives the places back.
func (r *room) leave() {
	for ; r.taken > 0; r.taken-- {
		<-steps[r.taken-1].places
	}
}
