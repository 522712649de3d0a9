package e2e

import (
	"strings"
	"testing"

	"ribble/internal/browser"
	"ribble/internal/sandbox/story"
)

// enter puts text into a field.
func enter(p *browser.Page, selector, text string) {
	p.Click(selector)
	p.Press(text)
}

// settled waits for the page that follows a form.
func settled(p *browser.Page, there string) {
	p.Until(`document.readyState === "complete" && (` + there + `)`)
}

// atWork signs the Privacy Officer of Bowland in and waits for their first page.
func atWork(t *testing.T, p *browser.Page) {
	t.Helper()
	signInAs(t, p, "grant", 0)
	p.Until(`document.querySelector("h1")?.innerText.startsWith("Alerts for Bowland") && document.readyState === "complete"`)
}

// openAlert goes to the first alert of the list whose row says so.
func openAlert(p *browser.Page, words string) {
	p.Eval(`([...document.querySelectorAll("tbody tr")].find(r => r.innerText.includes("` + words + `")).querySelector("a").click(), 0)`)
}

// TestAlertIsWorkedOn: a stated relationship becomes an alert with its reasons; the officer takes it up, asks; the user sees the question, answers; the
// officer reads the answer and closes.
func TestAlertIsWorkedOn(t *testing.T) {
	user, officer := tab(t), tab(t)
	signIn(t, user, "nair")
	ask(user, story.Unrelated)
	if strings.Contains(user.Text("main"), "Say why you need this record") {
		user.Click(`input[value="covering"]`)
		write(user, "covering for a colleague tonight")
		user.Click(`form[action="/record/claim"] button`)
	}
	whole(user)

	atWork(t, officer)
	officer.Go(region.URL + "/officer/alerts?show=new")
	// The patrol adds the reasons within seconds.
	officer.Until(`[...document.querySelectorAll("tbody tr")].some(r => r.innerText.includes("A relationship was stated by the user") && r.innerText.includes("40"))`)
	looked(t, officer, "officer-queue")
	openAlert(officer, "A relationship was stated by the user")
	settled(officer, `document.querySelector("#why-h")`)
	says(t, officer, "main", "BTH-", "No link to the person’s care is known but the user’s own word.", "audit trail", "+40", "999 731 0012", "Nobody has worked on this alert yet.")
	looked(t, officer, "officer-alert")
	officer.Click(`form[action$="/take"] button`)
	settled(officer, `document.querySelector("main").innerText.includes("taken up, with you")`)
	enter(officer, "#ask-words", "What was your part in this person’s care?")
	officer.Click(`form[action$="/ask"] button`)
	settled(officer, `document.querySelector("main").innerText.includes("asked, with you")`)
	looked(t, officer, "officer-asked")

	user.Go(region.URL + "/find")
	says(t, user, "header", "question")
	user.Go(region.URL + "/questions")
	says(t, user, "main", "Alistair", "What was your part in this person’s care?")
	if strings.Contains(user.Text("main"), "731 0012") {
		t.Error("the question names the patient")
	}
	looked(t, user, "questions")
	enter(user, "textarea", "I covered for the ward that night.")
	user.Click(`form[action^="/questions/"] button`)
	settled(user, `document.querySelector("main").innerText.includes("The Privacy Officer sees your answer.")`)

	officer.Go(region.URL + "/officer/alerts?show=answered")
	openAlert(officer, "A relationship was stated by the user")
	settled(officer, `document.querySelector("#steps-h")`)
	says(t, officer, "main", "I covered for the ward that night.", "Answered by the member of staff")
	officer.Click(`input[value="proper"]`)
	enter(officer, "#close-words", "The rota agrees with the answer.")
	officer.Click(`form[action$="/close"] button`)
	settled(officer, `document.querySelector("main").innerText.includes("closed: The look was proper")`)
	says(t, officer, "main", "The rota agrees with the answer.")
	looked(t, officer, "officer-closed")
}

