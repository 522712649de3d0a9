package faulttest

import (
	"strings"

	"ribble/internal/record"
	"ribble/internal/sandbox/fault"
)

// lane is one source on which faults are tried one after another, with its words on the page and a section that it fills.
type lane struct {
	ods, practice, badge, short string
	section                     record.Section
	protocol                    protocol
}

type protocol int

const (
	r4 protocol = iota
	gp
	// chained is an R4 source that is asked for the person and everything else in one request.
	chained
)

var lanes = []lane{
	{bowland, slaidburn, "BTH", "Bowland", record.Problems, chained}, {calder, hodder, "CBH", "Calderbeck", record.Problems, chained}, {pendle, hodder, "PVT", "Pendle View", record.Problems, r4},
	{hodder, hodder, "GP", "Hodder Valley", record.Problems, gp}, {slaidburn, slaidburn, "GP", "Slaidburn Street", record.Problems, gp},
	{wyrefield, slaidburn, "WyC", "Wyrefield", record.SocialCare, chained}, {loudshire, hodder, "LdC", "Loudshire", record.SocialCare, r4},
}

// feed is the id of the lane's source in the directory and so in the audit trail.
func (l lane) feed() string {
	if l.protocol == gp {
		return "gp-" + strings.ToLower(l.ods)
	}
	return sources[l.ods]
}

// want is what a fault must look like: one of the states, and a phrase that stands on the page.
type want struct {
	states []record.State
	says   string
}

func is(says string, states ...record.State) want { return want{states, says} }

// wants is what a fault must look like at the lane's source.
func (l lane) wants(name string) want {
	if l.protocol != chained {
		return expected[name][l.protocol]
	}
	// A search for the person that finds nobody is no answer where entries come with it.
	if name == "no-patient" {
		return expected[name][gp]
	}
	return expected[name][r4]
}

// expected says of each fault what it looks like at a source of each protocol.
var expected = map[string][2]want{
	// The setting, not the feed's own longer time in the directory, ends the wait.
	"hang-before-headers":  both(is("NO ANSWER after 4.", record.Unavailable)),
	"hang-in-headers":      both(is("NO ANSWER after 4.", record.Unavailable)),
	"hang-in-body":         both(is("NO ANSWER after 4.", record.Unavailable)),
	"drip":                 both(is("NO ANSWER after 4.", record.Unavailable)),
	"reset-mid-body":       both(is("answer was cut off", record.Unavailable)),
	"truncate":             both(is("read", record.Unavailable)),
	"wrong-content-length": both(is("answer was cut off", record.Unavailable)),
	"missing-final-chunk":  both(is("answer was cut off", record.Unavailable)),

	"html-login-page": both(is("not a record", record.Unavailable)),
	"not-json-200":    both(is("not a record", record.Unavailable)),
	"empty-200":       both(is("read", record.Unavailable)),
	"empty-204":       both(is("", record.Unavailable)),
	"garbage":         both(is("read", record.Unavailable)),
	"invalid-utf8":    both(is("read", record.Unavailable)),
	"huge-body":       both(is("too large", record.Unavailable)),
	"gzip-bomb":       both(is("too large", record.Unavailable)),
	"deep-json":       both(is("read", record.Unavailable)),
	"duplicate-names": both(is("read", record.Unavailable)),
	// Names are read with their case: the repeated one is another name, and says nothing.
	"case-variant-names":       both(is("", record.Data)),
	"fifty-thousand-resources": {is("more entries than can be read", record.Unavailable), is("", record.Unavailable)},

	"another-person":  both(is("about someone else", record.Mismatch)),
	"one-stray-entry": both(is("about someone else", record.Mismatch)),
	"two-patients":    both(is("about someone else", record.Mismatch)),
	// A search for the person that finds nobody is an answer; a record without its patient is not.
	"no-patient":       {is("Not known here", record.NotKnownHere), is("about someone else", record.Mismatch)},
	"wrong-birth-date": both(is("about someone else", record.Mismatch)),

	"status-401": both(is("did not accept", record.Unavailable)),
	"status-403": both(is("refused to share", record.Refused)),
	"status-404": both(is("", record.Unavailable)),
	"status-410": both(is("", record.Unavailable)),
	"status-412": both(is("", record.Unavailable)),
	"status-422": both(is("", record.Unavailable)),
	"status-429": both(is("busy", record.Unavailable)),
	"status-500": both(is("", record.Unavailable)),
	"status-502": both(is("", record.Unavailable)),
	"status-503": {is("not working", record.Unavailable), is("", record.Unavailable)},

	"redirect": {is("pointed elsewhere", record.Unavailable), is("not a record", record.Unavailable)},
	// Of a practice only the list of documents comes in pages.
	"endless-paging": both(is("", record.Incomplete)),
	"next-elsewhere": {is("pointed elsewhere", record.Incomplete), is("", record.Incomplete)},
	"page-fails":     {is("Only its first page came", record.Incomplete), is("", record.Incomplete)},

	"operation-outcome-alone":       both(is("", record.Unavailable)),
	"operation-outcome-error":       {is("Part of this record could not be read", record.Incomplete, record.Unavailable), is("Part of this record could not be read", record.Incomplete, record.Unavailable)},
	"operation-outcome-warning":     both(is("Part of this record could not be read", record.Data, record.Incomplete)),
	"operation-outcome-information": both(is("Part of this record could not be read", record.Data)),
	"unknown-modifier":              both(is("CANNOT BE READ SAFELY", record.Uninterpretable)),

	fault.TLSExpired:        both(is("", record.Unavailable)),
	fault.TLSWrongHost:      both(is("", record.Unavailable)),
	fault.TLSOtherAuthority: both(is("", record.Unavailable)),
}

func both(w want) [2]want { return [2]want{w, w} }

// alone are the faults that make the portal leave a source in peace for a while, for everybody: they are not tried beside others.
var alone = []string{"status-429", "status-503", "endless-paging", fault.TLSExpired, fault.TLSWrongHost, fault.TLSOtherAuthority}
