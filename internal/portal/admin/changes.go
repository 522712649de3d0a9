package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/onboarding"
	"ribble/web/page"
	"ribble/web/ui"
)

// decided is how many changes the list shows beside those that wait.
const decided = 50

// Approvals lists the changes that wait, and the last ones that do not.
func (p *Pages) Approvals(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.administrator(r); err != nil {
		return err
	}
	list, err := p.Desk.Changes(r.Context(), onboarding.Query{Limit: decided})
	if err != nil {
		return err
	}
	waiting, err := p.Desk.Changes(r.Context(), onboarding.Query{State: onboarding.Waiting})
	if err != nil {
		return err
	}
	var past []onboarding.Change
	for _, c := range list {
		if c.State != onboarding.Waiting {
			past = append(past, c)
		}
	}
	b := p.board(r, "Approvals", ApprovalsPath)
	first := page.Part{ID: "waiting", Heading: count(len(waiting), "change waits", "changes wait") + " for a second person", Table: changesTable(waiting), Foot: "Whoever asked for a change cannot approve it. It ends by itself after 7 days."}
	if len(waiting) == 0 {
		first.Notes = []ui.NoteProps{{Kind: ui.NoteNone, Lead: "Nothing waits."}}
	}
	b.Parts = []page.Part{first}
	if len(past) > 0 {
		b.Parts = append(b.Parts, page.Part{ID: "past", Heading: "Decided of late", Table: changesTable(past)})
	}
	return write(w, r, http.StatusOK, page.Board(b))
}

func changesTable(list []onboarding.Change) page.Table {
	t := page.Table{Head: []string{"Change", "Asked for by", "When", "Reason", "Size", "State"}}
	for _, c := range list {
		t.Rows = append(t.Rows, []page.Cell{
			link(number(c.Number), changePath(c.ID)), words(name(c.ProposedBy)), whole(moment(c.ProposedAt)), words(c.Reason), words(count(c.Size, "entry", "entries")), stateCell(c.State),
		})
	}
	return t
}

func number(n int64) string { return "Change " + strconv.FormatInt(n, 10) }

func changePath(id string) string { return ApprovalsPath + "/" + id }

// Change is one change: what it does, who asked for it and why, and what this reader can do about it.
func (p *Pages) Change(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	return p.drawChange(w, r, u, answer{status: http.StatusOK})
}

// answer is what a page says of what was just tried.
type answer struct {
	status   int
	problems []ui.Problem
	lines    []onboarding.Line
	// reason is what was written, for the form named.
	form, reason string
}

func (p *Pages) drawChange(w http.ResponseWriter, r *http.Request, u identity.User, a answer) error {
	c, err := p.Desk.Change(r.Context(), chi.URLParam(r, "change"))
	if err != nil {
		return err
	}
	props := page.ChangeProps{BoardProps: p.board(r, number(c.Number), changePath(c.ID)), Problems: a.problems}
	if len(a.problems) > 0 {
		props.Title = "Error: " + props.Title
	}
	props.Done = doneNote(r.URL.Query().Get("done"))
	props.Parts = []page.Part{{ID: "change", Heading: "What was asked for", Facts: changeFacts(c)}}
	if len(a.lines) > 0 {
		props.Parts = append(props.Parts, gatePart(a.lines))
	}
	props.Parts = append(props.Parts, p.contents(r, c)...)
	changeForms(&props, c, u)
	for _, f := range []*page.ReasonForm{props.Refuse, props.Rollback} {
		if f != nil && f.ID == a.form {
			f.Value = a.reason
		}
	}
	return write(w, r, a.status, page.Change(props))
}

// changeForms gives the reader what they can do: decide, unless they asked for it themselves.
func changeForms(props *page.ChangeProps, c onboarding.Change, u identity.User) {
	at := changePath(c.ID)
	switch {
	case c.State == onboarding.Approved && c.Kind != onboarding.Seed:
		props.Rollback = &page.ReasonForm{URL: at + "/rollback", ID: "rollback", Label: "Take this change back", Hint: "Proposes the entries as they were before. It needs a second person as well. Why?", Button: "Propose to take it back", Variant: "secondary"}
	case c.State != onboarding.Waiting:
	case c.ProposedBy.Is(u):
		props.Withdraw = &page.ReasonForm{URL: at + "/withdraw", ID: "withdraw", Label: "Withdraw", Plain: true, Hint: "You asked for this, so another administrator must decide.", Button: "Withdraw", Variant: "secondary"}
	default:
		props.Approve = &page.ReasonForm{URL: at + "/approve", ID: "approve", Label: "Approve", Plain: true, Hint: "You may approve because you did not ask. It is in force on every server within 5 seconds.", Button: "Approve"}
		props.Refuse = &page.ReasonForm{URL: at + "/refuse", ID: "refuse", Label: "Or refuse, with a reason", Button: "Refuse", Variant: "secondary"}
	}
}

