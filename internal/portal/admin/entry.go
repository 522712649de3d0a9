package admin

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-json-experiment/json/jsontext"

	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/onboarding"
	"ribble/web/page"
	"ribble/web/ui"
)

// writing is a form being filled in: for a new entry, or for one that is there.
type writing struct {
	form
	// id is that of the entry; empty for a new one. body is the entry as it is.
	entry string
	body  jsontext.Value
}

// writing finds what the address is about.
func (p *Pages) writing(r *http.Request, kind directory.Kind) (writing, error) {
	w := writing{form: forms[kind], entry: chi.URLParam(r, "id")}
	if w.entry == "" {
		return w, nil
	}
	e, ok := p.Desk.Directory().Entry(directory.Key{Kind: kind, ID: w.entry})
	if !ok {
		return w, errNoEntry
	}
	w.body = jsontext.Value(e.Body)
	return w, nil
}

// Form shows the form of a kind of entry.
func (p *Pages) Form(kind directory.Kind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := p.administrator(r); err != nil {
			return err
		}
		doing, err := p.writing(r, kind)
		if err != nil {
			return err
		}
		values := url.Values{}
		for c := range doing.controls {
			values[c.path] = c.fill(parse(doing.body).get(c.path))
		}
		if doing.entry == "" && r.URL.Query().Has("organisation") {
			values.Set("organisation", r.URL.Query().Get("organisation"))
		}
		return p.drawForm(w, r, doing, values, nil)
	}
}

// controls yields every control of the form that can be filled in.
func (d writing) controls(yield func(control) bool) {
	for _, g := range d.groups {
		for _, c := range g.controls {
			if (d.entry == "" || !c.once) && !yield(c) {
				return
			}
		}
	}
}

// Propose asks for what was filled in.
func (p *Pages) Propose(kind directory.Kind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		u, err := p.administrator(r)
		if err != nil {
			return err
		}
		doing, err := p.writing(r, kind)
		if err != nil {
			return err
		}
		if err := r.ParseForm(); err != nil {
			return fault.Wrap(fault.Invalid, "The form cannot be read.", err)
		}
		e, problems := p.entryOf(doing, r.PostForm)
		if len(problems) > 0 {
			return p.drawForm(w, r, doing, r.PostForm, problems)
		}
		c, err := p.Desk.Propose(r.Context(), u, onboarding.Proposal{Reason: reason(r), Entries: []directory.Entry{e}})
		if fault.KindOf(err) == fault.Invalid && err != nil {
			return p.drawForm(w, r, doing, r.PostForm, doing.problems(err))
		}
		if err != nil {
			return err
		}
		return p.toChange(w, r, c.ID, "proposed")
	}
}

// entryOf makes an entry of what was filled in. Members that the form does not have stay as they are.
func (p *Pages) entryOf(doing writing, values url.Values) (directory.Entry, []ui.Problem) {
	o := parse(doing.body)
	if doing.entry == "" {
		for name, v := range doing.start {
			o[name] = v
		}
	}
	var problems []ui.Problem
	for c := range doing.controls {
		if c.path == "audience.test_people.forget" {
			continue // it is read with the people themselves
		}
		v, err := c.take(values, o.get(c.path), p.Desk.TestPerson)
		if err != nil {
			problems = append(problems, ui.Problem{Text: c.label + ": " + fault.SafeText(err), Href: "#" + c.id()})
			continue
		}
		o.put(c.path, v)
	}
	e, err := directory.NewEntry(doing.kind, encoded(o))
	if err != nil {
		problems = append(problems, problemsOf(err, "#reason")...)
	}
	if _, there := p.Desk.Directory().Entry(e.Key); there && doing.entry == "" {
		problems = append(problems, ui.Problem{Text: "This " + doing.noun + " is in the directory already.", Href: "#" + doing.id})
	}
	return e, problems
}

// place is where a problem of an entry stands: its member, without the numbers of lists.
var place = regexp.MustCompile(`^[a-z]+(?:\[\d+\])?(?: \([^)]*\))?\.([a-z_]+(?:\.[a-z_]+)?)[^:]*: `)

// problems leads from everything that the directory refuses to the control in which it stands.
func (d writing) problems(err error) []ui.Problem {
	all, ok := errors.AsType[directory.Problems](err)
	if !ok {
		return []ui.Problem{{Text: fault.SafeText(err), Href: "#reason"}}
	}
	var out []ui.Problem
	for _, text := range all {
		out = append(out, d.problem(text))
	}
	return out
}

func (d writing) problem(text string) ui.Problem {
	if at := place.FindStringSubmatch(text); at != nil && (d.entry == "" || strings.Contains(text, "("+d.entry+")")) {
		for c := range d.controls {
			if c.path == at[1] {
				return ui.Problem{Text: c.label + ": " + strings.TrimPrefix(text, at[0]), Href: "#" + c.id()}
			}
		}
	}
	return ui.Problem{Text: text, Href: "#reason"}
}

func (p *Pages) drawForm(w http.ResponseWriter, r *http.Request, doing writing, values url.Values, problems []ui.Problem) error {
	key := directory.Key{Kind: doing.kind, ID: doing.entry}
	props := page.EntryFormProps{
		Props: p.Frame(r), Places: p.places(r.Context(), ""), Heading: "Add " + article(doing.noun), Problems: problems, URL: r.URL.EscapedPath(),
		Lead: ui.NoteProps{Kind: ui.NoteInfo, Lead: "Nothing changes yet.", Text: "You propose; another administrator approves."}, Back: ui.Action{Text: "Go back", URL: backFrom(key)},
	}
	if doing.entry != "" {
		props.Heading = "Change " + doing.noun + " " + doing.entry
	}
	status := http.StatusOK
	props.Title = props.Heading
	faults := map[string]string{}
	for _, problem := range problems {
		faults[strings.TrimPrefix(problem.Href, "#")] = problem.Text
		props.Title, status = "Error: "+props.Heading, http.StatusUnprocessableEntity
	}
	for _, g := range doing.groups {
		out := page.ControlGroup{Heading: g.heading}
		for _, c := range g.controls {
			if doing.entry == "" || !c.once {
				out.Controls = append(out.Controls, c.draw(p.Desk.Directory(), values, faults[c.id()]))
			}
		}
		props.Groups = append(props.Groups, out)
	}
	props.Reason = ui.InputProps{Name: "reason", Label: "Why", Hint: "For whoever approves, and for the audit trail. Name no patient.", Value: values.Get("reason"), Error: faults["reason"], Rows: 2}
	return write(w, r, status, page.EntryForm(props))
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// backFrom is the page from which a form is reached.
func backFrom(k directory.Key) string {
	switch {
	case k.ID != "":
		return entryPath(k)
	case k.Kind == directory.KindFeed:
		return Path
	}
	return strings.TrimSuffix(entryPath(k), "/")
}
