package pgrun

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
)

const (
	homePrefix = "ribble-pg-"
	lockName   = "lock"
)

// home is the folder of one throw-away cluster. A lock held for the owner's life tells others that it is in use; a small
// watcher process removes it when the owner dies without saying so.
type home struct {
	path    string
	lock    *os.File
	once    sync.Once
	watcher *exec.Cmd
	life    io.WriteCloser
}

func (h *home) data() string   { return filepath.Join(h.path, "data") }
func (h *home) socket() string { return filepath.Join(h.path, "socket") }
func (h *home) log() string    { return filepath.Join(h.path, "log") }

func newHome(acct account) (*home, error) {
	path, err := os.MkdirTemp(acct.temporaryFolder(), homePrefix)
	if err != nil {
		return nil, fmt.Errorf("making the cluster's folder: %w", err)
	}
	h := &home{path: path}
	if err := h.prepare(acct); err != nil {
		return nil, errors.Join(err, h.remove())
	}
	return h, nil
}

func (h *home) prepare(acct account) error {
	// The server's account must pass through; what is inside is its own.
	if err := os.Chmod(h.path, 0o755); err != nil {
		return fmt.Errorf("opening the cluster's folder: %w", err)
	}
	if err := h.takeLock(); err != nil {
		return err
	}
	for _, dir := range []string{h.data(), h.socket()} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return fmt.Errorf("making the cluster's folder: %w", err)
		}
		if err := acct.give(dir); err != nil {
			return err
		}
	}
	return h.watch()
}

// takeLock locks the file before it gets the name that sweep looks for, so that no sweep can come between.
func (h *home) takeLock() error {
	f, err := os.OpenFile(filepath.Join(h.path, lockName+".new"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("making the cluster's lock: %w", err)
	}
	h.lock = f
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("taking the cluster's lock: %w", err)
	}
	if err := os.Rename(f.Name(), filepath.Join(h.path, lockName)); err != nil {
		return fmt.Errorf("naming the cluster's lock: %w", err)
	}
	return nil
}

// watcherScript reads until its owner is gone, then ends the server and removes the folder; it goes on looking for some seconds, as the
// server may be starting, or slow to end.
const watcherScript = `read -r never
i=0
while [ $((i += 1)) -le 100 ]; do
  [ -d "$1" ] || exit 0
  pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
  [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null
  sleep 0.1
  [ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null || continue
  rm -rf -- "$1"
done`

// watch starts the watcher in a process group of its own: Ctrl-C in a terminal must not end it before its work.
func (h *home) watch() error {
	cmd := exec.Command("/bin/sh", "-c", watcherScript, "ribble-pg-watcher", h.path)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	life, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("starting the cluster's watcher: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the cluster's watcher: %w", err)
	}
	h.watcher, h.life = cmd, life
	return nil
}

// remove deletes the folder and ends the watcher, which finds nothing left to do.
func (h *home) remove() (err error) {
	h.once.Do(func() {
		if err = os.RemoveAll(h.path); err != nil {
			err = fmt.Errorf("removing the cluster's folder: %w", err)
		}
		if h.lock != nil {
			err = errors.Join(err, h.lock.Close())
		}
		if h.watcher != nil {
			err = errors.Join(err, h.life.Close(), h.watcher.Wait())
		}
	})
	return err
}

// sweep removes folders whose owner is gone, for example after a power cut. Folders of others cannot be opened and stay.
func sweep(dir string) {
	locks, err := filepath.Glob(filepath.Join(dir, homePrefix+"*", lockName))
	if err != nil {
		return
	}
	for _, name := range locks {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Dir(name))
		}
		_ = f.Close()
	}
}
