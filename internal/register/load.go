package register

import (
	"context"
	"fmt"
	"time"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// CaseloadRow is a person on an organisation's caseload, until a day.
type CaseloadRow struct {
	Number record.NHSNumber
	Until  time.Time
}

// WatchedRow is a person over whose record somebody keeps watch. For staff it names who they are as users and where they work.
type WatchedRow struct {
	Number                  record.NHSNumber
	SDSUserID, Organisation string
	// Surname, FirstLine and Postcode are a member of staff's own name and home, Left when they had left; all may be empty. Only digests are kept.
	Surname, FirstLine, Postcode string
	Left                         time.Time
}

// Loaded says what a load did.
type Loaded struct {
	// ID names the load in the audit trail, Rows is how many people it holds.
	ID   string
	Rows int
}

// LoadCaseload makes the rows the organisation's caseload, in the place of the one before. Only keyed indexes of the people are kept.
func (d *Desk) LoadCaseload(ctx context.Context, by identity.User, ods string, rows []CaseloadRow) (Loaded, error) {
	list := make([]LoadRow, len(rows))
	for i, r := range rows {
		list[i] = LoadRow{Person: d.Index(r.Number)[0], Until: r.Until}
	}
	return d.load(ctx, by, Load{Kind: Caseload, Organisation: ods, Rows: list})
}

// LoadWatched makes the rows the list of that kind (Staff or Listed), in the place of the one before.
func (d *Desk) LoadWatched(ctx context.Context, by identity.User, kind LoadKind, rows []WatchedRow) (Loaded, error) {
	list := make([]LoadRow, len(rows))
	for i, r := range rows {
		list[i] = LoadRow{Person: d.Index(r.Number)[0], SDSUserID: r.SDSUserID, Organisation: r.Organisation}
		if d.Digests != nil {
			list[i].Digests = d.Digests(r)
		}
	}
	return d.load(ctx, by, Load{Kind: kind, Rows: list})
}

func (d *Desk) load(ctx context.Context, by identity.User, l Load) (Loaded, error) {
	l.ID, l.At = newID(), d.Now()
	if l.Organisation != "" {
		by.Organisation.ODS = l.Organisation
	}
	note := audit.Note{Act: audit.ActRegisterChanged, User: by, Reason: string(l.Kind), Register: l.ID, Found: len(l.Rows)}
	if err := d.Trail.Note(ctx, note); err != nil {
		return Loaded{}, err
	}
	if err := d.Store.Replace(ctx, l); err != nil {
		return Loaded{}, fmt.Errorf("putting the new list in force: %w", err)
	}
	return Loaded{ID: l.ID, Rows: len(l.Rows)}, nil
}
