package pgrun

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ribble/internal/spawn"
)

// shutdown is a signal that PostgreSQL understands as a way to end.
type shutdown = syscall.Signal

const (
	fastShutdown      shutdown = syscall.SIGINT
	immediateShutdown shutdown = syscall.SIGQUIT
)

// process is a running server program.
type process struct {
	cmd  *exec.Cmd
	done <-chan struct{}
}

func launch(server string, h *home, acct account, port int) (*process, error) {
	log, err := os.OpenFile(h.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the server's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(server, "-D", h.data(), "-k", h.socket(), "-p", strconv.Itoa(port))
	cmd.Dir, cmd.Env = h.data(), serverEnvironment()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes(acct)
	// How the server ends is in its log; a stop on request looks like a failure here.
	done, err := spawn.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("starting the PostgreSQL server: %w", err)
	}
	return &process{cmd: cmd, done: done}, nil
}

// serverEnvironment keeps PG* variables of the caller from changing the server or initdb.
func serverEnvironment() []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
}

// awaitReady waits until the server says in its own pid file that it takes connections; the first line tells an old file from
// this server's.
func (p *process) awaitReady(ctx context.Context, h *home) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !p.ready(h) {
		select {
		case <-tick.C:
		case <-p.done:
			log, _ := os.ReadFile(h.log())
			return fmt.Errorf("the PostgreSQL server ended while starting: %s", tail(log))
		case <-ctx.Done():
			return fmt.Errorf("waiting for the PostgreSQL server: %w", ctx.Err())
		}
	}
	return nil
}

func (p *process) ready(h *home) bool {
	text, err := os.ReadFile(filepath.Join(h.data(), "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(text), "\n")
	const statusLine = 7
	return len(lines) > statusLine && lines[0] == strconv.Itoa(p.cmd.Process.Pid) && strings.TrimSpace(lines[statusLine]) == "ready"
}

// stop asks in the given way and, if that is not heeded, harder.
func (p *process) stop(how shutdown) error {
	for _, sig := range []shutdown{how, immediateShutdown} {
		if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stopping the PostgreSQL server: %w", err)
		}
		select {
		case <-p.done:
			return nil
		case <-time.After(10 * time.Second):
		}
	}
	p.kill()
	return errors.New("the PostgreSQL server did not end when asked and was killed")
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// freePort chooses a port below the range from which the kernel takes outgoing ones: there a client that reconnects in a loop
// can meet itself and keep the server from coming back.
func freePort() (int, error) {
	const lowest, highest = 18000, 32000
	for range 200 {
		port := lowest + rand.IntN(highest-lowest)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return 0, errors.New("no free port between 18000 and 32000")
}
