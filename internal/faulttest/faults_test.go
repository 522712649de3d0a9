package faulttest

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ribble/internal/audit"
	"ribble/internal/record"
	"ribble/internal/sandbox/fault"
)

// TestEveryFaultIsInTheTable keeps the table whole when the sandbox learns a new fault.
func TestEveryFaultIsInTheTable(t *testing.T) {
	for _, f := range fault.Table() {
		if _, ok := expected[f.Name]; !ok && f.Name != fault.None {
			t.Errorf("nothing is expected of the fault %q", f.Name)
		}
	}
}

// TestFaults tries every fault on a hospital, on a GP system and on a council, while all other sources are well.
func TestFaults(t *testing.T) {
	need(t)
	names := []string{}
	for _, f := range fault.Table() {
		if f.Name != fault.None && !slices.Contains(alone, f.Name) {
			names = append(names, f.Name)
		}
	}
	t.Run("lanes", func(t *testing.T) {
		for first, l := range lanes {
			turns := map[string]int{"BTH": 3, "CBH": 3, "PVT": 3}[l.badge]
			if turns == 0 {
				turns = 2
			}
			t.Run(l.feed(), func(t *testing.T) {
				t.Parallel()
				v, number, well := hire(t, region), people[l.practice].take(), people[l.practice].take()
				for i := (first + 1) % turns; i < len(names); i += turns {
					try(t, v, names[i], l, number, well)
				}
			})
		}
	})
	t.Run("alone", func(t *testing.T) {
		v := hire(t, region)
		for _, name := range alone {
			t.Run(name, func(t *testing.T) { tryTogether(t, v, name, lanes[0], lanes[4], lanes[5]) })
		}
	})
	quiet(t)
}

// try opens a person at whose record the lane's source fails, and then another at whose record it does not.
func try(t *testing.T, v *visitor, name string, l lane, number, well string) {
	t.Helper()
	strike(t, sources[l.ods], fault.Setting{Fault: name, NHSNumber: number})
	p := v.open(t, number)
	strike(t, sources[l.ods], fault.Setting{})
	judge(t, v, p, number, name, l)
	if after := v.open(t, well); !after.shows(mark(l.ods, well)) {
		t.Errorf("after %s, %s does not answer for the next person: %s", name, l.feed(), after.source(l.badge))
	}
}

// tryTogether is try for three sources that fail at once, each in the same way.
func tryTogether(t *testing.T, v *visitor, name string, failing ...lane) {
	number := people[slaidburn].take()
	setting := fault.Setting{Fault: name, NHSNumber: number}
	if strings.HasPrefix(name, "tls-") {
		setting.NHSNumber = ""
	}
	for _, l := range failing {
		strike(t, sources[l.ods], setting)
	}
	p := v.open(t, number)
	for _, l := range failing {
		strike(t, sources[l.ods], fault.Setting{})
	}
	judge(t, v, p, number, name, failing...)
	recovered(t, v, failing)
}

// recovered waits until all of them are asked again, without anybody's help.
func recovered(t *testing.T, v *visitor, failing []lane) {
	t.Helper()
	well := people[slaidburn].take()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(time.Second) {
		page := v.open(t, well)
		silent := ""
		for _, l := range failing {
			if !page.shows(mark(l.ods, well)) {
				silent = l.feed()
			}
		}
		if silent == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s is not asked again", silent)
		}
	}
}

func strike(t *testing.T, source string, s fault.Setting) {
	t.Helper()
	if err := region.Region.Control.Set(source, s); err != nil {
		t.Fatal(err)
	}
}

// judge holds a page against what the fault must look like at the failing sources and against what all others hold.
func judge(t *testing.T, v *visitor, p page, number, name string, failing ...lane) {
	t.Helper()
	if p.status != 200 || !p.ended() {
		t.Errorf("%s at %s: status %d, ended %v", name, failing[0].feed(), p.status, p.ended())
		return
	}
	if p.took > deadline+slack {
		t.Errorf("%s at %s took %s", name, failing[0].feed(), p.took)
	}
	final(t, p, name)
	told := finished(t, v)
	for _, l := range failing {
		fails(t, p, told, number, name, l)
	}
	for ods := range sources {
		if (ods == hodder || ods == slaidburn) && !registered(told, ods) || ods == ambulance {
			continue
		}
		if !slices.ContainsFunc(failing, func(l lane) bool { return l.ods == ods }) && !p.shows(mark(ods, number)) {
			t.Errorf("%s at %s: the record of %s is missing: %s", name, failing[0].feed(), ods, p.strip())
		}
	}
}

func registered(told audit.Event, practice string) bool {
	return slices.ContainsFunc(told.Sources, func(s audit.Source) bool { return s.Feed == "gp-"+strings.ToLower(practice) })
}

// final reports what still says that it waits.
func final(t *testing.T, p page, name string) {
	t.Helper()
	for s := range record.AllSections.All {
		n := p.slots[s.ID()]
		if n == nil {
			t.Errorf("%s: the section %s never came", name, s.ID())
			continue
		}
		if strings.Contains(attribute(n, "class"), "rb-section--wait") {
			t.Errorf("%s: the section %s is not final", name, s.ID())
		}
	}
	if strings.Contains(p.say("sources"), "Waiting") {
		t.Errorf("%s: the strip still waits: %s", name, p.say("sources"))
	}
}

