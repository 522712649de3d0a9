package launch

import (
	"errors"
	"net/http"
)

// The reasons for which a launch is refused, as they stand in the audit trail and the log.
const (
	reasonForm        = "launch-form"
	reasonTooLarge    = "launch-too-large"
	reasonMalformed   = "launch-malformed"
	reasonIssuer      = "launch-issuer"
	reasonAlgorithm   = "launch-algorithm"
	reasonKey         = "launch-key"
	reasonSignature   = "launch-signature"
	reasonAudience    = "launch-audience"
	reasonExpired     = "launch-expired"
	reasonEarly       = "launch-early"
	reasonLong        = "launch-too-long"
	reasonReplayed    = "launch-replayed"
	reasonLocation    = "launch-location"
	reasonUser        = "launch-user"
	reasonPerson      = "launch-person"
	reasonState       = "launch-state"
	reasonProvider    = "launch-provider"
	reasonExchange    = "launch-exchange"
	reasonToken       = "launch-id-token"
	reasonUnavailable = "launch-unavailable"
	reasonStore       = "launch-store"
)

// The two things a refused user is told. They are the same for every reason: which one it was is in the audit trail, and would
// teach an attacker.
const (
	// GoBack is for every launch that does not hold.
	GoBack = "Go back to your own system and open it again."
	// Wait is for when Ribble, or what it needs, does not work at present.
	Wait = "Ribble cannot open records just now. Wait a minute, then go back to your own system and open it again."
)

func wordsFor(reason string) (status int, words string) {
	switch reason {
	case reasonUnavailable, reasonStore:
		return http.StatusServiceUnavailable, Wait
	}
	return http.StatusForbidden, GoBack
}

// refusal is one of the fixed reasons, and text for the log that quotes nothing from outside.
type refusal struct{ reason, detail string }

// Error gives reason and detail.
func (r refusal) Error() string { return r.reason + ": " + r.detail }

func refused(reason, detail string) error { return refusal{reason, detail} }

func reasonOf(err error) string {
	var r refusal
	if errors.As(err, &r) {
		return r.reason
	}
	return reasonMalformed
}
