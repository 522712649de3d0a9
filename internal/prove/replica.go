package prove

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"ribble/internal/spawn"
)

// replica is one portal, as a process of its own.
type replica struct {
	name, url, ops string
	program, logs  string
	arguments, env []string

	mu   sync.Mutex
	cmd  *exec.Cmd
	done <-chan struct{}
	// served is how long the last start took until it was ready; again counts the starts that were tried once more.
	served time.Duration
	again  int
}

func (e *estate) newReplica(name string) (*replica, error) {
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	settings := maps.Clone(e.settings)
	settings["RIBBLE_LISTEN"], settings["RIBBLE_OPS_LISTEN"] = ports[0], ports[1]
	return &replica{name: name, url: "http://" + ports[0], ops: "http://" + ports[1], program: e.ribble, arguments: []string{"serve"}, logs: e.in(name + ".log"), env: environment(settings)}, nil
}

// start starts the process until it is ready. One that ends at once, because its database was too slow to answer, is started again, as the service manager
// of a real machine would.
func (r *replica) start(ctx context.Context) error {
	var err error
	for range 4 {
		if err = r.startOnce(ctx); err == nil || ctx.Err() != nil || r.running() {
			return err
		}
		r.again++
	}
	return err
}

func (r *replica) startOnce(ctx context.Context) error {
	log, err := os.OpenFile(r.logs, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	began := time.Now()
	cmd := exec.CommandContext(ctx, r.program, r.arguments...)
	cmd.Env, cmd.Stderr, cmd.Stdout = r.env, log, log
	done, err := spawn.Start(cmd)
	if err != nil {
		return fmt.Errorf("starting %s: %w", r.name, err)
	}
	r.mu.Lock()
	r.cmd, r.done = cmd, done
	r.mu.Unlock()
	if err := r.awaitReady(time.Minute); err != nil {
		return err
	}
	r.served = time.Since(began)
	return nil
}

func (r *replica) running() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cmd == nil {
		return false
	}
	select {
	case <-r.done:
		return false
	default:
		return true
	}
}

func (r *replica) signal(s os.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cmd != nil {
		_ = r.cmd.Process.Signal(s) // one that has ended hears nothing
	}
}

// kill ends the process as a power cut would.
func (r *replica) kill() {
	r.signal(syscall.SIGKILL)
	if r.done != nil {
		<-r.done
	}
}

// term asks the process to end, and says how long that took.
func (r *replica) term(limit time.Duration) (time.Duration, error) {
	began := time.Now()
	r.signal(syscall.SIGTERM)
	select {
	case <-r.done:
		return time.Since(began), nil
	case <-time.After(limit):
		r.kill()
		return limit, fmt.Errorf("%s did not end within %s", r.name, limit)
	}
}

func (r *replica) pid() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cmd.Process.Pid
}

// operator asks the portal as operators do: a new connection for each question.
var operator = http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{Timeout: time.Second}).DialContext}}

// ready reports whether a load balancer would send requests here.
func (r *replica) ready() bool {
	resp, err := operator.Get(r.ops + "/ready")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}

func (r *replica) awaitReady(limit time.Duration) error {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if !r.running() {
			said, _ := os.ReadFile(r.logs)
			return fmt.Errorf("%s ended while it started: …%s", r.name, said[max(0, len(said)-1000):])
		}
		if r.ready() {
			return nil
		}
	}
	return fmt.Errorf("%s is not ready after %s", r.name, limit)
}

// figure reads one figure of the portal's own metrics.
func (r *replica) figure(name string) (float64, error) {
	resp, err := operator.Get(r.ops + "/metrics")
	if err != nil {
		return 0, fmt.Errorf("reading the metrics of %s: %w", r.name, err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		var value float64
		if rest, found := strings.CutPrefix(lines.Text(), name+" "); found {
			_, err := fmt.Sscan(rest, &value)
			return value, err
		}
	}
	return 0, fmt.Errorf("%s gives no figure %s", r.name, name)
}

// memory gives a figure of /proc/PID/status in bytes: VmRSS, or its peak VmHWM.
func (r *replica) memory(name string) (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.pid()))
	if err != nil {
		return 0, fmt.Errorf("reading the memory in use: %w", err)
	}
	_, rest, _ := strings.Cut(string(raw), name+":")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0, fmt.Errorf("reading the memory in use: %w", err)
	}
	return kib << 10, nil
}
