package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ribble/internal/spawn"
)

// order is one line that the benchmark sends to a process of its own; reply is the line that comes back.
type order struct {
	Do string `json:"do"`
	// Dir holds the files of the private authority.
	Dir    string          `json:"dir,omitempty"`
	Delays []time.Duration `json:"delays,omitempty"`
	Source int             `json:"source,omitempty"`
	Script []asked         `json:"script,omitempty"`
	// Views are made AtOnce at a time; Passes repeat what is not a view; File holds a page.
	Views  int    `json:"views,omitempty"`
	AtOnce int    `json:"at_once,omitempty"`
	Passes int    `json:"passes,omitempty"`
	File   string `json:"file,omitempty"`
}

type reply struct {
	Error string   `json:"error,omitempty"`
	PDS   string   `json:"pds,omitempty"`
	Bases []string `json:"bases,omitempty"`
	URL   string   `json:"url,omitempty"`
	// Script is what a view asked for; Walls is how long each view took; Count is a plain number.
	Script []asked         `json:"script,omitempty"`
	Walls  []time.Duration `json:"walls,omitempty"`
	Count  int             `json:"count,omitempty"`
}

// asked is one request of a view. Source is -1 for the national demographics, which are asked first and alone.
type asked struct {
	Source      int
	Method, URL string
	Body        string
	ContentType string
}

// serve answers orders from in until it ends: a process of the benchmark lives no longer than the benchmark.
func serve(in io.Reader, out io.Writer, carryOut func(order) (reply, error)) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading an order: %w", err)
		}
		var o order
		var r reply
		if err = json.Unmarshal(line, &o); err == nil {
			r, err = carryOut(o)
		}
		if err != nil {
			r = reply{Error: err.Error()}
		}
		if err := json.NewEncoder(out).Encode(r); err != nil {
			return fmt.Errorf("answering an order: %w", err)
		}
	}
}

// child is a process that the benchmark started.
type child struct {
	cmd  *exec.Cmd
	done <-chan struct{}
	in   io.WriteCloser
	out  *bufio.Reader
}

// start starts a process. One that takes orders gets them on its standard input.
func start(ctx context.Context, env []string, logs io.Writer, program string, args ...string) (*child, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), logs
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	done, err := spawn.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", args[0], err)
	}
	return &child{cmd: cmd, done: done, in: in, out: bufio.NewReaderSize(out, 1<<20)}, nil
}

// do sends one order and waits for its reply.
func (c *child) do(o order) (reply, error) {
	if err := json.NewEncoder(c.in).Encode(o); err != nil {
		return reply{}, fmt.Errorf("ordering %s: %w", o.Do, err)
	}
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return reply{}, fmt.Errorf("waiting for %s: %w", o.Do, err)
	}
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{}, fmt.Errorf("reading the reply to %s: %w", o.Do, err)
	}
	if r.Error != "" {
		return reply{}, fmt.Errorf("%s: %s", o.Do, r.Error)
	}
	return r, nil
}

// stop ends the process and waits for it.
func (c *child) stop() {
	_ = c.in.Close()
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(5*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	<-c.done
}

// ticks is how many clock ticks the kernel counts in a second (USER_HZ), on every architecture that Go knows.
const ticks = 100

// cpu is the processor time that the process has used: utime + stime of /proc/PID/stat.
func (c *child) cpu() (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("reading the processor time: %w", err)
	}
	// The name in brackets may hold spaces; the fields are counted after it.
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("the processor time is not where it should be")
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / ticks, errors.Join(err1, err2)
}

// memory gives a figure of /proc/PID/status in bytes: VmRSS, or its peak VmHWM.
func (c *child) memory(name string) (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
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

// timed gives the processor time that the process used while work ran.
func (c *child) timed(work func() error) (time.Duration, error) {
	before, err := c.cpu()
	if err != nil {
		return 0, err
	}
	if err := work(); err != nil {
		return 0, err
	}
	after, err := c.cpu()
	return after - before, err
}
