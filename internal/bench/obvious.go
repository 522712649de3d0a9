package bench

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// ServeObvious is the process of the portal that one would write first: net/http, encoding/json into structs by way of RawMessage,
// html/template for the whole page at the end. It makes the same requests as the real one and shows the same rows; it checks nobody's session,
// writes nothing down and compares nothing.
func ServeObvious(in io.Reader, out io.Writer) error {
	o := new(obvious)
	return serve(in, out, o.carryOut)
}

type obvious struct {
	fan   *fan
	steps steps
}

func (p *obvious) carryOut(o order) (r reply, err error) {
	switch o.Do {
	case "start":
		p.steps = script(o.Script)
		p.fan, err = newFan(o.Dir)
		return r, err
	case "views":
		var group errgroup.Group
		group.SetLimit(o.AtOnce)
		for range o.Views {
			group.Go(func() error {
				n, err := p.view()
				if err == nil {
					r.Count = n // every view makes the same page
				}
				return err
			})
		}
		return r, group.Wait()
	}
	return r, fmt.Errorf("unknown order %q", o.Do)
}

type plainBundle struct {
	ResourceType string `json:"resourceType"`
	Link         []struct {
		Relation string `json:"relation"`
		URL      string `json:"url"`
	} `json:"link"`
	Entry []struct {
		FullURL  string          `json:"fullUrl"`
		Resource json.RawMessage `json:"resource"`
		Search   struct {
			Mode string `json:"mode"`
		} `json:"search"`
	} `json:"entry"`
}

type plainConcept struct {
	Coding []struct {
		System  string `json:"system"`
		Code    string `json:"code"`
		Display string `json:"display"`
	} `json:"coding"`
	Text string `json:"text"`
}

type plainReference struct {
	Reference  string          `json:"reference"`
	Type       string          `json:"type"`
	Identifier plainIdentifier `json:"identifier"`
	Display    string          `json:"display"`
}

type plainIdentifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type plainQuantity struct {
	Value json.Number `json:"value"`
	Unit  string      `json:"unit"`
}

type plainPeriod struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type plainActor struct {
	Actor      plainReference `json:"actor"`
	Individual plainReference `json:"individual"`
}

// plainResource holds every member of the resource types of the reference patient that the page shows.
type plainResource struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	Meta         struct {
		VersionID   string   `json:"versionId"`
		LastUpdated string   `json:"lastUpdated"`
		Profile     []string `json:"profile"`
	} `json:"meta"`
	Identifier         []plainIdentifier `json:"identifier"`
	Type               json.RawMessage   `json:"type"`
	Category           json.RawMessage   `json:"category"`
	Status             string            `json:"status"`
	Code               plainConcept      `json:"code"`
	VaccineCode        plainConcept      `json:"vaccineCode"`
	ClinicalStatus     plainConcept      `json:"clinicalStatus"`
	VerificationStatus plainConcept      `json:"verificationStatus"`
	Medication         plainConcept      `json:"medicationCodeableConcept"`
	Subject            plainReference    `json:"subject"`
	Patient            plainReference    `json:"patient"`
	Requester          plainReference    `json:"requester"`
	Recorder           plainReference    `json:"recorder"`
	Performer          json.RawMessage   `json:"performer"`
	Participant        []plainActor      `json:"participant"`
	Effective          string            `json:"effectiveDateTime"`
	Issued             string            `json:"issued"`
	Onset              string            `json:"onsetDateTime"`
	Recorded           string            `json:"recordedDate"`
	Authored           string            `json:"authoredOn"`
	Occurrence         string            `json:"occurrenceDateTime"`
	Performed          string            `json:"performedDateTime"`
	Date               string            `json:"date"`
	Start              string            `json:"start"`
	Period             plainPeriod       `json:"period"`
	Value              *plainQuantity    `json:"valueQuantity"`
	Interpretation     []plainConcept    `json:"interpretation"`
	Range              []struct {
		Low  plainQuantity `json:"low"`
		High plainQuantity `json:"high"`
	} `json:"referenceRange"`
	ReasonCode []plainConcept `json:"reasonCode"`
	Note       []struct {
		Text string `json:"text"`
	} `json:"note"`
	Dosage []struct {
		Text  string       `json:"text"`
		Route plainConcept `json:"route"`
	} `json:"dosageInstruction"`
	Result      []plainReference `json:"result"`
	Description string           `json:"description"`
	Title       string           `json:"title"`
	Conclusion  string           `json:"conclusion"`
}

type plainRow struct {
	Source                              int
	Kind, Name, Date, Status, ID        string
	Value, Range, Note, Who, Identifier string
}

// rowsOf decodes one answer the usual way: the bundle, the type of each entry, the entry; in the answer to a batch the entries are bundles.
func rowsOf(source int, body io.Reader) ([]plainRow, error) {
	var bundle plainBundle
	if err := json.NewDecoder(body).Decode(&bundle); err != nil {
		return nil, err
	}
	return bundle.rows(source)
}

