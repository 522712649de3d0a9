package r4server

import "strings"

// Resource is one rendered FHIR resource with what searching needs to know of it.
type Resource struct {
	Type, ID string
	Body     []byte
	Links    []Link
	Tokens   []Token
	// Date is what the date parameters compare, in FHIR precision.
	Date string
}

// Reference is how other resources point here.
func (r *Resource) Reference() string { return r.Type + "/" + r.ID }

// Link is a reference held by a resource, under the name of its search parameter.
type Link struct{ Param, Target string }

// Token is a coded value that can be searched for, under the name of its search parameter.
type Token struct{ Param, System, Code string }

// Chart is everything one organisation can answer about one person, or about itself.
type Chart struct {
	resources []Resource
	index     map[string]int
}

// Add puts a rendered resource into the chart; the first of two with one reference is the one found by it.
func (c *Chart) Add(r Resource) {
	if c.index == nil {
		c.index = map[string]int{}
	}
	if _, taken := c.index[r.Reference()]; !taken {
		c.index[r.Reference()] = len(c.resources)
	}
	c.resources = append(c.resources, r)
}

// Find looks a resource up by its reference ("Type/id").
func (c *Chart) Find(reference string) (*Resource, bool) {
	i, ok := c.index[reference]
	if !ok {
		return nil, false
	}
	return &c.resources[i], true
}

// Resources is everything in the chart, in the order in which it was added.
func (c *Chart) Resources() []Resource { return c.resources }

func (c *Chart) ofType(typ string, keep func(*Resource) bool) []*Resource {
	var out []*Resource
	for i := range c.resources {
		if r := &c.resources[i]; r.Type == typ && keep(r) {
			out = append(out, r)
		}
	}
	return out
}

// matches compares a token parameter ("system|code", "|code" or "code") with what the resource carries.
func (r *Resource) matches(param, value string) bool {
	system, code, piped := strings.Cut(value, "|")
	if !piped {
		system, code = "", value
	}
	for _, t := range r.Tokens {
		if t.Param == param && t.Code == code && (system == "" || t.System == system) {
			return true
		}
	}
	return false
}

// within compares a date parameter ("ge2024-01-01") at the precision both sides share.
func (r *Resource) within(value string) bool {
	if r.Date == "" || len(value) < 3 {
		return r.Date != ""
	}
	op, day := value[:2], value[2:]
	n := min(len(day), len(r.Date))
	switch op {
	case "ge":
		return r.Date[:n] >= day[:n]
	case "le":
		return r.Date[:n] <= day[:n]
	case "gt":
		return r.Date[:n] > day[:n]
	case "lt":
		return r.Date[:n] < day[:n]
	default:
		return strings.HasPrefix(r.Date, strings.TrimPrefix(value, "eq"))
	}
}
