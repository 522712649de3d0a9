package users

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/sponsor"
	"ribble/web/page"
	"ribble/web/ui"
)

// Request is what is decided together: one person's request, or an import.
func (p *Pages) Request(w http.ResponseWriter, r *http.Request) error {
	return p.drawRequest(w, r, http.StatusOK, nil)
}

// drawRequest draws it; err is what was wrong with what was just tried.
func (p *Pages) drawRequest(w http.ResponseWriter, r *http.Request, status int, tried error) error {
	u, scope, err := p.looker(r)
	if err != nil {
		return err
	}
	batch := chi.URLParam(r, "batch")
	list, err := p.Desk.Batch(r.Context(), u, batch)
	if err != nil {
		return err
	}
	slices.Reverse(list) // as they stood in the list
	first := list[0]
	heading := headline(first)
	if len(list) > 1 {
		heading = "Import of " + count(len(list), "user", "users")
	}
	b := p.board(r, heading, RequestPath)
	b.Problems, _ = problems(tried, "#decide")
	if len(b.Problems) > 0 {
		b.Title, b.Done = "Error: "+b.Title, nil
	}
	b.Parts = []page.Part{requestPart(first, len(list))}
	if len(list) > 1 {
		b.Parts[0].Facts = append(b.Parts[0].Facts, summary(list)...)
		b.Parts = append(b.Parts, batchPart(list))
	}
	at := RequestPath + batch
	switch {
	case first.State == sponsor.Asked:
		b.Forms = append(b.Forms, p.vouchForm(r, at+"/vouch", tried))
	case first.State == sponsor.Sponsored && scope.All() && !first.Sponsor.Is(u):
		b.Forms = append(b.Forms, p.grantForm(at, list))
	case first.State == sponsor.Sponsored && scope.All():
		b.Parts[0].Notes = append(b.Parts[0].Notes, ui.NoteProps{Kind: ui.NoteCare, Lead: "You vouched for this yourself.", Text: "Another administrator must grant it."})
	}
	if first.Waits() {
		b.Forms = append(b.Forms, page.ControlForm{
			ID: "refuse", URL: at + "/refuse", Heading: "Refuse", Controls: []page.Control{{Text: &ui.InputProps{ID: "words", Name: "words", Label: "Why", Hint: "For the other people who look after users. Name no patient.", Value: r.PostFormValue("words"), Rows: 2}}},
			Buttons: []ui.ButtonProps{{Text: "Refuse", Variant: "secondary", Once: true}},
		})
	}
	return draw(w, r, status, page.Users(b))
}

func headline(r sponsor.Request) string {
	if r.Kind == sponsor.Renewal {
		return "Renewal for " + usual(r.Name)
	}
	return "Account for " + usual(r.Name)
}

func requestPart(r sponsor.Request, size int) page.Part {
	part := page.Part{ID: "request", Heading: "What is asked for", Facts: []ui.Pair{{Key: "State", Value: states[r.State].words}, {Key: "Organisation", Value: r.Organisation.Name + " (" + r.Organisation.ODS + ")"}}}
	if size == 1 {
		part.Facts = append(part.Facts, ui.Pair{Key: "Name", Value: r.Name}, ui.Pair{Key: "Login name", Value: r.Login}, ui.Pair{Key: "Job", Value: orNot(r.Job)})
	} else {
		part.Facts[1] = ui.Pair{Key: "Users", Value: strconv.Itoa(size)}
	}
	if r.Terms.Role != "" {
		if size == 1 {
			part.Facts = append(part.Facts, ui.Pair{Key: "Role", Value: roleName(r.Terms.Role)}, ui.Pair{Key: "Trained on", Value: day(r.Terms.Trained)}, ui.Pair{Key: "Last day", Value: day(r.Terms.Until)})
		}
		part.Facts = append(part.Facts, ui.Pair{Key: "Vouched for by", Value: usual(r.Sponsor.Name) + ", " + moment(r.SponsoredAt)})
	} else {
		part.Facts = append(part.Facts, ui.Pair{Key: "Asked", Value: moment(r.At)})
	}
	switch {
	case r.Waits():
		part.Facts = append(part.Facts, ui.Pair{Key: "Ends by itself", Value: day(r.ExpiresAt()) + ", if nobody decides"})
	case r.Decider.Subject != "":
		part.Facts = append(part.Facts, ui.Pair{Key: "Decided by", Value: usual(r.Decider.Name) + ", " + moment(r.DecidedAt)})
	}
	if r.Words != "" {
		part.Facts = append(part.Facts, ui.Pair{Key: "Why refused", Value: "“" + r.Words + "”"})
	}
	if r.State == sponsor.Granted && size == 1 {
		part.Do = []ui.Action{{Text: "The account", URL: AccountPath + r.Account}}
	}
	return part
}