func (bundle *plainBundle) rows(source int) ([]plainRow, error) {
	var rows []plainRow
	for _, e := range bundle.Entry {
		var kind struct {
			ResourceType string `json:"resourceType"`
		}
		if err := json.Unmarshal(e.Resource, &kind); err != nil {
			return nil, err
		}
		switch kind.ResourceType {
		case "Patient":
			continue
		case "Bundle":
			var inner plainBundle
			if err := json.Unmarshal(e.Resource, &inner); err != nil {
				return nil, err
			}
			more, err := inner.rows(source)
			if err != nil {
				return nil, err
			}
			rows = append(rows, more...)
			continue
		}
		var r plainResource
		if err := json.Unmarshal(e.Resource, &r); err != nil {
			return nil, err
		}
		rows = append(rows, r.row(source))
	}
	return rows, nil
}

func (r *plainResource) row(source int) plainRow {
	row := plainRow{
		Source: source, Kind: r.ResourceType, ID: r.ID, Status: cmp.Or(r.Status, r.ClinicalStatus.name()), Note: cmp.Or(r.Conclusion, r.Description),
		Name: cmp.Or(r.Code.name(), r.Medication.name(), r.VaccineCode.name(), r.Title, r.Description, r.ResourceType),
		Date: cmp.Or(r.Effective, r.Onset, r.Authored, r.Occurrence, r.Performed, r.Date, r.Start, r.Period.Start, r.Recorded),
		Who:  cmp.Or(r.Requester.Display, r.Recorder.Display),
	}
	if len(r.Identifier) > 0 {
		row.Identifier = r.Identifier[0].Value
	}
	if r.Value != nil {
		row.Value = r.Value.Value.String() + " " + r.Value.Unit
	}
	if len(r.Range) > 0 {
		row.Range = r.Range[0].Low.Value.String() + " to " + r.Range[0].High.Value.String()
	}
	if len(r.Note) > 0 {
		row.Note = r.Note[0].Text
	}
	if len(r.Dosage) > 0 {
		row.Value = r.Dosage[0].Text
	}
	return row
}

func (c *plainConcept) name() string {
	if c.Text != "" || len(c.Coding) == 0 {
		return c.Text
	}
	return c.Coding[0].Display
}

// view makes one page and gives its length.
func (p *obvious) view() (int, error) {
	var mu sync.Mutex
	sections := map[string][]plainRow{}
	err := p.fan.view(p.steps, func(a asked, body io.Reader) error {
		rows, err := rowsOf(a.Source, body)
		mu.Lock()
		defer mu.Unlock()
		for _, r := range rows {
			sections[r.Kind] = append(sections[r.Kind], r)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, rows := range sections {
		slices.SortStableFunc(rows, func(a, b plainRow) int { return strings.Compare(b.Date, a.Date) })
	}
	var page bytes.Buffer
	err = plainPage.Execute(&page, sections)
	return page.Len(), err
}

var plainPage = template.Must(template.New("page").Parse(`<!DOCTYPE html><html lang="en"><head><title>Shared care record</title><link rel="stylesheet" href="/assets/page.css"></head><body>
<main>{{range $kind, $rows := .}}<section class="rb-section" slot="{{$kind}}" aria-labelledby="{{$kind}}-h"><div class="rb-section__head"><h2 id="{{$kind}}-h">{{$kind}}</h2><p>{{len $rows}} entries</p></div>
<table class="rb-table rb-table--fix"><thead><tr><th scope="col" class="rb-c30">What</th><th scope="col" class="rb-c12">When</th><th scope="col">Status</th><th scope="col">Value</th><th scope="col">Source</th></tr></thead>
{{range $rows}}<tbody>
<tr><th scope="row"><b class="rb-strong">{{.Name}}</b> <span class="rb-sub">{{.Kind}} {{.Identifier}}</span></th><td data-label="When">{{if .Date}}<span class="rb-date">{{.Date}}</span>{{else}}<span class="rb-sub">not given</span>{{end}}</td><td data-label="Status"><span class="rb-tag">{{.Status}}</span></td>` +
	`<td data-label="Value">{{if .Value}}<b class="rb-strong"><span class="rb-quantity">{{.Value}}</span></b>{{else}}<span class="rb-sub">not given</span>{{end}}{{with .Range}} <span class="rb-sub">({{.}})</span>{{end}}{{with .Note}}<br><q class="rb-quote">{{.}}</q>{{end}}</td>` +
	`<td data-label="Source"><span class="rb-org"><abbr class="rb-badge" title="Benchmark source RB{{.Source}}">RB{{.Source}}</abbr> <span>Source RB{{.Source}}</span></span><span class="rb-sub">{{with .Who}}{{.}}, {{end}}retrieved 14:02:10</span></td></tr>
</tbody>
{{end}}</table></section>
{{end}}</main></body></html>
`))