// words are how the page names a state, in the strip and in the coverage lines.
var words = [record.NumStates]string{
	record.NotKnownHere: "Not known here", record.Refused: "REFUSED", record.Incomplete: "INCOMPLETE", record.Unavailable: "NO ANSWER", record.Mismatch: "WRONG PERSON",
	record.Uninterpretable: "CANNOT BE READ SAFELY", record.Data: "nswered in",
}

// flags are the same in the banner.
var flags = [record.NumStates]string{
	record.Refused: "REFUSED", record.Incomplete: "INCOMPLETE", record.Unavailable: "NO ANSWER", record.Mismatch: "SOMEONE ELSE", record.Uninterpretable: "CANNOT BE READ SAFELY",
}

// fails holds the page against what the fault must look like at one source.
func fails(t *testing.T, p page, told audit.Event, number, name string, l lane) {
	t.Helper()
	w, at := l.wants(name), name+" at "+l.feed()
	source, state := worst(told, l.feed())
	if !slices.Contains(w.states, state) {
		t.Errorf("%s is %s, want %v: %s", at, state, w.states, p.source(l.badge))
		return
	}
	if !strings.Contains(p.source(l.badge), words[state]) {
		t.Errorf("%s: the strip says %q, want %q", at, p.source(l.badge), words[state])
	}
	if !strings.Contains(p.say("flags"), flags[state]) || flags[state] != "" && !strings.Contains(p.say("flags"), l.short) {
		t.Errorf("%s: the banner says %q, want %q", at, p.say("flags"), flags[state])
	}
	if !strings.Contains(p.say("sources")+p.say(l.section.ID()), w.says) {
		t.Errorf("%s: the page does not say %q but %q", at, w.says, p.strip())
	}
	whole, _ := record.StateByName(source.State)
	// The fault of an unknown modifier strikes the first entry, which may be the marked one.
	if has := p.shows(mark(l.ods, number)); has != (whole == record.Data) && state != record.Uninterpretable {
		t.Errorf("%s: an answer that is %s is shown: %v", at, whole, has)
	}
	for _, s := range source.Sections {
		honest(t, p, at, l.short, s)
	}
}

// honest holds each section against its state in the audit trail: what is missing is in the title and in the coverage line.
func honest(t *testing.T, p page, at, short string, s audit.Section) {
	t.Helper()
	state, _ := record.StateByName(s.State)
	if !state.Loud() {
		return
	}
	head := ""
	for n := range p.slots[s.ID].Descendants() {
		if n.Type == html.ElementNode && n.Data == "div" && strings.Contains(attribute(n, "class"), "rb-section__head") {
			head = strings.Join(strings.Fields(text(n)), " ")
			break
		}
	}
	if !strings.Contains(head, "INCOMPLETE") || !strings.Contains(head, short) || !strings.Contains(head, words[state]) {
		t.Errorf("%s: the head of %s, which is %s, says %q", at, s.ID, state, head)
	}
}

// worst is what the audit trail says of one feed, with its gravest state.
func worst(told audit.Event, feed string) (audit.Source, record.State) {
	for _, s := range told.Sources {
		if s.Feed != feed {
			continue
		}
		whole, _ := record.StateByName(s.State)
		c := record.Coverage{State: whole}
		for _, section := range s.Sections {
			state, _ := record.StateByName(section.State)
			if state.Loud() && !known(feed, section) {
				c.Raise(state, "")
			}
		}
		return s, c.State
	}
	return audit.Source{}, 0
}

// known are gaps of a source that is well: Beckwater's systems do not hold all immunisations in the form that is asked for.
func known(feed string, s audit.Section) bool {
	return feed == "gp-y99021" && s.ID == record.Immunisations.ID() && s.State == record.Incomplete.String()
}

// finished is the last entry of the audit trail about a look of this visitor.
func finished(t *testing.T, v *visitor) audit.Event {
	t.Helper()
	return last(t, v, audit.ActFinished, func(audit.Event) bool { return true })
}

// quiet holds once everything has ended: nothing panicked, nothing of a record is in the log, and nobody works on an old view.
func quiet(t *testing.T) {
	t.Helper()
	log := logs.String()
	for _, word := range []string{"panic", "Mark R", "Mark 9", "Mark Y", "Edith", "ASHWORTH", "Ashworth", "Beck Lane"} {
		if at := strings.Index(log, word); at >= 0 {
			t.Errorf("the log holds %q: …%s…", word, log[max(at-200, 0):min(at+300, len(log))])
		}
	}
	for _, pool := range people {
		for _, number := range pool.numbers {
			if strings.Contains(log, number) {
				t.Error("the log holds an NHS number")
			}
		}
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		busy := atWork()
		if busy == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still at work after all views have ended:\n%s", busy)
		}
	}
}

// atWork gives the stacks of those who ask a source or show a page.
func atWork() string {
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var busy []string
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "ribble/internal/openrecord.") || strings.Contains(stack, "ribble/internal/adapter/") || strings.Contains(stack, "ribble/internal/fanout.") {
			busy = append(busy, stack)
		}
	}
	return strings.Join(busy, "\n\n")
}
