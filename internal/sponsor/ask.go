package sponsor

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
)

// Problem is what is wrong with one field of a form; Field is login, name, job, organisation, role, trained or until.
type Problem struct{ Field, Text string }

// Problems are everything that is wrong with a form.
type Problems []Problem

// Error lists the problems. It repeats nothing of what was typed.
func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, one := range p {
		texts[i] = one.Field + " " + one.Text
	}
	return strings.Join(texts, "; ")
}

// Form is what is typed about a user to be.
type Form struct {
	Login, Name, Job string
	// Organisation is an ODS code, or the name in full.
	Organisation string
	// Role, Trained and Until are left to the sponsor by who asks for themselves; the days are typed as 2027-03-31.
	Role, Trained, Until string
}

const (
	maxName = 100
	maxJob  = 100
)

// person checks what a form says of the user.
func (d *Desk) person(f Form) (Request, Problems) {
	r := Request{Kind: NewAccount, Login: local.Login(f.Login), Name: strings.Join(strings.Fields(f.Name), " "), Job: strings.Join(strings.Fields(f.Job), " "), State: Asked, At: d.Now()}
	var wrong Problems
	if at := strings.Index(r.Login, "@"); at < 1 || at != strings.LastIndex(r.Login, "@") || at == len(r.Login)-1 {
		wrong = append(wrong, Problem{"login", "must be a work e-mail address"})
	}
	if r.Name == "" || utf8.RuneCountInString(r.Name) > maxName || strings.ContainsFunc(r.Name, unicode.IsControl) || !utf8.ValidString(r.Name) {
		wrong = append(wrong, Problem{"name", "must be given, in at most 100 letters"})
	}
	if utf8.RuneCountInString(r.Job) > maxJob || !utf8.ValidString(r.Job) {
		wrong = append(wrong, Problem{"job", "may have at most 100 letters"})
	}
	known := false
	if r.Organisation, known = d.Organisation(strings.Join(strings.Fields(f.Organisation), " ")); !known {
		wrong = append(wrong, Problem{"organisation", "is not one that takes part: give its ODS code, or its name in full"})
	}
	return r, wrong
}

// notADay is said of a day that is none.
const notADay = "must be a real day"

// terms checks what a form says of the account.
func (d *Desk) terms(f Form) (Terms, Problems) {
	t, today := Terms{Role: f.Role}, d.today()
	var wrong Problems
	if _, ok := local.Roles[f.Role]; !ok {
		wrong = append(wrong, Problem{"role", "must be one of " + strings.Join(local.RoleKeys(), ", ")})
	}
	var err error
	switch t.Trained, err = time.Parse(time.DateOnly, f.Trained); {
	case err != nil:
		wrong = append(wrong, Problem{"trained", notADay})
	case t.Trained.After(today):
		wrong = append(wrong, Problem{"trained", "must not lie ahead: train first"})
	case t.Trained.Before(today.AddDate(-1, 0, 0)):
		wrong = append(wrong, Problem{"trained", "is more than a year ago: the training must be done again"})
	}
	switch t.Until, err = time.Parse(time.DateOnly, f.Until); {
	case err != nil:
		wrong = append(wrong, Problem{"until", notADay})
	case !t.Until.After(today):
		wrong = append(wrong, Problem{"until", "must lie ahead"})
	case t.Until.After(today.Add(local.AccountLife)):
		wrong = append(wrong, Problem{"until", "may be at most a year ahead"})
	}
	return t, wrong
}

// Ask keeps the request of somebody who wants an account. The answer is the same, and costs the same, whether or not there is an account or a request of
// that name. The error is Problems when the form can be put right.
func (d *Desk) Ask(ctx context.Context, f Form) error {
	r, wrong := d.person(f)
	if len(wrong) > 0 {
		return wrong
	}
	r.ID = newID()
	r.Batch = r.ID
	nobody := identity.User{Issuer: local.Issuer, Organisation: r.Organisation}
	if _, err := d.Trail.Write(ctx, audit.Note{Act: audit.ActAccountChanged, User: nobody, Reason: changeRequested, Register: r.ID}); err != nil {
		return err
	}
	return said(d.Store.Ask(ctx, r))
}

