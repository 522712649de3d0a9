package outbound

import (
	"context"
	"math"
	"runtime"
	"sync/atomic"
	"time"
)

// What is read of answers, and what is made of them, has only so much room in the process: what hostile or broken sources send at the same time must
// not fill the memory. Small answers take none of it. What grows past a step needs a place there, of which there are few, and those who find none wait
// in the order in which they came. The steps are taken in order and each is held until the answer has been made use of, so that whoever holds a place on
// the last step waits for nobody who waits for one.
var steps = [...]struct {
	past   int64
	places chan struct{}
}{
	{past: 256 << 10, places: make(chan struct{}, 64)},
	{past: 1 << 20, places: make(chan struct{}, 8)},
	{past: 4 << 20, places: make(chan struct{}, 3)},
}

// Fit makes the room that of a process with so many bytes of memory; what there is suits usualMemory and more. It is for the start of a program, before
// anything is read.
func Fit(memory int64) {
	for i := range steps {
		fits := int64(cap(steps[i].places)) * min(memory, usualMemory) / usualMemory
		steps[i].places = make(chan struct{}, max(fits, 1))
	}
}

// usualMemory is what a portal has where nothing else is said.
const usualMemory = 470 << 20

// patience is how long before its deadline an answer gives up waiting for room, so that there is time to say so: that it came, and was not read, is no
// fault of the source.
const patience = 250 * time.Millisecond

// room is what one question to a source holds, over all the answers that it takes to answer it.
type room struct {
	// bytes are those of the buffers of answers that are being read and of the answers that were.
	bytes atomic.Int64
	// turn is for the goroutine that takes places or gives them back; the other answers of the question wait behind it, each of which could
	// otherwise hold a place while the others cannot have one.
	turn chan struct{}
	// taken is how many steps have been taken.
	taken int
}

func newRoom() *room { return &room{turn: make(chan struct{}, 1)} }

type roomKey struct{}

// Hold has everything that is read under the context counted as one, and its room held until release: for a caller who keeps what it has decoded
// after it has released the answers. Without it each answer is counted by itself, and only while it is read.
func Hold(ctx context.Context) (held context.Context, release func()) {
	r := newRoom()
	return context.WithValue(ctx, roomKey{}, r), r.leave
}

// perResource is what a decoded resource weighs beside its bytes: the struct of the largest type that is common, an Observation, with its quantity.
const perResource = 1280

// Weigh counts what has been decoded of an answer towards the question that the context belongs to: small resources weigh many times their bytes. It waits for
// the places that they need; with an error there is no room, or no time, for them.
func Weigh(ctx context.Context, resources int) error {
	r, own := roomIn(ctx)
	if own {
		return nil
	}
	return r.more(ctx, int64(resources)*perResource, &unbounded)
}

// unbounded is the line of those who wait and hold no connection.
var unbounded = line{most: math.MaxInt64}

// roomIn is the room of the question that the context belongs to; own says that there is none and a new one was made.
func roomIn(ctx context.Context) (r *room, own bool) {
	if r, ok := ctx.Value(roomKey{}).(*room); ok {
		return r, false
	}
	return newRoom(), true
}

// more makes room for so many bytes more, and waits for the places that they need.
func (r *room) more(ctx context.Context, by int64, line *line) error {
	if by <= 0 || r.bytes.Add(by) <= steps[0].past {
		return nil
	}
	w := waiting{ctx: ctx, line: line}
	defer w.end()
	err := w.enter(r.turn)
	if err == nil {
		for err == nil && r.taken < len(steps) && r.bytes.Load() > steps[r.taken].past {
			if err = w.enter(steps[r.taken].places); err == nil {
				r.taken++
			}
		}
		<-r.turn
	}
	if err != nil {
		r.less(by)
	}
	return err
}

// garbage is what the largest answers have left behind since it was last collected. The collector lets the heap grow to several times what is live, which
// is right for what small answers leave; these leave so much at once that it is told.
var garbage atomic.Int64

// mostGarbage is how many bytes of the largest answers are read between two collections; what was made of them is two or three times as much.
const mostGarbage = 32 << 20

// collect counts what an answer leaves behind.
func collect(bytes int64) {
	if bytes > steps[len(steps)-1].past && garbage.Add(bytes) > mostGarbage {
		garbage.Store(0)
		runtime.GC()
	}
}

// less gives back what so many bytes needed. While another answer of the question waits, its places are left until the question is answered.
func (r *room) less(by int64) {
	left := r.bytes.Add(-by)
	select {
	case r.turn <- struct{}{}:
		for r.taken > 0 && left <= steps[r.taken-1].past {
			r.taken--
			<-steps[r.taken].places
		}
		<-r.turn
	default:
	}
}

// leave gives everything back, once nothing is read any more.
func (r *room) leave() {
	held := r.bytes.Load()
	r.less(held)
	collect(held)
}

// line is where the answers of one source wait. Each holds a connection meanwhile, so that only some of them may: a question that has room, and must
// ask for something more before it can give the room back, always finds a connection.
type line struct {
	waiting atomic.Int64
	most    int64
}

func newLine(connections int) *line { return &line{most: int64(connections)/2 - 1} }

// waiting is one answer's, from when it found no place.
type waiting struct {
	ctx   context.Context
	line  *line
	began time.Time
}

// enter takes a place at once, or waits until there is one.
func (w *waiting) enter(places chan<- struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	default:
	}
	if !w.begin() {
		return ErrNoRoom
	}
	limit := DefaultTimeout
	if deadline, ok := w.ctx.Deadline(); ok {
		limit = time.Until(deadline)
	}
	timer := time.NewTimer(limit - patience)
	defer timer.Stop()
	select {
	case places <- struct{}{}:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	case <-timer.C:
		return ErrNoRoom
	}
}

// begin stands in line; false says that it is full.
func (w *waiting) begin() bool {
	if !w.began.IsZero() {
		return true
	}
	if w.line.waiting.Add(1) > w.line.most {
		w.line.waiting.Add(-1)
		return false
	}
	w.began = time.Now()
	waits.now.Add(1)
	waits.began.Add(1)
	return true
}

func (w *waiting) end() {
	if w.began.IsZero() {
		return
	}
	w.line.waiting.Add(-1)
	waits.now.Add(-1)
	waits.nanoseconds.Add(int64(time.Since(w.began)))
}

// waits counts those of the process.
var waits struct{ now, began, refused, nanoseconds atomic.Int64 }

// Waits are those of large answers for room, over the whole process.
type Waits struct {
	// Now is how many wait, Began how many ever did, Refused how many answers were given up for want of room.
	Now, Began, Refused int64
	// Took is how long those that have ended took together.
	Took time.Duration
}

// LargeAnswers are the waits of the large answers of every client.
func LargeAnswers() Waits {
	return Waits{Now: waits.now.Load(), Began: waits.began.Load(), Refused: waits.refused.Load(), Took: time.Duration(waits.nanoseconds.Load())}
}
