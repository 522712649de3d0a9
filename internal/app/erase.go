package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/postgres"
	"ribble/internal/record"
)

// askedWithin is how long a request to erase may wait for its second operator.
const askedWithin = 7 * 24 * time.Hour

// erase is the erasure of a person by order of a court, in two steps by two operators. The first asks, with the NHS number on standard input: never in
// the arguments, which every process of the machine can read. The second confirms. Both stand in the trail before anything happens.
func (o auditor) erase(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ribble audit erase", flag.ContinueOnError)
	flags.SetOutput(o.out)
	reason := flags.String("reason", "", "why, as a code of small letters, for example court-order")
	confirm := flags.String("confirm", "", "number of the request to confirm")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *reason != "" && *confirm == "":
		return o.askErasure(ctx, operator(), *reason)
	case *confirm != "" && *reason == "":
		return o.confirmErasure(ctx, operator(), *confirm)
	}
	return ErrAuditUsage
}

func (o auditor) askErasure(ctx context.Context, by identity.User, reason string) error {
	line, _ := o.in.ReadString('\n') // a last line may lack its end
	number, err := record.ParseNHSNumber(strings.TrimSpace(line))
	if err != nil {
		return errors.New("standard input does not hold an NHS number")
	}
	ids, err := o.keys.DataKeyIDs(ctx, number)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return errors.New("nothing in the trail is sealed for this person")
	}
	written, err := o.trail.Write(ctx, audit.Note{Act: audit.ActErasureAsked, User: by, NHSNumber: number, Reason: reason})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.out, "Asked. Another operator confirms within seven days with:\nribble audit erase -confirm %s\n", written.ID)
	return err
}

func (o auditor) confirmErasure(ctx context.Context, by identity.User, request string) error {
	asked, number, err := o.request(ctx, request)
	if err != nil {
		return err
	}
	if asked.User.Issuer == by.Issuer && asked.User.Subject == by.Subject {
		return errors.New("the operator who asked cannot confirm: it takes two")
	}
	if err := o.trail.Note(ctx, audit.Note{Act: audit.ActErased, User: by, NHSNumber: number, Reason: asked.Reason, Register: request}); err != nil {
		return err
	}
	ids, err := o.keys.DataKeyIDs(ctx, number)
	if err != nil {
		return err
	}
	n, err := postgres.DestroyPersonKeys(ctx, o.owner.Reveal(), ids)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.out, "%d data keys were destroyed. Backups made before today still hold them: see docs/playbooks/ledger-keys.md\n", n)
	return err
}

// request finds the event by which the erasure was asked for, and whose it is.
func (o auditor) request(ctx context.Context, id string) (audit.Event, record.NHSNumber, error) {
	var event audit.UUID
	if err := event.UnmarshalText([]byte(id)); err != nil {
		return audit.Event{}, record.NHSNumber{}, err
	}
	row, err := o.store.Event(ctx, event)
	if err != nil {
		return audit.Event{}, record.NHSNumber{}, err
	}
	if err := o.keys.Authentic(&row); err != nil {
		return audit.Event{}, record.NHSNumber{}, fmt.Errorf("the request is not genuine: %w", err)
	}
	asked, err := audit.Decode(&row)
	if err != nil {
		return audit.Event{}, record.NHSNumber{}, err
	}
	if asked.Act != audit.ActErasureAsked || time.Since(asked.At) > askedWithin {
		return audit.Event{}, record.NHSNumber{}, errors.New("this is no request to erase of the last seven days")
	}
	number, _, err := o.keys.Reveal(ctx, asked)
	return asked, number, err
}
