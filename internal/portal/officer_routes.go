package portal

import (
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"ribble/internal/identity"
	"ribble/internal/portal/middleware"
	"ribble/internal/portal/officer"
	"ribble/web/ui"
)

// inquiries bound how often the log is asked and exported: an officer works through cases, a program would trawl.
var inquiries = middleware.Rate{
	Kind: "inquiry", Window: time.Hour,
	User: bound(240, 480), Organisation: bound(1_200, 2_400), Address: bound(1_200, 2_400), Region: bound(12_000, 24_000),
}

// officerRoutes are the pages of Privacy Officers, and the one on which users answer them.
func (p *Portal) officerRoutes(r chi.Router, pages *officer.Pages, g guards) {
	r.Get(officer.AlertsPath, p.page(pages.Queue))
	r.With(g.visited).Get(officer.AlertsPath+"/{alert}", p.page(pages.Work))
	r.Post(officer.AlertsPath+"/{alert}/take", p.page(pages.Take))
	r.Post(officer.AlertsPath+"/{alert}/ask", p.page(pages.Ask))
	r.Post(officer.AlertsPath+"/{alert}/close", p.page(pages.Close))

	r.Get(officer.LooksPath, p.page(pages.LooksForm))
	r.With(g.inquiries).Post(officer.LooksPath, p.page(pages.Looks))
	r.With(g.inquiries).Post(officer.ReportPath, p.page(pages.Report))
	r.With(g.inquiries).Get(officer.TransferPath+"{file}", p.page(pages.Transfer))
	r.Get(officer.PicturesPath, p.page(pages.Pictures))
	r.Get(officer.RulesPath, p.page(pages.Rules))
	r.Get(officer.SetsPath, p.page(pages.CodeSets))
	r.With(g.inquiries).Post(officer.RulesPath, p.page(pages.ChangeRules))

	r.With(g.visited).Get(officer.QuestionsPath, p.page(pages.Questions))
	r.Post(officer.QuestionsPath+"/{alert}", p.page(pages.Answer))
}

// collectorRoutes are for systems, which have no session and no cookie: a token in each request says which one asks.
func (p *Portal) collectorRoutes(r chi.Router, pages *officer.Pages) {
	r.Get(officer.AuditEventPath, pages.AuditEvents)
	r.Post(officer.AuditSearchPath, pages.AuditEvents)
}

// questions is the link to what officers ask the user; nil when nothing waits. The page of a record never waits for it.
func (p *Portal) questions(r *http.Request, u identity.User) *ui.Action {
	if busyPage(r) {
		return nil
	}
	switch n := p.asked(r.Context(), u); n {
	case 0:
		return nil
	case 1:
		return &ui.Action{Text: "1 question to you", URL: officer.QuestionsPath}
	default:
		return &ui.Action{Text: fmt.Sprintf("%d questions to you", n), URL: officer.QuestionsPath}
	}
}