// summary says of a whole list how many there are of each role and organisation: whoever grants it may not see every line.
func summary(list []sponsor.Request) []ui.Pair {
	roles, organisations := map[string]int{}, map[string]int{}
	for _, r := range list {
		roles[roleName(r.Terms.Role)]++
		organisations[r.Organisation.Name]++
	}
	return []ui.Pair{{Key: "Roles", Value: counted(roles)}, {Key: "Organisations", Value: counted(organisations)}}
}

// counted lists what was counted, the most first; a long list is cut short.
func counted(n map[string]int) string {
	const most = 12
	names := slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(n[b]-n[a], strings.Compare(a, b)) })
	var parts []string
	for _, name := range names[:min(len(names), most)] {
		parts = append(parts, fmt.Sprintf("%s: %d", name, n[name]))
	}
	if more := len(names) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

func orNot(text string) string {
	if text == "" {
		return "not given"
	}
	return text
}

func batchPart(list []sponsor.Request) page.Part {
	part := page.Part{ID: "users", Heading: count(len(list), "user", "users"), Table: usersTable(list)}
	if more := len(list) - mostShown; more > 0 {
		part.Foot = fmt.Sprintf("and %d more", more)
	}
	return part
}

// usersTable lists the first users of a list, in its order.
func usersTable(list []sponsor.Request) page.Table {
	t := page.Table{Head: []string{"User", "Job", "Organisation", "Role", "Trained", "Last day"}}
	for i := range min(len(list), mostShown) {
		r := list[i]
		t.Rows = append(t.Rows, []page.Cell{{Text: r.Name, Sub: r.Login}, words(r.Job), words(r.Organisation.Name), words(roleName(r.Terms.Role)), whole(day(r.Terms.Trained)), whole(day(r.Terms.Until))})
	}
	return t
}

// vouchForm is a sponsor's word: role, training, last day.
func (p *Pages) vouchForm(r *http.Request, at string, tried error) page.ControlForm {
	return page.ControlForm{
		ID: "decide", URL: at, Heading: "Vouch for this user", Lead: "You say that you know who this is, that they work for your organisation, and that they need the record for the people they care for.",
		Controls: append([]page.Control{roleChoice(r.PostForm, tried)}, p.dayControls(r.PostForm, tried)...),
		Buttons:  []ui.ButtonProps{{Text: "Vouch for this user", Once: true}}, Foot: "Nothing is granted yet: an administrator of the region does that.",
	}
}

func (p *Pages) grantForm(at string, list []sponsor.Request) page.ControlForm {
	first := list[0]
	lead := "The account is there from then on, and its sponsor makes the invitation."
	if first.Kind == sponsor.Renewal {
		lead = "The account lasts until the new last day from then on."
	}
	text := "Grant"
	if len(list) > 1 {
		text = "Grant all " + strconv.Itoa(len(list))
		lead = "All the accounts are there from then on, or none: one that clashes stops the whole list."
	}
	sponsors := 0
	for _, r := range list {
		if p.Desk.MaySponsor(identity.User{Issuer: local.Issuer, Subject: r.ID, Role: local.Roles[r.Terms.Role], Organisation: r.Organisation}) {
			sponsors++
		}
	}
	if sponsors > 0 {
		lead = count(sponsors, "user of this is a sponsor, who will vouch for others.", "users of this are sponsors, who will vouch for others.") + " " + lead
	}
	return page.ControlForm{ID: "decide", URL: at + "/grant", Heading: "Grant", Lead: "You may grant this because somebody else vouched for it. " + lead, Buttons: []ui.ButtonProps{{Text: text, Once: true}}}
}

