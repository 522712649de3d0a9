package officer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/patrol"
	"ribble/internal/oversight/rulebook"
	"ribble/internal/oversight/watch"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// Rules shows the rules that watch, in words.
func (p *Pages) Rules(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	return p.drawRules(w, r, u, page.RulesProps{})
}

// drawRules draws the page; problems and a trial that are filled in already stay.
func (p *Pages) drawRules(w http.ResponseWriter, r *http.Request, u identity.User, props page.RulesProps) error {
	set, change, err := p.Watch.Book.InForce(r.Context())
	if err != nil {
		return fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	if props.Waiting, err = p.waiting(r.Context(), u, set); err != nil {
		return fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	props.Props, props.Places, props.Version, props.URL = p.frame(r, "Rules that watch"), places(RulesPath), itoa(set.Version), RulesPath
	props.MayChange, props.Since = p.regional(u), "As Ribble comes, or as your Ribble team set them."
	if change.Version != 0 {
		props.Since = fmt.Sprintf("Proposed by %s, approved by %s on %s. Why: %s", named(change.Proposed.By), named(change.Decided.By), moment(change.Decided.At), change.Why)
	}
	for _, rule := range set.Rules {
		props.Rules = append(props.Rules, page.RuleRow{ID: rule.ID, Words: ruleWords(rule), Score: itoa(rule.Score), Quiet: rule.Quiet.Words()})
	}
	if err := fillForm(r, set, &props); err != nil {
		return err
	}
	status := http.StatusOK
	if len(props.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return write(w, r, status, page.Rules(props))
}

// fillForm fills the form with the rules in force, or with what was typed and what is wrong with it.
func fillForm(r *http.Request, set watch.Set, props *page.RulesProps) error {
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
	props.Why.Name, props.Why.Label, props.Why.Value, props.Why.Rows = "why", "Why the rules are to change", r.PostFormValue("why"), 2
	props.Why.Hint = "Needed for a proposal only. Name no patient."
	props.Days.Name, props.Days.Label, props.Days.Value, props.Days.Width, props.Days.InputMode = "days", "Days back", days, 4, "numeric"
	for _, problem := range props.Problems {
		switch problem.Href {
		case "#days":
			props.Days.Error = problem.Text
		case "#why":
			props.Why.Error = problem.Text
		case "#set":
			props.Set.Error = problem.Text
		}
	}
	return nil
}

// ChangeRules tries other rules on the past, proposes them, or decides about what waits.
func (p *Pages) ChangeRules(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	if p.Log == nil {
		return errNoLog
	}
	to, decides := decisions[r.PostFormValue("do")]
	switch {
	case decides && !p.regional(u), r.PostFormValue("do") == "propose" && !p.regional(u):
		return errRegional
	case decides:
		err := p.Watch.Book.Decide(r.Context(), u, r.PostFormValue("id"), to)
		return p.changed(w, r, u, err, "")
	}
	set, err := watch.Load(strings.NewReader(r.PostFormValue("set")))
	if err != nil {
		return p.wrong(w, r, u, "These rules cannot be used: "+err.Error(), "#set")
	}
	if r.PostFormValue("do") == "propose" {
		return p.changed(w, r, u, p.Watch.Book.Propose(r.Context(), u, set, strings.TrimSpace(r.PostFormValue("why"))), "#why")
	}
	return p.try(w, r, u, set)
}

// decisions are what can be decided about a change that waits.
var decisions = map[string]rulebook.State{"approve": rulebook.Approved, "refuse": rulebook.Refused, "withdraw": rulebook.Withdrawn}

var errRegional = fault.New(fault.Denied, "The rules hold for the whole region: only officers of the region change them. You can try rules, and tell those officers what you found.")

// changed shows the page anew after a change, or what stood in its way.
func (p *Pages) changed(w http.ResponseWriter, r *http.Request, u identity.User, err error, field string) error {
	if err == nil {
		http.Redirect(w, r, RulesPath, http.StatusSeeOther)
		return nil
	}
	if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Denied {
		return err
	}
	return p.wrong(w, r, u, fault.SafeText(err), field)
}

func (p *Pages) wrong(w http.ResponseWriter, r *http.Request, u identity.User, text, field string) error {
	return p.drawRules(w, r, u, page.RulesProps{Problems: []ui.Problem{{Text: text, Href: field}}})
}

// waiting is the change that waits for a second person, told as what it would change; nil when none does.
func (p *Pages) waiting(ctx context.Context, u identity.User, now watch.Set) (*page.WaitingRules, error) {
	c, there, err := p.Watch.Book.Waiting(ctx)
	if err != nil || !there {
		return nil, err
	}
	then, err := c.Set()
	if err != nil {
		return nil, err
	}
	out := &page.WaitingRules{
		ID: c.ID, Version: itoa(c.Version), Own: c.Proposed.By.Is(u), Why: c.Why,
		Lead: fmt.Sprintf("Proposed by %s on %s. It waits until %s.", named(c.Proposed.By), moment(c.Proposed.At), moment(c.Proposed.At.Add(rulebook.Life))),
	}
	for _, row := range told(now, then) {
		before, after := words(now, row, "New."), words(then, row, "Removed: nothing speaks in its place.")
		if before != after {
			out.Rows = append(out.Rows, page.ChangedRule{ID: row, Now: before, Then: after})
		}
	}
	return out, nil
}

// told are the ids of the rules of two sets, each once.
func told(sets ...watch.Set) []string {
	var ids []string
	for _, set := range sets {
		for _, rule := range set.Rules {
			if !slices.Contains(ids, rule.ID) {
				ids = append(ids, rule.ID)
			}
		}
	}
	return ids
}

// words is everything that a set says of one rule, or that there is none.
func words(set watch.Set, id, none string) string {
	for _, rule := range set.Rules {
		if rule.ID == id {
			return fmt.Sprintf("%s Score %d. Silent for %s afterwards.%s", strings.TrimSuffix(ruleWords(rule), ownThresholds), rule.Score, rule.Quiet.Words(), own(rule))
		}
	}
	return none
}

const ownThresholds = " Some organisations have thresholds of their own."

// own says which organisations have thresholds of their own.
func own(r watch.Rule) string {
	var list []string
	for _, ods := range slices.Sorted(maps.Keys(r.Thresholds)) {
		list = append(list, fmt.Sprintf("%s %d", ods, r.Thresholds[ods]))
	}
	if len(list) == 0 {
		return ""
	}
	return " Thresholds of their own: " + strings.Join(list, ", ") + "."
}

func named(p rulebook.Person) string {
	return record.StaffName(p.Name).Usual() + " (" + p.Organisation + ")"
}

// mostTried bounds how far back rules are tried, in days, and trialLimit for how long.
const (
	mostTried  = 90
	trialLimit = time.Minute
)

// try shows how often other rules would have spoken.
func (p *Pages) try(w http.ResponseWriter, r *http.Request, u identity.User, set watch.Set) error {
	days, err := strconv.Atoi(strings.TrimSpace(r.PostFormValue("days")))
	if err != nil || days < 1 || days > mostTried {
		return p.wrong(w, r, u, fmt.Sprintf("Give a number of days from 1 to %d.", mostTried), "#days")
	}
	note := audit.Note{Act: audit.ActOfficerLooked, User: u, Reason: "trial of rules", Terms: audit.Terms{Words: fmt.Sprintf("%d days, version %d", days, set.Version)}}
	if err := p.Trail.Note(r.Context(), note); err != nil {
		return err
	}
	trial, err := p.trial(r.Context(), u, set, days)
	if err != nil {
		return err
	}
	return p.drawRules(w, r, u, page.RulesProps{Tried: &trial})
}

// trial counts what both sets find, for the officer's own organisation or, for one of the region, for all.
func (p *Pages) trial(ctx context.Context, u identity.User, set watch.Set, days int) (page.Trial, error) {
	ctx, cancel := context.WithTimeout(ctx, trialLimit)
	defer cancel()
	register, err := p.Watch.Register(ctx)
	if err != nil {
		return page.Trial{}, fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	now, err := p.Watch.Book.Rules(ctx)
	if err != nil {
		return page.Trial{}, fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	since := p.Now().AddDate(0, 0, -days)
	var counts [2]map[string]int
	for i, s := range []watch.Set{set, now} {
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
	return tell(counts, set, now, fmt.Sprintf("The last %d days, your organisation.", days)), nil
}

func tell(counts [2]map[string]int, tried, now watch.Set, lead string) page.Trial {
	out := page.Trial{Lead: lead}
	for _, id := range told(tried, now) {
		out.Rows = append(out.Rows, page.TrialRow{Rule: id, Tried: itoa(counts[0][id]), Now: itoa(counts[1][id])})
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
		words += "." + strings.TrimSuffix(ownThresholds, ".")
	}
	if r.Off {
		words = "Switched off. " + words
	}
	return words + "."
}
