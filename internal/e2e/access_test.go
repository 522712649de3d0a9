package e2e

import (
	"strings"
	"testing"

	"ribble/internal/browser"
	"ribble/internal/sandbox/story"
)

// ask asks for a person's record as far as what answers: the record, or why not.
func ask(p *browser.Page, number string) {
	findNumber(p, number)
	p.Click(`form[action="/record"] button`)
	p.Until(`location.pathname.startsWith("/record/") && document.readyState === "complete"`)
}

// says holds that a part of the page says all of these.
func says(t *testing.T, p *browser.Page, selector string, words ...string) {
	t.Helper()
	got := p.Text(selector)
	for _, w := range words {
		if !strings.Contains(got, w) {
			t.Errorf("%s does not say %q but %q", selector, w, got)
		}
	}
}

// looked takes the pictures of a page at both sizes, and holds that axe finds nothing and nothing scrolls sideways.
func looked(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"390", 390, 844}, {"1366", 1366, 768}} {
		p.Resize(size.width, size.height)
		p.Shot(name+"-"+size.name, false)
		if p.Eval("document.documentElement.scrollWidth <= innerWidth") != "true" {
			t.Errorf("%s scrolls sideways at %s", name, size.name)
		}
		p.Axe("../../web")
	}
}

// TestSayWhy: whoever has nothing to do with a person says why first. The Privacy Officer's open list shows it by itself, and the alert tells who,
// whose record, when and why.
func TestSayWhy(t *testing.T) {
	officer := tab(t)
	signInAs(t, officer, "grant", 0)
	officer.Until(`document.querySelector("h1")?.innerText.startsWith("Alerts for Bowland")`)
	before := officer.Eval(`document.querySelectorAll("tbody tr").length`)

	p := tab(t)
	signIn(t, p, "nair")
	ask(p, story.Unrelated)
	says(t, p, "main", "Say why you need this record", "LORD, Peter (Mr)", "gets an alert", "Four weeks")
	if strings.Contains(p.Text("main"), "Emergency access") {
		t.Error("emergency access is offered to a role that has none")
	}
	looked(t, p, "claim")
	p.Click(`form[action="/record/claim"] button`)
	p.Until(`document.querySelector(".nhsuk-error-summary")`)
	says(t, p, ".nhsuk-error-summary", "Choose the reason that fits best.")
	p.Click(`input[value="asked"]`)
	write(p, "the surgical ward asked me to review him")
	p.Click(`form[action="/record/claim"] button`)
	whole(p)
	says(t, p, ".rb-nav", "you said that you are caring for this person, until")
	says(t, p, "[slot=person]", "LORD, Peter (Mr)")

	officer.Until(`document.querySelectorAll("tbody tr").length > ` + before)
	says(t, officer, "tbody tr:first-child", "A relationship was stated by the user")
	looked(t, officer, "alerts")
	officer.Click("tbody tr:first-child a")
	officer.Until(`document.querySelector(".rb-words")`)
	says(t, officer, "main", "Dr Priya NAIR, Clinical Practitioner Access Role, Bowland", "999 731 0012", "I was asked for advice about this person", "the surgical ward asked me to review him")
	if strings.Contains(officer.Text("main"), "igraine") {
		t.Error("the officer sees what is clinical")
	}
	looked(t, officer, "alert")
}

// TestEmergencyAccess: what a person has closed opens for one user, under a coloured frame with the time left, until it is ended.
func TestEmergencyAccess(t *testing.T) {
	p := tab(t)
	signIn(t, p, "doyle")
	ask(p, story.ShutOut)
	says(t, p, "main", "This record is not opened", "do not see their record", "Emergency access")
	says(t, p, "main", "CROFT, Maureen (Mrs)", "Whitewell Practice")
	looked(t, p, "objected")
	p.Click(`a[href^="/break-glass/"]`)
	p.Until(`document.querySelector("#words")`)
	says(t, p, "main", "CROFT, Maureen (Mrs)", "serious and present risk", "within 10 seconds", "30 minutes")
	looked(t, p, "break-glass")
	write(p, "collapsed")
	p.Click(`form[action="/break-glass"] button`)
	p.Until(`document.querySelector(".nhsuk-error-summary")`)
	says(t, p, ".nhsuk-error-summary", "Choose the reason", "at least 10 letters", "duty of care")
	looked(t, p, "break-glass-errors")
	breakGlass(p)
	says(t, p, ".rb-glassbar", "Emergency access", "left", "The person is unconscious or cannot be asked", "Privacy Officer Alistair Grant was told", "End now")
	says(t, p, "[slot=person]", "CROFT, Maureen (Mrs)")
	says(t, p, ".rb-nav", "emergency access")
	left := p.Text(".rb-glassbar time")
	p.Until(`document.querySelector(".rb-glassbar time").textContent !== "` + left + `"`)
	looked(t, p, "glass")
	p.Click(`form[action="/break-glass/end"] button`)
	p.Until(`location.pathname === "/break-glass/ended" && document.readyState === "complete"`)
	says(t, p, "main", "Emergency access has ended", "The record is closed.")
	looked(t, p, "glass-ended")
	ask(p, story.ShutOut)
	says(t, p, "main", "This record is not opened")
}

