package r4server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ribble/internal/sandbox/fhirout"
	"ribble/internal/sandbox/story"
)

// page is what a search found, before it is cut into pages.
type page struct {
	matches []*Resource
	chart   *Chart
	holding *story.Holding
}

func (s *server) answer(w http.ResponseWriter, q *query, p page) {
	outcomes, replaced := outcomesFor(p.holding, q.typ)
	if replaced {
		p.matches = nil
	}
	total := len(p.matches)
	from := min(q.offset, total)
	to := min(from+q.count, total)
	var out fhirout.Writer
	out.Object("", func() {
		out.String("resourceType", "Bundle")
		out.String("type", "searchset")
		out.Count("total", total)
		out.List("link", func() {
			link(&out, "self", q.self())
			if to < total {
				link(&out, "next", q.next())
			}
		})
		out.List("entry", func() { s.entries(&out, q, p, entryWindow{from, to, outcomes}) })
	})
	s.send(w, http.StatusOK, out.Bytes())
}

type entryWindow struct {
	from, to int
	outcomes []story.Outcome
}

func (s *server) entries(out *fhirout.Writer, q *query, p page, win entryWindow) {
	shown := p.matches[win.from:win.to]
	for _, r := range shown {
		entry(out, q.base, r, "match")
	}
	for _, r := range s.included(q, p.chart, shown) {
		entry(out, q.base, r, "include")
	}
	if win.from > 0 {
		return
	}
	for _, o := range win.outcomes {
		out.Object("", func() {
			out.Raw("resource", s.outcomeBody(o))
			out.Object("search", func() { out.String("mode", "outcome") })
		})
	}
}

func link(out *fhirout.Writer, relation, address string) {
	out.Object("", func() {
		out.String("relation", relation)
		out.String("url", address)
	})
}

func entry(out *fhirout.Writer, base string, r *Resource, mode string) {
	out.Object("", func() {
		out.String("fullUrl", base+"/"+r.Reference())
		out.Raw("resource", r.Body)
		out.Object("search", func() { out.String("mode", mode) })
	})
}

// self repeats the parameters that were honoured, and only those (FHIR R4 3.1.1.3).
func (q *query) self() string {
	honoured := url.Values{}
	for name, values := range q.params {
		if q.honours && understood(name) {
			honoured[name] = values
		}
	}
	if len(honoured) == 0 {
		return q.base + "/" + q.typ
	}
	return q.base + "/" + q.typ + "?" + honoured.Encode()
}

func understood(name string) bool {
	switch name {
	case "patient", "subject", chain, "identifier", "_id", "_count", "_include", "_include:iterate":
		return true
	}
	return slices.Contains(tokenParams, name) || slices.Contains(dateParams, name)
}

// included follows _include from the matches and _include:iterate from what that brought in, each resource once.
func (s *server) included(q *query, chart *Chart, from []*Resource) []*Resource {
	seen := map[string]bool{}
	for _, r := range from {
		seen[r.Reference()] = true
	}
	all := append(slices.Clone(q.params["_include"]), q.params["_include:iterate"]...)
	var out []*Resource
	for wave := s.follow(chart, from, all, seen); len(wave) > 0; wave = s.follow(chart, wave, q.params["_include:iterate"], seen) {
		out = append(out, wave...)
	}
	return out
}

func (s *server) follow(chart *Chart, from []*Resource, includes []string, seen map[string]bool) []*Resource {
	var out []*Resource
	for _, r := range from {
		for _, l := range r.Links {
			if seen[l.Target] || !asked(includes, r.Type, l) {
				continue
			}
			if found, ok := s.resolve(chart, l.Target); ok {
				seen[l.Target] = true
				out = append(out, found)
			}
		}
	}
	return out
}

// asked says whether "Type:param" or "Type:param:TargetType" names this link.
func asked(includes []string, typ string, l Link) bool {
	for _, inc := range includes {
		parts := strings.SplitN(inc, ":", 3)
		if len(parts) < 2 || parts[0] != typ || parts[1] != l.Param {
			continue
		}
		if len(parts) == 2 || strings.HasPrefix(l.Target, parts[2]+"/") {
			return true
		}
	}
	return false
}
