package admin

import (
	"strings"

	"ribble/internal/directory"
	"ribble/web/ui"
)

// group is a part of a form.
type group struct {
	heading  string
	controls []control
}

// form is how entries of one kind are written.
type form struct {
	kind directory.Kind
	// noun names one entry; id is the member that names it; start are members of a new one that no control has.
	noun, id string
	start    object
	groups   []group
}

const dayHint = "Year, month, day, such as 2027-05-31."

var organisationForm = form{
	kind: directory.KindOrganisation, noun: "organisation", id: "ods",
	groups: []group{
		{"Who it is", []control{
			{path: "ods", label: "Organisation code", hint: "The ODS code: capital letters and digits.", once: true},
			{path: "name", label: "Name"},
			{path: "short", label: "Short name", hint: "What people call it in passing."},
			{path: "badge", label: "Badge", hint: "At most 5 letters. It stands on every row that comes from here."},
			{path: "kind", label: "Kind", sort: choice, options: func(*directory.Snapshot) []ui.Option { return kinds }},
			{path: "phone", label: "Phone of the record desk", hint: "Clinicians ring it when the source does not answer."},
			{path: "parent", label: "Belongs to", hint: "The code of the organisation above it. Leave empty for none."},
			{path: "sites", label: "Sites", hint: "One a line: code | name.", sort: rows, columns: []string{"ods", "name"}},
		}},
		{"Who answers for it", []control{
			{path: "privacy_officer", label: "Privacy Officer", hint: "Without one no feed of it can go live."},
			{path: "privacy_officer_email", label: "E-mail of the Privacy Officer"},
			{path: "data_quality_email", label: "E-mail for problems with its data", hint: "Reports of clinicians go there, as a reference only. Empty: the Privacy Officer’s."},
			{path: "dspt.status", label: "Data Security and Protection Toolkit", sort: choice, options: toolkitOptions},
			{path: "dspt.until", label: "Toolkit met until", hint: dayHint},
		}},
		{"What it may do", []control{
			{path: "sees", label: "Its staff may see", hint: "None ticked means all that their role allows.", sort: sections},
			{path: "supplies", label: "It may supply", hint: "None ticked means all.", sort: sections},
		}},
	},
}

func toolkitOptions(*directory.Snapshot) []ui.Option {
	return []ui.Option{{Text: "Not given"}, {Value: "met", Text: "Standards met"}, {Value: "approaching", Text: "Approaching standards"}, {Value: "not-met", Text: "Standards not met"}}
}

var agreementForm = form{
	kind: directory.KindAgreement, noun: "agreement", id: "id",
	groups: []group{
		{"The agreement", []control{
			{path: "id", label: "Short name", hint: "Letters, digits and hyphens, such as ISA-2027-001.", once: true},
			{path: "title", label: "Title"},
			{path: "reference", label: "Reference", hint: "Where the signed paper is."},
			{path: "purpose", label: "Purpose"},
			{path: "parties", label: "Parties", hint: "Organisation codes, one a line.", sort: lines},
			{path: "signed_by", label: "Signed by", hint: "Who answers for it, such as the Caldicott Guardian."},
			{path: "from", label: "First day", hint: dayHint},
			{path: "until", label: "Last day", hint: dayHint + " Feeds that rest on it stop at midnight after it."},
		}},
		{"Data protection impact assessment", []control{
			{path: "dpia.reference", label: "Reference"}, {path: "dpia.by", label: "Signed by"}, {path: "dpia.until", label: "Review by", hint: dayHint},
		}},
		{"Flows", []control{
			{path: "flows", label: "What may flow", sort: rows, columns: []string{"id", "purpose", "sections[]"},
				hint: "One a line: short name | purpose | kinds of data, with commas, or all. For example: FLOW-1 | direct care | allergies, medicines, documents."},
		}},
	},
}

