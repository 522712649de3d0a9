package faulttest

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"ribble/internal/sandbox/fault"
)

// bound is by how much the whole process may grow while a source sends far too much, the sandbox's own making of it included.
const bound = 512 << 20

// TestMemoryIsBounded: what a source sends without end is not kept.
func TestMemoryIsBounded(t *testing.T) {
	need(t)
	if resident() == 0 {
		t.Skip("this machine does not tell how much memory a process holds")
	}
	v := hire(t, region)
	number := people[hodder].take()
	v.open(t, number)
	for _, name := range []string{"huge-body", "gzip-bomb", "deep-json", "fifty-thousand-resources", "endless-paging"} {
		for _, source := range []string{"bth", "gp-fellside", "wyc"} {
			debug.FreeOSMemory()
			before, peak, stop, done := resident(), uint64(0), make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				for {
					select {
					case <-stop:
						return
					case <-time.After(5 * time.Millisecond):
						peak = max(peak, resident())
					}
				}
			}()
			strike(t, source, fault.Setting{Fault: name, NHSNumber: number})
			p := v.open(t, number)
			strike(t, source, fault.Setting{})
			close(stop)
			<-done
			if p.status != 200 || !p.ended() {
				t.Errorf("%s at %s: status %d, ended %v", name, source, p.status, p.ended())
			}
			t.Logf("%s at %s: %d MiB more", name, source, (max(peak, before)-before)>>20)
			if peak > before+bound {
				t.Errorf("%s at %s: the process grew by %d MiB", name, source, (peak-before)>>20)
			}
		}
	}
	quiet(t)
	runtime.GC()
}

// resident is the memory that the process holds, in bytes; 0 where the system does not say.
func resident() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, _ := strconv.ParseUint(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}
