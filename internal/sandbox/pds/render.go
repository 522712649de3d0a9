package pds

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"time"

	"ribble/internal/sandbox/story"
)

const (
	extensionBase = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
	codeBase      = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"
	privacySystem = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
)

// extent says how much of a person an answer gives: a search leaves out contacts.
type extent bool

const (
	whole extent = true
	brief extent = false
)

// render writes a person as PDS does. A restricted person has no address, telecom, contact or practice in any answer.
func render(p story.Person, how extent) patient {
	out := patient{
		ResourceType: "Patient", ID: p.NHSNumber,
		Identifier: []identifier{{Extension: []extension{verification(p)}, System: story.SystemNHSNumber, Value: p.NHSNumber}},
		Meta:       meta{VersionID: "2", Security: []coding{security(p)}},
		Name:       names(p), Gender: p.Gender, BirthDate: p.Born,
	}
	if p.Died != "" {
		out.Deceased = p.Died
		out.Extension = append(out.Extension, deathNotice(p.Died))
	}
	out.Extension = append(out.Extension, communication(p)...)
	if p.Restricted {
		return out
	}
	out.Address = addresses(p)
	out.Telecom = telecoms(p)
	if p.Practice != "" {
		out.GeneralPractitioner = []reference{{
			ID: elementID(p.NHSNumber, "gp"), Type: "Organization",
			Identifier: &identifier{System: story.SystemODS, Value: p.Practice, Period: &period{Start: "2015-04-01"}},
		}}
	}
	if how == whole {
		out.Contact = contacts(p)
	}
	return out
}

func security(p story.Person) coding {
	if p.Restricted {
		return coding{System: privacySystem, Code: "R", Display: "restricted"}
	}
	return coding{System: privacySystem, Code: "U", Display: "unrestricted"}
}

func verification(p story.Person) extension {
	code, display := p.Verification, "Number present but not traced"
	if code == "" || code == "01" {
		code, display = "01", "Number present and verified"
	}
	return extension{URL: extensionBase + "NHSNumberVerificationStatus", CodeableConcept: &concept{
		Coding: []coding{{System: codeBase + "NHSNumberVerificationStatus", Version: "1.0.0", Code: code, Display: display}},
	}}
}

func deathNotice(died string) extension {
	return extension{URL: extensionBase + "DeathNotificationStatus", Extension: []extension{
		{URL: "deathNotificationStatus", CodeableConcept: &concept{Coding: []coding{{
			System: codeBase + "DeathNotificationStatus", Version: "1.0.0", Code: "2",
			Display: "Formal - death notice received from Registrar of Deaths",
		}}}},
		{URL: "systemEffectiveDate", DateTime: died},
	}}
}

func communication(p story.Person) []extension {
	var out []extension
	for _, language := range p.Languages {
		out = append(out, extension{URL: extensionBase + "NHSCommunication", Extension: []extension{
			{URL: "language", CodeableConcept: &concept{Coding: []coding{{
				System: codeBase + "HumanLanguage", Version: "1.0.0", Code: language.Code, Display: language.Display,
			}}}},
			{URL: "interpreterRequired", Boolean: &language.Interpreter},
		}})
	}
	return out
}

// names puts the usual name first; a PDS name without a period would not be valid.
func names(p story.Person) []humanName {
	usual := p.Name
	usual.Use = "usual"
	var out []humanName
	for i, name := range append([]story.Name{usual}, p.OtherNames...) {
		human := humanName{
			ID: elementID(p.NHSNumber, fmt.Sprint("name", i)), Use: name.Use, Given: name.Given, Family: name.Family,
			Period: &period{Start: p.Born},
		}
		if name.Prefix != "" {
			human.Prefix = []string{name.Prefix}
		}
		out = append(out, human)
	}
	return out
}

func addresses(p story.Person) []address {
	if len(p.Address.Lines) == 0 && p.Address.Postcode == "" {
		return nil
	}
	return []address{postal(p.NHSNumber, p.Address)}
}

// postal writes town and county as further lines: PDS has no city element.
func postal(seed string, a story.Address) address {
	lines := append([]string{}, a.Lines...)
	for _, line := range []string{a.City, a.District} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return address{ID: elementID(seed, "address"), Use: "home", Period: &period{Start: "2015-04-01"}, Line: lines, PostalCode: a.Postcode}
}

func telecoms(p story.Person) []telecom {
	var out []telecom
	for i, phone := range p.Phones {
		out = append(out, telecom{
			ID: elementID(p.NHSNumber, fmt.Sprint("phone", i)), Period: &period{Start: "2015-04-01"},
			System: "phone", Value: phone.Number, Use: phone.Use,
		})
	}
	if p.Email != "" {
		out = append(out, telecom{ID: elementID(p.NHSNumber, "email"), Period: &period{Start: "2015-04-01"}, System: "email", Value: p.Email, Use: "home"})
	}
	return out
}

func contacts(p story.Person) []contact {
	var out []contact
	for i, person := range p.Contacts {
		if len(person.Phones) == 0 {
			continue
		}
		out = append(out, contact{
			ID:           elementID(p.NHSNumber, fmt.Sprint("contact", i)),
			Relationship: []concept{{Coding: []coding{{System: "http://terminology.hl7.org/CodeSystem/v2-0131", Code: "C", Display: "Emergency Contact"}}}},
			Telecom:      []telecom{{System: "phone", Value: person.Phones[0].Number}},
		})
	}
	return out
}

func renderRelated(number string, i int, r story.RelatedPerson) relatedPerson {
	out := relatedPerson{
		ResourceType: "RelatedPerson", ID: elementID(number, fmt.Sprint("related", i)), Active: !r.Inactive,
		Patient: reference{Type: "Patient", Identifier: &identifier{System: story.SystemNHSNumber, Value: number}},
		Name:    []humanName{{ID: elementID(number, fmt.Sprint("relatedname", i)), Use: "usual", Given: r.Name.Given, Family: r.Name.Family}},
	}
	if r.When != (story.Period{}) {
		out.Period = &period{Start: r.When.Start, End: r.When.End}
	}
	for _, kind := range r.Relationship {
		out.Relationship = append(out.Relationship, conceptOf(kind))
	}
	for _, phone := range r.Phones {
		out.Telecom = append(out.Telecom, telecom{System: "phone", Value: phone.Number, Use: phone.Use})
	}
	if r.Address.Postcode != "" {
		out.Address = []address{postal(number+fmt.Sprint(i), r.Address)}
	}
	return out
}

func conceptOf(c story.Concept) concept {
	out := concept{Text: c.Text}
	for _, code := range c.Codes {
		out.Coding = append(out.Coding, coding{System: code.System, Code: code.Value, Display: code.Display})
	}
	return out
}

func newBundle() *bundle {
	return &bundle{ResourceType: "Bundle", Type: "searchset", Timestamp: time.Now().UTC().Format(time.RFC3339)}
}

func (b *bundle) add(url string, resource any, how *search) {
	b.Entry = append(b.Entry, entry{FullURL: url, Search: how, Resource: resource})
	b.Total = len(b.Entry)
}

func relatedURL(r *http.Request, number string, i int) string {
	return origin(r) + Base + "/Patient/" + number + "/RelatedPerson/" + elementID(number, fmt.Sprint("related", i))
}

func origin(r *http.Request) string {
	if r.TLS == nil {
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// elementID makes the short ids that PDS gives to the parts of a record, the same at every start.
func elementID(parts ...string) string {
	h := fnv.New32a()
	for _, part := range parts {
		h.Write([]byte(part))
	}
	return fmt.Sprintf("%08X", h.Sum32())
}
