package local_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/pgtest"
	"ribble/internal/seal"
)

const (
	login      = "g.adebayo@beckside.example"
	passphrase = "tulip gravel Sunday ladder"
)

var (
	operator = identity.User{Issuer: "urn:ribble:operator", Subject: "root"}
	beckside = identity.Organisation{ODS: "8Z902", Name: "Beckside Home Care"}
)

// notes is an audit trail that is read back.
type notes struct {
	mu     sync.Mutex
	events []string
	fail   error
}

func (n *notes) note(event string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil {
		return n.fail
	}
	n.events = append(n.events, event)
	return nil
}

func (n *notes) SignInFailed(_ context.Context, u identity.User, reason string, _ int) error {
	if u.Issuer != local.Issuer {
		return errors.New("a failure without its issuer")
	}
	return n.note(reason)
}

func (n *notes) AccountChanged(_ context.Context, by identity.User, account, change string) error {
	if by.IsZero() || account == "" {
		return errors.New("a change by nobody or of nothing")
	}
	return n.note(change)
}

func (n *notes) count(event string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(n.events), func(e string) bool { return e != event }))
}

// house is a database with two replicas of the portal at it, one clock, and one account that is enrolled.
type house struct {
	t        *testing.T
	db       *pgtest.DB
	replicas [2]*local.Accounts
	notes    *notes
	now      time.Time
	ended    []string

	account local.Account
	secret  string
	codes   []string
	token   identity.Token
}

func newHouse(t *testing.T) *house {
	t.Helper()
	db := pgtest.New(t)
	return furnish(t, db, [2]local.Store{db.Open(t).Accounts(), db.Open(t).Accounts()})
}

// furnish begins anew in a database that may have been used before.
func furnish(t *testing.T, db *pgtest.DB, stores [2]local.Store) *house {
	t.Helper()
	h := &house{t: t, db: db, notes: &notes{}, now: time.Date(2031, 3, 14, 9, 26, 53, 0, time.UTC)}
	h.empty()
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	sealer, err := seal.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	for i, store := range stores {
		h.replicas[i] = &local.Accounts{
			Store: store, Trail: h.notes, Secrets: sealer, Hasher: local.NewHasher(cheap), Now: func() time.Time { return h.now },
			EndSessions: func(_ context.Context, _, subject string) error { h.ended = append(h.ended, subject); return nil },
		}
	}
	h.account, h.secret, h.codes, h.token = h.enrol(login)
	return h
}

// empty removes what an earlier attack left.
func (h *house) empty() {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.db.AdminURL)
	h.must(err)
	defer func() { _ = conn.Close(h.t.Context()) }()
	_, err = conn.Exec(h.t.Context(), "TRUNCATE portal.account, portal.account_attempt CASCADE")
	h.must(err)
}

