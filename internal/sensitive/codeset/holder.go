package codeset

import (
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A new version may take away a fifth of the members of the one before it: more is taken for a file that was cut short.
const mayLose, ofAll = 1, 5

// checkVersions compares each set with the version of its topic before it in the same manifest.
func (s *Sets) checkVersions() error {
	for i := range s.list {
		for j := range s.list {
			a, b := &s.list[i], &s.list[j]
			if i < j && a.Topic == b.Topic && a.From.Equal(b.From) {
				return b.at.refuse("two versions of %s are in force from the same day", b.Topic)
			}
		}
		if before := s.before(&s.list[i]); before != nil {
			if err := s.list[i].replaces(before); err != nil {
				return err
			}
		}
	}
	return nil
}

// before is the version of the same topic that the set follows: the last until its day, itself excepted; nil for the first.
func (s *Sets) before(next *member) *member {
	var found *member
	for i := range s.list {
		if m := &s.list[i]; m != next && m.Topic == next.Topic && !m.From.After(next.From) && (found == nil || m.From.After(found.From)) {
			found = m
		}
	}
	return found
}

// first is the earliest version of a topic.
func (s *Sets) first(topic string) *member {
	var found *member
	for i := range s.list {
		if m := &s.list[i]; m.Topic == topic && (found == nil || m.From.Before(found.From)) {
			found = m
		}
	}
	return found
}

func (m *member) replaces(before *member) error {
	lost := before.Members - m.shared(before)
	if lost*ofAll > before.Members*mayLose {
		return m.at.refuse("the set %s %s ends here without %d of the %d members of version %s: more than a fifth, so that version stays in force",
			m.Topic, m.Version, lost, before.Members, before.Version)
	}
	if m.Version == before.Version && (lost > 0 || m.Members != before.Members) {
		return m.at.refuse("the set %s ends here with other members than version %s in force has: a change needs a version of its own", m.Topic, m.Version)
	}
	return nil
}

// shared counts the members of both; codes too long for a key are too few to matter, and count as shared when there are no fewer of them.
func (m *member) shared(before *member) int {
	n, j := 0, 0
	for _, k := range before.keys {
		for j < len(m.keys) && m.keys[j] < k {
			j++
		}
		if j < len(m.keys) && m.keys[j] == k {
			n++
		}
	}
	return n + min(m.Members-len(m.keys), before.Members-len(before.keys))
}

// Holder holds the sets in force. The zero Holder, and a nil one, hold none.
type Holder struct {
	replacing sync.Mutex
	current   atomic.Pointer[Sets]
}

// Current are the sets in force; nil when there are none.
func (h *Holder) Current() *Sets {
	if h == nil {
		return nil
	}
	return h.current.Load()
}

// Replace puts other sets in force for the answers that come from now on. It refuses what Check refuses, and then changes nothing.
func (h *Holder) Replace(candidate *Sets) error {
	h.replacing.Lock()
	defer h.replacing.Unlock()
	if err := Check(h.Current(), candidate); err != nil {
		return err
	}
	h.current.Store(candidate)
	return nil
}

// Reload loads a manifest and puts its sets in force. When it is refused, what was in force stays.
func (h *Holder) Reload(files fs.FS, name string) error {
	candidate, err := Load(files, name)
	if err != nil {
		return err
	}
	return h.Replace(candidate)
}

// Check reports why the candidate may not follow the sets in force: a topic is gone, or has lost more than a fifth of its members. The error
// is a Refusal.
func Check(inForce, candidate *Sets) error {
	if inForce == nil || candidate == nil {
		if inForce != nil {
			return Refusal{File: "manifest", Reason: "there are no sets to follow those in force"}
		}
		return nil
	}
	for i := range inForce.list {
		topic := inForce.list[i].Topic
		next := candidate.first(topic)
		if next == nil {
			return Refusal{File: "manifest", Reason: "the topic " + topic + " is gone: a set that shall hide nothing is switched off, not left out"}
		}
		before := inForce.before(next)
		if before == nil {
			before = inForce.first(topic)
		}
		if err := next.replaces(before); err != nil {
			return err
		}
	}
	return nil
}

// Versions names what is in force at the time, for the audit trail and for officers: "sexual-health 2026-10".
func (s *Sets) Versions(at time.Time) []string {
	var out []string
	s.InForce(at).Each(func(i int) { out = append(out, s.list[i].Topic+" "+s.list[i].Version) })
	slices.Sort(out)
	return out
}
