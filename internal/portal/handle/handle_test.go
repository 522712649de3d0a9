package handle_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"ribble/internal/identity"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
	"ribble/internal/seal"
)

func TestATokenOpensForItsOwnUserOnly(t *testing.T) {
	now := time.Date(2026, 11, 18, 14, 2, 0, 0, time.UTC)
	key := make([]byte, seal.KeySize)
	_, _ = rand.Read(key)
	sealer, err := seal.New(key)
	if err != nil {
		t.Fatal(err)
	}
	k := handle.Keeper{Sealer: sealer, Now: func() time.Time { return now }}
	number, err := record.ParseNHSNumber("9991411690")
	if err != nil {
		t.Fatal(err)
	}
	owner := identity.User{Session: "s1", Role: identity.Role{ProfileID: "r1"}}
	token, err := handle.Seal(k, "view", handle.Bind(owner, number))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		user    identity.User
		purpose string
		later   time.Duration
		token   string
		opens   bool
	}{
		"its own user":    {user: owner, opens: true},
		"another session": {user: identity.User{Session: "s2", Role: owner.Role}},
		"another role":    {user: identity.User{Session: "s1", Role: identity.Role{ProfileID: "r2"}}},
		"nobody":          {},
		"another purpose": {user: owner, purpose: "document"},
		"too late":        {user: owner, later: handle.Life + 2*time.Second},
		"no token":        {user: owner, token: "view"},
	} {
		purpose, text := "view", token
		if c.purpose != "" {
			purpose = c.purpose
		}
		if c.token != "" {
			text = c.token
		}
		at := handle.Keeper{Sealer: sealer, Now: func() time.Time { return now.Add(c.later) }}
		b, err := handle.Open[handle.Bound](at, purpose, text)
		var got record.NHSNumber
		if err == nil {
			got, err = b.Person(c.user)
		}
		if c.opens != (err == nil && got == number) || err != nil && !errors.Is(err, handle.Gone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
