package prove

import (
	"os/exec"
	"runtime"
	"syscall"
)

// spawn starts a process that ends with this one. The kernel sends its signal when the thread that forked ends, so that thread is kept for the process
// alone, for as long as it lives. Done is closed when it has ended.
func spawn(cmd *exec.Cmd) (done chan struct{}, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	done = make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is for the scenario to judge
		}
	}()
	return done, <-started
}
