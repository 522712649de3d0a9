package prove

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// errNotHere says that a scenario needs something that this machine lacks.
var errNotHere = errors.New("this machine lacks what it takes")

// writeCalls are the system calls by which a process could leave something on a disk.
const writeCalls = "open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,mknod,mknodat,memfd_create,truncate"

// noWrites runs a third portal under strace, has records and documents opened at it, and reads every call by which it could have written a file.
func noWrites(st *stage) error {
	strace, err := exec.LookPath("strace")
	if err != nil {
		return fmt.Errorf("%w: strace", errNotHere)
	}
	r, err := st.newReplica("portal-traced")
	if err != nil {
		return err
	}
	trace := st.in("strace.out")
	program := r.program
	r.program, r.arguments = strace, []string{"-f", "-qq", "-e", "trace=" + writeCalls, "-o", trace, program, "serve"}
	if err := r.start(st.ctx); err != nil {
		return err
	}
	defer endTraced(r)
	views, err := st.crowd(st.choose(200, 12), 4, func(int) string { return r.url })
	if err != nil {
		return err
	}
	bad := st.lacking(views)
	u := st.canary
	v := st.add(st.look(st.ctx, u, r.url, true))
	for _, m := range documentLink.FindAllSubmatch(v.page, 3) {
		resp, err := st.request(st.ctx, u, r.url, "GET", string(m[1]), nil)
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
	}
	calls, writes, err := readTrace(trace)
	if err != nil {
		return err
	}
	for _, w := range writes {
		st.miss("%s", w)
	}
	st.bar(calls > 10, "only %d calls were traced", calls)
	st.say("%d calls that open or make files during the start, %d views and documents; %d to write", calls, len(views)-bad, len(writes))
	return nil
}

// endTraced ends the portal before the tracer, which would leave it behind.
func endTraced(r *replica) {
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", r.pid(), r.pid())) // without it only the tracer ends
	for child := range strings.FieldsSeq(string(children)) {
		if pid, err := strconv.Atoi(child); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	r.kill()
}

// readTrace counts the traced calls and gives those that could write.
func readTrace(path string) (calls int, writes []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		_, call, _ := strings.Cut(strings.TrimSpace(line), " ")
		call = strings.TrimSpace(call)
		name, arguments, isCall := strings.Cut(call, "(")
		if !isCall || strings.HasPrefix(call, "<...") {
			continue
		}
		calls++
		opens := strings.HasPrefix(name, "open")
		if !opens || strings.Contains(arguments, "O_WRONLY") || strings.Contains(arguments, "O_RDWR") || strings.Contains(arguments, "O_CREAT") || strings.Contains(arguments, "O_TMPFILE") {
			writes = append(writes, call)
		}
	}
	return calls, writes, lines.Err()
}
