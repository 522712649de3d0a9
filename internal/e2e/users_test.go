package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"ribble/internal/browser"
	"ribble/internal/demo"
	accounts "ribble/internal/identity/local"
)

// localSignIn signs in with an account of Ribble's own. Each code is used once, so a second sign-in within half a minute takes the next one.
func localSignIn(t *testing.T, p *browser.Page, login, secret string) {
	t.Helper()
	p.Go(region.URL + "/sign-in/local")
	p.Fill("input[name=login]", login)
	p.Fill("input[name=passphrase]", demo.LocalPassphrase)
	p.Click(`form:has(#login) button`)
	p.Until(`document.querySelector("input[name=code]")`)
	for _, ahead := range []time.Duration{0, 30 * time.Second} {
		code, err := accounts.CodeAt(secret, time.Now().Add(ahead))
		if err != nil {
			t.Fatal(err)
		}
		p.Fill("input[name=code]", code)
		p.Click(`form:has(#code) button`)
		p.Until(`document.readyState === "complete" && (!document.querySelector("input[name=code]") || document.querySelector(".nhsuk-error-summary"))`)
		if p.Eval(`document.querySelector("input[name=code]") === null`) == "true" {
			return
		}
	}
	t.Fatalf("not signed in: %s", p.Text("main"))
}