func changeFacts(c onboarding.Change) []ui.Pair {
	facts := []ui.Pair{
		{Key: "State", Value: states[c.State].words}, {Key: "Asked for by", Value: name(c.ProposedBy) + ", " + moment(c.ProposedAt)}, {Key: "Reason given", Value: "“" + c.Reason + "”"},
		{Key: "What changes", Value: count(c.Size, "entry", "entries") + " of the directory"},
	}
	switch {
	case c.State == onboarding.Waiting:
		facts = append(facts, ui.Pair{Key: "Ends by itself", Value: moment(c.ExpiresAt()) + ", if nobody decides"})
	case !c.DecidedBy.IsZero():
		facts = append(facts, ui.Pair{Key: "Decided by", Value: name(c.DecidedBy) + ", " + moment(c.DecidedAt)})
	}
	if c.Words != "" {
		facts = append(facts, ui.Pair{Key: "Why refused", Value: "“" + c.Words + "”"})
	}
	if c.Kind == onboarding.Stop {
		facts = append(facts, ui.Pair{Key: "How many people", Value: "one: to stop a feed needs no second person"})
	}
	return append(facts, ui.Pair{Key: "Name in the audit trail", Value: c.ID})
}

// mostShown is how many entries of a change are shown whole.
const mostShown = 50

// contents are the entries of a change, with what differs. A change that waits is compared with the directory as it is now, any other as it was then.
func (p *Pages) contents(r *http.Request, c onboarding.Change) []page.Part {
	s := p.Desk.Directory()
	if c.State == onboarding.Waiting {
		return differences(onboarding.Compare(s, c.Entries))
	}
	list := make([]onboarding.Difference, len(c.Entries))
	for i, e := range c.Entries {
		list[i] = onboarding.Difference{Key: e.Key, After: e.Body}
		if i < mostShown {
			list[i].Before = p.before(r, c, e.Key)
			list[i].Fields = onboarding.Fieldwise(list[i].Before, e.Body)
		}
	}
	return differences(list)
}

// before is the body of an entry that an approved change took the place of; empty where there was none, or the change never was in force.
func (p *Pages) before(r *http.Request, c onboarding.Change, k directory.Key) string {
	history, err := p.Desk.History(r.Context(), k)
	if err != nil {
		return ""
	}
	for i, v := range history {
		if v.Change == c.ID && i+1 < len(history) {
			return history[i+1].Body
		}
	}
	return ""
}

func differences(list []onboarding.Difference) []page.Part {
	var parts []page.Part
	for i, d := range list[:min(len(list), mostShown)] {
		part := page.Part{ID: "entry-" + strconv.Itoa(i), Heading: headline(d.Key), Table: fieldsTable(d.Fields, d.Before != ""), Do: entryActions(d.Key)[1:]}
		switch {
		case d.Before == "":
			part.Cover = "new"
		case d.After == "":
			part.Cover = "will be removed"
		}
		parts = append(parts, part)
	}
	if more := len(list) - mostShown; more > 0 {
		parts = append(parts, page.Part{ID: "more", Heading: fmt.Sprintf("and %d more entries", more)})
	}
	return parts
}

func headline(k directory.Key) string {
	return strings.ToUpper(string(k.Kind[:1])) + string(k.Kind[1:]) + " " + k.ID
}

func fieldsTable(fields []onboarding.Field, before bool) page.Table {
	t := page.Table{Head: []string{"What", "To be"}}
	if before {
		t.Head = []string{"What", "Before", "To be"}
	}
	for _, f := range fields {
		if f.Name == "steps" {
			f.Before, f.After = "", lastOf(f.After)
		}
		row := []page.Cell{words(labelOf(f.Name))}
		if before {
			row = append(row, words(plain(f.Before)))
		}
		t.Rows = append(t.Rows, append(row, words(plain(f.After))))
	}
	return t
}

// lastOf is the last element of a list: of the steps of a feed only that is new.
func lastOf(list string) string {
	all := decoded[[]jsontext.Value](jsontext.Value(list))
	if len(all) == 0 {
		return ""
	}
	return string(all[len(all)-1])
}

// Approve puts a change in force.
func (p *Pages) Approve(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	if _, err := p.Desk.Approve(r.Context(), u, chi.URLParam(r, "change")); err != nil {
		return p.notDone(w, r, u, err, "#decide")
	}
	return p.toChange(w, r, chi.URLParam(r, "change"), "approved")
}

// Refuse ends a change of somebody else's, with a reason.
func (p *Pages) Refuse(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	if err := p.Desk.Refuse(r.Context(), u, chi.URLParam(r, "change"), reason(r)); err != nil {
		return p.notDone(w, r, u, err, "#refuse")
	}
	return p.toChange(w, r, chi.URLParam(r, "change"), "refused")
}

