package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/postgres"
	"ribble/internal/seal"
	"ribble/internal/sponsor"
)

// localAccounts gives what keeps local accounts; nil without a key for their second factors.
func localAccounts(c config.Config, db *postgres.DB, trail *audit.Trail) (*local.Accounts, error) {
	if len(c.Keys.Account) == 0 {
		return nil, nil
	}
	secrets, err := sealer(c.Keys.Account)
	if err != nil {
		return nil, fmt.Errorf("reading the account keys: %w", err)
	}
	passkeys, err := local.NewPasskeys(c.PublicURL)
	if err != nil {
		return nil, err
	}
	end := func(ctx context.Context, issuer, subject string) error {
		ended, err := db.Sessions().EndWhere(ctx, identity.Which{Issuer: issuer, Subject: subject})
		for _, u := range ended {
			err = errors.Join(err, trail.SessionChanged(ctx, u, identity.SessionEnded, "account"))
		}
		return err
	}
	return &local.Accounts{
		Store: db.Accounts(), Trail: trail, Secrets: secrets, Passkeys: passkeys, Hasher: local.NewHasher(local.Standard), EndSessions: end, Now: time.Now,
	}, nil
}

// sponsorDesk is where users are vouched for, granted, confirmed and ended; nil without local accounts.
func sponsorDesk(db *postgres.DB, trail *audit.Trail, accounts *local.Accounts, current func() *directory.Snapshot, rights *access.Profiles) *sponsor.Desk {
	if accounts == nil {
		return nil
	}
	return &sponsor.Desk{
		Store: db.Users(), Trail: trail, Accounts: accounts, Now: time.Now,
		Organisation:  func(typed string) (identity.Organisation, bool) { return organisationCalled(current(), typed) },
		MayAdminister: func(u identity.User) bool { return rights.Holds(u, access.Administer) },
		MaySponsor:    func(u identity.User) bool { return rights.Holds(u, access.Sponsor) },
	}
}

// organisationCalled finds an organisation by its ODS code, or by its name in full. A name that two share finds neither.
func organisationCalled(s *directory.Snapshot, typed string) (identity.Organisation, bool) {
	if o, known := s.Organisation(strings.ToUpper(typed)); known {
		return identity.Organisation{ODS: o.ODS, Name: o.Name}, true
	}
	var found []identity.Organisation
	for _, e := range s.Entries() {
		if e.Kind != directory.KindOrganisation {
			continue
		}
		if o, known := s.Organisation(e.ID); known && strings.EqualFold(o.Name, typed) {
			found = append(found, identity.Organisation{ODS: o.ODS, Name: o.Name})
		}
	}
	if len(found) != 1 {
		return identity.Organisation{}, false
	}
	return found[0], true
}

func sealer(keys []config.Key) (*seal.Sealer, error) {
	var raw [][]byte
	for _, k := range keys {
		raw = append(raw, k.Bytes())
	}
	return seal.New(raw...)
}

// Operator is the issuer of operators in the audit trail: whoever ran a command, by the name of their account on the machine.
const Operator = "urn:ribble:operator"

// operator is who runs the command.
func operator() identity.User {
	u, err := user.Current()
	if err != nil {
		u = &user.User{Username: fmt.Sprintf("uid %d", os.Getuid())}
	}
	return operatorOf(u)
}

// operatorOf names an operator by the account's full name, and where it has none by the account: practices refuse a request of nobody.
func operatorOf(u *user.User) identity.User {
	name := strings.TrimSpace(u.Name)
	if name == "" {
		name = u.Username
	}
	return identity.User{Issuer: Operator, Subject: u.Username, Name: name}
}
