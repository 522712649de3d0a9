package pgrun

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func startForTest(t *testing.T) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), Options{Private: true, Volatile: true, Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func show(t *testing.T, url, setting string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var value string
	if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSettings(t *testing.T) {
	c := startForTest(t)
	want := map[string]string{
		"data_checksums": "on", "log_statement": "none", "log_min_error_statement": "panic", "log_error_verbosity": "terse",
		"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0", "listen_addresses": "127.0.0.1",
		"password_encryption": "scram-sha-256", "unix_socket_directories": c.home.socket(), "TimeZone": "UTC",
	}
	for setting, value := range want {
		if got := show(t, c.URL(), setting); got != value {
			t.Errorf("%s = %q, want %q", setting, got, value)
		}
	}
	if port, err := strconv.Atoi(show(t, c.URL(), "port")); err != nil || port >= 32768 {
		t.Errorf("port %d is in the range of outgoing connections (%v)", port, err)
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(c.URL(), Superuser+":", Superuser+":wrong", 1)); err == nil {
		t.Error("a wrong password was accepted")
	}
}

func TestStopAndRestartKeepDataAndAddress(t *testing.T) {
	c := startForTest(t)
	conn, err := pgx.Connect(t.Context(), c.URL())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 42 AS answer"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	for name, halt := range map[string]func() error{"stop": c.Stop, "crash": c.Crash} {
		if err := halt(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := pgx.Connect(t.Context(), c.URL()); err == nil {
			t.Fatalf("%s: the server still answers", name)
		}
		if err := c.Restart(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := show(t, c.URL(), "server_version_num"); got == "" {
			t.Fatalf("%s: no answer after the restart", name)
		}
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	c := startForTest(t)
	path, pid := c.home.path, c.process.cmd.Process.Pid
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("folder is still there: %v", err)
	}
	if alive(pid) {
		t.Error("server is still there")
	}
	if err := c.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

// TestKilledOwner starts a cluster in a child process, kills that child with SIGKILL and expects server and folder to go.
func TestKilledOwner(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^TestHelperOwner$")
	child.Env = append(os.Environ(), "PGRUN_HELPER=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	var path string
	if _, err := fmt.Sscanf(line, "%d %s", &pid, &path); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if !alive(pid) {
		t.Fatal("server never lived")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	gone := func() bool {
		_, err := os.Stat(path)
		return errors.Is(err, fs.ErrNotExist) && !alive(pid)
	}
	for range 500 {
		if gone() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("server (%v) or folder %s outlived its owner", alive(pid), path)
}

func TestHelperOwner(t *testing.T) {
	if os.Getenv("PGRUN_HELPER") == "" {
		t.Skip("only for TestKilledOwner")
	}
	c, err := Start(t.Context(), Options{Private: true, Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%d %s\n", c.process.cmd.Process.Pid, c.home.path)
	select {}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestSweepRemovesOnlyWhatNobodyHolds(t *testing.T) {
	dir := t.TempDir()
	left, held, unfinished := filepath.Join(dir, homePrefix+"left"), filepath.Join(dir, homePrefix+"held"), filepath.Join(dir, homePrefix+"new")
	for _, d := range []string{left, held, unfinished} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(left, lockName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h := &home{path: held}
	if err := h.takeLock(); err != nil {
		t.Fatal(err)
	}
	sweep(dir)
	for path, want := range map[string]bool{left: false, held: true, unfinished: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: kept = %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
}

func TestAdoptedServerIsNotOurs(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://somebody@db.example/x")
	c, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.URL() != "postgres://somebody@db.example/x" || c.Private() || c.DataDir() != "" {
		t.Errorf("%+v", c)
	}
	if err := c.Stop(); !errors.Is(err, ErrNotOurs) {
		t.Errorf("Stop: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	t.Setenv("DATABASE_URL", "host=db.example")
	if _, err := Start(t.Context(), Options{}); err == nil {
		t.Error("a DATABASE_URL that is no URL was accepted")
	}
}

func TestPGBinMustHoldPrograms(t *testing.T) {
	t.Setenv("PG_BIN", t.TempDir())
	if _, err := Start(t.Context(), Options{Private: true}); err == nil || !strings.Contains(err.Error(), "PG_BIN") {
		t.Errorf("got %v", err)
	}
}

// TestProgramsInClosedFolder is the case of root with programs below /root.
func TestProgramsInClosedFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root drops its rights")
	}
	acct, err := chooseAccount()
	if err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(t.TempDir(), "closed")
	bin := filepath.Join(closed, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := reachable(bin, &home{path: t.TempDir()}, acct)
	if err != nil {
		t.Fatal(err)
	}
	if got == bin || !hasPrograms(got) {
		t.Errorf("reachable gave %s", got)
	}
}

func TestNewestSystemPrefersTheHighestMajor(t *testing.T) {
	root := t.TempDir()
	for _, major := range []string{"9", "14", "15", "17"} {
		bin := filepath.Join(root, major, "bin")
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"initdb", "postgres"} {
			if err := os.WriteFile(filepath.Join(bin, name), nil, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := newestSystem(root), filepath.Join(root, "17", "bin"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
