package signin

import (
	"net/http"
	"net/netip"
	"time"

	"ribble/internal/identity"
)

// What is written down of failed sign-ins: each of the first few from an address, then one event for the whole window with their number. So
// nobody can fill the audit trail from outside, and no failure is lost from the count.
const (
	failureWindow = 10 * time.Minute
	// failuresEach from one address, and failuresAll from everywhere, are written one by one.
	failuresEach, failuresAll = 20, 500
)

// fail records a failed sign-in and shows what to do: on the sign-in page, or on the locked page when a session was to be opened again.
func (h *Handlers) fail(w http.ResponseWriter, r *http.Request, t transaction, user identity.User, err error) {
	reason := reasonOf(err, reasonToken)
	h.cfg.Log.WarnContext(r.Context(), "a sign-in failed", "reason", err.Error(), "issuer", user.Issuer)
	often := h.noteFailure(r, user, reason)
	said := words[reason]
	// Whoever has a sign-in of ours under way is heard however many failures come from their address: a whole hospital may share it.
	if often && t.Provider == "" && t.Purpose == toSignIn {
		w.Header().Set("Retry-After", "60")
		said.status = http.StatusTooManyRequests
	}
	if t.Purpose != toSignIn && reason != reasonSession {
		if session, _, err := h.current(r); err == nil && session.ID == t.Session {
			proof := h.proof(session, t.Purpose, t.Return)
			proof.Problem = said.text
			h.drawProof(w, r, said.status, proof)
			return
		}
	}
	h.draw(w, r, said.status, Form{Return: "/", Problem: said.text})
}

// noteFailure writes a failure down, or counts it with others, and says whether there were many.
func (h *Handlers) noteFailure(r *http.Request, user identity.User, reason string) bool {
	ctx, cancel := aside(r)
	defer cancel()
	address := network(host(r))
	counts, err := h.cfg.Shared.Count(ctx, h.cfg.Now(),
		identity.Counted{Kind: "sign-in-failed-address", Key: address, Window: failureWindow}, identity.Counted{Kind: "sign-in-failed-all", Window: failureWindow})
	often := err == nil && (counts[0] > failuresEach || counts[1] > failuresAll)
	times := 1
	if often {
		noted, err := h.cfg.Shared.Count(ctx, h.cfg.Now(), identity.Counted{Kind: "sign-in-failed-noted", Key: address, Window: failureWindow},
			identity.Counted{Kind: "sign-in-failed-noted-all", Window: failureWindow})
		if err == nil && (noted[0] > 1 || noted[1] > failuresAll) {
			return true
		}
		reason, times = "many", counts[0]
	}
	if err := h.cfg.Auditor.SignInFailed(ctx, user, reason, times); err != nil {
		h.cfg.Log.ErrorContext(ctx, "a failed sign-in could not be recorded", "reason", reason)
	}
	return often
}

// network is what one attacker can be taken to own of an address: the address itself, or its /64 in IPv6.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	prefix, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
