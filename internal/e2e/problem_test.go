package e2e

import (
	"os"
	"strings"
	"testing"
)

// TestAProblemIsReported: without scripts, from the open record to the organisation that supplied the entry, and back as an answer. The report holds the
// entry's id and no word of it.
func TestAProblemIsReported(t *testing.T) {
	user, officer := tab(t), tab(t)
	signIn(t, user, "nair")
	open(user, person(t, "Edith Margaret"))
	looked(t, user, "problem-entry-point")
	user.Click(`form[action="/problem"] button`)
	settled(user, `document.querySelector("#where-h")`)
	says(t, user, "main", "ASHWORTH", "Where is it?", "Medicines", "ring the source")
	looked(t, user, "problem-where")
	user.Click(`button[value="bth medicines"]`)
	settled(user, `document.querySelector("#what-h")`)
	looked(t, user, "problem-which")
	entry := user.Text(`input[name="entry"] + label`)
	if entry == "" || strings.HasPrefix(entry, "None of these") {
		t.Fatalf("no entry can be chosen: %q", entry)
	}

	// Nothing is lost by what is wrong.
	user.Click(`input[name="entry"]`)
	user.Click(`main form button[type="submit"]`)
	settled(user, `document.querySelector(".nhsuk-error-summary")`)
	says(t, user, ".nhsuk-error-summary", "Choose what is wrong", "telephone number")
	if user.Eval(`document.querySelector("input[name=entry]:checked") !== null`) != "true" {
		t.Error("the chosen entry is lost")
	}
	looked(t, user, "problem-wrong")
	user.Click(`input[value="other-person"]`)
	enter(user, "#contact", "01632 960100 ext 4471")
	user.Click(`main form button[type="submit"]`)
	settled(user, `document.querySelector("h1").innerText.includes("Your report is with")`)
	says(t, user, "main", "Bowland", "BTH-", "until the source changes it")
	looked(t, user, "problem-sent")

	atWork(t, officer)
	officer.Go(region.URL + "/problems")
	says(t, officer, "main", "1 report waits", "It seems to be about another person", "Medicines", "Priya", "MedicationRequest/")
	looked(t, officer, "problem-inbox")
	openAlert(officer, "Medicines")
	settled(officer, `document.querySelector("#answer-h")`)
	says(t, officer, "main", "may be about somebody else", "01632 960100 ext 4471", "Clinical Practitioner Access Role")
	for _, word := range []string{"ASHWORTH", "999 141 1690", entry[strings.Index(entry, ": ")+2:]} {
		if strings.Contains(officer.Text("main"), word) {
			t.Errorf("the report says %q", word)
		}
	}
	looked(t, officer, "problem-report")
	officer.Click(`form[action$="/seen"] button`)
	settled(officer, `document.querySelector("main").innerText.includes("Seen")`)
	officer.Click(`input[value="corrected"]`)
	officer.Click(`form[action$="/answer"] button`)
	settled(officer, `document.querySelector("main").innerText.includes("Answered")`)
	looked(t, officer, "problem-answered")

	user.Go(region.URL + "/problems/mine")
	says(t, user, "main", "answered", "Corrected at the source", "Bowland")
	looked(t, user, "problem-mine")
	if os.Getenv("SHOTS") != "" {
		open(user, person(t, "Edith Margaret"))
		user.Resize(390, 844)
		user.Shot("problem-entry-point-390", true)
	}
}
