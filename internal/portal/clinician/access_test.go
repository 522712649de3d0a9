package clinician

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/access"
	"ribble/internal/consent"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/openrecord"
	"ribble/internal/portal/handle"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/relationship"
	"ribble/internal/seal"
	"ribble/web/layout"
)

var at = time.Date(2026, 11, 18, 14, 2, 0, 0, time.UTC)

// desk gives the facts of a test and notes what is entered.
type desk struct {
	facts   access.Facts
	err     error
	entered []string
}

func (d *desk) About(context.Context, record.NHSNumber, identity.User) (access.Facts, error) {
	return d.facts, d.err
}

func (d *desk) Claim(_ context.Context, _ identity.User, n record.NHSNumber, c register.Claim) error {
	d.entered = append(d.entered, "claim "+n.Digits()+" "+c.Reason+": "+c.Words)
	return nil
}

func (d *desk) BreakGlass(_ context.Context, _ identity.User, n record.NHSNumber, c register.Claim) (access.Override, error) {
	d.entered = append(d.entered, "glass "+n.Digits()+" "+c.Reason+": "+c.Words)
	return access.Override{}, nil
}

func (d *desk) EndBreakGlass(_ context.Context, _ identity.User, _ record.NHSNumber, id string) error {
	d.entered = append(d.entered, "end "+id)
	return register.ErrNotThere
}

func (d *desk) Permit(_ context.Context, _ identity.User, _ record.NHSNumber, answer register.Answer) error {
	d.entered = append(d.entered, string(answer))
	return nil
}

type region struct{}

func (region) Organisation(ods string) (record.Organisation, bool) {
	return record.Organisation{ODS: ods, Name: "Whitewell Practice", Phone: "01632 960222"}, ods == "Y1"
}

func (region) Officer(ods string) string { return map[string]string{"RZB": "Alistair Grant"}[ods] }

type plainURLs struct{}

func (plainURLs) URL(name string) string { return "/assets/" + name }

// ward is the pages before a record, with a nurse of RZB who has emergency access in front of them.
type ward struct {
	t     *testing.T
	pages *Pages
	desk  *desk
	user  identity.User
	err   error
}

