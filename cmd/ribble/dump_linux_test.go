package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestMemoryIsClosed runs in a process of its own, because what it does cannot be undone.
func TestMemoryIsClosed(t *testing.T) {
	const prGetDumpable = 3
	if os.Getenv("RIBBLE_TEST_CLOSED") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestMemoryIsClosed$")
		cmd.Env = append(os.Environ(), "RIBBLE_TEST_CLOSED=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if before, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, prGetDumpable, 0, 0); before != 1 {
		t.Skip("the memory of tests is closed on this machine")
	}
	if err := closeMemory(); err != nil {
		t.Fatal(err)
	}
	if after, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prGetDumpable, 0, 0); after != 0 || errno != 0 {
		t.Errorf("the memory can be dumped: %d, %v", after, errno)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("core files of up to %d bytes, %v", limit.Cur, err)
	}
}