// Withdraw ends a change of one's own.
func (p *Pages) Withdraw(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	if err := p.Desk.Withdraw(r.Context(), u, chi.URLParam(r, "change")); err != nil {
		return p.notDone(w, r, u, err, "#decide")
	}
	return p.toChange(w, r, chi.URLParam(r, "change"), "withdrawn")
}

// Rollback asks for what takes a change back.
func (p *Pages) Rollback(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	c, err := p.Desk.Rollback(r.Context(), u, chi.URLParam(r, "change"), reason(r))
	if err != nil {
		return p.notDone(w, r, u, err, "#rollback")
	}
	return p.toChange(w, r, c.ID, "proposed")
}

func reason(r *http.Request) string { return strings.TrimSpace(r.PostFormValue("reason")) }

// notDone draws the change again with why it was not decided; what the reader cannot put right is an error like any other.
func (p *Pages) notDone(w http.ResponseWriter, r *http.Request, u identity.User, err error, where string) error {
	kind := fault.KindOf(err)
	if kind != fault.Invalid && kind != fault.Denied {
		return err
	}
	a := answer{status: http.StatusUnprocessableEntity, problems: problemsOf(err, where), form: strings.TrimPrefix(where, "#"), reason: reason(r)}
	if kind == fault.Denied {
		a.status = http.StatusForbidden
	}
	if closed, ok := errors.AsType[onboarding.GateClosed](err); ok {
		a.lines = closed.Lines
	}
	return p.drawChange(w, r, u, a)
}

// problemsOf lists everything that is wrong: every line of the gate, every problem of an entry, or the words of the error.
func problemsOf(err error, where string) []ui.Problem {
	out := []ui.Problem{{Text: fault.SafeText(err), Href: where}}
	if closed, ok := errors.AsType[onboarding.GateClosed](err); ok {
		for _, l := range closed.Lines {
			out = append(out, ui.Problem{Text: l.Need + ": " + l.Evidence, Href: "#gate"})
		}
	}
	if problems, ok := errors.AsType[directory.Problems](err); ok {
		for _, text := range problems {
			out = append(out, ui.Problem{Text: text, Href: where})
		}
	}
	return out
}

func (p *Pages) toChange(w http.ResponseWriter, r *http.Request, id, done string) error {
	http.Redirect(w, r, changePath(id)+"?done="+done, http.StatusSeeOther)
	return nil
}

// doneNote puts into words what has just been done.
func doneNote(what string) *ui.NoteProps {
	said, ok := map[string][2]string{
		"proposed":  {"Asked for.", "Nothing changes before another administrator approves."},
		"approved":  {"Approved.", "It is in force on every server within 5 seconds."},
		"refused":   {"Refused.", "Nothing was changed."},
		"withdrawn": {"Withdrawn.", "Nothing was changed."},
		"suspended": {"Suspended.", "The feed is asked for nobody from now on. Two people can let it run again."},
	}[what]
	if !ok {
		return nil
	}
	return &ui.NoteProps{Kind: ui.NoteNil, Icon: ui.IconData, Lead: said[0], Text: said[1], Alert: true}
}

// History is every version of an entry, the newest first.
func (p *Pages) History(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.administrator(r); err != nil {
		return err
	}
	key := directory.Key{Kind: directory.Kind(chi.URLParam(r, "kind")), ID: chi.URLParam(r, "id")}
	list, err := p.Desk.History(r.Context(), key)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errNoEntry
	}
	b := p.board(r, "History of "+strings.ToLower(headline(key)[:1])+headline(key)[1:], "")
	for i, v := range list {
		var before onboarding.Version
		if i+1 < len(list) {
			before = list[i+1]
		}
		b.Parts = append(b.Parts, versionPart(key, v, before))
	}
	return write(w, r, http.StatusOK, page.Board(b))
}

func versionPart(key directory.Key, v, before onboarding.Version) page.Part {
	part := page.Part{
		ID: "version-" + strconv.FormatInt(v.Version, 10), Heading: fmt.Sprintf("Version %d, %s", v.Version, moment(v.At)),
		Facts: []ui.Pair{{Key: "Asked for by", Value: name(v.ProposedBy)}, {Key: "Approved by", Value: name(v.DecidedBy)}, {Key: "Reason", Value: "“" + v.Reason + "”"}},
		Do:    []ui.Action{{Text: number(v.Number) + ": look, or take back", URL: changePath(v.Change)}},
	}
	if v.Body == "" {
		part.Cover = "removed"
		return part
	}
	part.Table = fieldsTable(onboarding.Fieldwise(before.Body, v.Body), before.Body != "")
	return part
}
