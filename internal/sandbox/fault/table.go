package fault

import (
	"cmp"
	"slices"
)

// None is the name of the absence of a fault.
const None = "none"

// The faults of the certificate (S14). Whoever serves a source asks Present at each handshake and shows a bad certificate;
// requests over older connections are hung up on, so that the next one has to shake hands again.
const (
	TLSExpired        = "tls-expired"
	TLSWrongHost      = "tls-wrong-host"
	TLSOtherAuthority = "tls-other-authority"
)

// Fault is one way in which a source can go wrong; the ids S01 to S27 of the project's fault catalogue are covered by these.
type Fault struct {
	Name string `json:"name"`
	Does string `json:"does"`
	act  func(*exchange)
}

var table = []Fault{
	{None, "answers as it should", func(e *exchange) { e.next.ServeHTTP(e.w, e.r) }},

	{"hang-before-headers", "accepts the request and never says anything", (*exchange).hang},
	{"hang-in-headers", "stops in the middle of a header line", hangInHeaders},
	{"hang-in-body", "sends half of the answer and then nothing", hangInBody},
	{"drip", "sends one byte a second", drip},
	{"reset-mid-body", "resets the connection in the middle of the answer", resetMidBody},
	{"truncate", "ends in the middle of the answer as if it were the end", truncate},
	{"wrong-content-length", "announces more bytes than it sends", wrongContentLength},
	{"missing-final-chunk", "closes a chunked answer without its end", missingFinalChunk},

	{TLSExpired, "a server certificate that ended a month ago", hangUp},
	{TLSWrongHost, "a server certificate for another host", hangUp},
	{TLSOtherAuthority, "a server certificate of an authority that nobody trusts", hangUp},

	{"html-login-page", "200 with a web page instead of data", htmlLoginPage},
	{"not-json-200", "200 with plain words", plainWords},
	{"empty-200", "200 with no body", func(e *exchange) { e.say(200, fhirJSON, "") }},
	{"empty-204", "204, no content", func(e *exchange) { e.w.WriteHeader(204) }},
	{"garbage", "200 with random bytes called FHIR", garbage},
	{"invalid-utf8", "text with bytes that are not UTF-8", changed(invalidUTF8)},
	{"huge-body", "a 10 GB answer that never ends its first string", hugeBody},
	{"gzip-bomb", "1 MB that unpacks to 1 GiB", gzipBomb},
	{"deep-json", "JSON nested 100,000 deep", deepJSON},
	{"duplicate-names", "JSON objects that say the same name twice with different values", changed(duplicateNames)},
	{"case-variant-names", "JSON objects that repeat a name in other letter case with another value", changed(caseVariantNames)},
	{"fifty-thousand-resources", "the true answer with 50,000 more observations", flooded},

	{"another-person", "the record of another NHS number", changed(anotherPerson)},
	{"one-stray-entry", "one entry that belongs to another patient among the true ones", changed(oneStrayEntry)},
	{"two-patients", "the true answer with a second Patient in it", changed(twoPatients)},
	{"no-patient", "the true answer without its Patient", changed(noPatient)},
	{"wrong-birth-date", "the right NHS number with another date of birth", changed(wrongBirthDate)},

	{"status-401", "401", status(401)},
	{"status-403", "403", status(403)},
	{"status-404", "404", status(404)},
	{"status-410", "410", status(410)},
	{"status-412", "412", status(412)},
	{"status-422", "422", status(422)},
	{"status-429", "429 with Retry-After", status(429)},
	{"status-500", "500", status(500)},
	{"status-502", "502", status(502)},
	{"status-503", "503 with Retry-After", status(503)},

	{"redirect", "302 to an address that must never be followed", redirect},
	{"endless-paging", "searches whose pages never end", paging(endlessPages)},
	{"next-elsewhere", "a next link to another host", changed(nextElsewhere)},
	{"page-fails", "a next link that answers 500", paging(failingPage)},

	{"operation-outcome-alone", "200 with only an OperationOutcome of severity error", outcomeAlone},
	{"operation-outcome-error", "the true answer with an error OperationOutcome inside", changed(outcomeInside("error"))},
	{"operation-outcome-warning", "the true answer with a warning OperationOutcome inside", changed(outcomeInside("warning"))},
	{"operation-outcome-information", "the true answer with an information OperationOutcome inside", changed(outcomeInside("information"))},
	{"unknown-modifier", "the true answer with an unknown modifierExtension on its first clinical entry", changed(unknownModifier)},
}

var byName map[string]Fault

// The table refers to functions that look up nothing, but the compiler cannot know that they do not look up byName.
func init() { byName = index(table) }

func index(faults []Fault) map[string]Fault {
	named := make(map[string]Fault, len(faults))
	for _, f := range faults {
		named[f.Name] = f
	}
	return named
}

// Table lists every fault that a source can be given, in alphabetical order.
func Table() []Fault {
	return slices.SortedFunc(slices.Values(table), func(a, b Fault) int { return cmp.Compare(a.Name, b.Name) })
}