// Vouch is a sponsor's word for somebody who asked.
func (d *Desk) Vouch(ctx context.Context, by identity.User, id string, f Form) error {
	list, err := d.Batch(ctx, by, id)
	if err != nil {
		return err
	}
	if len(list) != 1 || list[0].State != Asked {
		return ErrDecided
	}
	terms, wrong := d.terms(f)
	if len(wrong) > 0 {
		return wrong
	}
	list[0].Terms = terms
	return d.vouch(ctx, by, list)
}

// Add vouches for one new user, who has not asked. It gives the batch that waits for a second person.
func (d *Desk) Add(ctx context.Context, by identity.User, f Form) (string, error) {
	scope, err := d.Scope(by)
	if err != nil {
		return "", err
	}
	r, wrong := d.newcomer(scope, f)
	if len(wrong) > 0 {
		return "", wrong
	}
	r.ID = newID()
	r.Batch = r.ID
	accounts, waiting, err := d.Store.Known(ctx, []string{r.Login})
	if err != nil {
		return "", said(err)
	}
	if accounts[r.Login] || waiting[r.Login] {
		return "", Problems{{"login", taken(accounts[r.Login])}}
	}
	return r.Batch, d.vouch(ctx, by, []Request{r})
}

func taken(account bool) string {
	if account {
		return "is in use: a name belongs to its first account for good"
	}
	return "has a request that waits already"
}

// newcomer checks everything that is said of a new user by whoever looks after the organisation.
func (d *Desk) newcomer(scope Scope, f Form) (Request, Problems) {
	r, wrong := d.person(f)
	terms, more := d.terms(f)
	r.Terms = terms
	wrong = append(wrong, more...)
	if r.Organisation.ODS != "" && !scope.Covers(r.Organisation.ODS) {
		wrong = append(wrong, Problem{"organisation", "is not yours: you vouch for the users of your own"})
	}
	return r, wrong
}

// Renew vouches for an account to last longer, after new training. It gives the batch that waits for a second person.
func (d *Desk) Renew(ctx context.Context, by identity.User, account string, f Form) (string, error) {
	a, err := d.User(ctx, by, account)
	if err != nil {
		return "", err
	}
	switch {
	case own(by, a):
		return "", ErrOwn
	case a.Status == local.Ended:
		return "", ErrNotNow
	}
	f.Role = a.Role
	terms, wrong := d.terms(f)
	if len(wrong) > 0 {
		return "", wrong
	}
	r := Request{ID: newID(), Kind: Renewal, Login: a.Login, Name: a.Name, Organisation: a.Organisation, Account: a.ID, State: Asked, At: d.Now(), Terms: terms}
	r.Batch = r.ID
	return r.Batch, d.vouch(ctx, by, []Request{r})
}

// vouch writes a sponsor's word down and then keeps it: all of it or nothing.
func (d *Desk) vouch(ctx context.Context, by identity.User, list []Request) error {
	notes := make([]audit.Note, len(list))
	for i, r := range list {
		notes[i] = audit.Note{Act: audit.ActAccountChanged, User: by, Reason: changeSponsored, Register: r.Sum()}
	}
	written, err := d.notes(ctx, notes)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].State, list[i].Sponsor, list[i].SponsoredAt, list[i].SponsoredEvent = Sponsored, personOf(by), written[i].At, written[i].ID
	}
	return said(d.Store.Vouch(ctx, list))
}

// own reports whether the account is the user's.
func own(u identity.User, a local.Account) bool { return u.Issuer == local.Issuer && u.Subject == a.ID }

