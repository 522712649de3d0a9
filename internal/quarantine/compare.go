package quarantine

import (
	"strings"

	"ribble/internal/record"
)

const numberUnverified = "It has not verified its NHS number for this person."

var notIdentified = fatal("NHS number", "The person in its answer is not identified by NHS number.")

// compare is the table of section 26, one line per detail.
func compare(traced record.Person, theirs record.Demographics, kind SourceKind) []finding {
	return []finding{
		number(traced, theirs),
		links(traced, theirs),
		born(traced.Born, theirs.Born),
		name(traced.Names, theirs.Names),
		initial(traced.Names, theirs.Names),
		status(theirs),
		gender(traced.Gender, theirs.Gender),
		deceased(traced.Deceased, theirs.Deceased),
		practice(traced, theirs, kind),
		postcode(traced, theirs),
	}
}

// number demands that every NHS number given is the traced one or one that the trace declared superseded, and that one is given.
func number(traced record.Person, theirs record.Demographics) finding {
	found := false
	for _, id := range theirs.Identifiers {
		if id.System != record.NHSNumberSystem {
			continue
		}
		if !own(traced, id.Value) {
			return fatal("NHS number", "The NHS number in its answer is not this person's.")
		}
		found = true
	}
	if !found {
		return notIdentified
	}
	return finding{}
}

// own reports whether the text is an NHS number of the traced person. A placeholder or a wrong check digit is nobody's.
func own(traced record.Person, text string) bool {
	n, err := record.ParseNHSNumber(text)
	if err != nil {
		return false
	}
	if n == traced.NHSNumber {
		return true
	}
	for _, old := range traced.Superseded {
		if n == old {
			return true
		}
	}
	return false
}

// links refuses a record that says it stands for another one. Only the trace decides which records are one person's, so that a record
// which merely replaces others is accepted and those others are not followed.
func links(traced record.Person, theirs record.Demographics) finding {
	for _, l := range theirs.Links {
		if l.Type != "replaces" && !own(traced, l.NHSNumber) {
			return fatal("link to another patient record", "The patient record in its answer points to another one.")
		}
	}
	return finding{}
}

func born(ours, theirs record.PartialDate) finding {
	a, b := calendar(ours), calendar(theirs)
	switch n := min(len(a), len(b)); {
	case theirs.IsZero():
		return finding{say: "Its answer gives no date of birth."}
	case ours.IsZero():
		return finding{say: "Its answer gives a date of birth and the national record does not."}
	case n == 0 || a[:n] != b[:n]:
		return fatal("date of birth", "The date of birth in its answer is not this person's.")
	case n < len("2006-01-02"):
		return finding{say: "The date of birth agrees only as far as it is given."}
	}
	return finding{}
}

// calendar is the date as written, without its time; empty when it is none.
func calendar(d record.PartialDate) string {
	if !d.Valid() {
		return ""
	}
	return d.Text[:min(len(d.Text), len("2006-01-02"))]
}

func name(ours, theirs []record.Name) finding {
	family, given := familiesAgree(ours, theirs), givenAgree(ours, theirs) != differs
	switch {
	case family && given:
		return finding{}
	case family:
		return finding{say: "The given name in its answer is not the one in the national record."}
	case given:
		return finding{say: "The family name in its answer is not the one in the national record."}
	}
	return fatal("name", "The name in its answer is not this person's.")
}

func initial(ours, theirs []record.Name) finding {
	if givenAgree(ours, theirs) == initialOnly {
		return finding{note: true, say: "The given name agrees by its initial only."}
	}
	return finding{}
}

func status(theirs record.Demographics) finding {
	if theirs.NumberStatus != "" && theirs.NumberStatus != "01" {
		return finding{say: numberUnverified}
	}
	return finding{}
}

func gender(ours, theirs string) finding {
	if definite(ours) && definite(theirs) && ours != theirs {
		return finding{say: "The gender in its answer is not the one in the national record."}
	}
	return finding{}
}

func definite(gender string) bool { return gender == "male" || gender == "female" }

func deceased(ours, theirs record.Deceased) finding {
	a, b := calendar(ours.Date), calendar(theirs.Date)
	n := min(len(a), len(b))
	if ours.Recorded != theirs.Recorded || ours.Recorded && a[:n] != b[:n] {
		return finding{say: "What its answer says about a death is not what the national record says."}
	}
	return finding{}
}

func practice(traced record.Person, theirs record.Demographics, kind SourceKind) finding {
	ours, given := traced.Practice.ODS, strings.TrimSpace(theirs.GeneralPractitioner)
	if kind == GP && ours != "" && given != "" && !strings.EqualFold(ours, given) {
		return finding{say: "The GP practice in its answer is not the one in the national record."}
	}
	return finding{}
}

// postcode is compared only for people whose address may be known.
func postcode(traced record.Person, theirs record.Demographics) finding {
	ours, given := squeezed(traced.Postcode), squeezed(theirs.Postcode)
	if !traced.Restricted && ours != "" && given != "" && ours != given {
		return finding{note: true, say: "The postcode in its answer is not the one in the national record."}
	}
	return finding{}
}

func squeezed(postcode string) string {
	return strings.ToUpper(strings.ReplaceAll(postcode, " ", ""))
}
