// Package spawn starts processes that end with the one that started them.
package spawn

import (
	"os/exec"
	"runtime"
)

// Start starts a process that ends with this one, by the signal that its attributes name or else by SIGKILL, and waits for it. Done is closed when it has
// ended; how it ended is then in cmd.ProcessState.
//
// The kernel sends that signal when the thread that forked ends, and not only when the process does, so that thread is kept for the child alone, for as
// long as it lives.
func Start(cmd *exec.Cmd) (done <-chan struct{}, err error) {
	endWithOwner(cmd)
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is for the caller to judge
		}
	}()
	return ended, <-started
}
