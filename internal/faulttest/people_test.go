package faulttest

import (
	"fmt"
	"slices"
	"sync/atomic"

	"ribble/internal/sandbox"
	"ribble/internal/sandbox/fault"
	"ribble/internal/sandbox/story"
)

// edith is the main story, of whose record every made-up test person has a copy.
const edith = "9991411690"

// The organisations that hold something about each test person. Practices of both GP system suppliers take part.
const (
	bowland, fellside, calder, silverdale, pendle, ambulance = "RZB", "RZF", "RZC", "RZS", "RZP", "RZT"
	wyrefield, loudshire                                     = "991", "992"
	hodder, slaidburn                                        = "Y99001", "Y99021"
)

// sources are the ids of organisations in the control API.
var sources = map[string]string{
	bowland: "bth", fellside: "fgh", calder: "cbh", silverdale: "swc", pendle: "pvt", ambulance: "tas", wyrefield: "wyc", loudshire: "ldc",
	hodder: "gp-fellside", slaidburn: "gp-beckwater",
}

// pool holds people of whom no test has opened the record yet, by the practice they are registered with.
type pool struct {
	numbers []string
	next    atomic.Int64
}

func (p *pool) take() string { return p.numbers[p.next.Add(1)-1] }

var people = map[string]*pool{hodder: {}, slaidburn: {}}

// enrol adds the test people: copies of Edith's record whose entries carry a mark of their own for every source that holds them.
func enrol(w *sandbox.World) {
	whole, _ := w.Person(edith)
	enrolUnasked(w, whole)
	enrolForms(w)
	middle := 500_000
	for practice, pool := range people {
		pool.numbers = nil
		for len(pool.numbers) < 150 {
			number, ok := story.TestNumber(middle)
			middle++
			if _, taken := w.Person(number); !ok || taken {
				continue
			}
			w.Add(copied(whole, number, practice))
			pool.numbers = append(pool.numbers, number)
		}
	}
}

// unaskedPerson is somebody whose practice has nobody else.
type unaskedPerson struct{ number, practice string }

var unasked []unaskedPerson

// enrolUnasked adds people each of whom is registered with a practice of their own, so that nobody has asked the directory for it.
func enrolUnasked(w *sandbox.World, whole story.Person) {
	unasked = nil
	for middle := 600_000; len(unasked) < 2*len(fault.Table()); middle++ {
		number, ok := story.TestNumber(middle)
		if _, taken := w.Person(number); !ok || taken {
			continue
		}
		practice := fmt.Sprintf("Y98%03d", len(unasked)+1)
		w.AddOrganisation(story.Organisation{
			ODS: practice, Name: "Practice " + practice, Kind: story.GPPractice, Supplier: story.Fellside, ASID: fmt.Sprintf("9900030%05d", len(unasked)),
		})
		w.Add(copied(whole, number, practice))
		unasked = append(unasked, unaskedPerson{number, practice})
	}
}

// mark is a text that stands in one person's record at one source and nowhere else.
func mark(ods, number string) string { return "Mark " + ods + "/" + number + " end" }

func copied(whole story.Person, number, practice string) story.Person {
	p := whole
	p.NHSNumber, p.Story, p.Practice, p.Faults, p.Superseded = number, "", practice, nil, nil
	p.Holdings = nil
	for _, h := range whole.Holdings {
		if h.ODS == whole.Practice {
			h.ODS, h.Behaviour = practice, story.Behaviour{}
		}
		if h.ODS != pendle {
			p.Holdings = append(p.Holdings, marked(h, number))
		}
	}
	for _, ods := range []string{calder, silverdale, pendle, loudshire} {
		p.Holdings = append(p.Holdings, marked(story.Holding{ODS: ods}, number))
	}
	return p
}

func marked(h story.Holding, number string) story.Holding {
	h.LocalID, h.As = "", nil
	switch h.ODS {
	case wyrefield, loudshire:
		h.Services = append(slices.Clone(h.Services), story.Service{Type: story.Words(mark(h.ODS, number)), Status: "active", When: story.Period{Start: "2024-01-01"}})
	case ambulance:
	default:
		h.Problems = append(slices.Clone(h.Problems), story.Problem{What: story.Words(mark(h.ODS, number)), Status: "active", Onset: "2020", Significance: "major"})
	}
	return h
}
