package e2e

import (
	"strings"
	"testing"
)

// TestOfficersOfTheRegion: an officer of the region sees whoever looked, everywhere, proposes other rules and cannot approve them; the second one does, and
// then they hold for everybody.
func TestOfficersOfTheRegion(t *testing.T) {
	nurse, first, second := tab(t), tab(t), tab(t)
	signIn(t, nurse, "doyle")
	ask(nurse, edith)
	whole(nurse)
	signInAs(t, first, "haworth", 0)
	settled(first, `document.querySelector("h1")?.innerText.startsWith("Alerts for")`)
	says(t, first, "main", "Alerts about users of other organisations are with those organisations’ own officers.")
	looked(t, first, "region-alerts")
	first.Go(region.URL + "/officer/looks")
	first.Click(`form[action="/officer/looks"] button`)
	settled(first, `document.querySelector("#rows-h")`)
	says(t, first, "main", "Complete to log number", "Bowland")
	looked(t, first, "region-looks")
	first.Go(region.URL + "/officer/looks")
	enter(first, "#organisation", "RZB")
	first.Click(`form[action="/officer/looks"] button`)
	settled(first, `document.querySelector("#rows-h")`)
	says(t, first, "main", "Bowland", "person 1")
	first.Go(region.URL + "/officer/pictures")
	says(t, first, "main", "the whole region", "By organisation")
	looked(t, first, "region-pictures")

	first.Go(region.URL + "/officer/rules")
	before := first.Text("main")
	first.Eval(`(document.querySelector("#set").value = document.querySelector("#set").value.replace(/"score": \d+/, '"score": 66'), 0)`)
	enter(first, "#why", "Own records come first in the queue.")
	first.Click(`button[value="propose"]`)
	settled(first, `document.querySelector("main").innerText.includes("A change waits")`)
	if strings.Contains(first.Text("main"), "Approve it") || !strings.Contains(before, "In force: version 1") {
		t.Error("whoever proposed is offered to approve, or the rules were changed before")
	}
	looked(t, first, "region-rules-waiting")
	signInAs(t, second, "musa", 0)
	settled(second, `document.querySelector("h1")?.innerText.startsWith("Alerts for")`)
	second.Go(region.URL + "/officer/rules")
	says(t, second, "main", "A change waits", "Own records come first in the queue.", "HAWORTH")
	looked(t, second, "region-rules-approve")
	second.Click(`button[value="approve"]`)
	settled(second, `document.querySelector("main").innerText.includes("In force: version 2")`)
	says(t, second, "main", "Proposed by", "approved by", "MUSA")
	looked(t, second, "region-rules-in-force")
}