func (h *house) invite(name string) identity.Token {
	h.t.Helper()
	token, err := h.replicas[0].Invite(h.t.Context(), operator, local.NewAccount{Login: name, Name: "Grace Adebayo", Role: "care-worker", Organisation: beckside})
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// enrol invites somebody and accepts with an authenticator's code of the step before this one.
func (h *house) enrol(name string) (local.Account, string, []string, identity.Token) {
	h.t.Helper()
	ctx, s, token := h.t.Context(), h.replicas[0], h.invite(name)
	a, err := s.Invited(ctx, token)
	if err != nil {
		h.t.Fatal(err)
	}
	hash, err := s.Hasher.Hash(ctx, passphrase)
	if err != nil {
		h.t.Fatal(err)
	}
	secret := local.NewSecret()
	f, err := s.NewTOTP(a.ID, secret, h.codeOf(secret, -1))
	if err != nil {
		h.t.Fatal(err)
	}
	a, codes, err := s.Accept(ctx, token, a, hash, f)
	if err != nil {
		h.t.Fatal(err)
	}
	return a, secret, codes, token
}

// codeOf is what an authenticator app shows, so many steps from now.
func (h *house) codeOf(secret string, steps int) string {
	h.t.Helper()
	code, err := local.CodeAt(secret, h.now.Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

func (h *house) first(name, typed string) error {
	_, err := h.replicas[0].Passphrase(h.t.Context(), name, typed)
	return err
}

func (h *house) second(replica int, typed string) error {
	h.t.Helper()
	a, c := h.current()
	return h.replicas[replica].Code(h.t.Context(), a, c, typed)
}

func (h *house) current() (local.Account, local.Credentials) {
	h.t.Helper()
	a, c, err := h.replicas[1].Current(h.t.Context(), h.account.ID, h.account.Version)
	if err != nil {
		h.t.Fatal(err)
	}
	return a, c
}

func (h *house) recover(typed string) error {
	return h.replicas[1].Recovery(h.t.Context(), h.account, typed)
}

func (h *house) stillCurrent() error {
	_, _, err := h.replicas[1].Current(h.t.Context(), h.account.ID, h.account.Version)
	return err
}

func (h *house) open(token identity.Token) error {
	_, err := h.replicas[1].Invited(h.t.Context(), token)
	return err
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) user() identity.User {
	u, _ := h.account.User(time.Now())
	return u
}

// status changes an account, as an operator.
func (h *house) status(s local.Status) {
	h.t.Helper()
	h.must(h.replicas[0].SetStatus(h.t.Context(), operator, login, s))
}

func (h *house) reset() identity.Token {
	h.t.Helper()
	token, err := h.replicas[0].Reset(h.t.Context(), operator, login)
	h.must(err)
	return token
}

// fail makes so many failures of the first step, or of the second.
func (h *house) failFirst(name string, times int) {
	h.t.Helper()
	for range times {
		if err := h.first(name, "not this one, surely"); !errors.Is(err, local.ErrWrong) {
			h.t.Fatal(err)
		}
	}
}

func (h *house) failSecond(times int) {
	h.t.Helper()
	for i := range times {
		if err := h.second(i%2, "00000"); !errors.Is(err, local.ErrWrong) {
			h.t.Fatal(err)
		}
	}
}

// attacks has the deed for every line of attacks.tsv.
var attacks = map[string]func(*house) error{
	"unknown name":                             func(h *house) error { return h.first("nobody@beckside.example", passphrase) },
	"empty name and passphrase":                func(h *house) error { return h.first("", "") },
	"name with spaces inside":                  func(h *house) error { return h.first("g.adebayo @beckside.example", passphrase) },
	"wrong passphrase":                         func(h *house) error { return h.first(login, "tulip gravel Monday ladder") },
	"passphrase in capitals":                   func(h *house) error { return h.first(login, strings.ToUpper(passphrase)) },
	"passphrase with a space more":             func(h *house) error { return h.first(login, passphrase+" ") },
	"passphrase cut short":                     func(h *house) error { return h.first(login, passphrase[:14]) },
	"empty passphrase":                         func(h *house) error { return h.first(login, "") },
	"megabyte of passphrase":                   func(h *house) error { return h.first(login, strings.Repeat(passphrase, 40_000)) },
	"hash in place of the passphrase":          func(h *house) error { return h.first(login, h.account.Passphrase) },
	"invited account with an empty passphrase": func(h *house) error { h.invite("new@beckside.example"); return h.first("new@beckside.example", "") },
	"locked account with the right passphrase": func(h *house) error { h.status(local.Locked); return h.first(login, passphrase) },
	"ended account with its old passphrase":    func(h *house) error { h.status(local.Ended); return h.first(login, passphrase) },
	"reset account with its old passphrase":    func(h *house) error { h.reset(); return h.first(login, passphrase) },
	"21st guess with the right passphrase":     func(h *house) error { h.failFirst(login, 20); return h.first(login, passphrase) },
	"21st guess at an unknown name": func(h *house) error {
		h.failFirst("nobody@beckside.example", 20)
		return h.first("nobody@beckside.example", "x")
	},

	"no code":                 func(h *house) error { return h.second(0, "") },
	"five digits":             func(h *house) error { return h.second(0, h.codeOf(h.secret, 0)[:5]) },
	"seven digits":            func(h *house) error { return h.second(0, h.codeOf(h.secret, 0)+"0") },
	"code of another secret":  func(h *house) error { return h.second(0, h.codeOf(local.NewSecret(), 0)) },
	"code of two steps ago":   func(h *house) error { return h.second(0, h.codeOf(h.secret, -2)) },
	"code of two steps ahead": func(h *house) error { return h.second(0, h.codeOf(h.secret, 2)) },
	"code used a moment ago": func(h *house) error {
		h.must(h.second(0, h.codeOf(h.secret, 0)))
		return h.second(1, h.codeOf(h.secret, 0))
	},
	"code of the step before one used": func(h *house) error {
		h.must(h.second(0, h.codeOf(h.secret, 1)))
		return h.second(1, h.codeOf(h.secret, 0))
	},
	"code of the enrolment itself":     func(h *house) error { return h.second(1, h.codeOf(h.secret, -1)) },
	"recovery code in place of a code": func(h *house) error { return h.second(1, h.codes[0]) },
	"code in place of a recovery code": func(h *house) error { return h.recover(h.codeOf(h.secret, 0)) },
	"recovery code of another account": func(h *house) error { _, _, codes, _ := h.enrol("other@beckside.example"); return h.recover(codes[0]) },
	"recovery code used before":        func(h *house) error { h.must(h.recover(h.codes[3])); return h.recover(h.codes[3]) },
	"recovery code replaced by new ones": func(h *house) error {
		_, err := h.replicas[0].ReplaceCodes(h.t.Context(), h.user())
		h.must(err)
		return h.recover(h.codes[0])
	},
	"21st code is the right one":            func(h *house) error { h.failSecond(20); return h.second(0, h.codeOf(h.secret, 0)) },
	"21st failure is a right recovery code": func(h *house) error { h.failSecond(20); return h.recover(h.codes[0]) },
	"passkey answer that is no JSON": func(h *house) error {
		_, err := h.withPasskeys().Passkey(h.t.Context(), []byte("{}"), []byte("hello"))
		return err
	},
	"passkey answer of nobody": func(h *house) error {
		s := h.withPasskeys()
		c, err := s.Passkeys.Ask(nil, nil)
		h.must(err)
		_, err = s.Passkey(h.t.Context(), c.State, []byte(nobodysAnswer))
		return err
	},
	"sign-in begun before the passphrase changed": func(h *house) error {
		h.must(h.replicas[0].ChangePassphrase(h.t.Context(), h.user(), passphrase, "another gravel Sunday ladder"))
		return h.stillCurrent()
	},
	"sign-in begun before a reset": func(h *house) error { h.reset(); return h.stillCurrent() },
	"sign-in begun before a lock":  func(h *house) error { h.status(local.Locked); return h.stillCurrent() },

	"unknown token":                      func(h *house) error { return h.open(identity.NewToken()) },
	"token of an invitation used before": func(h *house) error { return h.open(h.token) },
	"token more than seven days old": func(h *house) error {
		token := h.invite("new@beckside.example")
		h.must(h.open(token))
		h.now = h.now.Add(local.InvitationLife)
		return h.open(token)
	},
	"token that a reset replaced": func(h *house) error { first := h.reset(); h.must(h.open(first)); h.reset(); return h.open(first) },
	"token of an ended account":   func(h *house) error { token := h.reset(); h.status(local.Ended); return h.open(token) },

	"removing the last second factor": func(h *house) error {
		_, c := h.current()
		return h.replicas[0].RemoveFactor(h.t.Context(), h.user(), c.Factors[0].ID)
	},
	"removing another's second factor": func(h *house) error {
		other, _, _, _ := h.enrol("other@beckside.example")
		c, err := h.replicas[0].Store.Credentials(h.t.Context(), other.ID)
		h.must(err)
		return h.replicas[0].RemoveFactor(h.t.Context(), h.user(), c.Factors[0].ID)
	},
}

func TestAttacks(t *testing.T) {
	outcomes := map[string]error{"wrong": local.ErrWrong, "too many": local.ErrTooMany, "gone": local.ErrNoAccount, "no invitation": local.ErrInvitation, "last factor": local.ErrLastFactor}
	rows := lines(t, "attacks.tsv")
	if len(rows) != len(attacks) {
		t.Errorf("%d lines and %d deeds", len(rows), len(attacks))
	}
	db := pgtest.New(t)
	stores := [2]local.Store{db.Open(t).Accounts(), db.Open(t).Accounts()}
	for _, row := range rows {
		t.Run(row[0], func(t *testing.T) {
			deed, ok := attacks[row[0]]
			if !ok {
				t.Fatal("no deed")
			}
			h := furnish(t, db, stores)
			if err := deed(h); !errors.Is(err, outcomes[row[1]]) {
				t.Errorf("%v, want %v", err, outcomes[row[1]])
			}
			if row[2] != "-" && (len(h.notes.events) == 0 || h.notes.events[len(h.notes.events)-1] != row[2]) {
				t.Errorf("the trail ends with %q, want %s", h.notes.events, row[2])
			}
		})
	}
}

// TestOnceOfFifty: of fifty at once, spread over two replicas, one wins.
func TestOnceOfFifty(t *testing.T) {
	t.Run("code", func(t *testing.T) {
		h := newHouse(t)
		a, c := h.current()
		code := h.codeOf(h.secret, 0)
		h.onceOfFifty(func(s *local.Accounts) error { return s.Code(t.Context(), a, c, code) })
	})
	t.Run("recovery code", func(t *testing.T) {
		h := newHouse(t)
		h.onceOfFifty(func(s *local.Accounts) error { return s.Recovery(t.Context(), h.account, h.codes[0]) })
		if n := h.notes.count("recovery-code-used"); n != 1 {
			t.Errorf("written down %d times", n)
		}
	})
	t.Run("invitation", func(t *testing.T) {
		h := newHouse(t)
		token := h.invite("new@beckside.example")
		a, err := h.replicas[0].Invited(t.Context(), token)
		h.must(err)
		h.onceOfFifty(func(s *local.Accounts) error {
			secret := local.NewSecret()
			f, err := s.NewTOTP(a.ID, secret, h.codeOf(secret, 0))
			if err != nil {
				return err
			}
			_, _, err = s.Accept(t.Context(), token, a, "$argon2id$", f)
			return err
		})
		if c, err := h.replicas[1].Store.Credentials(t.Context(), a.ID); err != nil || len(c.Factors) != 1 || c.CodesLeft != local.NumCodes {
			t.Errorf("%d factors, %d codes, %v", len(c.Factors), c.CodesLeft, err)
		}
	})
}

func (h *house) onceOfFifty(do func(*local.Accounts) error) {
	h.t.Helper()
	var group sync.WaitGroup
	results := make(chan error, 50)
	for i := range 50 {
		group.Go(func() { results <- do(h.replicas[i%2]) })
	}
	group.Wait()
	close(results)
	won := 0
	for err := range results {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, local.ErrWrong) && !errors.Is(err, local.ErrTooMany) && !errors.Is(err, local.ErrInvitation):
			h.t.Errorf("a loser heard %v", err)
		}
	}
	if won != 1 {
		h.t.Errorf("%d won", won)
	}
}

// TestGuessesAtOnce: a hundred guesses at once are twenty guesses, and each day brings twenty more.
func TestGuessesAtOnce(t *testing.T) {
	h := newHouse(t)
	for day := range 2 {
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() { _, _ = h.replicas[i%2].Passphrase(t.Context(), login, "not this one, surely") })
		}
		group.Wait()
		if n := h.notes.count("local_passphrase"); n != 20*(day+1) {
			t.Errorf("day %d: %d guesses were heard", day, n)
		}
		h.now = h.now.Add(24 * time.Hour)
	}
	if err := h.first(login, passphrase); err != nil {
		t.Errorf("the honest user, a day later: %v", err)
	}
}