// write types into the field for the user's own words, after what stands there.
func write(p *browser.Page, words string) {
	p.Click("#words")
	p.Press(words)
}

func breakGlass(p *browser.Page) {
	p.Click(`input[value="unconscious"]`)
	write(p, " and found with no one with her")
	p.Click("#duty")
	p.Click(`form[action="/break-glass"] button`)
	whole(p)
}

// TestEmergencyAccessRunsOut lets the page's own clock run ahead: what is left is announced, and then the record is gone from the screen.
func TestEmergencyAccessRunsOut(t *testing.T) {
	p := tab(t)
	signIn(t, p, "doyle")
	ask(p, story.ShutOut)
	p.Click(`a[href^="/break-glass/"]`)
	p.Until(`document.querySelector("#words")`)
	breakGlass(p)
	// A key is pressed each time: nobody who works at the screen has it lock meanwhile.
	ahead := func(minutes string) {
		p.Eval(`(Date.now = ((now) => () => now() + ` + minutes + ` * 60000)(Date.now), 0)`)
		p.Press("a")
	}
	const said = `document.querySelector(".rb-glassbar [role=status]").textContent`
	p.Until(`!document.querySelector(".rb-glassbar time").textContent.startsWith("30 min")`)
	ahead("10")
	ahead("10")
	p.Until(said + ` === "Emergency access: 10 minutes left."`)
	ahead("9")
	p.Until(said + ` === "Emergency access: 1 minute left."`)
	ahead("1")
	p.Until(`location.pathname === "/break-glass/ended" && document.readyState === "complete"`)
	says(t, p, "main", "Emergency access has ended")
}

// TestNoEmergencyAccessWithoutAnOfficer: nobody is told, so nothing opens, and the page says whom to ring.
func TestNoEmergencyAccessWithoutAnOfficer(t *testing.T) {
	p := tab(t)
	signInAs(t, p, "sharma", 0)
	p.Until(`document.querySelector("h1")?.innerText !== "Sandbox sign-in" && document.readyState === "complete"`)
	if p.Eval(`location.pathname`) == "/sign-in/role" {
		p.Click(`input[name=role]`)
		p.Click(`main button`)
	}
	p.Until(`document.querySelector("#nhs")`)
	ask(p, story.SeenLately)
	p.Click(`a[href^="/break-glass/"]`)
	p.Until(`location.pathname.startsWith("/break-glass/") && document.readyState === "complete"`)
	says(t, p, "main", "Emergency access cannot be opened", "named no Privacy Officer", "HAYHURST, Joan (Mrs)")
	looked(t, p, "glass-shut")
}

// TestObjectionClosesAnOpenRecord: what a receptionist writes down, in two steps, closes the record that a clinician has open; ended, it opens again.
func TestObjectionClosesAnOpenRecord(t *testing.T) {
	p := tab(t)
	signIn(t, p, "nair")
	open(p, story.SeenLately)
	says(t, p, ".rb-nav", "admitted to or seen by your organisation")

	clerk := tab(t)
	signIn(t, clerk, "pickup")
	clerk.Click(`.rb-top a[href="/objections"]`)
	clerk.Until(`document.querySelector('form[action="/objections/find"]')`)
	looked(t, clerk, "objections-find")
	clerk.Fill("#nhs", story.SeenLately)
	clerk.Click(`form[action="/objections/find"] button`)
	clerk.Until(`document.querySelector('form[action="/objections/check"]')`)
	says(t, clerk, "main", "HAYHURST, Joan (Mrs)", "Nothing is written down here.")
	looked(t, clerk, "objections")
	clerk.Click(`form[action="/objections/check"] button`)
	clerk.Until(`document.querySelector(".nhsuk-error-summary")`)
	clerk.Click(`input[value="objects"]`)
	clerk.Click(`input[value="view"]`)
	clerk.Click(`input[name="kinds"][value="all"]`)
	clerk.Click(`form[action="/objections/check"] button`)
	clerk.Until(`document.querySelector('form[action="/objections"]')`)
	says(t, clerk, "main", "I object to staff of every organisation seeing the record.", "Everything")
	looked(t, clerk, "objections-check")
	clerk.Click(`form[action="/objections"] button`)
	clerk.Until(`document.querySelector("tbody tr")`)
	says(t, clerk, "main", "Written down.", "Objects", "staff of every organisation seeing the record")
	looked(t, clerk, "objections-kept")

	p.Until(`location.pathname === "/record/closed" && document.readyState === "complete"`)
	says(t, p, "main", "The record was closed")
	looked(t, p, "record-closed")
	// Not even what Bowland has to do with her is asked for any more.
	ask(p, story.SeenLately)
	says(t, p, "main", "Say why you need this record")

	clerk.Click(`form[action="/objections/end"] button`)
	clerk.Until(`document.querySelector("h1")?.innerText === "End this entry?"`)
	clerk.Click(`form[action="/objections/end"] button`)
	clerk.Until(`document.querySelector('form[action="/objections/check"]')`)
	says(t, clerk, "main", "Ended.", "Nothing is written down here.")
	open(p, story.SeenLately)
}
