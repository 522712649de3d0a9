package portal

import (
	"net/http"
	"time"

	"ribble/internal/fault"
	"ribble/internal/portal/middleware"
)

// Rates of what could be used to trawl for people (decision D11). One user who goes above the first bound must prove anew who they are, and
// above the second waits; both are written down for whoever watches over access. Those for an organisation, an address (behind which a whole
// hospital may sit) and the region are far above honest use at the busiest hour.
var (
	searches = middleware.Rate{
		Kind: "search", Window: time.Minute,
		User: bound(30, 60), Organisation: bound(600, 1200), Address: bound(600, 1200), Region: bound(6_000, 12_000),
	}
	opens = middleware.Rate{
		Kind: "open", Window: time.Hour,
		User: bound(60, 120), Organisation: bound(3_000, 6_000), Address: bound(3_000, 6_000), Region: bound(60_000, 120_000),
	}
	// views are openings, reloadings and documents together.
	views = middleware.Rate{
		Kind: "view", Window: time.Hour,
		User: bound(240, 480), Organisation: bound(12_000, 24_000), Address: bound(12_000, 24_000), Region: bound(240_000, 480_000),
	}
)

func bound(ask, stop int) middleware.Bound { return middleware.Bound{Ask: ask, Stop: stop} }

// limits gives what holds users to a rate.
func (p *Portal) limits(c Config) func(middleware.Rate) func(http.Handler) http.Handler {
	cfg := middleware.LimitConfig{
		Counter: c.SignIn.Shared, Alert: c.Clinician.Trail.LimitReached, Log: c.Log, Now: c.Now, Ask: p.stepUp("/find"),
		Stop:        p.says(fault.New(fault.TooMany, "You have done this very often in a short time. It has been written down. Wait and try again; if care cannot wait, ring your service desk.")),
		Unavailable: p.says(fault.New(fault.Unavailable, "Ribble cannot check its limits just now, so no record can be opened.")),
	}
	return func(rate middleware.Rate) func(http.Handler) http.Handler { return middleware.Limit(cfg, rate) }
}

// stepUp asks the user for a fresh proof and leads on to the page asked for, or to back when a form was posted, whose content is lost on the way.
func (p *Portal) stepUp(back string) middleware.Page {
	return func(w http.ResponseWriter, r *http.Request) {
		session, _ := middleware.Session(r.Context())
		to := back
		if r.Method == http.MethodGet {
			to = r.URL.EscapedPath()
		}
		p.signIn.DrawStepUp(w, r, session, to)
	}
}
