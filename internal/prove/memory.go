package prove

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// allowedMemory is the memory that the kernel lets a portal have in the scenario of that name (P02).
const allowedMemory = 256 << 20

// memoryLimit lets hostile bodies come to a portal that the kernel ends as soon as it needs more memory than it may have.
func memoryLimit(st *stage) (err error) {
	group, err := newGroup(allowedMemory)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(group.dir)) }()
	r := st.replicas[0]
	program, arguments := r.program, r.arguments
	r.program, r.arguments = "/bin/sh", []string{"-c", `echo $$ > "$0" && exec "$@"`, filepath.Join(group.dir, "cgroup.procs"), program, "serve"}
	defer func() {
		r.program, r.arguments = program, arguments
		err = errors.Join(err, st.fresh(r))
	}()
	if err := st.fresh(r); err != nil {
		return err
	}
	// A database that is kept waiting too long leaves looks without an outcome, as one that is cut off does.
	st.mayLeave = true
	// Who looks afterwards is chosen before everybody has opened as much as they may.
	u, err := st.borrow()
	if err != nil {
		return err
	}
	pid, whole, refused := r.pid(), 0, 0
	for _, name := range []string{"fifty-thousand-resources", "endless-paging", "huge-body", "gzip-bomb", "deep-json"}[:st.choose(5, 2)] {
		for _, ods := range twelve[:3] {
			if err := st.strike(sourceOf[ods], name, 0); err != nil {
				return err
			}
		}
		views, err := st.crowd(st.choose(100, 20), st.choose(50, 20), func(int) string { return r.url })
		if err != nil {
			return err
		}
		for _, v := range views {
			switch {
			case v.whole:
				whole++
			case !v.shell && v.status == http.StatusServiceUnavailable:
				refused++
			default:
				st.must(false, "%s: a page did not come to its end: status %d, %v", name, v.status, v.err)
			}
		}
		st.region.Control.Reset()
		if err := st.settle(); err != nil {
			return err
		}
	}
	killed, err := group.killed()
	if err != nil {
		return err
	}
	st.must(killed == 0 && r.running() && r.pid() == pid, "the kernel ended the portal %d times", killed)
	peak, err := r.memory("VmHWM")
	if err != nil {
		return err
	}
	st.afresh(u, 0)
	st.say("%d MiB allowed: %d views came to their end, %d were refused, the kernel ended nothing; resident memory at most %d MiB", allowedMemory>>20, whole, refused, peak>>20)
	return nil
}

// group is a control group with a memory limit: of version 2 of the kernel's interface, or of version 1.
type group struct{ dir, counts string }

// newGroup makes one below this process's own. Only root may.
func newGroup(limit int64) (*group, error) {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotHere, err)
	}
	for line := range strings.Lines(string(own)) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, path, _ := strings.Cut(rest, ":")
		g, file := &group{dir: "/sys/fs/cgroup", counts: "memory.events"}, "memory.max"
		switch controllers {
		case "":
		case "memory":
			g, file = &group{dir: "/sys/fs/cgroup/memory", counts: "memory.oom_control"}, "memory.limit_in_bytes"
		default:
			continue
		}
		// A group that has processes of its own may not share out its memory (version 2): its parent's does.
		for _, above := range []string{path, filepath.Dir(path)} {
			made := &group{dir: filepath.Join(g.dir, above, "ribble-prove-"+strconv.Itoa(os.Getpid())), counts: g.counts}
			if os.Mkdir(made.dir, 0o755) != nil {
				continue
			}
			if os.WriteFile(filepath.Join(made.dir, file), []byte(strconv.FormatInt(limit, 10)), 0o644) == nil {
				return made, nil
			}
			if err := os.Remove(made.dir); err != nil {
				return nil, fmt.Errorf("removing a control group: %w", err)
			}
		}
	}
	return nil, fmt.Errorf("%w: no control group with a limit of memory may be made", errNotHere)
}

// killed counts the processes that the kernel ended for want of memory.
func (g *group) killed() (int, error) {
	raw, err := os.ReadFile(filepath.Join(g.dir, g.counts))
	if err != nil {
		return 0, fmt.Errorf("reading what the kernel ended: %w", err)
	}
	_, rest, found := strings.Cut(string(raw), "oom_kill ")
	if !found {
		return 0, errors.New("the kernel does not say what it ended")
	}
	var n int
	_, err = fmt.Sscan(rest, &n)
	return n, err
}
