package officer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/patrol"
	"ribble/internal/oversight/watch"
	"ribble/web/page"
	"ribble/web/ui"
)

// Rules shows the rules that watch, in words.
func (p *Pages) Rules(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.officer(r); err != nil {
		return err
	}
	return p.drawRules(w, r, http.StatusOK, page.RulesProps{})
}

// drawRules draws the page; problems and a trial that are filled in already stay.
func (p *Pages) drawRules(w http.ResponseWriter, r *http.Request, status int, props page.RulesProps) error {
	set := p.Watch.Rules
	props.Props, props.Places, props.Version, props.URL = p.frame(r, "Rules that watch"), places(RulesPath), itoa(set.Version), RulesPath
	for _, rule := range set.Rules {
		props.Rules = append(props.Rules, page.RuleRow{ID: rule.ID, Words: ruleWords(rule), Score: itoa(rule.Score), Quiet: rule.Quiet.Words()})
	}
	text, days := r.PostFormValue("set"), r.PostFormValue("days")
	if r.Method == http.MethodGet {
		own, err := json.MarshalIndent(set, "", "  ")
		if err != nil {
			return fmt.Errorf("writing the rules down: %w", err)
		}
		text, days = string(own), "30"
	}
	props.Set.Name, props.Set.Label, props.Set.Value, props.Set.Rows, props.Set.NoSpellcheck = "set", "The rules as a file has them", text, 14, true
	props.Set.Hint = "Change a threshold, switch a rule off (\"off\": true), or paste another set."
	props.Days.Name, props.Days.Label, props.Days.Value, props.Days.Width, props.Days.InputMode = "days", "Days back", days, 4, "numeric"
	for _, problem := range props.Problems {
		if problem.Href == "#days" {
			props.Days.Error = problem.Text
		} else {
			props.Set.Error = problem.Text
		}
	}
	return write(w, r, status, page.Rules(props))
}

// mostTried bounds how far back rules are tried, in days, and trialLimit for how long.
const (
	mostTried  = 90
	trialLimit = time.Minute
)

// Try shows how often other rules would have spoken.
func (p *Pages) Try(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	if p.Log == nil {
		return errNoLog
	}
	days, err := strconv.Atoi(strings.TrimSpace(r.PostFormValue("days")))
	if err != nil || days < 1 || days > mostTried {
		problem := ui.Problem{Text: fmt.Sprintf("Give a number of days from 1 to %d.", mostTried), Href: "#days"}
		return p.drawRules(w, r, http.StatusUnprocessableEntity, page.RulesProps{Problems: []ui.Problem{problem}})
	}
	set, err := watch.Load(strings.NewReader(r.PostFormValue("set")))
	if err != nil {
		problem := ui.Problem{Text: "These rules cannot be used: " + err.Error(), Href: "#set"}
		return p.drawRules(w, r, http.StatusUnprocessableEntity, page.RulesProps{Problems: []ui.Problem{problem}})
	}
	note := audit.Note{Act: audit.ActOfficerLooked, User: u, Reason: "trial of rules", Terms: audit.Terms{Words: fmt.Sprintf("%d days, version %d", days, set.Version)}}
	if err := p.Trail.Note(r.Context(), note); err != nil {
		return err
	}
	trial, err := p.trial(r.Context(), u, set, days)
	if err != nil {
		return err
	}
	return p.drawRules(w, r, http.StatusOK, page.RulesProps{Tried: &trial})
}

// trial counts what both sets find, for the officer's own organisation or, for one of the region, for all.
func (p *Pages) trial(ctx context.Context, u identity.User, set watch.Set, days int) (page.Trial, error) {
	ctx, cancel := context.WithTimeout(ctx, trialLimit)
	defer cancel()
	register, err := p.Watch.Register(ctx)
	if err != nil {
		return page.Trial{}, fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	since := p.Now().AddDate(0, 0, -days)
	var counts [2]map[string]int
	for i, s := range []watch.Set{set, p.Watch.Rules} {
		found, err := patrol.Replay(ctx, p.Log.Walk, s, register, since)
		if errors.Is(err, context.DeadlineExceeded) {
			return page.Trial{}, fault.New(fault.Timeout, "So many events cannot be gone through in a minute. Try fewer days.")
		}
		if err != nil {
			return page.Trial{}, fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
		}
		counts[i] = map[string]int{}
		for _, f := range found {
			if p.regional(u) || f.Look.Organisation == u.Organisation.ODS {
				counts[i][f.Rule]++
			}
		}
	}
	return tell(counts, set, p.Watch.Rules, fmt.Sprintf("The last %d days, your organisation.", days)), nil
}

func tell(counts [2]map[string]int, tried, now watch.Set, lead string) page.Trial {
	out := page.Trial{Lead: lead}
	told := map[string]bool{}
	for _, rule := range append(append([]watch.Rule{}, tried.Rules...), now.Rules...) {
		if told[rule.ID] {
			continue
		}
		told[rule.ID] = true
		out.Rows = append(out.Rows, page.TrialRow{Rule: rule.ID, Tried: itoa(counts[0][rule.ID]), Now: itoa(counts[1][rule.ID])})
	}
	return out
}

// speaks says of each kind of rule when it speaks.
var speaks = map[string]string{
	"own-record": "Somebody opens, or tries to open, their own record.", "family": "User and person share a home, or share a name while nothing else explains the look.",
	"colleague": "The person works for the user’s organisation.", "listed": "The person is on the confidential list.", "self-claimed": "The user’s own word is all that links them to the person’s care.",
	"break-glass": "Emergency access is opened.", "restricted": "A person whose whereabouts are protected is opened.", "leaver": "The account of somebody who has left is used.",
	"out-of-hours": "A record is opened out of hours", "break-glass-rate": "One user opens emergency access often", "volume": "One user opens many different people",
	"vain-searches": "Many searches find nobody, as when numbers are tried one after the other", "repeated": "One user opens one person again and again",
	"crowd": "Many users open one person, as happens when somebody is in the news", "two-places": "One account is used from two network addresses at once",
}

// ruleWords is a rule in one sentence.
func ruleWords(r watch.Rule) string {
	words := strings.TrimSuffix(speaks[r.Kind], ".")
	switch {
	case r.Kind == "out-of-hours":
		words += fmt.Sprintf(", between %02d:00 and %02d:00", r.From, r.To)
	case r.Threshold > 0 && r.Factor > 0:
		words += fmt.Sprintf(": %d or more in %s, and %g times the median of the same role", r.Threshold, r.Window.Words(), r.Factor)
	case r.Threshold > 0:
		words += fmt.Sprintf(": %d or more in %s", r.Threshold, r.Window.Words())
	case r.Window > 0:
		words += ": within " + r.Window.Words()
	}
	if len(r.Only) > 0 {
		words += ". Only for organisations whose code begins with " + strings.Join(r.Only, ", ")
	}
	if len(r.Thresholds) > 0 {
		words += ". Some organisations have thresholds of their own"
	}
	if r.Off {
		words = "Switched off. " + words
	}
	return words + "."
}
