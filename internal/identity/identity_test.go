package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"ribble/internal/identity"
)

func TestTokenRoundTrip(t *testing.T) {
	token := identity.NewToken()
	got, ok := identity.ParseToken(token.Cookie())
	if !ok || got != token || got.Hash() != token.Hash() {
		t.Error("the token did not come back")
	}
	if identity.NewToken() == token {
		t.Error("two tokens are equal")
	}
	if printed := fmt.Sprintf("%v %s", token, token); strings.Contains(printed, token.Cookie()) || printed != "[redacted] [redacted]" {
		t.Errorf("the token prints as %s", printed)
	}
}

func TestParseTokenRefuses(t *testing.T) {
	good := identity.NewToken().Cookie()
	for name, cookie := range map[string]string{
		"empty": "", "short": good[:42], "long": good + "A", "padded": good + "=", "other alphabet": strings.Repeat("+", 43),
		"line break within": good[:20] + "\n" + good[21:], "loose last bits": strings.Repeat("A", 42) + "B",
	} {
		if _, ok := identity.ParseToken(cookie); ok {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestUser(t *testing.T) {
	u := identity.User{Issuer: "i", Subject: "s", Role: identity.Role{Activities: []string{"B0360"}}}
	if u.IsZero() || !(identity.User{Subject: "s"}).IsZero() || !(identity.User{Issuer: "i"}).IsZero() {
		t.Error("nobody and somebody are mixed up")
	}
	if !u.Holds("B0360") || u.Holds("B036") || u.Holds("") {
		t.Error("activities are mixed up")
	}
}
