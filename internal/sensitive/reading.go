package sensitive

import (
	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

// reading goes through one entry. At first it judges every code in it; when it is given the keys of what is withheld, it looks instead for
// anything in the entry that stands for one of them.
type reading struct {
	sets *codeset.Sets
	// beyond says that identifiers and labels can be in a set too.
	beyond                 bool
	named, unreadable      codeset.Mask
	judged, refused, given bool
	fewEyes, unknownType   bool
	denies                 bool
	withheld               keys
	tells                  bool
}

// keys are what was taken out; true for what must not be told of either.
type keys map[record.ItemKey]bool

func (k keys) secret(key record.ItemKey) bool { return key.ID != "" && k[key] }

func (k keys) has(key record.ItemKey) bool {
	if key.ID == "" {
		return false
	}
	_, hidden := k[key]
	return hidden
}

func (r *reading) coding(c *record.Coding) {
	if r.withheld != nil {
		return
	}
	v := r.sets.Judge(c)
	r.named |= v.Named
	r.unreadable |= v.Unreadable
	r.judged = r.judged || v.Judged
	r.refused = r.refused || v.Refused
	r.given = r.given || v.Given
}

// name judges what is no clinical code but may stand in a list: a label, an organisation.
func (r *reading) name(system, code string) {
	if !r.beyond || r.withheld != nil || code == "" {
		return
	}
	r.named |= r.sets.Judge(&record.Coding{System: system, Code: code}).Named
}

func (r *reading) key(k record.ItemKey) {
	if r.withheld != nil {
		r.tells = r.tells || r.withheld.secret(k)
	}
}

func (r *reading) concept(c *record.Concept) {
	for i := range c.Codings {
		r.coding(&c.Codings[i])
	}
}

func (r *reading) concepts(list []record.Concept) {
	for i := range list {
		r.concept(&list[i])
	}
}

func (r *reading) value(v *record.Value) {
	if v.Concept != nil {
		r.concept(v.Concept)
	}
}

func (r *reading) actor(a *record.Actor) {
	for _, id := range a.Identifiers {
		r.name(id.System, id.Value)
	}
}

func (r *reading) actors(list []record.Actor) {
	if !r.beyond {
		return
	}
	for i := range list {
		r.actor(&list[i])
	}
}

func (r *reading) people(list []record.Participant) {
	for i := range list {
		r.actor(&list[i].Actor)
	}
}

func (r *reading) head(h *record.Head) {
	if rare := h.Rare; rare != nil {
		for i := range rare.Codes {
			r.coding(&rare.Codes[i])
		}
		for i := range rare.Labels {
			r.name(rare.Labels[i].System, rare.Labels[i].Code)
		}
	}
	r.actors(h.RecordedBy)
	r.actors(h.AssertedBy)
	r.actors(h.PerformedBy)
	if r.withheld == nil {
		return
	}
	r.key(h.Key)
	if h.Rare == nil {
		return
	}
	for _, list := range [...][]record.ItemKey{h.Rare.Tells, h.Rare.Covers} {
		for _, k := range list {
			r.key(k)
		}
	}
}

func (r *reading) result(e *record.Result) {
	r.key(e.Key)
	r.concept(&e.Test)
	r.value(&e.Value)
	if rare := e.Rare; rare != nil {
		r.concept(&rare.Absent)
		r.concept(&rare.Method)
		r.concept(&rare.Site)
		r.results(rare.Members)
		r.results(rare.Components)
	}
}

func (r *reading) results(list []record.Result) {
	for i := range list {
		r.result(&list[i])
	}
}
