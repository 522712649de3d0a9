package bench

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// resource is one FHIR R4 UK Core resource as a source sends it.
type resource struct {
	kind string
	json []byte
}

// person is one invented record, made from a seed and held by several sources.
type person struct {
	number string
	// sources hold the resources of each source.
	sources [][]resource
}

// patientID is the id at every source of who has the number. It does not hold the number, which a portal may not ask for in an address.
func patientID(number string) string { return "p-" + number[len(number)-4:] }

// bytes is the size of all resources.
func (p *person) bytes() int {
	n := 0
	for _, s := range p.sources {
		for _, r := range s {
			n += len(r.json)
		}
	}
	return n
}

// recordSpec says what a person's record is made of.
type recordSpec struct {
	number           string
	resources, bytes int
	shares           []float64
	// appointmentsAt is the only source with appointments, or -1.
	appointmentsAt int
}

// The reference patient's size (P6) and the shares of its six sources in the bytes.
const (
	referenceResources = 673
	referenceBytes     = 1_054_863
	bytesEach          = referenceBytes / referenceResources
)

var referenceShares = []float64{.44, .20, .13, .09, .08, .06}

func equal(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1 / float64(n)
	}
	return out
}

// The people of the benchmark, by NHS number. One who is held by fewer sources than a region has is unknown to the others.
const (
	referencePerson  = "9990000018"
	fourSources      = "9990000026"
	manySources      = "9990000034"
	smallPerson      = "9990000042"
	largePerson      = "9990000050"
	manyCount        = 64
	smallCount       = 1_000
	largeCount       = 20_000
	referenceSources = 6
)

var people = map[string]recordSpec{
	referencePerson: {referencePerson, referenceResources, referenceBytes, referenceShares, referenceSources - 1},
	fourSources:     {fourSources, referenceResources, referenceBytes, equal(4), -1},
	manySources:     {manySources, referenceResources, referenceBytes, equal(manyCount), -1},
	smallPerson:     {smallPerson, smallCount, smallCount * bytesEach, referenceShares, -1},
	largePerson:     {largePerson, largeCount, largeCount * bytesEach, referenceShares, -1},
}

// mix is the reference patient's count of each resource type.
var mix = []struct {
	kind  string
	count int
	write func(*writer) string
}{
	{"Observation", 315, (*writer).observation}, {"MedicationRequest", 105, (*writer).medicationRequest}, {"Encounter", 83, (*writer).encounter},
	{"Condition", 72, (*writer).condition}, {"Immunization", 20, (*writer).immunization}, {"Procedure", 20, (*writer).procedure},
	{"DocumentReference", 16, (*writer).documentReference}, {"DiagnosticReport", 14, (*writer).diagnosticReport}, {"AllergyIntolerance", 8, (*writer).allergy},
	{"Appointment", 8, (*writer).appointment}, {"ServiceRequest", 6, (*writer).serviceRequest}, {"Flag", 4, (*writer).flag}, {"CarePlan", 2, (*writer).carePlan},
}

// newPerson makes the record; the same spec gives the same bytes on the same day.
func newPerson(spec recordSpec) *person {
	p := &person{number: spec.number, sources: make([][]resource, len(spec.shares))}
	seed, _ := strconv.ParseUint(spec.number, 10, 64)
	w := &writer{rng: rand.New(rand.NewPCG(1, seed)), patient: patientID(spec.number), number: spec.number, last: make([][]string, len(spec.shares))}
	held := make([]float64, len(spec.shares))
	left := spec.bytes
	kinds := deal(w.rng, spec.resources)
	for i, k := range kinds {
		at := neediest(held, spec.shares)
		if mix[k].kind == "Appointment" && spec.appointmentsAt >= 0 {
			at = spec.appointmentsAt
		}
		r := w.write(k, at, i, left/(len(kinds)-i))
		left -= len(r.json)
		held[at] += float64(len(r.json))
		p.sources[at] = append(p.sources[at], r)
	}
	return p
}

// deal gives the resource types in the order in which they are dealt to the sources.
func deal(rng *rand.Rand, resources int) []int {
	kinds := make([]int, 0, resources)
	for k, m := range mix {
		for range m.count * resources / referenceResources {
			kinds = append(kinds, k)
		}
	}
	for len(kinds) < resources {
		kinds = append(kinds, 0)
	}
	rng.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	return kinds
}

// neediest is the source that lacks the most of its share.
func neediest(held, shares []float64) int {
	best := 0
	for i := range held {
		if held[i]/shares[i] < held[best]/shares[best] {
			best = i
		}
	}
	return best
}

// writer writes resources one after another.
type writer struct {
	rng             *rand.Rand
	patient, number string
	// id is that of the resource being written, at its source.
	id     string
	source int
	// last are the ids of the latest observations of each source, for reports to point at.
	last [][]string
}

// write gives one resource padded with narrative, as servers send it, to the size wanted.
func (w *writer) write(kind, source, i, size int) resource {
	m := mix[kind]
	w.source, w.id = source, fmt.Sprintf("%s-%d-%05d", strings.ToLower(m.kind[:3]), source, i)
	body := m.write(w)
	if m.kind == "Observation" {
		w.last[source] = append(w.last[source][max(0, len(w.last[source])-7):], w.id)
	}
	head := fmt.Sprintf(`{"resourceType":%q,"id":%q,"meta":{"versionId":"%d","lastUpdated":"%s","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-%s"]},`,
		m.kind, w.id, 1+w.rng.IntN(4), w.moment(), m.kind)
	const before, after = `"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">`, `</div>"},`
	var text strings.Builder
	for fixed := len(head) + len(before) + len(after) + len(body); fixed+text.Len() < size; {
		text.WriteString(narrative[w.rng.IntN(len(narrative))])
	}
	return resource{m.kind, []byte(head + before + text.String() + after + body)}
}

var narrative = []string{"<p>Recorded in clinic. </p>", "<p>Reviewed with the patient. </p>", "<p>No change since the last visit. </p>", "<br/>", "<p>Plan agreed; see letter. </p>"}

func (w *writer) date() string {
	return time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, w.rng.IntN(14*365)).Format(time.DateOnly)
}

func (w *writer) moment() string {
	return fmt.Sprintf("%sT%02d:%02d:%02d+00:00", w.date(), 8+w.rng.IntN(10), w.rng.IntN(60), w.rng.IntN(60))
}

func (w *writer) pick(list []string) string { return list[w.rng.IntN(len(list))] }
