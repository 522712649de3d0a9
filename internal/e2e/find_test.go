package e2e

import (
	"fmt"
	"strings"
	"testing"

	"ribble/internal/browser"
	"ribble/internal/record"
)

// nobody is a valid NHS number that the region has given to no one.
func nobody(t *testing.T) string {
	t.Helper()
	taken := map[string]bool{}
	for _, n := range region.Region.World.Notable() {
		taken[n.NHSNumber] = true
	}
	for i := 9995000000; i < 9995001000; i++ {
		number := fmt.Sprint(i)
		if _, err := record.ParseNHSNumber(number); err == nil && !taken[number] {
			return number
		}
	}
	t.Fatal("no free number")
	return ""
}

func TestFindByNumber(t *testing.T) {
	p := tab(t)
	signIn(t, p, "doyle")
	superseded := "9993581763"
	for name, c := range map[string]struct {
		number string
		asked  bool
		says   []string
		not    string
	}{
		"wrong check digit": {"999 141 1691", false, []string{"There is a problem", "not a valid NHS number"}, "Is this the person?"},
		"too short":         {"999 141", false, []string{"There is a problem", "not a valid NHS number"}, "Is this the person?"},
		"nobody":            {nobody(t), true, []string{"Nobody with this NHS number was found"}, "Is this the person?"},
		"made invalid":      {person(t, "ENTRY, Phantom"), true, []string{"no longer valid"}, "Is this the person?"},
		"superseded":        {superseded, true, []string{"KENYON, Walter James", "The NHS number you used has been replaced."}, superseded},
		"restricted":        {person(t, "ASHWORTH, Edna"), true, []string{"Restricted record.", "Not shown: restricted"}, "Beck Lane"},
		"deceased":          {person(t, "NUTTALL"), true, []string{"The national record says that this person has died."}, "There is a problem"},
	} {
		region.Region.Control.Forget()
		findNumber(p, c.number)
		got := p.Text("main")
		for _, w := range c.says {
			if !strings.Contains(got, w) {
				t.Errorf("%s: the page does not say %q but %q", name, w, got)
			}
		}
		if strings.Contains(got, c.not) {
			t.Errorf("%s: the page says %q", name, c.not)
		}
		if counts, _ := region.Region.Control.Requests(); (len(counts) > 0) != c.asked {
			t.Errorf("%s: asked %v", name, counts)
		}
	}
}

// TestRestrictedAndDeceased: nobody is asked about a restricted person, no practice about a dead one, and the page says so.
func TestRestrictedAndDeceased(t *testing.T) {
	p := tab(t)
	signIn(t, p, "doyle")
	for name, c := range map[string]struct{ number, banner, source string }{
		"restricted": {person(t, "ASHWORTH, Edna"), "Restricted: address, phone and GP are not shown", "The national record of this person is restricted"},
		"deceased":   {person(t, "NUTTALL"), "Died", "died"},
	} {
		open(p, c.number)
		if got := p.Text("[slot=flags]"); !strings.Contains(got, c.banner) {
			t.Errorf("%s: the banner says %q", name, got)
		}
		if got := p.Text("[slot=sources]"); !strings.Contains(got, c.source) || !strings.Contains(got, "Not asked") {
			t.Errorf("%s: the sources strip says %q", name, got)
		}
	}
}

