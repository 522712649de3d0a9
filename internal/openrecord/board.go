package openrecord

import (
	"slices"
	"time"

	"ribble/internal/audit"
	"ribble/internal/fanout"
	"ribble/internal/locator"
	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/section"
	"ribble/internal/sensitive"
)

// board keeps what has come in one view: every source is either on it or awaited, and none is ever neither.
type board struct {
	receipt audit.Receipt
	policy  *sensitive.Policy
	began   time.Time
	// order is the place of each feed on the page: first who was asked, in the order of the directory, then who was not.
	order []string
	// asked are the feeds that were asked; due is when the answer of each of them is late.
	asked   []string
	due     []due
	answers map[string]*sensitive.Cleared
	targets map[string]fanout.Target
	// final holds the sections whose last rendering was sent, shown those of which any was.
	final, shown record.Sections
	// shownWith says in which of its renderings each section first stood with a feed.
	shownWith  map[record.Section]map[string]int
	renderings [record.NumSections]int
	// sets are the versions of the code sets by which the answers were cleared: more than one of a topic when another came into force meanwhile.
	sets []string
	// bytes is how many bytes of the record were sent.
	bytes int
}

func newBoard(receipt audit.Receipt, policy *sensitive.Policy, plan locator.Plan, targets []fanout.Target) *board {
	b := &board{
		receipt: receipt, policy: policy, began: time.Now(), answers: map[string]*sensitive.Cleared{}, targets: map[string]fanout.Target{},
		shownWith: map[record.Section]map[string]int{},
	}
	for _, t := range targets {
		b.order, b.asked = append(b.order, t.Ref.Feed), append(b.asked, t.Ref.Feed)
		b.targets[t.Ref.Feed] = t
	}
	for _, n := range plan.NotAsked {
		feed := n.Feed
		if feed == "" {
			feed = "no-feed:" + n.Organisation.Kind
		}
		b.order = append(b.order, feed)
		b.put(record.Failed(record.SourceRef{Feed: feed, Organisation: n.Organisation}, n.Sections, record.NotAsked, n.Reason))
	}
	return b
}

// put checks an answer against the traced person, clears it, and keeps what may be shown. It reports whether the answer was about somebody else.
func (b *board) put(answer record.Answer) (quarantined bool) {
	kind := quarantine.Other
	if answer.Source.Organisation.Kind == gpPractice {
		kind = quarantine.GP
	}
	checked := quarantine.Check(b.receipt.Person(), answer, kind)
	cleared := b.policy.Clear(b.receipt.Grant(), checked)
	b.answers[answer.Source.Feed] = cleared
	for _, version := range cleared.Versions() {
		if !slices.Contains(b.sets, version) {
			b.sets = append(b.sets, version)
		}
	}
	b.reopen(cleared.Answer())
	_, quarantined = checked.Quarantined()
	return quarantined
}

// reopen makes sections that were sent as final be sent again when a source says something about them that nobody had asked it: entries, such
// as the legal status of an admission, which must stand on the page, or that such entries were about somebody else.
func (b *board) reopen(a *record.Answer) {
	for s := range b.final.All {
		if a.Coverage[s].State != record.NotAsked {
			b.final &^= record.SectionsOf(s)
		}
	}
}

// gpPractice is the directory's word for a GP practice.
const gpPractice = "gp-practice"

// view is what the page is built from now, for the section about to be rendered.
func (b *board) view() *section.View {
	v := &section.View{Now: b.receipt.IntentAt(), Own: b.receipt.User().Organisation.ODS}
	for _, feed := range b.order {
		if a, ended := b.answers[feed]; ended {
			v.Answers = append(v.Answers, a)
			continue
		}
		t := b.targets[feed]
		v.Waiting = append(v.Waiting, section.Waiting{Ref: t.Ref, Sections: t.Sections, So: time.Since(b.began), Stops: t.Deadline})
	}
	return v
}

// late are the feeds that have answered since the section was first shown: after how many of its renderings each came.
func (b *board) late(s record.Section) map[string]int {
	with, shown := b.shownWith[s]
	if !shown {
		return nil
	}
	late := map[string]int{}
	for feed := range b.answers {
		if stood, before := with[feed]; !before {
			late[feed] = b.renderings[s] - 1
		} else if stood > 1 {
			late[feed] = stood - 1
		}
	}
	return late
}

// ready are the sections that can be shown for the last time: every source that feeds them has ended.
func (b *board) ready() record.Sections {
	ready := b.receipt.Grant().Sections() &^ b.final
	for feed, t := range b.targets {
		if _, ended := b.answers[feed]; !ended {
			ready &^= t.Sections
		}
	}
	return ready
}

// provisional are the sections of which not all has come, and that were not shown yet, or without a source that has ended since.
func (b *board) provisional() record.Sections {
	open := b.receipt.Grant().Sections() &^ b.final &^ b.ready()
	var grown record.Sections
	for _, feed := range b.asked {
		if _, ended := b.answers[feed]; !ended {
			continue
		}
		for s := range (b.targets[feed].Sections & open & b.shown).All {
			if b.shownWith[s][feed] == 0 {
				grown |= record.SectionsOf(s)
			}
		}
	}
	return open&^b.shown | grown
}

// mark notes that the sections were sent, in so many bytes.
func (b *board) mark(sections record.Sections, final bool, bytes int) {
	b.bytes += bytes
	b.shown |= sections
	if final {
		b.final |= sections
	}
	for s := range sections.All {
		if b.shownWith[s] == nil {
			b.shownWith[s] = make(map[string]int, len(b.answers))
		}
		for feed := range b.answers {
			if b.shownWith[s][feed] == 0 {
				b.shownWith[s][feed] = b.renderings[s]
			}
		}
	}
}

// done reports that every source has ended.
func (b *board) done() bool { return len(b.answers) == len(b.order) }

// disclosure is what is written down about a part of the page before it leaves.
func (b *board) disclosure(sections record.Sections, provisional bool) audit.Disclosure {
	d := audit.Disclosure{Sections: sections, Sets: b.sets, Provisional: provisional}
	for _, feed := range b.order {
		if a, ended := b.answers[feed]; ended {
			d.Sources = append(d.Sources, withheld(a, audit.Summarise(a.Answer(), sections)))
		}
	}
	return d
}

// outcome is what is written down when the look has ended.
func (b *board) outcome(ended audit.Ending) audit.Outcome {
	o := audit.Outcome{Ended: ended, Sets: b.sets, Bytes: b.bytes}
	for _, feed := range b.order {
		a, answered := b.answers[feed]
		if !answered {
			lost := record.Failed(b.targets[feed].Ref, b.targets[feed].Sections, record.Unavailable, "")
			o.Sources = append(o.Sources, audit.SummariseWhole(&lost, b.shown))
			continue
		}
		source := withheld(a, audit.SummariseWhole(a.Answer(), b.shown))
		for _, by := range a.WithheldBy() {
			source.Withheld = append(source.Withheld, audit.Withheld{Rule: by.Code, Count: by.N})
		}
		o.Sources = append(o.Sources, source)
	}
	return o
}

// withheld adds to a summary how many entries of each section this portal held back.
func withheld(a *sensitive.Cleared, s audit.SourceAnswer) audit.SourceAnswer {
	for i := range s.Sections {
		s.Sections[i].Withheld = a.Withheld(s.Sections[i].Section)
	}
	return s
}
