package faulttest

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/net/html"

	"ribble/internal/access"
	"ribble/internal/audit"
	"ribble/internal/consent"
	"ribble/internal/identity"
	"ribble/internal/record"
	"ribble/internal/sandbox/story"
)

// acts are what the trail has of a visitor since they signed in, in order.
func acts(t *testing.T, v *visitor) []string {
	t.Helper()
	var out []string
	admin(t, func(db *pgx.Conn) error {
		rows, err := db.Query(t.Context(), "SELECT e.act FROM audit.event e JOIN audit.agent a ON a.id = e.agent WHERE a.subject = $1 ORDER BY e.sequence", v.subject)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return out
}

// alerts counts the alerts of a kind for an organisation about what a visitor did.
func alerts(t *testing.T, v *visitor, kind, ods string) (n int) {
	t.Helper()
	admin(t, func(db *pgx.Conn) error {
		return db.QueryRow(t.Context(), "SELECT count(*) FROM oversight.alert a JOIN audit.event e ON e.id = a.event JOIN audit.agent who ON who.id = e.agent WHERE who.subject = $1 AND a.kind = $2 AND a.organisation = $3",
			v.subject, kind, ods).Scan(&n)
	})
	return n
}

// intent is the visitor's last look at a record for direct care.
func intent(t *testing.T, v *visitor) audit.Event {
	t.Helper()
	return last(t, v, audit.ActIntent, func(e audit.Event) bool { return e.Purpose == access.DirectCare.String() })
}

// statement sends the form of the page that asks for a reason.
func (v *visitor) statement(t *testing.T, p page, path, reason string) page {
	t.Helper()
	form := fields(p.tree, func(f url.Values) bool { return f.Get("person") != "" && len(f["reason"]) > 1 })
	if form == nil {
		t.Fatalf("no form asks for a reason: status %d\n%s", p.status, text(p.tree))
	}
	form.Set("reason", reason)
	form.Set("words", "collapsed at home and cannot speak")
	form.Set("duty", "yes")
	return v.post(t, path, form)
}

// link is the address of the first link to below a path.
func link(p page, path string) string {
	for n := range p.tree.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && strings.HasPrefix(attribute(n, "href"), path) {
			return attribute(n, "href")
		}
	}
	return ""
}

// object enters that a person does not want an organisation's staff to see their record.
func object(t *testing.T, number, ods string) {
	t.Helper()
	clerk := identity.User{Issuer: "urn:test", Subject: "clerk", Role: identity.Role{Activities: []string{"B0020"}}, Organisation: identity.Organisation{ODS: hodder}}
	e := consent.Entry{Organisation: ods, Sections: record.AllSections, Direction: consent.View, Stance: consent.Objected}
	if err := region.Desk().Object(t.Context(), clerk, nhs(t, number), e); err != nil {
		t.Fatal(err)
	}
}

func nhs(t *testing.T, number string) record.NHSNumber {
	t.Helper()
	n, err := record.ParseNHSNumber(number)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// said is the whole text of a page.
func (p page) said() string { return strings.Join(strings.Fields(text(p.tree)), " ") }

func shut(t *testing.T, what string, p page) {
	t.Helper()
	if p.status != 403 || p.ended() || strings.Contains(string(p.body), "Amlodipine") {
		t.Errorf("%s: status %d, ended %v", what, p.status, p.ended())
	}
}

func open(t *testing.T, what string, p page) {
	t.Helper()
	if p.status != 200 || !p.ended() {
		t.Fatalf("%s: status %d: %s", what, p.status, p.said())
	}
}

// TestNoRelationshipNeedsAClaim: nobody is asked, then the user says why, and the officer is told.
func TestNoRelationshipNeedsAClaim(t *testing.T) {
	need(t)
	v := hire(t, region)
	region.Region.Control.Forget()
	asked := v.open(t, story.Unrelated)
	shut(t, "without a relationship", asked)
	if !slices.Contains(acts(t, v), "refused") || alerts(t, v, "self-claimed", bowland) != 0 {
		t.Errorf("acts %q", acts(t, v))
	}
	open(t, "after the claim", v.statement(t, asked, "/record/claim", "treating"))
	if n := alerts(t, v, "self-claimed", bowland); n != 1 {
		t.Errorf("%d alerts", n)
	}
	if e := intent(t, v); e.Relationship != "self-claimed" {
		t.Errorf("the look rests on %q", e.Relationship)
	}
	open(t, "the next time", v.open(t, story.Unrelated))
	shut(t, "somebody else of the organisation", hire(t, region).open(t, story.Unrelated))
}

// TestOwnOrganisationTells: a contact three weeks ago is a relationship; asking for it is a look of its own that shows nothing.
func TestOwnOrganisationTells(t *testing.T) {
	need(t)
	v := hire(t, region)
	open(t, "seen lately", v.open(t, story.SeenLately))
	if e := intent(t, v); e.Relationship != "attending" {
		t.Errorf("the look rests on %q", e.Relationship)
	}
	all := acts(t, v)
	first := slices.Index(all, "intent")
	if first < 0 || all[first+1] != "finished" || all[first+2] != "intent" {
		t.Errorf("acts %q", all)
	}
}

// TestAnObjectionShutsTheNextView, and emergency access opens it: for this user and person alone, and not for ever.
func TestAnObjectionShutsTheNextView(t *testing.T) {
	need(t)
	number, other := people[hodder].take(), people[hodder].take()
	v, glass := hire(t, region), signIn(t, region, "glass-1")
	open(t, "before the objection", v.open(t, number))
	object(t, number, bowland)
	object(t, other, bowland)
	asked := v.open(t, number)
	shut(t, "after the objection", asked)
	if link(asked, "/break-glass/") != "" {
		t.Error("a role without it is offered emergency access")
	}
	asked = glass.open(t, number)
	shut(t, "after the objection, with emergency access", asked)
	form := glass.get(t, link(asked, "/break-glass/"))
	open(t, "with emergency access", glass.statement(t, form, "/break-glass", "unconscious"))
	if n := alerts(t, glass, "break-glass", bowland); n != 1 {
		t.Errorf("%d alerts", n)
	}
	if e := intent(t, glass); e.Override == "" {
		t.Error("the look does not name the emergency access")
	}
	shut(t, "somebody else of the organisation", v.open(t, number))
	shut(t, "another person", glass.open(t, other))
	shut(t, "another session of the same user", signIn(t, region, "glass-1").open(t, number))
	admin(t, func(db *pgx.Conn) error {
		_, err := db.Exec(t.Context(), "UPDATE register.override SET until = began_at + interval '1 millisecond'")
		return err
	})
	shut(t, "when its time is up", glass.open(t, number))
}

func TestNoEmergencyAccessWithoutAnOfficer(t *testing.T) {
	need(t)
	number := people[hodder].take()
	object(t, number, fellside)
	v := signIn(t, region, "glass-2")
	asked := v.open(t, number)
	shut(t, "after the objection", asked)
	if link(asked, "/break-glass/") != "" || !strings.Contains(asked.said(), "has named no Privacy Officer") {
		t.Errorf("the page says: %s", asked.said())
	}
	if n := alerts(t, v, "break-glass", fellside); n != 0 {
		t.Errorf("%d alerts", n)
	}
}

// TestUnreadableRegisterShowsNobodyAnything: no source is asked either.
func TestUnreadableRegisterShowsNobodyAnything(t *testing.T) {
	need(t)
	number := people[hodder].take()
	v := hire(t, region)
	form := found(v.find(t, number))
	if form == nil {
		t.Fatal("the person is not found")
	}
	rename := func(ctx context.Context, from, to string) {
		admin(t, func(db *pgx.Conn) error {
			_, err := db.Exec(ctx, "ALTER TABLE register."+from+" RENAME TO "+to)
			return err
		})
	}
	rename(t.Context(), "consent", "elsewhere")
	defer rename(context.WithoutCancel(t.Context()), "elsewhere", "consent")
	region.Region.Control.Forget()
	p := v.post(t, "/record", form)
	if p.status != 503 || !strings.Contains(p.said(), "Nobody sees anything") {
		t.Errorf("status %d: %s", p.status, p.said())
	}
	if counts := clinicalRequests(); counts != 0 {
		t.Errorf("%d requests reached sources", counts)
	}
	if slices.Contains(acts(t, v), "intent") {
		t.Error("a look began")
	}
}

// clinicalRequests counts what reached sources of records, national services left out.
func clinicalRequests() (n int) {
	counts, _ := region.Region.Control.Requests()
	for id, count := range counts {
		if id != "pds" && id != "sds" {
			n += count
		}
	}
	return n
}

func TestWatchedPeople(t *testing.T) {
	need(t)
	v := signIn(t, region, "nair")
	asked := v.open(t, story.OwnRecord)
	shut(t, "her own record", asked)
	if alerts(t, v, "own-record", bowland) != 1 || fields(asked.tree, func(f url.Values) bool { return len(f["reason"]) > 1 }) != nil {
		t.Errorf("alerts %d; the page says: %s", alerts(t, v, "own-record", bowland), asked.said())
	}
	for kind, number := range map[string]string{"listed": story.OnTheList, "colleague": story.Colleague} {
		asked := v.open(t, number)
		shut(t, kind, asked)
		open(t, kind+" with a reason", v.statement(t, asked, "/record/claim", "asked"))
		// One for the attempt, one for the look.
		if n := alerts(t, v, kind, bowland); n != 2 {
			t.Errorf("%s: %d alerts", kind, n)
		}
	}
}

// TestWhatThePersonHoldsBack: an organisation whose data the person does not want shown is not asked, also under emergency access.
func TestWhatThePersonHoldsBack(t *testing.T) {
	need(t)
	v := hire(t, region)
	region.Region.Control.Forget()
	open(t, "held back", v.open(t, story.HeldBack))
	if counts, _ := region.Region.Control.Requests(); counts[sources[bowland]] != 0 {
		t.Errorf("Bowland was asked %d times", counts[sources[bowland]])
	}
}
