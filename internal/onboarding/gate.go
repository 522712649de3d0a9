package onboarding

import (
	"fmt"
	"strings"
	"time"

	"ribble/internal/directory"
)

// Holds says whether a line of the gate holds.
type Holds uint8

// The three answers. A warning does not close the gate.
const (
	Unmet Holds = iota
	Warning
	Met
)

// Line is one thing that must hold before a feed may go further.
type Line struct {
	// Need is what is needed, State whether it is there, Evidence what shows it or what is missing, in words.
	Need     string
	State    Holds
	Evidence string
	// Ends is its last moment; the zero time where it has none.
	Ends time.Time
}

// Closed are the lines that close the gate; none means that it is open.
func Closed(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		if l.State == Unmet {
			out = append(out, l)
		}
	}
	return out
}

// warnWithin is how long before its end a line becomes a warning.
const warnWithin = 30 * 24 * time.Hour

// checkLasts is how long a connection check counts; it runs every night.
const checkLasts = 7 * 24 * time.Hour

// Gate is everything that must hold for a feed to be at a stage, whether it holds or not. It is pure.
func Gate(s *directory.Snapshot, f *directory.Feed, to directory.Stage, check Check, now time.Time) []Line {
	lines := []Line{agreementLine(f, now)}
	var impact directory.Assessment
	if f.Agreement != nil {
		impact = f.Agreement.Impact
	}
	lines = append(lines, signedLine("Data protection impact assessment", impact, now))
	member := s.Participant(f.Organisation.ODS)
	if member == nil {
		member = new(directory.Participant)
	}
	lines = append(lines, toolkitLine(member.Toolkit, now), officerLine(member.Officer), checkLine(f, check, now), audienceLine(f, to))
	if to.From(directory.Pilot) {
		lines = append(lines, signedLine("Clinical safety case (deployment)", f.SafetyCase, now))
	}
	return lines
}

func agreementLine(f *directory.Feed, now time.Time) Line {
	l := Line{Need: "Information sharing agreement"}
	a := f.Agreement
	switch {
	case a == nil:
		l.Evidence = "the feed names no agreement"
	case now.Before(a.From):
		l.Evidence = a.ID + " begins on " + day(a.From)
	case !a.InForce(now):
		l.Evidence, l.Ends = a.ID+" ended on "+day(a.Until), a.EndsAt()
	default:
		l.Evidence, l.Ends = strings.TrimSuffix(a.ID+", flow "+f.Flow+", "+a.SignedBy, ", "), a.EndsAt()
		l.State = holds(l.Ends, now)
	}
	return l
}

func signedLine(need string, d directory.Assessment, now time.Time) Line {
	l := Line{Need: need}
	if d.Reference == "" {
		l.Evidence = "not given"
		return l
	}
	l.Evidence, l.State = strings.TrimSuffix(d.Reference+", "+d.By, ", "), Met
	if !d.Until.IsZero() {
		l.Ends = d.Until.AddDate(0, 0, 1)
		l.State = holds(l.Ends, now)
	}
	return l
}

func toolkitLine(k directory.Toolkit, now time.Time) Line {
	l := Line{Need: "Security toolkit: standards met"}
	switch {
	case k.Status == "":
		l.Evidence = "nobody has said"
	case k.Status != "met":
		l.Evidence = strings.ReplaceAll(k.Status, "-", " ")
	case k.Until.IsZero():
		l.Evidence = "met, but until when is not given"
	default:
		l.Evidence, l.Ends = "met", k.Until.AddDate(0, 0, 1)
		l.State = holds(l.Ends, now)
	}
	return l
}

func officerLine(name string) Line {
	if name == "" {
		return Line{Need: "Privacy Officer named", Evidence: "nobody is named"}
	}
	return Line{Need: "Privacy Officer named", State: Met, Evidence: name}
}