func newWard(t *testing.T) *ward {
	t.Helper()
	sealer, err := seal.New(make([]byte, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{facts: access.Facts{OfficerNamed: true}}
	return &ward{t: t, desk: d, pages: New(Config{Open: &openrecord.Flow{Registers: d, Now: func() time.Time { return at }},
		Desk: d, Region: region{}, Sealer: sealer, Now: func() time.Time { return at }, Frame: func(*http.Request) layout.Props { return layout.Props{Assets: plainURLs{}} },
	}), user: identity.User{
		Issuer: "https://op", Subject: "doyle", Session: "s", AssuranceLevel: 3, Role: identity.Role{ProfileID: "1", Activities: []string{"B0360", "B0168"}},
		Organisation: identity.Organisation{ODS: "RZB", Name: "Bowland"},
	}}
}

func (w *ward) number() record.NHSNumber {
	n, err := record.ParseNHSNumber("9991411690")
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// asked serves one request to a page.
func (w *ward) asked(page func(http.ResponseWriter, *http.Request) error, token string, form url.Values) (int, string) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	route := chi.NewRouteContext()
	route.URLParams.Add("handle", token)
	ctx := context.WithValue(r.Context(), chi.RouteCtxKey, route)
	if !w.user.IsZero() {
		ctx = middleware.WithSession(ctx, identity.Session{ID: w.user.Session, User: w.user})
	}
	answer := httptest.NewRecorder()
	w.err = page(answer, r.WithContext(ctx))
	body, _ := io.ReadAll(answer.Result().Body)
	if to := answer.Header().Get("Location"); to != "" {
		body = []byte(to)
	}
	return answer.Code, string(body)
}

// refusal is what the rules say of the nurse and the person with these facts.
func (w *ward) refusal(facts access.Facts) access.Refusal {
	w.t.Helper()
	_, err := access.Decide(access.Request{User: w.user, Person: record.Person{NHSNumber: w.number(), TracedAt: at, Practice: record.Practice{ODS: "Y1"}}, Purpose: access.DirectCare, Facts: facts, At: at})
	var refusal access.Refusal
	if !errors.As(err, &refusal) {
		w.t.Fatal("not refused")
	}
	return refusal
}

// answered is the page that answers a refusal.
func (w *ward) answered(facts access.Facts) (int, string) {
	return w.asked(func(out http.ResponseWriter, r *http.Request) error {
		return w.pages.refused(out, r, bind(w.user, w.number(), access.DirectCare), w.refusal(facts))
	}, "", nil)
}

var tokens = regexp.MustCompile(`(?:value="|/break-glass/)([A-Za-z0-9_-]{60,})"`)

func token(t *testing.T, page string) string {
	t.Helper()
	m := tokens.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no token in %s", page)
	}
	return m[1]
}

func caseload() []relationship.Evidence {
	return []relationship.Evidence{{Kind: relationship.Caseload, Organisation: "RZB", From: at.Add(-time.Hour), Until: at.Add(time.Hour)}}
}

func objection(from time.Time) consent.Standing {
	return consent.Standing{{ID: "1", Organisation: "RZB", Sections: record.AllSections, Direction: consent.View, Stance: consent.Objected, From: from}}
}

// TestWhoeverIsAskedLearnsNothing: the page is the same, letter by letter but for its token, whether no relationship is known or the person is watched.
func TestWhoeverIsAskedLearnsNothing(t *testing.T) {
	w := newWard(t)
	unknown, one := w.answered(access.Facts{})
	watched, other := w.answered(access.Facts{Relationships: caseload(), Watched: access.Watched{Listed: true}})
	one, other = tokens.ReplaceAllString(one, ""), tokens.ReplaceAllString(other, "")
	if unknown != http.StatusForbidden || watched != http.StatusForbidden || one != other || !strings.Contains(one, "Say why you need this record") {
		t.Errorf("%d %d\n%s\n%s", unknown, watched, one, other)
	}
}

func TestAClaim(t *testing.T) {
	w := newWard(t)
	_, page := w.answered(access.Facts{})
	form := func(reason, words string) url.Values {
		return url.Values{"person": {token(t, page)}, "reason": {reason}, "words": {words}}
	}
	for _, c := range []struct{ reason, words, problem string }{
		{"", "", "Choose the reason"}, {"made-up", "", "Choose the reason"}, {"other", "", "at least 10 letters"}, {"treating", "ill", "at least 10 letters"},
		{"treating", strings.Repeat("word ", 200), "more shortly"},
	} {
		if status, got := w.asked(w.pages.Claim, "", form(c.reason, c.words)); status != http.StatusUnprocessableEntity || !strings.Contains(got, c.problem) {
			t.Errorf("%q %.20q: %d %v", c.reason, c.words, status, w.err)
		}
	}
	status, to := w.asked(w.pages.Claim, "", form("treating", ""))
	if status != http.StatusSeeOther || !strings.HasPrefix(to, "/record/") || len(w.desk.entered) != 1 || w.desk.entered[0] != "claim 9991411690 treating: " {
		t.Errorf("%d %s %v", status, to, w.desk.entered)
	}
	w.user.Session = "t"
	if _, got := w.asked(w.pages.Claim, "", form("treating", "")); fault.KindOf(w.err) != fault.NotFound || got != "" || len(w.desk.entered) != 1 {
		t.Errorf("another session: %v", w.err)
	}
}

// TestAClaimThatRanOutIsRenewed: the page says so, also when the form comes back; one that holds is none to renew.
func TestAClaimThatRanOutIsRenewed(t *testing.T) {
	w := newWard(t)
	claim := relationship.Evidence{Kind: relationship.SelfClaimed, Organisation: "RZB", Reason: "treating", From: at.AddDate(0, 0, -30), Until: at.AddDate(0, 0, -2)}
	older := claim
	older.Until = at.AddDate(0, 0, -20)
	_, page := w.answered(access.Facts{Relationships: []relationship.Evidence{older, claim}})
	_, again := w.asked(w.pages.Claim, "", url.Values{"person": {token(t, page)}})
	for _, got := range []string{page, again} {
		if !strings.Contains(got, "This is a renewal: what you said before held until") || !strings.Contains(got, "16-Nov-2026") || !strings.Contains(got, "Say again why you need this record") {
			t.Errorf("no renewal: %.2000s", got)
		}
	}
	elsewhere := claim
	elsewhere.Organisation = "RXX"
	if _, page := w.answered(access.Facts{Relationships: []relationship.Evidence{elsewhere}}); strings.Contains(page, "renewal") {
		t.Error("a claim at another organisation is renewed")
	}
}

// TestStatementsAreMadeOfThePersonOfTheTrace: a launch may bring a number that the person had before; what is stated stands under the one of the trace.
func TestStatementsAreMadeOfThePersonOfTheTrace(t *testing.T) {
	w := newWard(t)
	old, err := record.ParseNHSNumber("9993581763")
	if err != nil {
		t.Fatal(err)
	}
	launched := bind(w.user, old, access.DirectCare)
	launched.Born = "1942-03-03"
	_, page := w.asked(func(out http.ResponseWriter, r *http.Request) error {
		return w.pages.refused(out, r, launched, w.refusal(access.Facts{Relationships: caseload(), Watched: access.Watched{Listed: true}}))
	}, "", nil)
	if sealed := token(t, page); strings.Contains(page, old.Spaced()) || !strings.Contains(page, w.number().Spaced()) {
		t.Errorf("the old number: %s", page)
	} else if _, to := w.asked(w.pages.Claim, "", url.Values{"person": {sealed}, "reason": {"treating"}}); !strings.HasPrefix(to, "/record/") {
		t.Errorf("the claim: %v", w.err)
	} else if view, err := handle.Open[bound](w.pages.handles, viewPurpose, strings.TrimPrefix(to, "/record/")); err != nil || view.Number != w.number().Digits() || view.Born != launched.Born {
		t.Errorf("the view: %+v %v", view, err)
	} else {
		w.asked(w.pages.BreakGlass, "", url.Values{"person": {sealed}, "reason": {"life-threat"}, "words": {"bleeding, cannot speak"}, "duty": {"yes"}})
	}
	want := []string{"claim 9991411690 treating: ", "glass 9991411690 life-threat: bleeding, cannot speak"}
	if !slices.Equal(w.desk.entered, want) {
		t.Errorf("entered %q", w.desk.entered)
	}
}

func TestEmergencyAccessIsOfferedWhereItMayBe(t *testing.T) {
	facts := access.Facts{Relationships: caseload(), Consent: objection(at.Add(-time.Hour)), OfficerNamed: true}
	for name, c := range map[string]struct {
		change func(*ward)
		offers bool
		words  string
	}{
		"a nurse who may":    {func(*ward) {}, true, "Whitewell Practice"},
		"no officer":         {func(w *ward) { w.desk.facts.OfficerNamed = false }, false, "has named no Privacy Officer"},
		"without the right":  {func(w *ward) { w.user.Role.Activities = []string{"B0360"} }, false, "Your role has no emergency access."},
		"their own record":   {func(w *ward) { w.desk.facts.Watched.OwnRecord = true }, false, "own record"},
		"registers are away": {func(w *ward) { w.desk.err = fault.New(fault.Unavailable, "away") }, false, ""},
	} {
		w := newWard(t)
		c.change(w)
		status, page := w.answered(facts)
		if offers := strings.Contains(page, `href="/break-glass/`); offers != c.offers || !strings.Contains(page, c.words) || w.desk.err != nil != (w.err != nil) || w.err == nil && status != http.StatusForbidden {
			t.Errorf("%s: %d %v %s", name, status, w.err, page)
		}
	}
}

func TestEmergencyAccessNeedsAReasonWordsAndADuty(t *testing.T) {
	w := newWard(t)
	_, page := w.answered(access.Facts{})
	sealed := token(t, page)
	if status, form := w.asked(w.pages.BreakGlassForm, sealed, nil); status != http.StatusOK || !strings.Contains(form, "Your Privacy Officer, Alistair Grant, within 10 seconds.") {
		t.Fatalf("%d %v", status, w.err)
	}
	if status, got := w.asked(w.pages.BreakGlass, "", url.Values{"person": {sealed}}); status != http.StatusUnprocessableEntity || strings.Count(got, `href="#`) < 4 || len(w.desk.entered) != 0 {
		t.Errorf("%d %v %s", status, w.err, got)
	}
	status, to := w.asked(w.pages.BreakGlass, "", url.Values{"person": {sealed}, "reason": {"life-threat"}, "words": {"bleeding, cannot speak"}, "duty": {"yes"}})
	if status != http.StatusSeeOther || !strings.HasPrefix(to, "/record/") || len(w.desk.entered) != 1 || w.desk.entered[0] != "glass 9991411690 life-threat: bleeding, cannot speak" {
		t.Errorf("%d %s %v", status, to, w.desk.entered)
	}
	ended, err := handle.Seal(w.pages.handles, glassPurpose, glassHandle{bind(w.user, w.number(), access.DirectCare), "o1"})
	if err != nil {
		t.Fatal(err)
	}
	if status, to := w.asked(w.pages.EndBreakGlass, "", url.Values{"glass": {ended}}); status != http.StatusSeeOther || to != "/break-glass/ended" || w.desk.entered[1] != "end o1" {
		t.Errorf("%d %s %v", status, to, w.err)
	}
}

func TestPermission(t *testing.T) {
	w := newWard(t)
	_, page := w.answered(access.Facts{Relationships: caseload(), Permission: access.Permission{Needed: true}})
	sealed := token(t, page)
	if !strings.Contains(page, "Ask for permission to view") {
		t.Fatal(page)
	}
	for answer, want := range map[string]struct {
		status int
		says   string
	}{
		"": {http.StatusUnprocessableEntity, "Choose what the person said."}, "perhaps": {http.StatusUnprocessableEntity, "Choose what"},
		"yes": {http.StatusSeeOther, "/record/"}, "once": {http.StatusSeeOther, "/record/"}, "emergency": {http.StatusSeeOther, "/record/"},
		"refused": {http.StatusOK, "for 7 days"},
	} {
		w.desk.entered = nil
		status, got := w.asked(w.pages.Permit, "", url.Values{"person": {sealed}, "answer": {answer}})
		if entered := len(w.desk.entered) == 1; status != want.status || !strings.Contains(got, want.says) || entered == (want.status == http.StatusUnprocessableEntity) {
			t.Errorf("%q: %d %v %v", answer, status, w.desk.entered, w.err)
		}
	}
}

// TestAnOpenViewStandsOrFalls: an open page may stay as long as the registers bear all that it shows.
func TestAnOpenViewStandsOrFalls(t *testing.T) {
	opened := standingHandle{Leave: access.Leave{Sections: record.AllSections}}
	glass := access.Override{ID: "o1", Organisation: "RZB", From: at.Add(-time.Minute), Until: at.Add(10 * time.Minute)}
	supply := consent.Standing{{ID: "2", Organisation: "RZP", Sections: record.SectionsOf(record.Plans), Direction: consent.Supply, Stance: consent.Objected, From: at.Add(-time.Second)}}
	for name, c := range map[string]struct {
		change func(*ward, *standingHandle)
		status int
	}{
		"as it was": {func(*ward, *standingHandle) {}, 204},
		"evidence of the trace": {func(w *ward, h *standingHandle) {
			w.desk.facts.Relationships, h.Evidence = nil, []relationship.Evidence{{Kind: relationship.Registered, Organisation: "RZB"}}
		}, 204},
		"taken off the list": {func(w *ward, _ *standingHandle) { w.desk.facts.Relationships = nil }, 410},
		"an objection":       {func(w *ward, _ *standingHandle) { w.desk.facts.Consent = objection(at) }, 410},
		"an objection to some": {func(w *ward, _ *standingHandle) {
			w.desk.facts.Consent = objection(at.Add(-time.Hour))
			w.desk.facts.Consent[0].Sections = 1
		}, 410},
		"elsewhere's data": {func(w *ward, _ *standingHandle) { w.desk.facts.Consent = supply }, 410},
		"known when it opened": {func(w *ward, h *standingHandle) {
			w.desk.facts.Consent, h.Withheld = supply, []string{"2"}
		}, 204},
		"withdrawn since":               {func(_ *ward, h *standingHandle) { h.Withheld = []string{"2"} }, 204},
		"emergency access opened since": {func(w *ward, _ *standingHandle) { w.desk.facts.Override = glass }, 204},
		"a launch":                      {func(w *ward, h *standingHandle) { w.desk.facts.Relationships, h.Born = nil, "1942-03-03" }, 204},
		"under emergency access": {func(w *ward, h *standingHandle) {
			w.desk.facts.Relationships, w.desk.facts.Override, h.Override = nil, glass, "o1"
		}, 204},
		"emergency access ended": {func(_ *ward, h *standingHandle) { h.Override = "o1" }, 410},
		"another user":           {func(w *ward, _ *standingHandle) { w.user.Session = "t" }, 410},
		"nobody":                 {func(w *ward, _ *standingHandle) { w.user = identity.User{} }, 410},
	} {
		w := newWard(t)
		w.desk.facts.Relationships = caseload()
		h := opened
		h.bound = bind(w.user, w.number(), access.DirectCare)
		c.change(w, &h)
		sealed, err := handle.SealFor(w.pages.handles, standingPurpose, h, longestOpen)
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := w.asked(w.pages.Standing, sealed, nil); status != c.status || w.err != nil {
			t.Errorf("%s: %d %v", name, status, w.err)
		}
	}
	w := newWard(t)
	if status, _ := w.asked(w.pages.Standing, "no-token", nil); status != http.StatusGone {
		t.Errorf("no token: %d", status)
	}
}
