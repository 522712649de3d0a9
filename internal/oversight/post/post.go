// Package post tells officers and administrators by e-mail that something waits for them: its reference and the portal's address, and nothing about anybody.
package post

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Kind is what a letter is about.
type Kind string

// The kinds of letter.
const (
	// Alert: a Privacy Officer is to look into something.
	Alert Kind = "alert"
	// Problem: somebody reported a problem with an entry that the organisation supplied.
	Problem Kind = "problem"
	// Ending: something on which feeds rest ends in so many days.
	Ending Kind = "ending"
)

// Letter is one thing of which somebody is to be told.
type Letter struct {
	Kind Kind
	// ID is that of what it is about. Organisation is the ODS code whose letter it is, empty for the administrators of the region.
	ID, Organisation string
	// Number is its number in the region; of an ending, how many days are left.
	Number int64
	// About names, in a letter about an ending, what ends: never anybody.
	About string
	// Tries is how often it was tried before.
	Tries int
}

// Box keeps which letters are still to be sent. Whoever takes one has it for a while; after that any replica may take it again.
type Box interface {
	// Due takes letters that are to be sent now, at most so many.
	Due(ctx context.Context, most int) ([]Letter, error)
	// Sent notes that a letter was sent, or needs none.
	Sent(ctx context.Context, l Letter) error
}

// Sender sends one message.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Message is an e-mail in plain text.
type Message struct{ To, Subject, Text string }

// Postman takes letters to officers and administrators.
type Postman struct {
	Boxes  []Box
	Sender Sender
	// Address is where a letter goes, empty where there is no address; Badge the short code that begins an organisation's references.
	Address func(Letter) string
	Badge   func(ods string) string
	// Portal is the address of the portal.
	Portal string
	Log    *slog.Logger
	Every  time.Duration
}

// most is how many letters are taken at a time.
const most = 20

// Run sends until ctx ends. A letter that could not be sent is tried again, later each time.
func (p *Postman) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := p.Round(ctx)
		if err != nil && ctx.Err() == nil {
			p.Log.ErrorContext(ctx, "letters could not be read", "count", n)
		}
		if n >= most && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.Every):
		}
	}
}

// Round sends what is due, and says how many letters there were.
func (p *Postman) Round(ctx context.Context) (int, error) {
	n := 0
	for _, box := range p.Boxes {
		letters, err := box.Due(ctx, most)
		if err != nil {
			return n, fmt.Errorf("reading letters: %w", err)
		}
		n += len(letters)
		for _, l := range letters {
			if !p.deliver(ctx, l) {
				continue
			}
			if err := box.Sent(ctx, l); err != nil {
				return n, fmt.Errorf("noting that a letter was sent: %w", err)
			}
		}
	}
	return n, nil
}

// deliver reports whether nothing more is to be done about a letter. What a mail server says may name the address, and so no log says it.
func (p *Postman) deliver(ctx context.Context, l Letter) bool {
	to := p.Address(l)
	if to == "" {
		return true
	}
	if p.Sender.Send(ctx, p.write(to, l)) != nil {
		p.Log.WarnContext(ctx, "a letter could not be sent and is tried again", "organisation", l.Organisation, "attempt", l.Tries+1)
		return false
	}
	return true
}

// page is where a letter of the kind leads.
func (l Letter) page() string {
	switch l.Kind {
	case Alert:
		return "/officer/alerts/" + l.ID
	case Problem:
		return "/problems/" + l.ID
	case Ending:
		return "/admin"
	}
	return "/"
}

func (p *Postman) write(to string, l Letter) Message {
	reference := Reference(p.Badge(l.Organisation), l.Number)
	m := Message{To: to}
	switch l.Kind {
	case Alert:
		m.Subject, m.Text = "new alert "+reference, "There is a new alert for you to look into.\n\nReference: "+reference
	case Problem:
		m.Subject, m.Text = "problem with an entry, "+reference, "Somebody has reported a problem with an entry that your organisation supplies.\n\nReference: "+reference
	case Ending:
		m.Subject, m.Text = l.About+" has ended", "The feeds that rest on it have stopped, where it is an agreement"
		if l.Number > 0 {
			m.Subject, m.Text = fmt.Sprintf("%s ends in %s", l.About, days(l.Number)), "At midnight (UTC) after its last day the feeds that rest on it stop, where it is an agreement"
		}
		m.Text = m.Subject + ". " + m.Text + ".\n\nReference: " + l.ID
	}
	m.Subject = "Ribble: " + m.Subject
	m.Text += "\n\nSign in and open it there:\n" + p.Portal + l.page() + "\n\nThis message says nothing about anybody, on purpose. Do not reply to it.\n"
	return m
}

func days(n int64) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// Reference names an alert or a report in a letter or on the phone: "BTH-2216".
func Reference(badge string, number int64) string { return fmt.Sprintf("%s-%d", badge, number) }
