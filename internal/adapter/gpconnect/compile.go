package gpconnect

import (
	"strings"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/stu3"
	"ribble/internal/record"
)

// checkTrace compares the id of an answer with that of its question: another one means that answers were mixed up on the way.
func checkTrace(got, want string) *failure {
	switch {
	case got == "":
		return noTrace
	case !strings.EqualFold(got, want):
		return wrongQuestion
	}
	return nil
}

// compile makes the answer out of the replies. Without the whole-record call there is no answer; the other two only leave gaps.
func compile(source record.SourceRef, ask record.Ask, asked record.Sections, from *replies) record.Answer {
	for _, r := range [...]reply{from.whole, from.given, from.patient, from.documents} {
		if r.failed != nil && r.failed.state == record.Mismatch {
			return record.Failed(source, asked, r.failed.state, r.failed.detail)
		}
	}
	if f := from.whole.failed; f != nil {
		return record.Failed(source, asked, f.state, f.detail)
	}
	if tooMany(from) {
		return record.Failed(source, asked, record.Unavailable, "It sent more entries than can be read.")
	}
	answer := &record.Answer{Source: source, State: record.Data}
	r := newReading(ask, asked, answer)
	r.load(from.whole.bundle, fromRecord)
	r.loadRest(from)
	r.screen()
	r.readLists()
	r.readOutcomes()
	r.readCoverage(from.wanted)
	r.mapAll()
	r.settle()
	return *answer
}

func tooMany(from *replies) bool {
	n := 0
	for _, r := range [...]reply{from.whole, from.given, from.patient, from.documents} {
		if r.bundle != nil {
			for i := range r.bundle.Entry {
				n++
				if e := r.bundle.Entry[i].Resource.Entity; e != nil {
					n += len(e.Common().Contained)
				}
			}
		}
	}
	return n > fhirjson.MaxResources
}

// notGivenMissing are the words for what only the second call brings.
const notGivenMissing = "Vaccinations that were not given were not received."

// loadRest adds the calls for vaccinations and documents, or says what their failure leaves out.
func (r *reading) loadRest(from *replies) {
	switch {
	case from.given.bundle != nil && from.given.failed == nil:
		r.supersede()
		r.load(from.given.bundle, fromVaccinations)
	case from.given.failed != nil:
		r.remark(record.Immunisations, record.Incomplete, notGivenMissing)
	}
	if from.patient.bundle != nil {
		r.load(from.patient.bundle, fromDocuments)
	}
	if from.documents.bundle != nil {
		r.supersedeDocuments(from.documents.bundle)
		r.load(from.documents.bundle, fromDocuments)
		for _, l := range from.documents.bundle.Link {
			if l.Relation == "next" {
				r.remark(record.Documents, record.Incomplete, "The practice holds more documents than it sent.")
			}
		}
	}
	if f := from.documents.failed; f != nil {
		r.missing[record.Documents] = append(r.missing[record.Documents], record.Remark{State: f.state, Detail: f.detail})
	}
}

// supersedeDocuments gives way to the document service, which says more of a document than the record that mentions it.
func (r *reading) supersedeDocuments(b *stu3.Bundle) {
	for i := range b.Entry {
		if e, ok := b.Entry[i].Resource.Entity.(*stu3.DocumentReference); ok && e.ID != "" {
			if n, twice := r.index[record.ItemKey{Type: "DocumentReference", ID: e.ID}]; twice && r.items[n].from == fromRecord {
				r.retire(n)
			}
		}
	}
}
