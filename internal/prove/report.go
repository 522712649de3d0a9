package prove

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Verdict is what became of a claim.
type Verdict string

// The verdicts.
const (
	Met    Verdict = "met"
	Short  Verdict = "short"
	Failed Verdict = "failed"
	NotRun Verdict = "not run"
)

// Figure is one number that a claim rests on; it must not exceed its bar.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Bar   float64 `json:"bar"`
}

// Row is one claim in the report.
type Row struct {
	ID    string `json:"id"`
	Goal  string `json:"goal"`
	Title string `json:"title"`
	Bar   string `json:"bar"`
	How   string `json:"how"`
	Timed bool   `json:"timed,omitempty"`
	Known string `json:"known,omitempty"`
	// Broken says that something was missed that is neither a matter of time nor known.
	Broken   bool     `json:"broken,omitempty"`
	Verdict  Verdict  `json:"verdict"`
	Measured string   `json:"measured"`
	Evidence []string `json:"evidence,omitempty"`
	Figures  []Figure `json:"figures,omitempty"`
	Took     string   `json:"took,omitempty"`
	// Again is the command that repeats the scenario.
	Again string `json:"again"`
}

// Report is all that a run found.
type Report struct {
	Commit  string    `json:"commit"`
	Form    string    `json:"form"`
	Seed    uint64    `json:"seed"`
	Began   time.Time `json:"began"`
	Took    string    `json:"took"`
	Machine string    `json:"machine"`
	Rows    []Row     `json:"rows"`
}

func newReport(o Options) *Report {
	r := &Report{
		Form: "short", Seed: o.Seed, Began: time.Now().UTC().Truncate(time.Second),
		Machine: fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
	}
	if o.Long {
		r.Form = "long"
	}
	// Outside a checkout the report says nothing of a commit.
	if out, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output(); err == nil {
		r.Commit = strings.TrimSpace(string(out))
	}
	return r
}

func (r *Report) finish() { r.Took = time.Since(r.Began).Round(time.Second).String() }

// Wrong lists the rows that a run on any machine may be blamed for: what failed, and every bar that is neither a matter of time nor known, and was not
// met.
func (r *Report) Wrong() []Row {
	var wrong []Row
	for _, row := range r.Rows {
		if row.Verdict == Failed || row.Broken || row.Verdict == Short && !row.Timed && row.Known == "" {
			wrong = append(wrong, row)
		}
	}
	return wrong
}

// JSON writes the report for machines.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// HTML writes the report for people.
func (r *Report) HTML(w io.Writer) error { return page.Execute(w, r) }

var page = template.Must(template.New("report").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Ribble: what it claims, and what was found</title>
<style>
body{font:16px/1.5 Arial,sans-serif;max-width:82rem;margin:2rem auto;padding:0 1rem;color:#212b32}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem;border-bottom:1px solid #d8dde0}
.met{color:#005a30}.short,.failed{color:#a1060f}
td.verdict{font-weight:bold;white-space:nowrap}
code{font-size:.85em}li{margin-bottom:.2rem}ul{margin:.3rem 0;padding-left:1.2rem}
</style></head><body>
<h1>Ribble: what it claims, and what was found</h1>
<p>The {{.Form}} form, seed {{.Seed}}, at {{.Began.Format "2 January 2006 15:04:05 MST"}}, in {{.Took}}, on {{.Machine}}, commit {{.Commit}}.
Goals are those of the safety analysis. A bar that was not met is there to be read, not to be excused.</p>
<table><thead><tr><th>Goal</th><th>Claim</th><th>Bar</th><th>Verdict</th><th>Measured, and how it is known</th></tr></thead><tbody>
{{range .Rows}}<tr id="{{.ID}}"><td>{{.Goal}}</td><td><b>{{.Title}}</b><br>{{.How}}</td><td>{{.Bar}}</td><td class="verdict {{.Verdict}}">{{.Verdict}}</td>
<td>{{.Measured}}{{with .Known}}<br>Known: {{.}}{{end}}{{if .Evidence}}<ul>{{range .Evidence}}<li>{{.}}</li>{{end}}</ul>{{end}}<br><code>{{.Again}}</code>{{if .Took}} ({{.Took}}){{end}}</td></tr>
{{end}}</tbody></table></body></html>
`))
