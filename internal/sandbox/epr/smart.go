package epr

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// grant is a launch that the authorization server has let through: as a code to be redeemed, then as an access token.
type grant struct {
	context
	redirectURI, nonce, challenge string
	until                         time.Time
}

// remember keeps a launch context under a new opaque name.
func (s *Server) remember(c context) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := secret()
	s.launches[name] = c
	return name
}

// configuration is .well-known/smart-configuration (SMART App Launch 2.2, 6.0.1).
func (s *Server) configuration(w http.ResponseWriter, r *http.Request) {
	site, ok := s.site(r)
	if !ok || !site.Smart {
		http.NotFound(w, r)
		return
	}
	base := s.Issuer(site.ODS)
	reply(w, http.StatusOK, struct {
		Issuer        string   `json:"issuer"`
		JWKS          string   `json:"jwks_uri"`
		Authorization string   `json:"authorization_endpoint"`
		Token         string   `json:"token_endpoint"`
		Methods       []string `json:"token_endpoint_auth_methods_supported"`
		Grants        []string `json:"grant_types_supported"`
		Scopes        []string `json:"scopes_supported"`
		Challenges    []string `json:"code_challenge_methods_supported"`
		Capabilities  []string `json:"capabilities"`
	}{
		s.FHIR(site.ODS), s.KeysURL(site.ODS), base + "/authorize", base + "/token", []string{"private_key_jwt"}, []string{"authorization_code"},
		[]string{"openid", "fhirUser", "launch", "patient/Patient.r", "user/PractitionerRole.r"}, []string{"S256"},
		[]string{"launch-ehr", "client-confidential-asymmetric", "context-ehr-patient", "sso-openid-connect", "permission-v2"},
	})
}

// authorize takes the browser back at once: the user has signed in to this system and has the patient open.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	site, ok := s.site(r)
	q := r.URL.Query()
	if !ok || q.Get("client_id") != s.Client.ID || !strings.HasPrefix(q.Get("redirect_uri"), s.Portal+"/") {
		http.Error(w, "This client is not known here.", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	c, known := s.launches[q.Get("launch")]
	delete(s.launches, q.Get("launch"))
	s.mu.Unlock()
	answer := url.Values{"state": {q.Get("state")}}
	if !known || c.site.ODS != site.ODS || !fair(q, s.FHIR(site.ODS)) {
		answer.Set("error", "invalid_request")
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+answer.Encode(), http.StatusFound)
		return
	}
	code := secret()
	s.mu.Lock()
	s.codes[code] = grant{c, q.Get("redirect_uri"), q.Get("nonce"), q.Get("code_challenge"), s.Now().Add(time.Minute)}
	s.mu.Unlock()
	answer.Set("code", code)
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+answer.Encode(), http.StatusFound)
}

// fair says whether a request for a code holds all that SMART App Launch asks for.
func fair(q url.Values, fhir string) bool {
	scopes := " " + q.Get("scope") + " "
	return q.Get("response_type") == "code" && q.Get("aud") == fhir && q.Get("state") != "" && q.Get("code_challenge_method") == "S256" &&
		len(q.Get("code_challenge")) == 43 && strings.Contains(scopes, " launch ") && strings.Contains(scopes, " openid ")
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	site, ok := s.site(r)
	s.mu.Lock()
	g, known := s.codes[r.PostFormValue("code")]
	delete(s.codes, r.PostFormValue("code"))
	s.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case !ok || !s.asserted(r, s.Issuer(site.ODS)+"/token"):
		wrong(w, "invalid_client")
		return
	case !known || g.site.ODS != site.ODS || s.Now().After(g.until) || r.PostFormValue("redirect_uri") != g.redirectURI ||
		subtle.ConstantTimeCompare([]byte(challenge), []byte(g.challenge)) != 1:
		wrong(w, "invalid_grant")
		return
	}
	s.give(w, g)
}

// asserted checks the client's private_key_jwt (RFC 7523).
func (s *Server) asserted(r *http.Request, audience string) bool {
	var c jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(r.PostFormValue("client_assertion"), &c, func(*jwt.Token) (any, error) { return s.Client.Key, nil },
		jwt.WithValidMethods([]string{"ES384", "RS384"}), jwt.WithAudience(audience), jwt.WithIssuer(s.Client.ID), jwt.WithSubject(s.Client.ID),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.Now))
	return err == nil && c.ID != ""
}

// idClaims are those of the ID token.
type idClaims struct {
	jwt.RegisteredClaims
	Nonce    string `json:"nonce"`
	FHIRUser string `json:"fhirUser"`
}

// give answers with the tokens and the patient in context (SMART App Launch 2.2, 2.0.11).
func (s *Server) give(w http.ResponseWriter, g grant) {
	now, ods := s.Now(), g.site.ODS
	id, err := s.sign(ods, idClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: s.FHIR(ods), Subject: g.clinician.UserID, Audience: jwt.ClaimStrings{s.Client.ID},
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(5 * time.Minute)),
		},
		Nonce: g.nonce, FHIRUser: s.FHIR(ods) + "/PractitionerRole/" + g.clinician.ID,
	})
	if err != nil {
		wrong(w, "server_error")
		return
	}
	access := secret()
	g.until = now.Add(5 * time.Minute)
	s.mu.Lock()
	s.tokens[access] = g
	s.mu.Unlock()
	reply(w, http.StatusOK, struct {
		AccessToken string `json:"access_token"`
		Type        string `json:"token_type"`
		Expires     int    `json:"expires_in"`
		Scope       string `json:"scope"`
		IDToken     string `json:"id_token"`
		Patient     string `json:"patient"`
		Banner      bool   `json:"need_patient_banner"`
	}{access, "Bearer", 300, "launch openid fhirUser patient/Patient.r user/PractitionerRole.r", id, g.localID, true})
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The status has gone out; a failure here means that the asker has left.
	_ = json.NewEncoder(w).Encode(value)
}

// wrong is an error answer of RFC 6749 section 5.2.
func wrong(w http.ResponseWriter, code string) {
	reply(w, http.StatusBadRequest, struct {
		Error string `json:"error"`
	}{code})
}