func roleChoice(form url.Values, tried error) page.Control {
	c := ui.ChoiceProps{ID: "role", Name: "role", Label: "Role", Error: problemOf(tried, "role"), Small: true}
	for _, key := range roleOrder {
		c.Options = append(c.Options, ui.Option{Value: key, Text: roleName(key), Hint: roleHints[key], Chosen: form.Get("role") == key})
	}
	return page.Control{Radios: &c}
}

// roleOrder are the roles as a sponsor looks for them; a test holds that none is missing.
var roleOrder = []string{"care-worker", "care-nurse", "care-manager", "hospice-nurse", "hospice-clinician", "sponsor"}

// roleHints say what a role sees.
var roleHints = map[string]string{
	"care-nurse": "sees the summary", "care-worker": "sees the summary", "hospice-clinician": "sees the detailed record", "hospice-nurse": "sees the detailed record",
	"care-manager": "sees the summary, and vouches for the users of the organisation", "sponsor": "opens no record; vouches for the users of the organisation",
}

// dayControls ask for the day of training and the last day, which is a year ahead unless something was typed.
func (p *Pages) dayControls(form url.Values, tried error) []page.Control {
	until := dateProps("until", "Last day of access", "At most a year ahead. Give the end of the contract if it comes sooner.", form, tried)
	if until.Year == "" {
		last := p.Now().UTC().AddDate(1, 0, -1)
		until.Day, until.Month, until.Year = strconv.Itoa(last.Day()), strconv.Itoa(int(last.Month())), strconv.Itoa(last.Year())
	}
	trained := dateProps("trained", "Day of the training in information governance", "Within the last year. Without it there is no access.", form, tried)
	return []page.Control{{Date: &trained}, {Date: &until}}
}

func dateProps(name, label, hint string, form url.Values, tried error) ui.DateProps {
	return ui.DateProps{ID: name, NamePrefix: name, Label: label, Hint: hint, Error: problemOf(tried, name), Day: form.Get(name + "[day]"), Month: form.Get(name + "[month]"), Year: form.Get(name + "[year]")}
}

// formOf is what was typed about a user.
func formOf(form url.Values) sponsor.Form {
	return sponsor.Form{
		Login: form.Get("login"), Name: form.Get("name"), Job: form.Get("job"), Organisation: form.Get("organisation"), Role: form.Get("role"),
		Trained: typedDay(form, "trained"), Until: typedDay(form, "until"),
	}
}

// typedDay joins the three parts of a day as 2027-03-31; what is no day stays none.
func typedDay(form url.Values, name string) string {
	var parts [3]int
	for i, part := range []string{"year", "month", "day"} {
		n, err := strconv.Atoi(strings.TrimSpace(form.Get(name + "[" + part + "]")))
		if err != nil {
			return ""
		}
		parts[i] = n
	}
	typed := fmt.Sprintf("%04d-%02d-%02d", parts[0], parts[1], parts[2])
	if _, err := time.Parse(time.DateOnly, typed); err != nil {
		return ""
	}
	return typed
}

// decide does something about a request, and says so on its page; what can be put right is said there too.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request, done string, act func(u identity.User, batch string) error) error {
	u, _, err := p.looker(r)
	if err != nil {
		return err
	}
	batch := chi.URLParam(r, "batch")
	err = act(u, batch)
	if _, mine := problems(err, ""); mine {
		return p.drawRequest(w, r, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, RequestPath+batch, done)
}

// Vouch is a sponsor's word for somebody who asked.
func (p *Pages) Vouch(w http.ResponseWriter, r *http.Request) error {
	return p.decide(w, r, "vouched", func(u identity.User, batch string) error {
		return p.Desk.Vouch(r.Context(), u, batch, formOf(posted(r)))
	})
}

// Grant is the second person's word.
func (p *Pages) Grant(w http.ResponseWriter, r *http.Request) error {
	return p.decide(w, r, "granted", func(u identity.User, batch string) error { return p.Desk.Grant(r.Context(), u, batch) })
}

// Refuse ends a request.
func (p *Pages) Refuse(w http.ResponseWriter, r *http.Request) error {
	return p.decide(w, r, "refused", func(u identity.User, batch string) error {
		return p.Desk.Refuse(r.Context(), u, batch, strings.TrimSpace(r.PostFormValue("words")))
	})
}

// posted is the form of a request.
func posted(r *http.Request) url.Values {
	_ = r.ParseForm() // a form that cannot be read has no fields, and each that is missing is named
	return r.PostForm
}