// Batch reads the requests that are decided together; ErrUnknown when none of them is among those that the user looks after.
func (d *Desk) Batch(ctx context.Context, by identity.User, batch string) ([]Request, error) {
	scope, err := d.Scope(by)
	if err != nil {
		return nil, err
	}
	list, err := d.requests(ctx, Query{Batch: batch})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || slices.ContainsFunc(list, func(r Request) bool { return !scope.Covers(r.Organisation.ODS) }) {
		return nil, ErrUnknown
	}
	return list, nil
}

// Requests reads requests of those that the user looks after, the newest first.
func (d *Desk) Requests(ctx context.Context, by identity.User, q Query) ([]Request, error) {
	scope, err := d.Scope(by)
	if err != nil {
		return nil, err
	}
	if q.Organisation, err = scope.Narrow(q.Organisation); err != nil {
		return nil, err
	}
	return d.requests(ctx, q)
}

// requests gives what waits still, or what is over, as it reads now.
func (d *Desk) requests(ctx context.Context, q Query) ([]Request, error) {
	list, err := d.Store.Requests(ctx, q)
	if err != nil {
		return nil, said(err)
	}
	out := list[:0]
	for _, r := range list {
		if r = r.at(d.Now()); q.State == "" || r.State == q.State {
			out = append(out, r)
		}
	}
	return out, nil
}

// Waiting counts what waits for the user: for a sponsor who asked, for an administrator what others have vouched for.
func (d *Desk) Waiting(ctx context.Context, u identity.User) (int, error) {
	scope, err := d.Scope(u)
	if err != nil {
		return 0, err
	}
	state := Asked
	if scope.all {
		state = Sponsored
	}
	n, err := d.Store.Waiting(ctx, state, scope.ods, personOf(u), d.Now())
	return n, said(err)
}

// Grant is the second person's word: the accounts are there, or renewed, from then on.
func (d *Desk) Grant(ctx context.Context, by identity.User, batch string) error {
	if !d.MayAdminister(by) {
		return ErrDenied
	}
	list, err := d.Batch(ctx, by, batch)
	if err != nil {
		return err
	}
	var logins []string
	for i, r := range list {
		switch {
		case r.State != Sponsored:
			return ErrDecided
		case r.Sponsor.Is(by):
			return ErrSamePerson
		case r.Kind == Renewal && by.Issuer == local.Issuer && by.Subject == r.Account:
			return ErrOwn
		}
		if r.Kind == NewAccount {
			list[i].Account = local.NewID()
			logins = append(logins, r.Login)
		}
	}
	// The database looks too; here it is seen before the trail says that somebody granted it.
	accounts, _, err := d.Store.Known(ctx, logins)
	if err != nil {
		return said(err)
	}
	if len(accounts) > 0 {
		return ErrTaken
	}
	if err := d.decide(ctx, by, list, Granted, changeGranted); err != nil {
		return err
	}
	return said(d.Store.Grant(ctx, list, d.Now()))
}

// Refuse ends requests that wait, with the reason in words: a sponsor those of their own organisation, an administrator any.
func (d *Desk) Refuse(ctx context.Context, by identity.User, batch, words string) error {
	list, err := d.Batch(ctx, by, batch)
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(list, func(r Request) bool { return !r.Waits() }):
		return ErrDecided
	case words == "" || len(words) > maxWords:
		return ErrWords
	}
	for i := range list {
		list[i].Words = words
	}
	if err := d.decide(ctx, by, list, Refused, changeRefused); err != nil {
		return err
	}
	return said(d.Store.Refuse(ctx, list))
}

const maxWords = 500

// decide writes a decision down, and notes it on the requests.
func (d *Desk) decide(ctx context.Context, by identity.User, list []Request, as State, change string) error {
	notes := make([]audit.Note, len(list))
	for i, r := range list {
		notes[i] = audit.Note{Act: audit.ActAccountChanged, User: by, Reason: change, Register: r.Sum(), Account: r.Account}
	}
	written, err := d.notes(ctx, notes)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].State, list[i].Decider, list[i].DecidedAt, list[i].DecidedEvent = as, personOf(by), written[i].At, written[i].ID
	}
	return nil
}
