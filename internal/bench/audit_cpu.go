package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// spending is processor time for one event, in microseconds: by the client (the benchmark itself, in which the trail runs, or pgbench) and by
// Postgres with all its processes. It says more than the clock on a machine that does other work.
type spending struct{ client, server float64 }

func (s spending) sum() float64 { return s.client + s.server }

// spendingOf has work done and gives what it cost for each of the events that it made.
func (s *subjects) spendingOf(work func() (events int, client time.Duration, err error)) (spending, error) {
	before, err := serverTime(s.data)
	if err != nil {
		return spending{}, err
	}
	events, client, err := work()
	if err != nil {
		return spending{}, err
	}
	after, err := serverTime(s.data)
	n := float64(max(events, 1))
	return spending{float64(client.Microseconds()) / n, float64((after - before).Microseconds()) / n}, err
}

// ownTime is the processor time of this process.
func ownTime() (time.Duration, error) {
	var usage syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), err
}

// profileOf has work done and writes a profile of this process's time into the folder, if one is named; that of the last round stays.
func profileOf(folder string, work func() error) error {
	if folder == "" {
		return work()
	}
	f, err := os.Create(filepath.Join(folder, "trail.pprof"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return work()
}

// serverTime is the processor time of a server and of all processes that it started, those that have ended included.
func serverTime(data string) (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("finding the server's processes: %w", err)
	}
	master, _, _ := strings.Cut(string(text), "\n")
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		return 0, errors.Join(errors.New("finding the server's processes"), err)
	}
	var all time.Duration
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			// It has ended since; its parent has its time.
			continue
		}
		all += timeOf(string(raw), filepath.Base(filepath.Dir(file)), master)
	}
	return all, nil
}

// timeOf reads a line of /proc/PID/stat: the processor time of the server itself with that of its ended children, or of a child alone, or nothing.
func timeOf(stat, pid, master string) time.Duration {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const parent, user, system, children = 1, 11, 12, 14
	if len(fields) <= children {
		return 0
	}
	last := system
	switch {
	case pid == master:
		last = children
	case fields[parent] != master:
		return 0
	}
	var sum int64
	for _, f := range fields[user : last+1] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks
}
