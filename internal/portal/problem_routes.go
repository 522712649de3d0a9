package portal

import (
	"github.com/go-chi/chi/v5"

	"ribble/internal/portal/clinician"
	"ribble/internal/portal/quality"
)

// problemRoutes are the ways of a report of a problem with an entry: from the record to the organisation that supplied it, and back as an answer.
func (p *Portal) problemRoutes(r chi.Router, pages *clinician.Pages, answers *quality.Pages, person chi.Middlewares) {
	r.Post("/problem", p.page(pages.ProblemForm))
	r.With(person...).Post("/problem/entries", p.page(pages.ProblemEntries))
	r.With(person...).Post("/problem/send", p.page(pages.SendProblem))
	r.Get("/problem/sent/{handle}", p.page(pages.ProblemSent))

	r.Get(quality.Path, p.page(answers.Inbox))
	r.Get(quality.MinePath, p.page(answers.Mine))
	r.Get(quality.Path+"/{id}", p.page(answers.Report))
	r.Post(quality.Path+"/{id}/seen", p.page(answers.See))
	r.Post(quality.Path+"/{id}/answer", p.page(answers.Answer))
}