// TestWhoLookedAtOnePerson: the officer asks for one person with a purpose, sees every look, and takes the report away with its proofs.
func TestWhoLookedAtOnePerson(t *testing.T) {
	user, officer := tab(t), tab(t)
	signIn(t, user, "nair")
	ask(user, edith)
	whole(user)
	atWork(t, officer)
	officer.Go(region.URL + "/officer/looks")
	looked(t, officer, "officer-looks")
	officer.Click(`form[action="/officer/looks"] button[type=submit], form[action="/officer/looks"] button`)
	settled(officer, `document.querySelector("#rows-h")`)
	looked(t, officer, "officer-list")
	officer.Go(region.URL + "/officer/looks")
	enter(officer, "#nhs", edith)
	officer.Click(`form[action="/officer/looks"] button`)
	settled(officer, `document.querySelector(".nhsuk-error-summary")`)
	says(t, officer, ".nhsuk-error-summary", "Choose why you ask", "Give the reference")
	officer.Eval(`(document.querySelector("#purpose").value = "person", 0)`)
	enter(officer, "#reference", "SAR-0417")
	enter(officer, "#name", "ASHWORTH, Edith")
	officer.Click(`form[action="/officer/looks"] button`)
	settled(officer, `document.querySelector("#weeks-h")`)
	says(t, officer, "main", "Complete to log number", "SAR-0417", "Opened the record", "NAIR", "Looks by week")
	looked(t, officer, "officer-person")
	for format, want := range map[string]string{"pdf": "application/pdf %PDF-", "csv": "text/csv; charset=utf-8 When ", "proof": "application/zip PK"} {
		if got := take(officer, format); !strings.HasPrefix(got, want) {
			t.Errorf("%s gives %q, want %q", format, got, want)
		}
	}
	// A download that broke off goes on, with the head that a browser keeps of it.
	if got := officer.Eval(`(() => {
		const form = document.querySelector('form[action="/officer/looks/report"]'), ask = (method, url, body, heads) => {
			const r = new XMLHttpRequest();
			r.open(method, url, false);
			for (const name in heads) r.setRequestHeader(name, heads[name]);
			r.send(body);
			return r;
		};
		const whole = ask("POST", form.action, new URLSearchParams([...new FormData(form), ["format", "csv"]]), {});
		const rest = ask("GET", whole.responseURL, null, {"Range": "bytes=40-", "If-Range": whole.getResponseHeader("etag")});
		return rest.status + " " + (rest.responseText === whole.responseText.slice(40)) + " " + (rest.getResponseHeader("etag") === whole.getResponseHeader("etag"));
	})()`); got != "206 true true" {
		t.Errorf("the rest of a file: %s", got)
	}
	officer.Click(`button[value="print"]`)
	settled(officer, `document.querySelector("h1").innerText === "Who looked at this record" && !document.querySelector(".rb-places")`)
	looked(t, officer, "officer-print")
}

// take sends the form of exports for a format and gives the type of the answer and its beginning.
func take(p *browser.Page, format string) string {
	return p.Eval(`(() => {
		const form = document.querySelector('form[action="/officer/looks/report"]'), request = new XMLHttpRequest();
		request.open("POST", form.action, false);
		request.overrideMimeType("text/plain; charset=x-user-defined");
		request.send(new URLSearchParams([...new FormData(form), ["format", "` + format + `"]]));
		return request.getResponseHeader("content-type") + " " + request.responseText.slice(0, 5);
	})()`)
}

// TestOfficersPicturesAndRules: counts as pictures with their tables, the rules in words, and a trial of others as counts.
func TestOfficersPicturesAndRules(t *testing.T) {
	officer := tab(t)
	atWork(t, officer)
	officer.Go(region.URL + "/officer/pictures")
	says(t, officer, "main", "records opened", "By day", "By hour of the day", "By role", "Sources that did not answer")
	looked(t, officer, "officer-pictures")
	officer.Go(region.URL + "/officer/rules")
	says(t, officer, "main", "In force: version", "own record")
	looked(t, officer, "officer-rules")
	officer.Click(`form[action="/officer/rules"] button`)
	settled(officer, `document.querySelector("#tried-h")`)
	says(t, officer, "main", "What these rules would have found")
	looked(t, officer, "officer-trial")
}
