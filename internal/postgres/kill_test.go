package postgres_test

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/ledger"
	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/verify"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
)

var rounds = flag.Int("rounds", 3, "how many rounds TestKilledAtRandom makes")

// childOf holds what a child process is told, in its environment.
const childOf = "RIBBLE_TEST_KILL_CHILD"

// TestKillChild is the child: it appends from many callers, makes checkpoints all the while, and says of each event that it was acknowledged.
func TestKillChild(t *testing.T) {
	told := strings.Split(os.Getenv(childOf), "\n")
	if len(told) != 6 {
		t.Skip("only as a child of TestKilledAtRandom")
	}
	appendURL, verifierURL, dir, keyFile, witnessURL, witnessKey := told[0], told[1], told[2], told[3], told[4], told[5]
	keys, err := audit.LoadKeys(keyFilesIn(dir), nil)
	if err != nil {
		t.Fatal(err)
	}
	signers, err := checkpoint.ReadSigners(keyFile, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	log, store := openAudit(t, appendURL), mustLedger(t, verifierURL, appendURL)
	l, err := ledger.Open(t.Context(), ledger.Config{
		Reader: store, Writer: store, Keys: signers, Witnesses: []ledger.Witness{witnessClient(t, witnessURL, witnessKey)}, Authentic: keys.Authentic,
		Appended: log.Appended, Know: log.Know, Halt: log.Halt, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for t.Context().Err() == nil {
			_ = l.Round(t.Context()) // the server goes away in some rounds
		}
	}()
	acknowledged := &acknowledging{Store: log}
	trail := audit.NewTrail(acknowledged, keys, time.Now)
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			for {
				_ = trail.Note(t.Context(), audit.Note{Act: audit.ActSignedOut}) // what is not acknowledged is not counted
			}
		})
	}
	group.Wait()
}

// acknowledging prints every event that its store acknowledged.
type acknowledging struct {
	audit.Store
	mu sync.Mutex
}

// Append appends and prints.
func (a *acknowledging) Append(ctx context.Context, e audit.Entry) (audit.Position, error) {
	p, err := a.Store.Append(ctx, e)
	if err == nil {
		a.mu.Lock()
		fmt.Fprintf(os.Stdout, "ack %d %s\n", p.Sequence, e.ID)
		a.mu.Unlock()
	}
	return p, err
}

func keyFilesIn(dir string) audit.KeyFiles {
	return audit.KeyFiles{Index: filepath.Join(dir, "index"), Person: filepath.Join(dir, "person"), Row: filepath.Join(dir, "row")}
}

