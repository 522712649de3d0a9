package post

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// box holds letters until they are sent.
type box struct {
	due  []Letter
	sent []string
}

func (b *box) Due(context.Context, int) ([]Letter, error) { return b.due, nil }

func (b *box) Sent(_ context.Context, l Letter) error {
	b.sent = append(b.sent, l.ID)
	return nil
}

// sender keeps messages, or fails.
type sender struct {
	kept []Message
	err  error
}

func (s *sender) Send(_ context.Context, m Message) error {
	s.kept = append(s.kept, m)
	return s.err
}

func postman(b *box, s Sender, logs *strings.Builder) *Postman {
	return &Postman{
		Boxes: []Box{b}, Sender: s, Portal: "https://ribble.example", Log: slog.New(slog.NewTextHandler(logs, nil)), Badge: func(string) string { return "BTH" },
		Address: func(l Letter) string {
			return map[string]string{"RZB": "ig@bowland.example", "": "region@vale.example"}[l.Organisation]
		},
	}
}

// TestALetterSaysNothingOfAnybody: it holds the reference, the portal's address and the alert's own id, and nothing else that could differ.
func TestALetterSaysNothingOfAnybody(t *testing.T) {
	b := &box{due: []Letter{{Kind: Alert, ID: "3f9c02a1", Organisation: "RZB", Number: 2216}, {Kind: Alert, ID: "77aa", Organisation: "RZP", Number: 2217}}}
	s := new(sender)
	if n, err := postman(b, s, new(strings.Builder)).Round(t.Context()); err != nil || n != 2 {
		t.Fatalf("%d letters: %v", n, err)
	}
	if len(s.kept) != 1 || s.kept[0].To != "ig@bowland.example" || s.kept[0].Subject != "Ribble: new alert BTH-2216" || !strings.Contains(s.kept[0].Text, "https://ribble.example/officer/alerts/3f9c02a1") {
		t.Errorf("messages %+v", s.kept)
	}
	if len(b.sent) != 2 {
		t.Errorf("%v are done: an organisation without an address needs no letter", b.sent)
	}
}

// TestKinds: what each kind of letter says and where it leads.
func TestKinds(t *testing.T) {
	s := new(sender)
	b := &box{due: []Letter{
		{Kind: Problem, ID: "ABC", Organisation: "RZB", Number: 12},
		{Kind: Ending, ID: "isa-2026 until 2026-12-31", Number: 14, About: "Information sharing agreement isa-2026"},
	}}
	if n, err := postman(b, s, new(strings.Builder)).Round(t.Context()); err != nil || n != 2 || len(s.kept) != 2 {
		t.Fatalf("%d letters, %d messages: %v", n, len(s.kept), err)
	}
	for i, want := range [][3]string{
		{"ig@bowland.example", "Ribble: problem with an entry, BTH-12", "https://ribble.example/problems/ABC\n"},
		{"region@vale.example", "Ribble: Information sharing agreement isa-2026 ends in 14 days", "https://ribble.example/admin\n"},
	} {
		if m := s.kept[i]; m.To != want[0] || m.Subject != want[1] || !strings.Contains(m.Text, want[2]) {
			t.Errorf("message %d is %+v", i, m)
		}
	}
}

// TestALetterThatFailsIsTriedAgain and no log says to whom, or what the server said.
func TestALetterThatFailsIsTriedAgain(t *testing.T) {
	b, logs := &box{due: []Letter{{Kind: Alert, ID: "1", Organisation: "RZB", Number: 7, Tries: 2}}}, new(strings.Builder)
	if _, err := postman(b, &sender{err: errors.New("550 no such box ig@bowland.example")}, logs).Round(t.Context()); err != nil || len(b.sent) > 0 {
		t.Errorf("%v is done: %v", b.sent, err)
	}
	if said := logs.String(); !strings.Contains(said, "attempt=3") || strings.Contains(said, "550") || strings.Contains(said, "@") {
		t.Errorf("the log says %s", said)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	if err := (Folder{dir}).Send(t.Context(), Message{To: "a@b.example", Subject: "s", Text: "t\n"}); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%d files: %v", len(names), err)
	}
	if text, err := os.ReadFile(names[0]); err != nil || string(text) != "To: a@b.example\nSubject: s\n\nt\n" {
		t.Errorf("the file says %q: %v", text, err)
	}
}

// server is a mail server that offers no STARTTLS; it gives what it was told.
func server(t *testing.T) (address string, told chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	told = make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewScanner(conn)
		say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
		say("220 relay")
		var all strings.Builder
		for body := false; in.Scan(); {
			line := in.Text()
			all.WriteString(line + "\n")
			switch {
			case body && line != ".":
			case body:
				body = false
				say("250 kept")
			case line == "DATA":
				body = true
				say("354 go on")
			case line == "QUIT":
				say("221 bye")
				told <- all.String()
				return
			default:
				say("250 relay")
			}
		}
	}()
	return listener.Addr().String(), told
}

// TestSMTP sends through a relay without TLS only where that was said; a line break in an address or a subject makes no new header.
func TestSMTP(t *testing.T) {
	m := Message{To: "ig@bowland.example", Subject: "new alert\r\nBcc: x@y.example", Text: "one\n.\ntwo\n"}
	address, _ := server(t)
	if err := (SMTP{Server: address, From: "ribble@region.example", Timeout: 5 * time.Second}).Send(t.Context(), m); !errors.Is(err, errNoTLS) {
		t.Errorf("a server without STARTTLS: %v", err)
	}
	address, told := server(t)
	if err := (SMTP{Server: address, From: "ribble@region.example", Plain: true, Timeout: 5 * time.Second}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	said := <-told
	for _, want := range []string{"MAIL FROM:<ribble@region.example>", "RCPT TO:<ig@bowland.example>", "Auto-Submitted: auto-generated", "b25lCi4KdHdvCg=="} {
		if !strings.Contains(said, want) {
			t.Errorf("the server was not told %q but %s", want, said)
		}
	}
	if strings.Contains(said, "\nBcc:") {
		t.Error("a subject makes a header of its own")
	}
}