// behind changes the demo's database behind the portal's back, as time does.
func behind(t *testing.T, statement string, args ...any) {
	t.Helper()
	conn := demoDatabase(t)
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// pictured takes pictures of a page at both sizes, and has axe-core look at it.
func pictured(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	for _, size := range []struct{ width, height int64 }{{390, 844}, {1366, 768}} {
		p.Resize(size.width, size.height)
		p.Shot(fmt.Sprintf("users-%s-%d", name, size.width), true)
		if got := p.Eval("document.documentElement.scrollWidth <= innerWidth"); got != "true" {
			t.Errorf("%s scrolls sideways at %d", name, size.width)
		}
	}
	p.Axe("../../web")
}

// reached waits for the page with the heading.
func reached(p *browser.Page, heading string) {
	p.Until(`document.readyState === "complete" && document.querySelector("h1")?.innerText.trim().startsWith(` + strconv.Quote(heading) + `)`)
}

// enrolled goes through an invitation and gives the secret of the authenticator.
func enrolled(t *testing.T, p *browser.Page, link string) string {
	t.Helper()
	p.Go(link)
	reached(p, "Set up your Ribble account")
	p.Fill("input[name=passphrase]", demo.LocalPassphrase)
	p.Fill("input[name=again]", demo.LocalPassphrase)
	p.Click("main form button")
	reached(p, "Protect your account")
	secret := p.Eval(`document.querySelector(".rb-key").innerText.replaceAll(" ", "")`)
	code, err := accounts.CodeAt(secret, time.Now().Add(-30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	p.Fill("input[name=code]", code)
	p.Click(`form:has(#code) button`)
	reached(p, "Your recovery codes")
	return secret
}

// TestTheLifeOfAUser: asks for an account, is vouched for, granted by a second person, invited, signs in; is suspended and confirmed, expires, and leaves.
func TestTheLifeOfAUser(t *testing.T) {
	const login = "hana@beckside.example"
	visitor, sponsor, admin, user := tab(t), tab(t), tab(t), tab(t)

	visitor.Go(region.URL + "/sign-in")
	visitor.Click(`a[href="/request-account"]`)
	reached(visitor, "Ask for an account")
	pictured(t, visitor, "ask")
	complete(visitor, "name", "Hana Novak", "login", login, "job", "Senior care worker", "organisation", "nowhere")
	visitor.Click("main form button")
	visitor.Until(`document.querySelector(".nhsuk-error-summary")`)
	pictured(t, visitor, "ask-wrong")
	complete(visitor, "organisation", "beckside home care")
	visitor.Click("main form button")
	reached(visitor, "Thank you")
	pictured(t, visitor, "asked")

	localSignIn(t, sponsor, demo.SponsorLogin, demo.SponsorSecret)
	reached(sponsor, "Users of Beckside Home Care")
	pictured(t, sponsor, "sponsor")
	sponsor.Click(`#asked tbody tr:first-child a`)
	reached(sponsor, "Account for Hana")
	pictured(t, sponsor, "request")
	today := time.Now().UTC()
	complete(sponsor, "role", "care-nurse", "trained[day]", "31", "trained[month]", "2", "trained[year]", "2026")
	sponsor.Click("#decide button")
	sponsor.Until(`document.querySelector(".nhsuk-error-summary")`)
	pictured(t, sponsor, "request-wrong")
	complete(sponsor, "trained[day]", today.AddDate(0, 0, -1).Format("2"), "trained[month]", today.AddDate(0, 0, -1).Format("1"), "trained[year]", today.AddDate(0, 0, -1).Format("2006"))
	sponsor.Click("#decide button")
	sponsor.Until(`location.search.includes("done=vouched")`)
	request := sponsor.Eval("location.pathname")

	signInAs(t, admin, "farrell", 0)
	reached(admin, "Sources")
	admin.Go(region.URL + "/users")
	reached(admin, "Users of the region")
	pictured(t, admin, "region")
	admin.Go(region.URL + request)
	reached(admin, "Account for Hana")
	pictured(t, admin, "grant")
	admin.Click("#decide button")
	admin.Until(`location.search.includes("done=granted")`)

	sponsor.Go(region.URL + "/users")
	reached(sponsor, "Users of Beckside Home Care")
	sponsor.Eval(`[...document.querySelectorAll("#invite a")].find(a => a.innerText.includes("Hana")).click(), ""`)
	reached(sponsor, "Hana")
	account := sponsor.Eval("location.pathname")
	pictured(t, sponsor, "account-new")
	sponsor.Click("#invite button")
	sponsor.Until(`document.querySelector("#invitation-link")`)
	pictured(t, sponsor, "invitation")
	link := sponsor.Text("#invitation-link")
	if !strings.HasPrefix(link, region.URL+"/invitation/") {
		t.Fatalf("the invitation is %q", link)
	}
	secret := enrolled(t, user, link)
	user.Go(region.URL + "/find")
	reached(user, "Find a person")

	suspended(t, sponsor, user, login, secret)
	expired(t, sponsor, admin, user, account)
	left(t, sponsor, user, login)
}

// suspended: nobody has confirmed the user this quarter. The user is told, the sponsor sees it, and one press lets them in again.
func suspended(t *testing.T, sponsor, user *browser.Page, login, secret string) {
	t.Helper()
	behind(t, "UPDATE portal.account SET confirmed_until = now() - interval '1 day' WHERE login = $1", login)
	other := tab(t)
	other.Go(region.URL + "/sign-in/local")
	other.Fill("input[name=login]", login)
	other.Fill("input[name=passphrase]", demo.LocalPassphrase)
	other.Click(`form:has(#login) button`)
	other.Until(`document.querySelector(".nhsuk-error-summary")`)
	if got := other.Text("main"); !strings.Contains(got, "suspended") || !strings.Contains(got, "sponsor") {
		t.Errorf("who is suspended reads %q", got)
	}
	pictured(t, other, "suspended-user")
	sponsor.Go(region.URL + "/users")
	reached(sponsor, "Users of Beckside Home Care")
	pictured(t, sponsor, "suspended")
	if got := sponsor.Text("#due"); !strings.Contains(got, "SUSPENDED") || !strings.Contains(got, "1 user is suspended") {
		t.Errorf("the sponsor reads %q", got)
	}
	sponsor.Eval(`[...document.querySelectorAll("#due tr")].find(r => r.innerText.includes("hana@")).querySelector("input").click(), ""`)
	sponsor.Click("#due button")
	sponsor.Until(`location.search.includes("done=confirmed")`)
	pictured(t, sponsor, "confirmed")
	localSignIn(t, user, login, secret)
	reached(user, "Find a person")
}

// expired: the last day has passed. Only two people bring the account back.
func expired(t *testing.T, sponsor, admin, user *browser.Page, account string) {
	t.Helper()
	id := strings.TrimPrefix(account, "/users/account/")
	behind(t, "UPDATE portal.account SET expires_at = now() + interval '2 days' WHERE id = $1", id)
	user.Go(region.URL + "/account")
	reached(user, "Your account")
	pictured(t, user, "near-its-end")
	if got := user.Text("main"); !strings.Contains(got, "Your access ends after") {
		t.Errorf("the user is not warned: %q", got)
	}
	sponsor.Go(region.URL + account)
	reached(sponsor, "Hana")
	pictured(t, sponsor, "account-near-its-end")
	yesterday := time.Now().UTC().AddDate(0, 0, -1)
	complete(sponsor, "trained[day]", yesterday.Format("2"), "trained[month]", yesterday.Format("1"), "trained[year]", yesterday.Format("2006"))
	sponsor.Click("#renew button")
	sponsor.Until(`location.search.includes("done=renewed")`)
	sponsor.Click("#history tbody tr:first-child a")
	reached(sponsor, "Renewal for Hana")
	request := sponsor.Eval("location.pathname")
	admin.Go(region.URL + request)
	reached(admin, "Renewal for Hana")
	admin.Click("#decide button")
	admin.Until(`location.search.includes("done=granted")`)
	user.Go(region.URL + "/account")
	reached(user, "Your account")
	if got := user.Text("main"); strings.Contains(got, "Your access ends after") {
		t.Errorf("the user is warned still: %q", got)
	}
}

// left: a list of leavers ends the user's session at once.
func left(t *testing.T, sponsor, user *browser.Page, login string) {
	t.Helper()
	user.Go(region.URL + "/find")
	reached(user, "Find a person")
	sponsor.Go(region.URL + "/users/leavers")
	reached(sponsor, "Leavers")
	pictured(t, sponsor, "leavers")
	complete(sponsor, "text", "user,left\n"+login+",\nnobody@beckside.example,2026-01-31\n900100000001,\n")
	sponsor.Click("#list button")
	sponsor.Until(`document.querySelector("#lines")`)
	pictured(t, sponsor, "leavers-preview")
	sponsor.Click("#list button[value=end]")
	sponsor.Until(`document.querySelector("#lines")?.innerText.includes("What was done")`)
	pictured(t, sponsor, "leavers-done")
	user.Go(region.URL + "/find")
	reached(user, "Sign in")
}

// TestImportOfUsers: a list with faults, one without, and the second person.
func TestImportOfUsers(t *testing.T) {
	admin, second := tab(t), tab(t)
	signInAs(t, admin, "farrell", 0)
	reached(admin, "Sources")
	admin.Go(region.URL + "/users/import")
	reached(admin, "Import users")
	pictured(t, admin, "import")
	header, day, until := "login,name,job,organisation,role,trained,until\n", time.Now().UTC().Format(time.DateOnly), time.Now().UTC().AddDate(0, 9, 0).Format(time.DateOnly)
	row := func(login, ods string) string {
		return login + ",Mo Farah Lee,Care worker," + ods + ",care-worker," + day + "," + until + "\n"
	}
	complete(admin, "text", header+row("mo@larch.example", "8Z903")+row("mo@larch.example", "8Z903")+row("bad", "NOPE")+row(demo.LocalLogin, "8Z902"))
	admin.Click("#list button")
	admin.Until(`document.querySelector(".nhsuk-error-summary")`)
	pictured(t, admin, "import-wrong")
	for _, line := range []string{"Line 3: login is the same as in line 2", "Line 4: login must be", "Line 4: organisation is not", "Line 5: login is in use"} {
		if got := admin.Text(".nhsuk-error-summary"); !strings.Contains(got, line) {
			t.Errorf("%q is not said: %q", line, got)
		}
	}
	complete(admin, "text", header+row("mo@larch.example", "8Z903")+row("jo@larch.example", "8Z903"))
	admin.Click("#list button")
	admin.Until(`document.querySelector("#preview")`)
	pictured(t, admin, "import-preview")
	admin.Click("#list button[value=vouch]")
	reached(admin, "Import of 2 users")
	pictured(t, admin, "import-waits")
	request := admin.Eval("location.pathname")
	signInAs(t, second, "quist", 0)
	reached(second, "Sources")
	second.Go(region.URL + request)
	reached(second, "Import of 2 users")
	pictured(t, second, "import-grant")
	second.Click("#decide button")
	second.Until(`location.search.includes("done=granted")`)
	second.Go(region.URL + "/users/of/8Z903")
	reached(second, "Users of Larch House")
	pictured(t, second, "organisation")
	second.Go(region.URL + "/users/add")
	reached(second, "Add a user")
	pictured(t, second, "add")
}