var feedForm = form{
	kind: directory.KindFeed, noun: "feed", id: "id", start: object{"stage": encoded(directory.Off)},
	groups: []group{
		{"The feed", []control{
			{path: "id", label: "Short name", hint: "Letters, digits and hyphens.", once: true},
			{path: "organisation", label: "Organisation code"},
			{path: "protocol", label: "Protocol", sort: choice, options: protocolOptions},
			{path: "sections", label: "Supplies", sort: sections},
			{path: "planned", label: "Planned to be live in", hint: "A month, such as Feb-2027. Leave empty if it is not known."},
		}},
		{"Agreement", []control{
			{path: "agreement", label: "Agreement", sort: choice, options: agreementOptions},
			{path: "flow", label: "Flow", hint: "The short name of a flow of the agreement."},
			{path: "safety_case.reference", label: "Clinical safety case: reference"},
			{path: "safety_case.by", label: "Clinical safety case: signed by"},
			{path: "safety_case.until", label: "Clinical safety case: review by", hint: dayHint},
		}},
		{"Connection", []control{
			{path: "endpoint", label: "Address", hint: "Begins with https:// and ends with the path. Leave empty for a GP practice, which is looked up nationally."},
			{path: "allow_cidr", label: "Networks", hint: "Where the address may lead, one a line, such as 10.1.0.0/16.", sort: lines},
			{path: "client_identity", label: "Our certificate", hint: "The name under which your operator keeps it. Leave empty for the usual one."},
			{path: "authority", label: "Their authority", hint: "Certificates (PEM) of the authority that issued theirs. Leave empty for the national one. Never a private key.", sort: passage},
			{path: "pins", label: "Their keys", hint: "SHA-256 sums of the public keys that they may show, one a line. Leave empty for any key of the authority.", sort: lines},
		}},
		{"Limits", []control{
			{path: "deadline_ms", label: "Deadline in milliseconds", sort: integer},
			{path: "concurrency", label: "Questions at one time", sort: integer},
			{path: "max_answer_mb", label: "Longest answer in megabytes", sort: integer},
			{path: "max_document_mb", label: "Longest document in megabytes", sort: integer},
			{path: "batch", label: "Searches", hint: "It takes several in one request", sort: flag},
			{path: "chained", label: "The person with them", hint: "That request may name the person by NHS number, so that one is enough", sort: flag},
		}},
		{"Who is reached before it is live", []control{
			{path: "audience.test_people", label: "Test people to add", hint: "NHS numbers, one a line. Only a digest of each is kept, so they are not shown again.", sort: people},
			{path: "audience.test_people.forget", label: "Test people named before", hint: "Forget them", sort: flag},
			{path: "audience.testers", label: "Clinical-safety testers", hint: "National user ids, one a line.", sort: lines},
			{path: "audience.organisations", label: "Pilot organisations", hint: "Organisation codes, one a line.", sort: lines},
			{path: "audience.users", label: "Pilot users", hint: "National user ids, one a line.", sort: lines},
		}},
		{"Audiences with a stage of their own", []control{
			{path: "groups", label: "Audiences", sort: rows, columns: []string{"id", "kinds[]", "organisations[]"},
				hint: "One a line: short name | kinds of organisation, with commas | organisation codes, with commas. For example: care-homes | care-home, hospice | . The feed begins at off for a new one; it never goes further for it than for everybody."},
		}},
	},
}

func protocolOptions(*directory.Snapshot) []ui.Option {
	var out []ui.Option
	for _, p := range []directory.Protocol{directory.FHIRR4, directory.GPConnect, directory.SocialCare} {
		out = append(out, ui.Option{Value: string(p), Text: protocols[p]})
	}
	return out
}

func agreementOptions(s *directory.Snapshot) []ui.Option {
	out := []ui.Option{{Text: "None yet"}}
	for _, a := range s.Agreements() {
		out = append(out, ui.Option{Value: a.ID, Text: a.ID + ": " + a.Title})
	}
	return out
}

// forms are the kinds of entry that have a form.
var forms = map[directory.Kind]form{directory.KindOrganisation: organisationForm, directory.KindAgreement: agreementForm, directory.KindFeed: feedForm}

// labels are the names of members on pages about changes, for those whose control is named after a part of them.
var labels = map[string]string{
	"dspt": "Security toolkit", "dpia": "Impact assessment", "safety_case": "Clinical safety case", "audience": "Reached before it is live", "stage": "Stage", "steps": "Step written down",
	"id": "Short name", "batch": "Several searches in one request", "chained": "The person in the same request", "groups": "Audiences with a stage of their own", "audience.test_people": "Test people",
}

// labelOf names a member of an entry.
func labelOf(member string) string {
	if l, ok := labels[member]; ok {
		return l
	}
	for _, f := range forms {
		for _, g := range f.groups {
			for _, c := range g.controls {
				if c.path == member {
					return c.label
				}
			}
		}
	}
	return strings.ReplaceAll(member, "_", " ")
}
