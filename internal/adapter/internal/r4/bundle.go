package r4

import "ribble/internal/adapter/internal/fhirjson"

// Bundle is FHIR R4 Bundle: a searchset, a collection or a document.
type Bundle struct {
	Header
	Type  string                     `json:"type"`
	Link  []BundleLink               `json:"link"`
	Entry fhirjson.List[BundleEntry] `json:"entry"`
}

// BundleLink is Bundle.link.
type BundleLink struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

// BundleEntry is Bundle.entry. Its search mode says whether the resource matched or came along.
type BundleEntry struct {
	// FullURL is empty where it ends in the type and id of the resource; Base is then what stands before those.
	FullURL  string      `json:"fullUrl"`
	Base     string      `json:"-"`
	Resource Any         `json:"resource"`
	Search   SearchEntry `json:"search"`
}

// split is how much of a full address is the base of the resource's own type and id; 0 when it does not end in those.
func (e *BundleEntry) split(address []byte) int {
	if e.Resource.Resource == nil {
		return 0
	}
	h := e.Resource.Resource.Head()
	id := len(address) - len(h.ID)
	base := id - len(h.ResourceType) - len("//")
	if h.ID == "" || h.ResourceType == "" || base <= 0 || address[base] != '/' || address[id-1] != '/' ||
		string(address[id:]) != h.ID || string(address[base+1:id-1]) != h.ResourceType {
		return 0
	}
	return base
}

// SearchEntry is Bundle.entry.search.
type SearchEntry struct {
	Mode string `json:"mode"`
}

// LinkTo is the address of the link with the relation, or "".
func (b *Bundle) LinkTo(relation string) string {
	for _, l := range b.Link {
		if l.Relation == relation {
			return l.URL
		}
	}
	return ""
}

// OperationOutcome is FHIR R4 OperationOutcome.
type OperationOutcome struct {
	Header
	Issue []OutcomeIssue `json:"issue"`
}

// OutcomeIssue is OperationOutcome.issue. Details.Text is for the reader; Diagnostics is technical and never shown.
type OutcomeIssue struct {
	Severity    string          `json:"severity"`
	Code        string          `json:"code"`
	Details     CodeableConcept `json:"details"`
	Diagnostics string          `json:"diagnostics"`
}

// Failed reports whether any issue is an error or worse.
func (o *OperationOutcome) Failed() bool {
	for _, i := range o.Issue {
		if i.Severity == "error" || i.Severity == "fatal" {
			return true
		}
	}
	return false
}

// HasCode reports whether an issue carries the code, as its type or among the codings of its details.
func (o *OperationOutcome) HasCode(code string) bool {
	for _, i := range o.Issue {
		if i.Code == code {
			return true
		}
		for _, c := range i.Details.Codings {
			if c.Code == code {
				return true
			}
		}
	}
	return false
}

// Words are the texts meant for a reader, joined; "" when only technical text came.
func (o *OperationOutcome) Words() string {
	words := ""
	for _, i := range o.Issue {
		text := i.Details.Text
		if text == "" && len(i.Details.Codings) > 0 {
			text = i.Details.Codings[0].Display
		}
		if text == "" {
			continue
		}
		if words != "" {
			words += " "
		}
		words += text
	}
	return words
}
