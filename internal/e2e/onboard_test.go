package e2e

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ribble/internal/browser"
	"ribble/internal/demo"
)

// testPeople is a list of one test person, agreed with the hospital: the person of the main story.
const testPeople = `[{"nhs_number": "9991411690", "family": "Ashworth", "given": "Edith Margaret", "born": "1942-03-03", "gender": "female", "shows": ["known"]}]`

// emptyRegion runs the synthetic region with a portal whose directory has nothing in it, and makes it the region of the test.
func emptyRegion(t *testing.T) {
	t.Helper()
	people := filepath.Join(t.TempDir(), "people.json")
	if err := os.WriteFile(people, []byte(testPeople), 0o600); err != nil {
		t.Fatal(err)
	}
	ownRegion(t, map[string]string{"RIBBLE_DIRECTORY": "", "RIBBLE_TEST_PEOPLE": people})
}

// ownRegion runs another region with its portal, and makes it the region of the test: what is changed in it is no other test's.
func ownRegion(t *testing.T, settings map[string]string) {
	t.Helper()
	if missing != nil {
		browser.Missing(t, missing)
	}
	d, err := demo.Start(t.Context(), demo.Options{
		Listen: "127.0.0.1:0", People: -1, Seed: 1, Everybody: true, Settings: settings,
	}, io.MultiWriter(&logged))
	if err != nil {
		t.Fatal(err)
	}
	full := region
	region = d
	t.Cleanup(func() {
		region = full
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}

// complete gives controls their values by name; a checkbox or a radio with that value is ticked.
func complete(p *browser.Page, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		p.Eval(fmt.Sprintf(`(() => {
			const all = [...document.querySelectorAll("[name=" + CSS.escape(%[1]s) + "]")];
			const tick = all.find(e => (e.type === "checkbox" || e.type === "radio") && e.value === %[2]s);
			if (tick) { tick.checked = true } else { all[0].value = %[2]s }
			return "";
		})()`, strconv.Quote(pairs[i]), strconv.Quote(pairs[i+1])))
	}
}

// office is two administrators at their desks.
type office struct {
	t             *testing.T
	first, second *browser.Page
}

// desks signs both in.
func desks(t *testing.T) office {
	t.Helper()
	o := office{t, tab(t), tab(t)}
	for who, p := range map[string]*browser.Page{"farrell": o.first, "quist": o.second} {
		signInAs(t, p, who, 0)
		p.Until(`document.readyState === "complete" && document.querySelector("h1")?.innerText.startsWith("Sources")`)
	}
	return o
}

// send sends the form that the first has filled in, and has the second approve what came of it.
func (o office) send(form string) {
	o.t.Helper()
	o.first.Click(form + ` button[type=submit]`)
	o.first.Until(`document.readyState === "complete" && (location.pathname.startsWith("/admin/approvals/") || document.querySelector(".nhsuk-error-summary"))`)
	change := o.first.Eval("location.pathname")
	if !strings.HasPrefix(change, "/admin/approvals/") {
		o.t.Fatalf("not proposed: %s", o.first.Text(".nhsuk-error-summary"))
	}
	o.second.Go(region.URL + change)
	o.second.Click(`form[action$="/approve"] button`)
	o.second.Until(`document.readyState === "complete" && (document.querySelector(".rb-note")?.innerText.startsWith("Approved.") || document.querySelector(".nhsuk-error-summary"))`)
	if o.second.Eval(`document.querySelector(".nhsuk-error-summary") === null`) != "true" {
		o.t.Fatalf("not approved: %s", o.second.Text(".nhsuk-error-summary"))
	}
}

// propose fills in the form of a page and has it approved.
func (o office) propose(path string, pairs ...string) {
	o.t.Helper()
	o.first.Go(region.URL + path)
	complete(o.first, pairs...)
	o.first.Shot("onboard"+strings.ReplaceAll(path, "/", "-"), true)
	o.send("main form")
}

// checked runs the connection check of a feed, in which nothing may fail.
func (o office) checked(feed string) {
	o.t.Helper()
	o.first.Go(region.URL + "/admin/feeds/" + feed)
	o.first.Click(`form[action$="/check"] button`)
	o.first.Until(`document.readyState === "complete" && document.querySelector("#check-h")?.innerText.includes(" failed")`)
	if heading := o.first.Text("#check-h"); !strings.HasPrefix(heading, "Connection check: 0 of ") {
		o.t.Fatalf("%s: %s", heading, o.first.Text("#check"))
	}
}

// climbs takes a feed up its ladder, for everybody or for one of its audiences.
func (o office) climbs(feed, group string) {
	o.t.Helper()
	for _, stage := range []string{"test", "safety", "pilot", "live"} {
		o.first.Go(region.URL + "/admin/feeds/" + feed)
		complete(o.first, "to", stage, "evidence", "reviewed with the hospital")
		if group != "" {
			complete(o.first, "group", group)
		}
		o.send(`form[action$="/step"]`)
	}
}

// hasBadge reports whether an entry of the organisation is on the page.
func hasBadge(p *browser.Page, organisation string) bool {
	return p.Eval(`[...document.querySelectorAll("abbr.rb-badge")].some(b => b.title.startsWith("`+organisation+`"))`) == "true"
}

// TestAHospitalThatNobodyRegisteredIsBroughtOn: the region of the demo offers one, and its administrators bring it on beside everything that is there. Care homes
// come later than everybody else. The seeded feeds have their gates open once they were checked.
func TestAHospitalThatNobodyRegisteredIsBroughtOn(t *testing.T) {
	ownRegion(t, nil)
	k := region.Region.Unregistered()
	o := desks(t)
	clinician := tab(t)
	signIn(t, clinician, "nair")
	open(clinician, "9991411690")
	if strings.Contains(clinician.Text("body"), "Kelbrook") {
		t.Error("a hospital that nobody registered is on the page")
	}
	o.propose("/admin/organisations/new", "ods", k.ODS, "name", k.Name, "short", k.Short, "badge", k.Badge, "kind", k.Kind, "phone", k.Phone,
		"privacy_officer", k.Officer, "dspt.status", "met", "dspt.until", "2099-06-30", "reason", "joins the region")
	o.propose("/admin/agreements/new", "id", "ISA-KGH", "title", "Kelbrook joins", "parties", k.ODS, "signed_by", "Dr L Sowerby", "from", "2026-01-01", "until", "2099-05-31",
		"dpia.reference", "DPIA-90", "dpia.by", "Dr L Sowerby", "flows", "FLOW-1 | direct care | problems, encounters, documents", "reason", "signed by both sides")
	feed := []string{"id", "kgh", "organisation", k.ODS, "protocol", "fhirr4", "endpoint", k.Endpoint, "allow_cidr", k.Networks[0], "agreement", "ISA-KGH", "flow", "FLOW-1",
		"safety_case.reference", "CSC-9", "safety_case.by", "Dr A Brandreth", "audience.test_people", "999 141 1690", "audience.testers", "900100000002", "audience.organisations", "RZB",
		"groups", "care-homes | care-home | ", "reason", "first feed"}
	for _, section := range k.Sections {
		feed = append(feed, "sections", section)
	}
	o.propose("/admin/feeds/new", feed...)
	o = desks(t) // each window has two minutes
	o.checked("kgh")
	looked(t, o.first, "kelbrook-checked")
	o.climbs("kgh", "")
	o, clinician = desks(t), tab(t)
	signIn(t, clinician, "nair")
	open(clinician, "9991411690")
	if !hasBadge(clinician, "Kelbrook") {
		t.Error("no entry of the hospital is on the page")
	}
	home := tab(t)
	signIn(t, home, "mwangi")
	open(home, "9991411690")
	says(t, home, "body", "Kelbrook", "not live for your organisation yet")
	o.first.Go(region.URL + "/admin/feeds/kgh")
	looked(t, o.first, "kelbrook-live")
	o.first.Go(region.URL + "/live")
	says(t, o.first, "main", "Kelbrook", "Not yet for: Care home")
	looked(t, o.first, "kelbrook-public")
	o.climbs("kgh", "care-homes")
	open(home, "9991411690")
	if !hasBadge(home, "Kelbrook") {
		t.Error("no entry of the hospital is on a care home's page")
	}

	o = desks(t)
	o.checked("bth")
	says(t, o.first, "main", "Agreement gate: open")
	o.second.Go(region.URL + "/admin/approvals")
	looked(t, o.second, "kelbrook-approvals")
	o.second.Go(region.URL + "/admin/history/feed/kgh")
	looked(t, o.second, "kelbrook-history")
	o.second.Click(`a[href^="/admin/approvals/"]`)
	settled(o.second, `location.pathname.startsWith("/admin/approvals/")`)
	looked(t, o.second, "kelbrook-change")
}

// TestAHospitalIsBroughtOn goes the whole way that docs/guide-admin.md tells: from an empty directory to a hospital's entries on a person's page.
func TestAHospitalIsBroughtOn(t *testing.T) {
	emptyRegion(t)
	o := desks(t)
	o.propose("/admin/organisations/new", "ods", "RZB", "name", "Bowland Teaching Hospitals NHS Trust", "short", "Bowland", "badge", "BTH", "kind", "acute", "phone", "01632 960100",
		"privacy_officer", "Alistair Grant", "dspt.status", "met", "dspt.until", "2099-06-30", "reason", "joins the region")
	o.propose("/admin/agreements/new", "id", "ISA-1", "title", "Sharing for direct care", "parties", "RZB", "signed_by", "Dr L Sowerby", "from", "2026-01-01", "until", "2099-05-31",
		"dpia.reference", "DPIA-88", "dpia.by", "Dr L Sowerby", "flows", "FLOW-1 | direct care | all", "reason", "signed by both sides")
	feed := []string{"id", "bth", "organisation", "RZB", "protocol", "fhirr4", "endpoint", endpointOf("bth"), "allow_cidr", "127.0.0.0/8", "agreement", "ISA-1", "flow", "FLOW-1",
		"safety_case.reference", "CSC-1", "safety_case.by", "Dr A Brandreth", "audience.test_people", "999 141 1690", "audience.testers", "900100000002", "audience.organisations", "RZB", "reason", "first feed"}
	for _, section := range []string{"allergies", "medicines", "problems", "documents"} {
		feed = append(feed, "sections", section)
	}
	o.propose("/admin/feeds/new", feed...)

	o.checked("bth")
	o.climbs("bth", "")
	o.first.Go(region.URL + "/admin/feeds/bth")
	o.first.Shot("onboard-live", true)

	p := tab(t)
	signIn(t, p, "nair")
	open(p, "9991411690")
	p.Shot("onboard-record", false)
	if p.Eval(`[...document.querySelectorAll("abbr.rb-badge")].some(b => b.title.startsWith("Bowland"))`) != "true" {
		t.Error("no entry of the hospital is on the page")
	}
}

// endpointOf is where the sandbox serves a source.
func endpointOf(id string) string {
	for _, f := range region.Region.Directory().Feeds {
		if f.ID == id {
			return f.Endpoint
		}
	}
	return ""
}
