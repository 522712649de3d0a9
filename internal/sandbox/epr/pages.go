package epr

import (
	"html/template"
	"net/http"
	"net/url"

	"ribble/internal/sandbox/story"
)

var pages = template.Must(template.New("").Parse(`{{define "head"}}<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.}}</title>
<style>
body { font: 16px/1.5 Arial, sans-serif; margin: 0; color: #212b32; background: #eef1ee; }
header { background: #3b5b45; color: #fff; padding: .7rem 1rem; display: flex; flex-wrap: wrap; gap: 0 2rem; }
header a { color: #fff; }
main { margin: 1rem auto; max-width: 60rem; padding: 0 1rem; }
ul { list-style: none; margin: 0; padding: 0; }
li { background: #fff; border: 1px solid #cfd8d2; margin: 0 0 .4rem; padding: .5rem 1rem; display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
form { display: inline; }
button { font: inherit; font-weight: 700; padding: .4rem .8rem; border: 2px solid #3b5b45; background: #fff; color: #24402d; cursor: pointer; }
button:focus, a:focus { outline: 4px solid #ffeb3b; }
small { color: #425563; display: block; }
</style>
</head>
<body>
{{end}}
{{define "home"}}{{template "head" "Sandbox records systems"}}
<header><strong>Sandbox records systems</strong></header>
<main>
<h1>Whose system?</h1>
<p>Stand-ins for the records systems of hospitals and practices. Everybody here is invented.</p>
<ul>{{range .Sites}}<li><a href="/{{.ODS}}">{{.Name}}</a></li>{{end}}</ul>
</main></body></html>{{end}}
{{define "list"}}{{template "head" .Site.Name}}
<header><strong>{{.Site.Name}}</strong><span>{{.Clinician.Name}}, {{.Clinician.Profile}}</span><a href="/">Other systems</a></header>
<main>
<h1>My patients</h1>
<p>Work as: {{range .Site.Clinicians}}<a href="?as={{.ID}}">{{.Name}}</a> {{end}}</p>
<ul>{{range .Patients}}<li>
<span><strong>{{.Who}}</strong><small>born {{.Born}}, hospital number {{.LocalID}}</small></span>
<form method="post" action="/{{$.Site.ODS}}/open">
<input type="hidden" name="as" value="{{$.Clinician.ID}}">
<input type="hidden" name="patient" value="{{.LocalID}}">
<button name="by" value="signed" id="signed-{{.LocalID}}">Open shared care record<span hidden> of {{.Who}}</span></button>
{{if $.Site.Smart}}<button name="by" value="smart" id="smart-{{.LocalID}}">by SMART</button>{{end}}
</form></li>{{end}}</ul>
</main></body></html>{{end}}
{{define "post"}}{{template "head" "Opening the shared care record"}}
<main>
<form method="post" action="{{.URL}}">
<input type="hidden" name="launch" value="{{.Launch}}">
<button id="go">Open shared care record</button>
</form>
<script>document.forms[0].submit()</script>
</main></body></html>{{end}}`))

func (s *Server) draw(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	// The page is small and the connection is local: a failed write has no remedy.
	_ = pages.ExecuteTemplate(w, name, data)
}

func (s *Server) home(w http.ResponseWriter, _ *http.Request) { s.draw(w, "home", s.Config) }

// row is one patient of the list, as this organisation knows them.
type row struct{ Who, Born, LocalID string }

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	site, ok := s.site(r)
	clinician, known := site.clinician(r.URL.Query().Get("as"))
	if !ok || !known {
		http.NotFound(w, r)
		return
	}
	s.draw(w, "list", struct {
		Site      Site
		Clinician Clinician
		Patients  []row
	}{site, clinician, s.patients(site)})
}

// patients are the people of the written stories whom the organisation knows.
func (s *Server) patients(site Site) []row {
	var list []row
	for _, n := range s.World.Notable() {
		person, _ := s.World.Person(n.NHSNumber)
		local, ok := localID(person, site.ODS)
		if !ok {
			continue
		}
		as := believed(person, site.ODS)
		list = append(list, row{as.Name.String(), as.Born, local})
	}
	return list
}

// localID is the organisation's own id of a person. A practice holds no separate record of its own patients here: their list is their id.
func localID(p story.Person, ods string) (string, bool) {
	if h, ok := p.Holding(ods); ok {
		return h.LocalID, true
	}
	return "", false
}

// believed is who the organisation believes the person is, which may be wrong.
func believed(p story.Person, ods string) story.Demographics {
	if h, ok := p.Holding(ods); ok && h.As != nil {
		return *h.As
	}
	return p.Demographics
}

// open is the button: it launches the shared care record for the patient that is open here.
func (s *Server) open(w http.ResponseWriter, r *http.Request) {
	site, ok := s.site(r)
	clinician, known := site.clinician(r.PostFormValue("as"))
	person, found := s.World.Patient(site.ODS, r.PostFormValue("patient"))
	if !ok || !known || !found {
		http.NotFound(w, r)
		return
	}
	c := context{site, clinician, person, r.PostFormValue("patient")}
	if r.PostFormValue("by") == "smart" && site.Smart {
		http.Redirect(w, r, s.Portal+"/launch/smart?"+url.Values{"iss": {s.FHIR(site.ODS)}, "launch": {s.remember(c)}}.Encode(), http.StatusSeeOther)
		return
	}
	launch, err := s.Launch(site.ODS, clinician, believed(person, site.ODS))
	if err != nil {
		http.Error(w, "The launch could not be signed.", http.StatusInternalServerError)
		return
	}
	s.draw(w, "post", struct{ URL, Launch string }{s.Portal + "/launch", launch})
}
