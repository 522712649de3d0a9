package sponsor

import (
	"context"
	"time"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
)

// Store keeps requests, and the accounts that come of them, where every replica sees them.
type Store interface {
	book
	decisions
	members
	endings
}

// book reads and keeps requests.
type book interface {
	// Ask keeps a request, unless one for the same login name waits at the organisation already: then it changes nothing, and does not say so.
	Ask(ctx context.Context, r Request) error
	// Requests reads requests, the newest first.
	Requests(ctx context.Context, q Query) ([]Request, error)
	// Waiting counts what is decided together and waits in a state, at an organisation or any, without what the person has vouched for.
	Waiting(ctx context.Context, state State, ods string, but Person, now time.Time) (int, error)
	// Known says of login names which belong to accounts, and which have a request waiting.
	Known(ctx context.Context, logins []string) (accounts, waiting map[string]bool, err error)
}

// decisions are each made in one transaction, whole or not at all. ErrDecided, ErrSamePerson, ErrTaken and ErrUnproven are their refusals.
type decisions interface {
	// Vouch marks requests as sponsored; those that are not there yet are kept first.
	Vouch(ctx context.Context, list []Request) error
	// Grant marks requests as granted. Each makes its account, or renews it.
	Grant(ctx context.Context, list []Request, now time.Time) error
	// Refuse ends requests that wait.
	Refuse(ctx context.Context, list []Request) error
}

// members are the accounts as those who look after them see them.
type members interface {
	// Members reads accounts by login name.
	Members(ctx context.Context, f Filter) ([]local.Account, error)
	// Member reads one; ErrUnknown when there is none.
	Member(ctx context.Context, id string) (local.Account, error)
	// Tallies counts the accounts of each organisation, or of one.
	Tallies(ctx context.Context, ods string, now time.Time) ([]Tally, error)
	// Confirm notes that accounts are still needed, until the time given.
	Confirm(ctx context.Context, ids []string, until time.Time, write local.Write) error
}

// endings stop accounts.
type endings interface {
	// Leave ends accounts, and every session of those and of the smartcard users. It gives the users of the sessions that it ended.
	Leave(ctx context.Context, l Leave, now time.Time, write local.Write) ([]identity.User, error)
	// Lapsed finds accounts whose lapse was not written down yet, tells note of each, and marks it. Of any number of replicas, one does.
	Lapsed(ctx context.Context, now time.Time, note func(context.Context, local.Account, local.Lapse) error) error
	// Forget removes requests that nobody granted, some time after they were over.
	Forget(ctx context.Context, before time.Time) error
}

// Query says which requests are wanted. The zero Query wants all.
type Query struct {
	State State
	Batch string
	// Organisation is an ODS code.
	Organisation string
	Account      string
	Limit        int
}

// Filter says which accounts are wanted.
type Filter struct {
	// Organisation is an ODS code; empty is any.
	Organisation string
	Logins       []string
	// Stand narrows it down to where accounts stand; empty is any but ended.
	Stand Stand
	// Skip is how many come before those wanted, Limit how many are wanted; Now is the present time.
	Skip, Limit int
	Now         time.Time
}

// Stand is where an account stands, for whoever looks after it.
type Stand string

// Where accounts can stand.
const (
	// ToConfirm: the sponsor's word ends within 30 days, or has ended.
	ToConfirm Stand = "to-confirm"
	// Ending: the last day is within 30 days, or has passed.
	Ending Stand = "ending"
	// ToInvite: granted, and not enrolled.
	ToInvite Stand = "to-invite"
	Stopped  Stand = "locked"
	Gone     Stand = "ended"
)

// WarnWithin is how long before a lapse it is warned of.
const WarnWithin = 30 * 24 * time.Hour

// Tally counts the accounts of one organisation that are not ended.
type Tally struct {
	Organisation identity.Organisation
	Users        int
	// Unconfirmed and Expired have lapsed; ToConfirm and Ending will within 30 days; ToInvite have not enrolled; Locked were stopped; Alone were made by an operator alone.
	Unconfirmed, Expired, ToConfirm, Ending, ToInvite, Locked, Alone int
}

// Leave is what a list of leavers does.
type Leave struct {
	// Now are the ids of accounts that end at once, Later those whose last moment comes.
	Now   []string
	Later map[string]time.Time
	// Cards are smartcard users whose sessions end.
	Cards []Card
}

// Card is a smartcard user by their national id, in their role at one organisation, or at any when it is empty.
type Card struct{ SDSUserID, Organisation string }
