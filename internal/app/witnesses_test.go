package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ribble/internal/ledger"
)

// site is a witness at a place of its own: key, folder and address stay when it is stopped and started.
type site struct {
	t              *testing.T
	dir, log, addr string
	public         string
	stop           func()
}

func newSite(t *testing.T, name, log string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), log: log, addr: "127.0.0.1:0"}
	var out bytes.Buffer
	if err := Witness(t.Context(), []string{"key", s.key(), name}, &out); err != nil {
		t.Fatal(err)
	}
	s.public = strings.TrimSpace(out.String())
	s.start()
	return s
}

func (s *site) key() string { return filepath.Join(s.dir, "witness.key") }

// start runs `ribble witness` until stop.
func (s *site) start() {
	s.t.Helper()
	said, out := io.Pipe()
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	ended := make(chan error, 1)
	go func() {
		err := Witness(ctx, []string{"-dir", filepath.Join(s.dir, "kept"), "-key", s.key(), "-log", s.log, "-listen", s.addr}, out)
		_ = out.CloseWithError(errors.Join(err, io.EOF))
		ended <- err
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	addr, ready := strings.CutPrefix(strings.TrimSpace(line), "READY ")
	if !ready {
		s.t.Fatalf("the witness said %q: %v", line, err)
	}
	s.addr = addr
	s.stop = func() {
		s.t.Helper()
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
			s.t.Error(err)
		}
		s.stop = func() {}
	}
	s.t.Cleanup(func() { s.stop() })
}

// forget takes the witness's memory away, as whoever administers it could.
func (s *site) forget() {
	s.t.Helper()
	s.stop()
	if err := os.RemoveAll(filepath.Join(s.dir, "kept")); err != nil {
		s.t.Fatal(err)
	}
	s.start()
}

// proven checks an export with the witness's own file and key, and gives the last event that it proves.
func (s *site) proven(o *office, export string) (last int) {
	s.t.Helper()
	found, err := filepath.Glob(filepath.Join(s.dir, "kept", "*", "checkpoints"))
	if err != nil || len(found) != 1 {
		s.t.Fatalf("%v, %v", found, err)
	}
	var out bytes.Buffer
	err = AuditVerify([]string{"-export", export, "-key", filepath.Join(o.dir, CheckpointKeyFile+".pub"), "-witness-key", s.key() + ".pub", "-checkpoints", found[0]}, &out)
	_, words, _ := strings.Cut(out.String(), "\n")
	if _, scanned := fmt.Sscanf(words, "proven: events 1 to %d", &last); err != nil || scanned != nil {
		s.t.Fatalf("%s: %v", out.String(), err)
	}
	return last
}

func witnessList(sites ...*site) string {
	var parts []string
	for _, s := range sites {
		parts = append(parts, fmt.Sprintf(`{"url": "http://%s", "key": %q, "networks": ["127.0.0.0/8"]}`, s.addr, s.public))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// TestTwoWitnesses: each of two confirms by itself, and proves the trail alone; one that was away catches up; and where one has been made to forget, the
// other still keeps a portal from beginning another history under the same name.
func TestTwoWitnesses(t *testing.T) {
	dir := t.TempDir()
	if err := WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, CheckpointKeyFile+".pub")
	trust, council := newSite(t, "witness.trust.example", log), newSite(t, "witness.council.example", log)
	o, err := openOffice(t, dir, told(t, dir, witnessList(trust, council)))
	if err != nil {
		t.Fatal(err)
	}
	exports := 0
	round := func(events int) string {
		t.Helper()
		for range events {
			o.note(t, firstNumber)
		}
		if err := o.proof.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := o.proof.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		exports++
		path := filepath.Join(dir, fmt.Sprint("export", exports))
		if err := o.export(t.Context(), []string{"-out", path, "-purpose", "yearly-check"}); err != nil {
			t.Fatal(err)
		}
		return path
	}
	both := round(5)
	if a, b := trust.proven(o, both), council.proven(o, both); a < 5 || a != b {
		t.Errorf("one witness proves %d events, the other %d", a, b)
	}
	trust.stop()
	apart := round(7)
	if a, b := trust.proven(o, apart), council.proven(o, apart); b < 12 || a >= b {
		t.Errorf("the witness that is away proves %d events, the other %d", a, b)
	}
	trust.start()
	again := round(3)
	if a, b := trust.proven(o, again), council.proven(o, again); a < 15 || a != b {
		t.Errorf("after it came back one witness proves %d events, the other %d", a, b)
	}

	trust.forget()
	if _, err := openOffice(t, dir, told(t, dir, witnessList(trust, council))); !errors.Is(err, ledger.ErrBroken) {
		t.Errorf("another history beside a witness that remembers: %v", err)
	}
	trust.forget()
	if _, err := openOffice(t, dir, told(t, dir, witnessList(trust))); err != nil {
		t.Errorf("with the forgetful witness alone nothing stands against it, which is why there should be two: %v", err)
	}
}
