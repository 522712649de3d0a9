package post

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/smtp"
	"os"
	"strings"
	"time"
)

// SMTP sends through a mail server.
type SMTP struct {
	// Server is its host and port. From is the sender's address.
	Server, From string
	// User and Password sign in; an empty User does not.
	User, Password string
	// TLS holds the authorities that are believed. STARTTLS is demanded unless Plain, which is for a server on the same machine.
	TLS   *tls.Config
	Plain bool
	// Timeout bounds one message.
	Timeout time.Duration
}

var errNoTLS = errors.New("the mail server offers no STARTTLS")

// Send delivers one message to the server.
func (s SMTP) Send(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.Server)
	if err != nil {
		return fmt.Errorf("reaching the mail server: %w", err)
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return errors.Join(err, conn.Close())
	}
	host, _, _ := net.SplitHostPort(s.Server)
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return errors.Join(fmt.Errorf("greeting the mail server: %w", err), conn.Close())
	}
	defer client.Close()
	if err := s.prepare(client, host); err != nil {
		return err
	}
	if err := deliver(client, s.From, m); err != nil {
		return fmt.Errorf("handing over a message: %w", err)
	}
	return client.Quit()
}

func (s SMTP) prepare(client *smtp.Client, host string) error {
	if !s.Plain {
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return errNoTLS
		}
		settings := s.TLS.Clone()
		if settings == nil {
			settings = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		settings.ServerName = host
		if err := client.StartTLS(settings); err != nil {
			return fmt.Errorf("starting TLS with the mail server: %w", err)
		}
	}
	if s.User == "" {
		return nil
	}
	if err := client.Auth(smtp.PlainAuth("", s.User, s.Password, host)); err != nil {
		return fmt.Errorf("signing in to the mail server: %w", err)
	}
	return nil
}

func deliver(client *smtp.Client, from string, m Message) error {
	if err := client.Mail(from); err != nil {
		return err
	}
	if err := client.Rcpt(m.To); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(encode(from, m, time.Now())); err != nil {
		return err
	}
	return w.Close()
}

// encode is the message as it travels (RFC 5322), its text in base64 so that no line of it can be taken for anything else.
func encode(from string, m Message, at time.Time) []byte {
	clean := strings.NewReplacer("\r", "", "\n", "")
	var b strings.Builder
	for _, line := range []string{
		"From: " + clean.Replace(from), "To: " + clean.Replace(m.To), "Subject: " + mime.QEncoding.Encode("utf-8", clean.Replace(m.Subject)),
		"Date: " + at.Format(time.RFC1123Z), "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
		"Auto-Submitted: auto-generated", "",
	} {
		b.WriteString(line + "\r\n")
	}
	const width = 76
	text := base64.StdEncoding.EncodeToString([]byte(m.Text))
	for len(text) > width {
		b.WriteString(text[:width] + "\r\n")
		text = text[width:]
	}
	b.WriteString(text + "\r\n")
	return []byte(b.String())
}

// Folder keeps messages as files instead of sending them: for the demo and for tests.
type Folder struct{ Dir string }

// Send writes one message to a file of its own.
func (f Folder) Send(_ context.Context, m Message) error {
	out, err := os.CreateTemp(f.Dir, "alert-*.eml")
	if err != nil {
		return fmt.Errorf("keeping a message: %w", err)
	}
	_, err = fmt.Fprintf(out, "To: %s\nSubject: %s\n\n%s", m.To, m.Subject, m.Text)
	return errors.Join(err, out.Close())
}
