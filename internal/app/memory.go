package app

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"ribble/internal/fanout"
	"ribble/internal/outbound"
)

const (
	// collectAt lets the heap grow to five times what is live before it is collected: a portal holds little between views, and collecting
	// at the usual two times takes a fifth of a view's processor time (docs/performance.md).
	collectAt = 400
	// memoryLimit is where collecting becomes more eager whatever is live. Five hundred views that wait for one source keep some 230 MiB, and need
	// as much again while they all print what has come (docs/performance.md, P7).
	memoryLimit = 470 << 20
	// ofContainer is the share of what the kernel allows the process that the collector is told of; the rest is for what it does not count.
	ofContainer = .85
	// fullAt is the share of the limit that may be live before no more records are opened: those that are open must be able to end.
	fullAt = .8
	// perKept is what a resource of a large answer needs until its page has ended, and the share of the memory that such answers may have.
	perKept, shareKept = 3 << 10, .4
)

// TuneMemory sets the collector up for views, unless whoever runs the program has set it up themselves, and makes the room for large answers as large as the memory is.
// Where the kernel allows the process less than a portal usually has, that is what it keeps to.
func TuneMemory(env func(string) (string, bool)) {
	if _, set := env("GOGC"); !set {
		debug.SetGCPercent(collectAt)
	}
	if _, set := env("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(limitWithin(memlimit.FromCgroup))
	}
	outbound.Fit(debug.SetMemoryLimit(-1))
}

// limitWithin is the usual limit, or less where the container's own is lower.
func limitWithin(container func() (uint64, error)) int64 {
	allowed, err := container()
	if err != nil || float64(allowed)*ofContainer > memoryLimit {
		return memoryLimit
	}
	return int64(float64(allowed) * ofContainer)
}

// roomForKept is how much of large answers may be kept at a time.
func roomForKept() *fanout.Room {
	return fanout.NewRoom(int64(shareKept * float64(min(debug.SetMemoryLimit(-1), memoryLimit)) / perKept))
}

// fullness tells when so much is live that no more records may be opened.
type fullness struct {
	limit int64
	live  func() int64
	// collecting is held by whoever makes sure; sure is when somebody last did.
	collecting sync.Mutex
	sure       time.Time
}

func newFullness() *fullness { return &fullness{limit: debug.SetMemoryLimit(-1), live: liveHeap} }

// liveHeap is what the last collection left.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// reached reports it. What the last collection left may have gone since and nobody have collected, because nothing is opened: that is made sure of once a second.
func (f *fullness) reached() bool {
	if !f.above() {
		return false
	}
	if f.collecting.TryLock() {
		if time.Since(f.sure) > time.Second {
			runtime.GC()
			f.sure = time.Now()
		}
		f.collecting.Unlock()
	}
	return f.above()
}

func (f *fullness) above() bool {
	return f.limit < math.MaxInt64 && float64(f.live()) > fullAt*float64(f.limit)
}
