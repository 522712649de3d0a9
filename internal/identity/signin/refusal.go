package signin

import (
	"errors"
	"net/http"
)

// The reasons for which a sign-in fails, as they stand in the audit trail and the log.
const (
	reasonState       = "state"
	reasonUnavailable = "provider_unavailable"
	reasonCancelled   = "cancelled"
	reasonProvider    = "provider_refused"
	reasonExchange    = "exchange"
	reasonToken       = "token"
	reasonStale       = "authentication_too_old"
	reasonAssurance   = "assurance_too_low"
	reasonRole        = "role_mismatch"
	reasonNoRole      = "no_role"
	reasonStore       = "store_unavailable"
	// reasonSession: the session to be unlocked or stepped up is not the browser's, or has ended. reasonOther: somebody else, or the same
	// person in another role, tried to open it. reasonCode: the code of a local account was wrong. reasonLogout: a logout token did not hold.
	reasonSession = "no_session"
	reasonOther   = "someone_else"
	reasonCode    = "code"
	reasonLogout  = "logout_token"
)

// words tell the user what to do, and an attacker nothing that the user could not see anyway.
var words = map[string]struct {
	status int
	text   string
}{
	reasonState:       {http.StatusBadRequest, "This sign-in was started elsewhere or took too long. Start again."},
	reasonUnavailable: {http.StatusServiceUnavailable, "The sign-in service cannot be reached. Try again in a minute."},
	reasonCancelled:   {http.StatusForbidden, "Sign-in was cancelled."},
	reasonProvider:    {http.StatusForbidden, "The sign-in service did not sign you in. Try again, or ask your service desk."},
	reasonExchange:    {http.StatusForbidden, "The sign-in could not be completed. Start again."},
	reasonToken:       {http.StatusForbidden, "The sign-in could not be completed. Start again, and tell your service desk if it happens again."},
	reasonStale:       {http.StatusForbidden, "Your sign-in is too old. Sign in again with your smartcard or security key."},
	reasonAssurance:   {http.StatusForbidden, "You must sign in with a smartcard or another strong method to see records."},
	reasonRole:        {http.StatusForbidden, "The role you chose is not one of yours. Start again, or ask your registration authority."},
	reasonNoRole:      {http.StatusForbidden, "You have no role that allows you to use this service. Ask your registration authority."},
	reasonSession:     {http.StatusForbidden, "Your session has ended. Sign in again."},
	reasonOther:       {http.StatusForbidden, "This screen was locked by someone else, or in another role. Sign out to sign in as yourself."},
	reasonCode:        {http.StatusForbidden, "That code is not right. Wait for the next one and try again."},
	reasonStore:       {http.StatusServiceUnavailable, "Signing in is not possible at present, because it cannot be recorded. Try again in a minute."},
}

// refusal is a failed sign-in: one of the fixed reasons, and text for the log that quotes nothing from outside.
type refusal struct{ reason, detail string }

// Error gives reason and detail.
func (r refusal) Error() string { return r.reason + ": " + r.detail }

func refused(reason, detail string) error { return refusal{reason, detail} }

// reasonOf is the reason of a refusal, or the given one for any other error.
func reasonOf(err error, otherwise string) string {
	var r refusal
	if errors.As(err, &r) {
		return r.reason
	}
	return otherwise
}