func checkLine(f *directory.Feed, c Check, now time.Time) Line {
	l := Line{Need: "Connection check passed"}
	switch {
	case c.At.IsZero():
		l.Evidence = "never run"
	case c.Connection != f.Connection():
		l.Evidence = "the address or the certificates were changed after the last check"
	case !c.Passed():
		l.Evidence = fmt.Sprintf("%d of %d failed on %s", c.Failed, c.Total, day(c.At))
	case now.Sub(c.At) > checkLasts:
		l.Evidence = "last run on " + day(c.At) + ", more than 7 days ago"
	default:
		l.Evidence, l.State = fmt.Sprintf("all %d passed on %s", c.Total, day(c.At)), Met
		if c.Warned > 0 {
			l.State = Warning
		}
	}
	return l
}

// audienceLine wants somebody to be reached: a stage that reaches nobody proves nothing.
func audienceLine(f *directory.Feed, to directory.Stage) Line {
	a, l := f.Audience, Line{Need: "Somebody named for the stage", State: Met}
	switch {
	case len(a.TestPeople) == 0:
		l.State, l.Evidence = Unmet, "no test people are named"
	case to.From(directory.Safety) && len(a.Testers) == 0:
		l.State, l.Evidence = Unmet, "no clinical-safety testers are named"
	case to.From(directory.Pilot) && len(a.Organisations)+len(a.Users) == 0:
		l.State, l.Evidence = Unmet, "no pilot organisations or users are named"
	default:
		l.Evidence = fmt.Sprintf("%d test people, %d testers, %d pilot organisations, %d pilot users", len(a.TestPeople), len(a.Testers), len(a.Organisations), len(a.Users))
	}
	return l
}

func holds(ends, now time.Time) Holds {
	switch {
	case !now.Before(ends):
		return Unmet
	case ends.Sub(now) <= warnWithin:
		return Warning
	}
	return Met
}

func day(t time.Time) string { return t.UTC().Format("02-Jan-2006") }

// Ending is a warning that something will end by itself.
type Ending struct {
	// What names it, Organisation is the ODS code of whom it concerns, empty for an agreement, which concerns its parties.
	What, Organisation string
	Ends               time.Time
	// Level is how near the end is: 30, 14 or 3 days; 0 when it is past.
	Level int
	// Feeds are the ids of the feeds that rest on it.
	Feeds []string
}

// Endings lists what ends within 30 days, or has ended while feeds rest on it: agreements, their impact assessments, standings under the toolkit. It is pure.
func Endings(s *directory.Snapshot, now time.Time) []Ending {
	var out []Ending
	add := func(what, ods string, until time.Time, feeds []string) {
		ends := until.AddDate(0, 0, 1)
		if until.IsZero() || ends.Sub(now) > warnWithin || len(feeds) == 0 {
			return
		}
		out = append(out, Ending{what, ods, ends, level(ends.Sub(now)), feeds})
	}
	resting, of := map[*directory.Agreement][]string{}, map[string][]string{}
	for _, f := range s.Feeds() {
		if f.Stage.Runs() {
			resting[f.Agreement] = append(resting[f.Agreement], f.ID)
			of[f.Organisation.ODS] = append(of[f.Organisation.ODS], f.ID)
		}
	}
	for _, a := range s.Agreements() {
		add("Information sharing agreement "+a.ID, "", a.Until, resting[a])
		add("Data protection impact assessment of "+a.ID, "", a.Impact.Until, resting[a])
	}
	for _, f := range s.Feeds() {
		if feeds := of[f.Organisation.ODS]; len(feeds) > 0 {
			add("Security toolkit of "+f.Organisation.Name, f.Organisation.ODS, s.Participant(f.Organisation.ODS).Toolkit.Until, feeds)
			delete(of, f.Organisation.ODS)
		}
	}
	return out
}

// level is the step of the warnings in which the time left lies.
func level(left time.Duration) int {
	const full = 24 * time.Hour
	for _, days := range []int{3, 14, 30} {
		if left <= 0 {
			return 0
		}
		if left <= time.Duration(days)*full {
			return days
		}
	}
	return 0
}