// TestFindByName: nothing opens by itself, people who are alike are said to be, and a second detail is asked for.
func TestFindByName(t *testing.T) {
	p := tab(t)
	signIn(t, p, "doyle")
	findName(p, "Ashworth", "Edith", "3", "3", "1942")
	got := p.Text("main")
	for _, w := range []string{"people match", "Similar patients.", "Nothing opens by itself.", "ASHWORTH, Edith Margaret (Mrs)", "ASHWORTH, Edith Marjorie (Miss)"} {
		if !strings.Contains(got, w) {
			t.Fatalf("the list does not say %q but %q", w, got)
		}
	}
	p.Eval(`[...document.querySelectorAll("tbody tr")].find(r => r.innerText.includes("Edith Margaret")).querySelector("a.nhsuk-button").click()`)
	p.Until(`document.querySelector('form[action="/record"]')`)
	if got := p.Eval("location.pathname"); strings.HasPrefix(got, "/record") {
		t.Fatal("a record opened from a search by name")
	}
	p.Click(`form[action="/record"] button`)
	p.Until(`document.querySelector(".nhsuk-error-summary")`)
	if got := p.Text(".nhsuk-error-summary"); !strings.Contains(got, "Say which second detail you checked.") || !strings.Contains(got, "last four digits") {
		t.Errorf("without a second detail the page says %q", got)
	}
	p.Eval(`document.querySelector("input[name=detail][value=nhs]").click()`)
	p.Fill("#last4", "5842")
	p.Eval(`document.body.dataset.before = "yes"`)
	p.Click(`form[action="/record"] button`)
	p.Until(`!document.body.dataset.before && document.querySelector(".nhsuk-error-summary")?.innerText.includes("Check who is in front of you")`)
	p.Eval(`document.querySelector("input[name=detail][value=nhs]").click()`)
	p.Fill("#last4", "1690")
	p.Click(`form[action="/record"] button`)
	whole(p)
}

// TestFindOneByName: a search by name with one match lists it and opens nothing.
func TestFindOneByName(t *testing.T) {
	p := tab(t)
	signIn(t, p, "doyle")
	findName(p, "Nobodysname", "", "1", "1", "1950")
	if got := p.Text("main"); !strings.Contains(got, "Nobody matches") {
		t.Errorf("a search without a match says %q", got)
	}
	p.Go(region.URL + "/find")
	p.Click(`form:has(#family) button`)
	p.Until(`document.querySelector(".nhsuk-error-summary")`)
	if got := p.Text(".nhsuk-error-summary"); !strings.Contains(got, "Enter the family name.") || !strings.Contains(got, "Enter the date of birth") {
		t.Errorf("an empty search says %q", got)
	}
}

func findName(p *browser.Page, family, given, day, month, year string) {
	p.Go(region.URL + "/find")
	for selector, text := range map[string]string{"#family": family, "#given": given, "[name=day]": day, "[name=month]": month, "[name=year]": year} {
		if text != "" {
			p.Fill(selector, text)
		}
	}
	p.Click(`form:has(#family) button`)
	p.Until(`document.querySelector("#results-h")`)
}

// TestWhoMayNot: personas without the right are refused with words that say what to do, and no source is asked.
func TestWhoMayNot(t *testing.T) {
	p := tab(t)
	signIn(t, p, "pickup")
	region.Region.Control.Forget()
	findNumber(p, edith)
	p.Click(`form[action="/record"] button`)
	p.Until(`document.querySelector("h1")?.innerText.includes("not opened")`)
	if got := p.Text("main"); !strings.Contains(got, "Your role may not ") || !strings.Contains(got, "ask your sponsor") || strings.Contains(got, "ASHWORTH") {
		t.Errorf("the refusal says %q", got)
	}
	p.Axe("../../web")
	if counts, _ := region.Region.Control.Requests(); len(counts) > 1 {
		t.Errorf("asked after a refusal: %v", counts)
	}
	for persona, says := range map[string]string{"noroles": "role", "lowlevel": "strong"} {
		p := tab(t)
		signInAs(t, p, persona, 0)
		p.Until(`location.origin === "` + region.URL + `" && document.readyState === "complete"`)
		if got := p.Text("main"); !strings.Contains(got, says) || strings.Contains(got, "By NHS number") {
			t.Errorf("%s gets %q", persona, got)
		}
	}
}

// TestTwoRoles: the role that was chosen stands on the page and decides what may be opened.
func TestTwoRoles(t *testing.T) {
	for role, organisation := range []string{"Fellside General Hospitals NHS Trust", "Fellside Surgery"} {
		p := tab(t)
		signInAs(t, p, "sharma", role)
		p.Until(`document.querySelector("h1")?.innerText === "Find a person"`)
		if got := p.Text(".rb-top"); !strings.Contains(got, "SHARMA") || !strings.Contains(got, organisation) {
			t.Errorf("in role %d the top bar says %q", role, got)
		}
	}
}