// TestEqualWork: whoever tries a name cannot tell from the work whether there is such an account: the same hashes, look-ups and events.
func TestEqualWork(t *testing.T) {
	h := newHouse(t)
	h.invite("invited@beckside.example")
	s := h.replicas[0]
	watch := &counted{Store: s.Store}
	s.Store = watch
	var want []string
	for _, name := range []string{login, "nobody@beckside.example", "invited@beckside.example", "", "two words"} {
		hashes, events := s.Hasher.Computed(), len(h.notes.events)
		watch.calls = nil
		if err := h.first(name, "not this one, surely"); !errors.Is(err, local.ErrWrong) {
			t.Fatal(err)
		}
		if n := s.Hasher.Computed() - hashes; n != 1 {
			t.Errorf("%q costs %d hashes", name, n)
		}
		if n := len(h.notes.events) - events; n != 1 {
			t.Errorf("%q costs %d events", name, n)
		}
		if want == nil {
			want = watch.calls
		}
		if !slices.Equal(watch.calls, want) {
			t.Errorf("%q costs %v, a wrong passphrase %v", name, watch.calls, want)
		}
	}
}

// counted notes which calls of the first step reach the store.
type counted struct {
	local.Store
	calls []string
}

func (c *counted) Find(ctx context.Context, name string) (local.Account, error) {
	c.calls = append(c.calls, "find")
	return c.Store.Find(ctx, name)
}

func (c *counted) Take(ctx context.Context, key string, limit int, since, now time.Time) (int64, bool, error) {
	c.calls = append(c.calls, "take")
	return c.Store.Take(ctx, key, limit, since, now)
}

func (c *counted) Give(ctx context.Context, number int64) error {
	c.calls = append(c.calls, "give")
	return c.Store.Give(ctx, number)
}
