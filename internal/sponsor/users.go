package sponsor

import (
	"context"
	"slices"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
)

// Users reads accounts of those that the user looks after, by login name.
func (d *Desk) Users(ctx context.Context, by identity.User, f Filter) ([]local.Account, error) {
	scope, err := d.Scope(by)
	if err != nil {
		return nil, err
	}
	if f.Organisation, err = scope.Narrow(f.Organisation); err != nil {
		return nil, err
	}
	f.Now = d.Now()
	list, err := d.Store.Members(ctx, f)
	return list, said(err)
}

// Tallies counts the accounts of each organisation that the user looks after.
func (d *Desk) Tallies(ctx context.Context, by identity.User, ods string) ([]Tally, error) {
	scope, err := d.Scope(by)
	if err != nil {
		return nil, err
	}
	if ods, err = scope.Narrow(ods); err != nil {
		return nil, err
	}
	list, err := d.Store.Tallies(ctx, ods, d.Now())
	return list, said(err)
}

// User reads one account; ErrUnknown for one that the user does not look after.
func (d *Desk) User(ctx context.Context, by identity.User, id string) (local.Account, error) {
	scope, err := d.Scope(by)
	if err != nil {
		return local.Account{}, err
	}
	a, err := d.Store.Member(ctx, id)
	if err != nil {
		return local.Account{}, said(err)
	}
	if !scope.Covers(a.Organisation.ODS) {
		return local.Account{}, ErrUnknown
	}
	return a, nil
}

// Confirm is a sponsor's word that users still need their accounts: it holds for a quarter. Who had waited for it can sign in again at once.
func (d *Desk) Confirm(ctx context.Context, by identity.User, ids []string) (int, error) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	notes := make([]audit.Note, len(ids))
	for i, id := range ids {
		a, err := d.User(ctx, by, id)
		switch {
		case err != nil:
			return 0, err
		case own(by, a):
			return 0, ErrOwn
		case a.Status == local.Ended:
			return 0, ErrNotNow
		}
		notes[i] = audit.Note{Act: audit.ActAccountChanged, User: by, Reason: changeConfirmed, Account: a.ID}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	err := d.Store.Confirm(ctx, ids, d.Now().Add(local.ConfirmationFor), d.write(notes))
	return len(ids), said(err)
}

// write writes events inside a change, before it is committed.
func (d *Desk) write(notes []audit.Note) local.Write {
	return func(ctx context.Context) error {
		_, err := d.notes(ctx, notes)
		return err
	}
}

// MayInvite says whether the user may make an invitation for the account: one that was never enrolled, whoever looks after it; another, a sponsor of its
// organisation alone, who knows the user. Nobody may for their own.
func (d *Desk) MayInvite(by identity.User, a local.Account) bool {
	sponsors := d.MaySponsor(by) && by.Organisation.ODS == a.Organisation.ODS
	switch {
	case own(by, a) || !d.Now().Before(a.Expires):
		return false
	case a.Status == local.Invited:
		return sponsors || d.MayAdminister(by)
	}
	return a.Status == local.Active && sponsors
}

// Invite makes an invitation, and with it every one before void. From an account that was enrolled it takes passphrase, second factors and recovery codes,
// and ends its sessions: the answer to a lost phone and to a stolen one.
func (d *Desk) Invite(ctx context.Context, by identity.User, id string) (identity.Token, error) {
	a, err := d.User(ctx, by, id)
	if err != nil {
		return identity.Token{}, err
	}
	if !d.MayInvite(by, a) {
		return identity.Token{}, ErrNotNow
	}
	token, err := d.Accounts.Reset(ctx, by, a.Login)
	return token, said(err)
}

// End ends one account for good, and its sessions.
func (d *Desk) End(ctx context.Context, by identity.User, id string) error {
	a, err := d.User(ctx, by, id)
	switch {
	case err != nil:
		return err
	case own(by, a):
		return ErrOwn
	case a.Status == local.Ended:
		return ErrNotNow
	}
	return d.leave(ctx, by, Leave{Now: []string{a.ID}})
}

// leave stops accounts, each written down before it takes effect, and writes down whose sessions ended.
func (d *Desk) leave(ctx context.Context, by identity.User, l Leave) error {
	var notes []audit.Note
	for _, id := range l.Now {
		notes = append(notes, audit.Note{Act: audit.ActAccountChanged, User: by, Reason: changeLeft, Account: id})
	}
	for id := range l.Later {
		notes = append(notes, audit.Note{Act: audit.ActAccountChanged, User: by, Reason: changeLeaving, Account: id})
	}
	ended, err := d.Store.Leave(ctx, l, d.Now(), d.write(notes))
	if err != nil {
		return said(err)
	}
	notes = notes[:0]
	for _, u := range ended {
		notes = append(notes, audit.Note{Act: audit.Act(identity.SessionEnded), User: u, Reason: "account"})
	}
	_, err = d.notes(ctx, notes)
	return err
}

// Lapsed writes down which accounts have lapsed since it was last asked. They lapse without it: this is for whoever reads the trail.
func (d *Desk) Lapsed(ctx context.Context) error {
	return d.Store.Lapsed(ctx, d.Now(), func(ctx context.Context, a local.Account, l local.Lapse) error {
		by := identity.User{Issuer: local.Issuer, Name: "Ribble", Organisation: a.Organisation}
		_, err := d.Trail.Write(ctx, audit.Note{Act: audit.ActAccountChanged, User: by, Reason: string(l), Account: a.ID})
		return err
	})
}