func mustLedger(t *testing.T, verifierURL, appendURL string) *postgres.Ledger {
	t.Helper()
	store, err := postgres.OpenLedger(t.Context(), verifierURL, appendURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

// TestKilledAtRandom has a portal's process append and sign, and kills at a random moment, in turn: that process, the database's process that serves
// it, and the whole server. No acknowledged event may be lost or get another number, and at the end the trail verifies against the witness.
func TestKilledAtRandom(t *testing.T) {
	server := pgtest.NewServer(t)
	p := newPortal(t, server)
	dir := t.TempDir()
	files := keyFilesIn(dir)
	for _, f := range []string{files.Index, files.Person, files.Row} {
		if err := audit.WriteKeyFile(f); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := audit.LoadKeys(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.keys = keys
	told := strings.Join([]string{server.URLs[postgres.AuditAppend], server.URLs[postgres.Verifier], dir, p.keyFile, p.url, p.public[1]}, "\n")
	total := 0
	for round := range *rounds {
		c := startChild(t, told)
		time.Sleep(time.Duration(300+mathrand.IntN(500)) * time.Millisecond)
		switch round % 3 {
		case 1:
			killBackends(t, server)
			time.Sleep(time.Duration(mathrand.IntN(500)) * time.Millisecond)
		case 2:
			if err := server.Cluster.Crash(); err != nil {
				t.Fatal(err)
			}
		}
		acknowledged := c.kill(t)
		if round%3 == 2 {
			if err := server.Cluster.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		awaitServer(t, server)
		if lost := missing(t, server, acknowledged); lost > 0 {
			t.Errorf("round %d: %d of %d acknowledged events are lost", round, lost, len(acknowledged))
		}
		if len(acknowledged) == 0 {
			t.Errorf("round %d: nothing was acknowledged, so nothing was tested", round)
		}
		total += len(acknowledged)
	}
	assertContiguous(t, server, query[int64](t, server.AdminURL, "SELECT count(*) FROM audit.event"))
	r := p.mustReplica(t)
	var out bytes.Buffer
	if err := ledger.Export(t.Context(), r.store, &out, ledger.Range{}, nil); err != nil {
		t.Fatal(err)
	}
	outside, err := os.Open(p.file)
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	report, err := verify.Export(&out, verify.Options{LogKeys: p.public[:1], WitnessKeys: p.public[1:], Outside: outside})
	if err != nil || report.Finding != nil || report.Proven != report.To {
		t.Errorf("%+v, %v, %v", report, report.Finding, err)
	}
	t.Logf("%d rounds, %d events acknowledged, 0 lost; %d proven", *rounds, total, report.Proven)
}

// child is a running child process.
type child struct {
	command *exec.Cmd
	out     bytes.Buffer
	done    chan error
}

func startChild(t *testing.T, told string) *child {
	t.Helper()
	c := &child{command: exec.Command(os.Args[0], "-test.run=^TestKillChild$", "-test.timeout=5m"), done: make(chan error, 1)}
	c.command.Env = append(os.Environ(), childOf+"="+told)
	pipe, err := c.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.command.Stderr = os.Stderr
	if err := c.command.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(pipe)
	// The first acknowledgement says that the child is at work.
	first, err := in.ReadString('\n')
	if err != nil || !strings.HasPrefix(first, "ack ") {
		_ = c.command.Process.Kill()
		t.Fatalf("the child said %q (%v)", first, err)
	}
	c.out.WriteString(first)
	go func() {
		_, err := io.Copy(&c.out, in)
		c.done <- err
	}()
	return c
}

// kill ends the child without a warning and gives what it had acknowledged.
func (c *child) kill(t *testing.T) map[string]int64 {
	t.Helper()
	if err := c.command.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-c.done
	_ = c.command.Wait()
	acknowledged := map[string]int64{}
	text := c.out.String()
	// A last line may be half written.
	text = text[:strings.LastIndexByte(text, '\n')+1]
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[0] != "ack" {
			t.Fatalf("the child said %q", line)
		}
		sequence, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		acknowledged[fields[2]] = sequence
	}
	return acknowledged
}

// killBackends kills the server's processes that serve the writer; the server then goes through crash recovery.
func killBackends(t *testing.T, server *pgtest.DB) {
	t.Helper()
	conn := connect(t, server.AdminURL)
	rows, err := conn.Query(t.Context(), "SELECT pid FROM pg_stat_activity WHERE usename = 'ribble_audit_append'")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
}

func awaitServer(t *testing.T, server *pgtest.DB) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		log, err := postgres.OpenAudit(t.Context(), server.URLs[postgres.AuditAppend])
		if err == nil {
			log.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// missing counts acknowledged events that are not there under their numbers.
func missing(t *testing.T, server *pgtest.DB, acknowledged map[string]int64) int {
	t.Helper()
	rows, err := connect(t, server.AdminURL).Query(t.Context(), "SELECT id::text, sequence FROM audit.event")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]int64{}
	for rows.Next() {
		var id string
		var sequence int64
		if err := rows.Scan(&id, &sequence); err != nil {
			t.Fatal(err)
		}
		there[id] = sequence
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	lost := 0
	for id, sequence := range acknowledged {
		if there[id] != sequence {
			lost++
		}
	}
	return lost
}

// TestTheHarnessSeesLoss is the control: the same crash with commits that do not wait for the disk loses what was acknowledged, so a harness that finds
// nothing lost means something.
func TestTheHarnessSeesLoss(t *testing.T) {
	server := pgtest.NewServer(t)
	for range 5 {
		acknowledged := crashCarelessly(t, server)
		if lost := missing(t, server, acknowledged); lost > 0 {
			t.Logf("%d of %d acknowledged events lost", lost, len(acknowledged))
			return
		}
	}
	t.Error("commits that did not wait for the disk were not lost: the harness proves nothing")
}

// crashCarelessly crashes the server under callers whose commits do not wait for the disk, starts it again, and gives what they were told is written.
func crashCarelessly(t *testing.T, server *pgtest.DB) map[string]int64 {
	t.Helper()
	acknowledged := map[string]int64{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 8 {
		conn := connect(t, server.URLs[postgres.AuditAppend])
		if _, err := conn.Exec(t.Context(), "SET synchronous_commit = off"); err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			for {
				id, sequence, err := appendCarelessly(t.Context(), conn)
				if err != nil {
					return
				}
				mu.Lock()
				acknowledged[id] = sequence
				mu.Unlock()
			}
		})
	}
	time.Sleep(time.Second)
	if err := server.Cluster.Crash(); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	if err := server.Cluster.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	return acknowledged
}

// appendCarelessly appends as the writer would, on a connection whose commits do not wait for the disk: the writer refuses such a connection.
func appendCarelessly(ctx context.Context, conn *pgx.Conn) (id string, sequence int64, err error) {
	e := newEntry()
	var sequences []int64
	err = conn.QueryRow(ctx, "SELECT audit.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)",
		[][16]byte{e.ID}, []time.Time{e.At}, []string{"x"}, []*[16]byte{nil}, []int32{1}, []string{""}, []string{""}, []string{""}, []*[16]byte{nil},
		[][]byte{e.Body}, []*[16]byte{nil}).Scan(&sequences)
	if err != nil {
		return "", 0, err
	}
	return e.ID.String(), sequences[0], nil
}
