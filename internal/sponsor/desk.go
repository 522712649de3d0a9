package sponsor

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"golang.org/x/sync/errgroup"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
)

// The refusals, in words for the page.
var (
	ErrDenied     = fault.New(fault.Denied, "Your present role does not vouch for users.")
	ErrSamePerson = fault.New(fault.Denied, "You vouched for this yourself, so another administrator must grant it.")
	ErrOwn        = fault.New(fault.Denied, "This is your own account: somebody else must do this for you.")
	ErrDecided    = fault.New(fault.Invalid, "This request is no longer waiting: it was decided, or it has ended.")
	ErrUnknown    = fault.New(fault.NotFound, "There is no such request or account among those that you look after.")
	ErrWords      = fault.New(fault.Invalid, "Say why, in at most 500 letters.")
	ErrTaken      = fault.New(fault.Invalid, "The login name is in use, or a request for it waits already. Nothing was changed.")
	ErrNotNow     = fault.New(fault.Invalid, "That cannot be done with the account as it stands. Load the page again.")
	// ErrUnproven: the database holds a decision to what the audit trail says, and the two do not agree.
	ErrUnproven = fault.New(fault.Unavailable, "Nothing was changed, because the audit trail does not bear it out. Tell your service desk.")
)

// unavailable is what is said when the database cannot be reached.
const unavailable = "The users cannot be read or changed just now. Nothing was changed. Try again in a minute."

// Trail is the audit trail.
type Trail interface {
	Write(ctx context.Context, n audit.Note) (audit.Written, error)
}

// What becomes of requests and accounts here, as it stands in the audit trail beside the changes of package local.
const (
	changeRequested = "requested"
	changeSponsored = "sponsored"
	changeGranted   = "granted"
	changeRefused   = "refused"
	changeConfirmed = "confirmed"
	changeLeft      = "left"
	changeLeaving   = "leaving"
)

// Desk is where users are looked after.
type Desk struct {
	Store Store
	Trail Trail
	// Accounts makes invitations.
	Accounts *local.Accounts
	// Organisation finds an organisation of the directory by its ODS code or its name.
	Organisation func(typed string) (identity.Organisation, bool)
	// MayAdminister and MaySponsor say whose role may do what; a sponsor's right ends at their own organisation.
	MayAdminister, MaySponsor func(identity.User) bool
	Now                       func() time.Time
}

// Scope is whose users somebody looks after: those of one organisation, or all.
type Scope struct {
	ods string
	all bool
}

// All reports whether it is every organisation.
func (s Scope) All() bool { return s.all }

// Covers reports whether an organisation's users are among them.
func (s Scope) Covers(ods string) bool { return s.all || s.ods == ods && ods != "" }

// Narrow gives the organisation to which a question about one of them, or about all (""), comes down.
func (s Scope) Narrow(ods string) (string, error) {
	switch {
	case s.all || ods == s.ods:
		return ods, nil
	case ods == "":
		return s.ods, nil
	}
	return "", ErrUnknown
}

// Scope is whose users the user looks after.
func (d *Desk) Scope(u identity.User) (Scope, error) {
	switch {
	case d.MayAdminister(u):
		return Scope{all: true}, nil
	case d.MaySponsor(u) && u.Organisation.ODS != "":
		return Scope{ods: u.Organisation.ODS}, nil
	}
	return Scope{}, ErrDenied
}

// notes writes events, many at a time: the trail commits them in groups. What they say must be durable before anything is changed.
func (d *Desk) notes(ctx context.Context, list []audit.Note) ([]audit.Written, error) {
	const together = 64
	written := make([]audit.Written, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(together)
	for i, n := range list {
		group.Go(func() (err error) {
			written[i], err = d.Trail.Write(ctx, n)
			return err
		})
	}
	return written, group.Wait()
}

// said gives an error of the store words, unless it has them.
func said(err error) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Unavailable, unavailable, err)
}

func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process rather than return weak bytes
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// today is the present day of UTC.
func (d *Desk) today() time.Time { return d.Now().UTC().Truncate(24 * time.Hour) }
