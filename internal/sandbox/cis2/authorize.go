package cis2

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// page lets the user pick a persona, and with it one role, without any script.
var page = template.Must(template.New("personas").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox sign-in</title>
<link rel="icon" href="data:,">
<style>
body { font: 16px/1.5 Arial, sans-serif; margin: 2rem auto; max-width: 46rem; padding: 0 1rem; color: #212b32; }
form { border: 1px solid #d8dde0; margin: 0 0 .5rem; padding: .5rem 1rem; display: flex; gap: 1rem; align-items: center; justify-content: space-between; }
button { font: inherit; font-weight: 700; padding: .4rem .8rem; border: 2px solid #005eb8; background: #fff; color: #005eb8; cursor: pointer; white-space: nowrap; }
button:focus { outline: 4px solid #ffeb3b; }
small { color: #425563; display: block; }
</style>
</head>
<body>
<main>
<h1>Sign in as</h1>
<p>This is the sandbox's stand-in for the national sign-in service. Everybody here is invented.</p>
{{range .Choices}}<form method="post" action="{{$.Action}}">
<input type="hidden" name="request" value="{{$.Request}}">
<input type="hidden" name="persona" value="{{.Persona.ID}}">
<input type="hidden" name="role" value="{{.RoleID}}">
<span><strong>{{.Persona.Name}}</strong>{{with .Role}}<small>{{.}}</small>{{end}}<small>{{.Persona.About}}</small></span>
<button type="submit" id="{{.Persona.ID}}{{with .RoleID}}-{{.}}{{end}}">Sign in<span hidden> as {{.Persona.Name}}</span></button>
</form>
{{end}}<form method="post" action="{{.Action}}">
<input type="hidden" name="request" value="{{.Request}}">
<span>Nobody<small>Cancel and go back</small></span>
<button type="submit" name="cancel" value="yes" id="cancel">Cancel</button>
</form>
</main>
</body>
</html>
`))

// choice is one button: a persona in one role.
type choice struct {
	Persona      Persona
	RoleID, Role string
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	// Without a trusted place to return to, the error stays here (RFC 6749 section 4.1.2.1).
	if q.Get("client_id") != p.Client.ID {
		http.Error(w, "This client is not known here.", http.StatusBadRequest)
		return
	}
	if !loopback(q.Get("redirect_uri")) {
		http.Error(w, "The sandbox sends people back to this machine only.", http.StatusBadRequest)
		return
	}
	if code, why := faulty(q); code != "" {
		http.Redirect(w, r, back(q.Get("redirect_uri"), url.Values{"error": {code}, "error_description": {why}, "state": {q.Get("state")}}), http.StatusFound)
		return
	}
	selectRole := strings.Contains(" "+q.Get("scope")+" ", " selectedrole ")
	request := p.remember(authRequest{
		redirectURI: q.Get("redirect_uri"), state: q.Get("state"), nonce: q.Get("nonce"),
		challenge: q.Get("code_challenge"), acr: q.Get("acr_values"), selectRole: selectRole,
	})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Frame-Options", "DENY")
	// The page is small and the connection is local: a failed write has no remedy.
	_ = page.Execute(w, struct {
		Action, Request string
		Choices         []choice
	}{Realm + "/authorize", request, p.choices(selectRole)})
}

// faulty names the first thing wrong with an authorization request.
func faulty(q url.Values) (code, why string) {
	switch {
	case q.Get("response_type") != "code":
		return "unsupported_response_type", "only the authorization code flow is offered"
	case !strings.Contains(" "+q.Get("scope")+" ", " openid "):
		return "invalid_scope", "the scope openid is needed"
	case q.Get("state") == "" || q.Get("nonce") == "":
		return "invalid_request", "state and nonce are needed"
	case q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43:
		return "invalid_request", "a code challenge with method S256 is needed"
	}
	return "", ""
}

func (p *Provider) choices(selectRole bool) []choice {
	var list []choice
	for _, persona := range p.Personas {
		if !selectRole || len(persona.Roles) == 0 {
			list = append(list, choice{Persona: persona})
			continue
		}
		for _, role := range persona.Roles {
			list = append(list, choice{Persona: persona, RoleID: role.ID, Role: role.Title + ", " + role.OrgName})
		}
	}
	return list
}

func (p *Provider) choose(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	ask, ok := p.requests[r.PostFormValue("request")]
	delete(p.requests, r.PostFormValue("request"))
	p.mu.Unlock()
	if !ok || ask.expires.Before(p.Now()) {
		http.Error(w, "This sign-in has ended. Go back and start again.", http.StatusBadRequest)
		return
	}
	if r.PostFormValue("cancel") != "" {
		http.Redirect(w, r, back(ask.redirectURI, url.Values{"error": {"access_denied"}, "state": {ask.state}}), http.StatusSeeOther)
		return
	}
	persona, ok := p.persona(r.PostFormValue("persona"))
	if !ok {
		http.Error(w, "There is no such person.", http.StatusBadRequest)
		return
	}
	roleID := r.PostFormValue("role")
	if _, held := persona.role(roleID); roleID != "" && !held {
		http.Error(w, "This person does not hold that role.", http.StatusBadRequest)
		return
	}
	code := p.grant(ask, session{id: secret(), roleID: roleID, persona: persona, began: p.Now()})
	http.Redirect(w, r, back(ask.redirectURI, url.Values{
		"code": {code}, "state": {ask.state}, "iss": {p.Issuer}, "client_id": {p.Client.ID},
	}), http.StatusSeeOther)
}

func (p *Provider) persona(id string) (Persona, bool) {
	for _, persona := range p.Personas {
		if persona.ID == id {
			return persona, true
		}
	}
	return Persona{}, false
}

func (p *Provider) grant(ask authRequest, s session) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := secret()
	p.grants[code] = grant{authRequest: ask, session: s}
	return code
}
