package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"ribble/internal/directory"
	"ribble/internal/fault"
	"ribble/internal/onboarding"
	"ribble/web/page"
	"ribble/web/ui"
)

// ImportForm asks for a list of organisations, or a whole directory file.
func (p *Pages) ImportForm(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.administrator(r); err != nil {
		return err
	}
	return p.drawImport(w, r, http.StatusOK, page.ImportProps{})
}

// Import shows what a text would change, or proposes it. With one fault in it nothing is proposed.
func (p *Pages) Import(w http.ResponseWriter, r *http.Request) error {
	u, err := p.administrator(r)
	if err != nil {
		return err
	}
	proposal := onboarding.Proposal{Reason: reason(r)}
	proposal.Entries, err = p.read(r.PostFormValue("text"))
	var found []onboarding.Difference
	if err == nil {
		found, err = p.Desk.Preview(proposal)
	}
	if err != nil {
		return p.notImported(w, r, err)
	}
	if r.PostFormValue("do") != "propose" {
		return p.drawImport(w, r, http.StatusOK, page.ImportProps{Preview: preview(found), Ready: true})
	}
	c, err := p.Desk.Propose(r.Context(), u, proposal)
	if errors.Is(err, onboarding.ErrReason) {
		problem := ui.Problem{Text: fault.SafeText(err), Href: "#reason"}
		return p.drawImport(w, r, http.StatusUnprocessableEntity, page.ImportProps{Preview: preview(found), Ready: true, Problems: []ui.Problem{problem}})
	}
	if err != nil {
		return p.notImported(w, r, err)
	}
	return p.toChange(w, r, c.ID, "proposed")
}

// read makes entries of a text: a CSV or a FHIR Bundle of organisations, or a whole directory file, which takes the place of everything.
func (p *Pages) read(text string) ([]directory.Entry, error) {
	var kind struct {
		ResourceType string `json:"resourceType"`
	}
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if trimmed == "" {
		return nil, fault.New(fault.Invalid, "Paste a list first.")
	}
	// A text that is no JSON is read as a list below, which says what is wrong with it.
	_ = json.Unmarshal([]byte(trimmed), &kind)
	if strings.HasPrefix(trimmed, "{") && kind.ResourceType == "" {
		entries, err := directory.Parse(strings.NewReader(trimmed))
		return p.Desk.Whole(entries), err
	}
	return onboarding.ReadOrganisations(strings.NewReader(text), p.Desk.Directory())
}

// notImported says everything that is wrong, line by line.
func (p *Pages) notImported(w http.ResponseWriter, r *http.Request, err error) error {
	var problems []ui.Problem
	if faults, ok := errors.AsType[onboarding.Faults](err); ok {
		for _, f := range faults {
			problems = append(problems, ui.Problem{Text: fmt.Sprintf("Line %d: %s", f.Line, f.Reason), Href: "#text"})
		}
	} else if wrong, ok := errors.AsType[directory.Problems](err); ok {
		for _, text := range wrong {
			problems = append(problems, ui.Problem{Text: text, Href: "#text"})
		}
	} else if fault.KindOf(err) == fault.Invalid {
		problems = []ui.Problem{{Text: fault.SafeText(err), Href: "#text"}}
	} else {
		return err
	}
	return p.drawImport(w, r, http.StatusUnprocessableEntity, page.ImportProps{Problems: problems})
}

// mostProblems is how many faults a page lists.
const mostProblems = 100

func (p *Pages) drawImport(w http.ResponseWriter, r *http.Request, status int, props page.ImportProps) error {
	props.Props, props.Places, props.URL = p.Frame(r), p.places(r.Context(), ImportPath), ImportPath
	props.Title = "Import"
	props.Text = ui.InputProps{
		Name: "text", Label: "Organisations, or a whole directory file", Value: r.PostFormValue("text"), Rows: 14, NoSpellcheck: true,
		Hint: "Paste a CSV with the header ods,name,short,badge,kind,phone,parent (the last three and the short names may be left out), or a FHIR Bundle of Organization. A directory file takes the place of everything.",
	}
	props.Reason = ui.InputProps{Name: "reason", Label: "Why", Hint: "For whoever approves, and for the audit trail.", Value: reason(r), Rows: 2}
	if n := len(props.Problems); n > 0 {
		props.Title, props.Text.Error = "Error: Import", count(n, "fault was", "faults were")+" found. Nothing was applied."
		if n > mostProblems {
			props.Problems = append(props.Problems[:mostProblems:mostProblems], ui.Problem{Text: fmt.Sprintf("and %d more", n-mostProblems), Href: "#text"})
		}
		if props.Problems[0].Href == "#reason" {
			props.Reason.Error, props.Text.Error = props.Problems[0].Text, ""
		}
	}
	return write(w, r, status, page.Import(props))
}

// preview is what a text would change: counted, and the first entries one by one.
func preview(found []onboarding.Difference) *page.Part {
	var added, removed, changed int
	part := &page.Part{ID: "preview", Table: page.Table{Head: []string{"Entry", "What happens", "Name", "Members that differ"}}}
	for i, d := range found {
		what := tagged(ui.TagCare, "changed")
		switch {
		case d.Before == "":
			added, what = added+1, tagged(ui.TagDone, "new")
		case d.After == "":
			removed, what = removed+1, tagged(ui.TagLoud, "REMOVED")
		default:
			changed++
		}
		if i < mostShown {
			part.Table.Rows = append(part.Table.Rows, []page.Cell{words(headline(d.Key)), what, words(nameIn(d)), words(fieldNames(d))})
		}
	}
	part.Heading = fmt.Sprintf("Preview: %d new, %d changed, %d removed", added, changed, removed)
	part.Cover = "Nothing has been applied"
	if more := len(found) - mostShown; more > 0 {
		part.Foot = fmt.Sprintf("and %d more", more)
	}
	return part
}

// nameIn is the name of what an entry describes.
func nameIn(d onboarding.Difference) string {
	body := d.After
	if body == "" {
		body = d.Before
	}
	o := parse([]byte(body))
	for _, member := range []string{"name", "title", "organisation"} {
		if text := decoded[string](o[member]); text != "" {
			return text
		}
	}
	return ""
}

func fieldNames(d onboarding.Difference) string {
	if d.Before == "" || d.After == "" {
		return "all"
	}
	names := make([]string, len(d.Fields))
	for i, f := range d.Fields {
		names[i] = labelOf(f.Name)
	}
	return strings.Join(names, ", ")
}
