// Package post tells Privacy Officers by e-mail that there is a new alert: its reference and the portal's address, and nothing about anybody.
package post

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Letter is one alert of which an officer is to be told.
type Letter struct {
	// Alert is the alert's id, Organisation the ODS code whose officer it is for, Number the alert's number in the region.
	Alert, Organisation string
	Number              int64
	// Tries is how often it was tried before.
	Tries int
}

// Box keeps which letters are still to be sent. Whoever takes one has it for a while; after that any replica may take it again.
type Box interface {
	// Due takes letters that are to be sent now, at most so many.
	Due(ctx context.Context, most int) ([]Letter, error)
	// Sent notes that a letter was sent, or needs none.
	Sent(ctx context.Context, alert string) error
}

// Sender sends one message.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Message is an e-mail in plain text.
type Message struct{ To, Subject, Text string }

// Postman takes letters to officers.
type Postman struct {
	Box    Box
	Sender Sender
	// Address is where an organisation's officer is told, empty where it has given none; Badge the short code that begins its references.
	Address, Badge func(ods string) string
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
			p.Log.ErrorContext(ctx, "letters to officers could not be read", "count", n)
		}
		if n == most && err == nil {
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
	letters, err := p.Box.Due(ctx, most)
	if err != nil {
		return 0, fmt.Errorf("reading letters to officers: %w", err)
	}
	for _, l := range letters {
		if !p.deliver(ctx, l) {
			continue
		}
		if err := p.Box.Sent(ctx, l.Alert); err != nil {
			return len(letters), fmt.Errorf("noting that a letter was sent: %w", err)
		}
	}
	return len(letters), nil
}

// deliver reports whether nothing more is to be done about a letter. What a mail server says may name the address, and so no log says it.
func (p *Postman) deliver(ctx context.Context, l Letter) bool {
	to := p.Address(l.Organisation)
	if to == "" {
		return true
	}
	if p.Sender.Send(ctx, p.write(to, l)) != nil {
		p.Log.WarnContext(ctx, "a letter to an officer could not be sent and is tried again", "organisation", l.Organisation, "attempt", l.Tries+1)
		return false
	}
	return true
}

func (p *Postman) write(to string, l Letter) Message {
	reference := Reference(p.Badge(l.Organisation), l.Number)
	return Message{
		To: to, Subject: "Ribble: new alert " + reference,
		Text: "There is a new alert for you to look into.\n\nReference: " + reference + "\n\nSign in and open it there:\n" + p.Portal + "/officer/alerts/" + l.Alert +
			"\n\nThis message says nothing about anybody, on purpose. Do not reply to it.\n",
	}
}

// Reference names an alert in a letter or on the phone: "BTH-2216".
func Reference(badge string, number int64) string { return fmt.Sprintf("%s-%d", badge, number) }
