package officer

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/queue"
	"ribble/internal/oversight/watch"
	"ribble/internal/portal/middleware"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// Questions shows a user what officers ask about looks of theirs.
func (p *Pages) Questions(w http.ResponseWriter, r *http.Request) error {
	return p.questions(w, r, http.StatusOK, "", page.WorkForm{})
}

// questions draws the list; a form that came back with a problem stands by its question.
func (p *Pages) questions(w http.ResponseWriter, r *http.Request, status int, about string, kept page.WorkForm) error {
	u, _ := middleware.User(r.Context())
	items, err := p.Config.Queue.Questions(r.Context(), watch.User{Issuer: u.Issuer, Subject: u.Subject})
	if err != nil {
		return fault.Wrap(fault.Unavailable, "The questions to you cannot be read just now. None is lost. Try again in a minute.", err)
	}
	props := page.QuestionsProps{Props: p.frame(r, "Questions to you")}
	if r.URL.Query().Get("done") != "" {
		props.Done = done("Sent.", "The Privacy Officer sees your answer.")
	}
	for n, i := range items {
		q, err := p.question(r, i)
		if err != nil {
			return err
		}
		q.ID = "q" + itoa(n+1)
		if i.ID == about {
			q.Form.Words, q.Form.WordsError = kept.Words, kept.WordsError
			props.Problems = []ui.Problem{{Text: kept.WordsError, Href: "#" + q.ID + "-words"}}
		}
		props.List = append(props.List, q)
	}
	return write(w, r, status, page.Questions(props))
}

func (p *Pages) question(r *http.Request, i queue.Item) (page.Question, error) {
	_, steps, _, err := p.Config.Queue.Get(r.Context(), i.Organisation, i.ID)
	if err != nil {
		return page.Question{}, fault.Wrap(fault.Unavailable, "The questions to you cannot be read just now. None is lost. Try again in a minute.", err)
	}
	q := page.Question{
		Reference: p.reference(i), At: i.At.In(time.Local).Format("02-Jan-2006 at 15:04"), By: record.StaffName(i.OfficerName).Usual(), What: wordsOf(i.Kind).title,
		Form: page.WorkForm{URL: QuestionsPath + "/" + i.ID},
	}
	for _, s := range slices.Backward(steps) {
		if s.Act == "asked" {
			q.Words = p.sealedWords(r, s.Event)
			break
		}
	}
	return q, nil
}

// Answer keeps a user's own word about a look of theirs.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	u, _ := middleware.User(r.Context())
	id, words := chi.URLParam(r, "alert"), strings.TrimSpace(r.PostFormValue("words"))
	err := p.desk.Answer(r.Context(), u, id, words)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return p.questions(w, r, http.StatusUnprocessableEntity, id, page.WorkForm{Words: words, WordsError: fault.SafeText(err)})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, QuestionsPath+"?done=sent", http.StatusSeeOther)
	return nil
}

// Asked is how many questions wait for a user's answer; 0 when that cannot be known at once.
func (p *Pages) Asked(ctx context.Context, u identity.User) int {
	ctx, cancel := context.WithTimeout(ctx, askedLimit)
	defer cancel()
	items, err := p.Config.Queue.Questions(ctx, watch.User{Issuer: u.Issuer, Subject: u.Subject})
	if err != nil {
		return 0
	}
	return len(items)
}

// askedLimit bounds the question whether there are questions: no page waits for it.
const askedLimit = 250 * time.Millisecond
