package sponsor_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/pgtest"
	"ribble/internal/postgres"
	"ribble/internal/seal"
	"ribble/internal/sponsor"
)

// house is a desk at a database, with a trail that can be broken and a clock that can be moved on.
type house struct {
	t    testing.TB
	db   *pgtest.DB
	open *postgres.DB
	*sponsor.Desk
	trail *brittle
	ahead time.Duration
}

// brittle is a trail that fails when it is told to.
type brittle struct {
	sponsor.Trail
	down bool
}

func (b *brittle) Write(ctx context.Context, n audit.Note) (audit.Written, error) {
	if b.down {
		return audit.Written{}, errors.New("the trail is down")
	}
	return b.Trail.Write(ctx, n)
}

func person(id, name, ods string) identity.User {
	return identity.User{Issuer: "https://cis2.example", Subject: id, Name: name, Organisation: identity.Organisation{ODS: ods}}
}

var (
	beckside = identity.Organisation{ODS: "8Z902", Name: "Beckside Home Care"}
	larches  = identity.Organisation{ODS: "8Z903", Name: "The Larches"}
	// amina and bob sponsor for one organisation each; farrell and quist administer.
	amina   = person("1", "Amina Khan", beckside.ODS)
	bob     = person("2", "Bob Hart", larches.ODS)
	farrell = person("3", "Owen Farrell", "QE1")
	quist   = person("4", "Sofia Quist", "QE1")
	nobody  = person("5", "Nobody Special", beckside.ODS)
)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t)}
	h.open = h.db.Open(t)
	h.Desk = h.desk(h.open)
	return h
}

func (h *house) desk(open *postgres.DB) *sponsor.Desk {
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	sealer, err := seal.New(secret)
	if err != nil {
		h.t.Fatal(err)
	}
	now := func() time.Time { return time.Now().Add(h.ahead) }
	trail := audit.NewTrail(open.Audit(), audit.GenerateKeys(), now)
	h.trail = &brittle{Trail: trail}
	accounts := &local.Accounts{
		Store: open.Accounts(), Trail: trail, Secrets: sealer, Hasher: local.NewHasher(local.Cost{Time: 1, Memory: 64, Threads: 1}), Now: now,
		EndSessions: func(ctx context.Context, issuer, subject string) error {
			_, err := open.Sessions().EndWhere(ctx, identity.Which{Issuer: issuer, Subject: subject})
			return err
		},
	}
	return &sponsor.Desk{
		Store: open.Users(), Trail: h.trail, Accounts: accounts, Now: now,
		Organisation: func(typed string) (identity.Organisation, bool) {
			for _, o := range []identity.Organisation{beckside, larches} {
				if typed == o.ODS || strings.EqualFold(typed, o.Name) {
					return o, true
				}
			}
			return identity.Organisation{}, false
		},
		MayAdminister: func(u identity.User) bool { return u.Subject == farrell.Subject || u.Subject == quist.Subject },
		MaySponsor:    func(u identity.User) bool { return u.Subject == amina.Subject || u.Subject == bob.Subject },
	}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// day is so many days from today, as it is typed.
func (h *house) day(days int) string {
	return h.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

func (h *house) form(login string) sponsor.Form {
	return sponsor.Form{Login: login, Name: "Grace Adebayo", Job: "Care worker", Organisation: beckside.ODS, Role: "care-worker", Trained: h.day(-10), Until: h.day(200)}
}

// granted makes an account that two people granted.
func (h *house) granted(login string) local.Account {
	h.t.Helper()
	batch, err := h.Add(h.t.Context(), amina, h.form(login))
	h.must(err)
	h.must(h.Grant(h.t.Context(), farrell, batch))
	return h.account(login)
}

func (h *house) account(login string) local.Account {
	h.t.Helper()
	a, err := h.open.Accounts().Find(h.t.Context(), login)
	h.must(err)
	return a
}

// enrolled makes the account active and gives a session of its user.
func (h *house) enrolled(login string) (local.Account, [32]byte) {
	h.t.Helper()
	a := h.granted(login)
	h.sql("UPDATE portal.account SET status = 'active', passphrase = 'x' WHERE id = '"+a.ID+"'",
		"INSERT INTO portal.account_factor (id, account_id, kind, name, secret, created_at) VALUES ('f"+a.ID+"', '"+a.ID+"', 'totp', 'app', 's', now())")
	return h.account(login), h.session(identity.User{Issuer: local.Issuer, Subject: a.ID, Name: a.Name, Organisation: a.Organisation})
}

func (h *house) session(u identity.User) [32]byte {
	h.t.Helper()
	token := identity.NewToken()
	u.Session = local.NewID()
	h.must(h.open.Sessions().Create(h.t.Context(), identity.NewSession{
		ID: u.Session, TokenHash: token.Hash(), User: u, Created: time.Now(), Expires: time.Now().Add(8 * time.Hour), Idle: time.Hour, Linger: time.Hour,
	}))
	return token.Hash()
}

func (h *house) live(token [32]byte) bool {
	h.t.Helper()
	_, err := h.open.Sessions().Find(h.t.Context(), token, time.Now())
	if err != nil && !errors.Is(err, identity.ErrNoSession) {
		h.t.Fatal(err)
	}
	return err == nil
}

// sql runs statements behind the program's back, in one transaction.
func (h *house) sql(statements ...string) {
	h.t.Helper()
	h.must(h.try(h.db.AdminURL, statements...))
}

func (h *house) try(url string, statements ...string) error {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), url)
	h.must(err)
	defer func() { _ = conn.Close(h.t.Context()) }()
	return pgx.BeginFunc(h.t.Context(), conn, func(tx pgx.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(h.t.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
}

// count counts events of the trail about accounts, by reason.
func (h *house) count(reason string) (n int) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.db.AdminURL)
	h.must(err)
	defer func() { _ = conn.Close(h.t.Context()) }()
	h.must(conn.QueryRow(h.t.Context(), "SELECT count(*) FROM audit.event WHERE act = 'account-changed' AND reason = $1", reason).Scan(&n))
	return n
}
