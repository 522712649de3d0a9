package config_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ribble/internal/config"
)

const password = "hunter2-canary"

// env is a good set of settings, with its files, that a test then spoils.
type env struct {
	t    *testing.T
	dir  string
	vars map[string]string
}

func (e env) lookup(name string) (string, bool) { v, ok := e.vars[name]; return v, ok }

func (e env) write(name string, content []byte, mode os.FileMode) string {
	e.t.Helper()
	path := filepath.Join(e.dir, name)
	_ = os.Remove(path)
	if err := os.WriteFile(path, content, mode); err != nil {
		e.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		e.t.Fatal(err)
	}
	return path
}

var pair = sync.OnceValues(func() (cert, key []byte) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		panic(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
})

func random() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return b
}

func good(t *testing.T) env {
	t.Helper()
	e := env{t: t, dir: t.TempDir()}
	cert, key := pair()
	e.vars = map[string]string{
		"RIBBLE_PUBLIC_URL": "http://127.0.0.1:8080/", "RIBBLE_LISTEN": "127.0.0.1:8080",
		"RIBBLE_DATABASE_URL": "postgres://app:" + password + "@db/ribble", "RIBBLE_AUDIT_DATABASE_URL": "postgres://audit_append:" + password + "@db/ribble",
		"RIBBLE_INDEX_KEY": e.write("index", random(), 0o400), "RIBBLE_PERSON_KEY": e.write("person", []byte(hex.EncodeToString(random())+"\n"), 0o600),
		"RIBBLE_VERIFIER_DATABASE_URL": "postgres://verifier:" + password + "@db/ribble",
		"RIBBLE_ROW_KEY":               e.write("row", random(), 0o400), "RIBBLE_CHECKPOINT_KEY": e.write("checkpoint", random(), 0o400),
		"RIBBLE_WITNESSES":  e.write("witnesses.json", []byte(`[{"url":"http://127.0.0.1:9","key":"w+00000000+BA==","networks":["127.0.0.0/8"]}]`), 0o644),
		"RIBBLE_HANDLE_KEY": e.write("handle", random(), 0o400), "RIBBLE_HANDLE_KEY_PREVIOUS": e.write("handle0", random(), 0o400),
		"RIBBLE_DIRECTORY": e.write("directory.json", []byte("[]"), 0o644),
		"RIBBLE_PDS_URL":   "https://pds.example/FHIR/R4", "RIBBLE_SDS_URL": "https://sds.example/FHIR/R4", "RIBBLE_CONSUMER_ASID": "200000000359",
		"RIBBLE_CONSUMER_ODS": "QE1", "RIBBLE_NATIONAL_CA": e.write("ca.pem", cert, 0o644), "RIBBLE_NATIONAL_CERT": e.write("cert.pem", cert, 0o644),
		"RIBBLE_NATIONAL_KEY": e.write("key.pem", key, 0o400), "RIBBLE_NATIONAL_NETWORKS": "10.0.0.0/8, 127.0.0.0/8",
	}
	e.provider(nil)
	e.launcher(nil)
	return e
}

// launcher writes a list of one launcher, changed as the test wants.
func (e env) launcher(change func(map[string]any)) {
	_, key := pair()
	l := map[string]any{
		"id": "epr", "name": "EPR", "issuer": "https://epr.example/RZB", "organisation": map[string]any{"ods": "RZB", "name": "Bowland"}, "assurance_level": 2,
		"activities": []string{"B0360"}, "roles": []any{map[string]any{"profile": "Consultant", "code": "R8000", "name": "Consultant", "activities": []string{"B0360"}}},
		"algorithms": []string{"ES256"}, "jwks_file": e.write("jwks.json", []byte(`{"keys":[]}`), 0o644),
	}
	list := []any{l}
	if change != nil {
		change(l)
		if l["twice"] != nil {
			delete(l, "twice")
			list = append(list, l)
		}
		if l["smart"] != nil {
			l["smart"].(map[string]any)["key_file"] = e.write("smart.pem", key, 0o400)
		}
	}
	raw, err := json.Marshal(list)
	if err != nil {
		e.t.Fatal(err)
	}
	e.vars["RIBBLE_LAUNCHERS"] = e.write("launchers.json", raw, 0o644)
}

func (e env) provider(change func(map[string]any)) {
	_, key := pair()
	p := map[string]any{
		"id": "cis2", "name": "NHS CIS2", "issuer": "https://am.example/realm", "client_id": "ribble", "key_file": e.write("client.pem", key, 0o400),
		"key_id": "1", "key_algorithm": "ES256", "scopes": []string{"profile"}, "acr_values": []string{"AAL3_ANY"}, "minimum_level": 2, "algorithms": []string{"RS256"},
	}
	list := []any{p}
	if change != nil {
		change(p)
		if p["twice"] != nil {
			delete(p, "twice")
			list = append(list, p)
		}
	}
	raw, err := json.Marshal(list)
	if err != nil {
		e.t.Fatal(err)
	}
	e.vars["RIBBLE_OIDC_PROVIDERS"] = e.write("oidc.json", raw, 0o644)
}

func TestLoad(t *testing.T) {
	e := good(t)
	e.vars["RIBBLE_AUDIT_DATABASE_URL_FILE"] = e.write("audit-url", []byte(e.vars["RIBBLE_AUDIT_DATABASE_URL"]+"\n"), 0o400)
	delete(e.vars, "RIBBLE_AUDIT_DATABASE_URL")
	c, err := config.Load(e.lookup)
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string]bool{
		"public URL":  c.PublicURL.String() == "http://127.0.0.1:8080",
		"defaults":    c.Limits == config.Limits{Source: 8 * time.Second, View: 10 * time.Second, Soft: 1500 * time.Millisecond, Look: 5 * time.Minute, Answer: 16 << 20},
		"sessions":    c.Sessions.For("RZB") == config.SessionLimits{Idle: 15 * time.Minute, Linger: 30 * time.Minute, Absolute: 10 * time.Hour},
		"audit URL":   strings.HasPrefix(c.Database.Audit.Reveal(), "postgres://audit_append:"),
		"keys":        c.Keys.IndexFile != "" && c.Keys.PersonFile != "" && len(c.Keys.Handle) == 2,
		"national":    c.National.Roots.Pool() != nil && len(c.National.Identity.Certificate().Certificate) == 1 && len(c.National.Networks) == 2,
		"provider":    len(c.Providers) == 1 && c.Providers[0].Key.Signer() != nil && c.Providers[0].MinimumLevel == 2,
		"no TLS":      c.TLS == nil,
		"witness":     len(c.Witnesses) == 1 && c.Witnesses[0].URL.Host == "127.0.0.1:9" && len(c.Witnesses[0].Networks) == 1,
		"launcher":    len(c.Launchers) == 1 && len(c.Launchers[0].Keys) > 0 && c.Launchers[0].Organisation.ODS == "RZB",
		"level":       c.LogLevel == slog.LevelInfo,
		"handle keys": !bytes.Equal(c.Keys.Handle[0].Bytes(), c.Keys.Handle[1].Bytes()),
	}
	for name, ok := range checks {
		if !ok {
			t.Errorf("%s is wrong", name)
		}
	}
}

func TestSecretsNeverPrint(t *testing.T) {
	e := good(t)
	c, err := config.Load(e.lookup)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(c.Keys)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "db", c.Database, "key", c.Keys.Handle[0], "url", c.Database.App)
	printed := fmt.Sprintf("%v %+v %#v %s %q %x %d %v", c, c, c, c.Keys.Handle[0], c.Database.App, c.Keys.Handle[0], c.Keys.Handle[0], c.Providers[0].Key) + string(asJSON) + logged.String()
	for _, secret := range [][]byte{[]byte(password), c.Keys.Handle[0].Bytes(), c.Keys.Handle[1].Bytes()} {
		forms := []string{string(secret), hex.EncodeToString(secret), fmt.Sprint(secret), fmt.Sprintf("%#v", secret)}
		for _, form := range forms {
			if strings.Contains(printed, form) {
				t.Errorf("a secret is printed as %.8q...", form)
			}
		}
	}
	if !strings.Contains(printed, "[redacted]") {
		t.Error("nothing says that something is hidden")
	}
}

func TestEachProblem(t *testing.T) {
	set := func(name, value string) func(env) { return func(e env) { e.vars[name] = value } }
	file := func(name, content string, mode os.FileMode) func(env) {
		return func(e env) { e.vars[name] = e.write("spoilt", []byte(content), mode) }
	}
	provider := func(member string, value any) func(env) {
		return func(e env) { e.provider(func(p map[string]any) { p[member] = value }) }
	}
	launcher := func(member string, value any) func(env) {
		return func(e env) { e.launcher(func(l map[string]any) { l[member] = value }) }
	}
	rsaKey := func(e env) string {
		small, err := rsa.GenerateKey(rand.Reader, 1024)
		if err != nil {
			return ""
		}
		return e.write("small", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(small)}), 0o400)
	}
	hexKey := hex.EncodeToString(random())
	cases := []struct {
		name  string
		spoil func(env)
		want  string
	}{
		{"listen without port", set("RIBBLE_LISTEN", "127.0.0.1"), "RIBBLE_LISTEN: must be host:port"},
		{"listen beyond loopback without TLS", set("RIBBLE_LISTEN", "0.0.0.0:443"), "RIBBLE_LISTEN: without RIBBLE_TLS_CERT"},
		{"listen everywhere without TLS", set("RIBBLE_LISTEN", ":443"), "RIBBLE_LISTEN: without RIBBLE_TLS_CERT"},
		{"public URL http beyond loopback", set("RIBBLE_PUBLIC_URL", "http://ribble.nhs.uk"), "RIBBLE_PUBLIC_URL: must be an https"},
		{"public URL with path", set("RIBBLE_PUBLIC_URL", "https://ribble.nhs.uk/app"), "RIBBLE_PUBLIC_URL: must have no path"},
		{"public URL missing", set("RIBBLE_PUBLIC_URL", ""), "RIBBLE_PUBLIC_URL: is required"},
		{"public URL http with TLS", func(e env) {
			e.vars["RIBBLE_TLS_CERT"], e.vars["RIBBLE_TLS_KEY"] = e.vars["RIBBLE_NATIONAL_CERT"], e.vars["RIBBLE_NATIONAL_KEY"]
		}, "RIBBLE_PUBLIC_URL: must be https"},
		{"certificate without key", func(e env) { e.vars["RIBBLE_TLS_CERT"] = e.vars["RIBBLE_NATIONAL_CERT"] }, "RIBBLE_TLS_CERT: is given without RIBBLE_TLS_KEY"},
		{"key without certificate", func(e env) { e.vars["RIBBLE_TLS_KEY"] = e.vars["RIBBLE_NATIONAL_KEY"] }, "RIBBLE_TLS_KEY: is given without RIBBLE_TLS_CERT"},
		{"log level", set("RIBBLE_LOG_LEVEL", "loud"), "RIBBLE_LOG_LEVEL: must be"},
		{"database not postgres", set("RIBBLE_DATABASE_URL", "mysql://a:"+password+"@b/c"), "RIBBLE_DATABASE_URL: must be a postgres://"},
		{"database without user", set("RIBBLE_DATABASE_URL", "postgres://b/c"), "RIBBLE_DATABASE_URL: must be a postgres://"},
		{"one role for both", func(e env) { e.vars["RIBBLE_AUDIT_DATABASE_URL"] = e.vars["RIBBLE_DATABASE_URL"] }, "must be another role"},
		{"secret given twice", func(e env) { e.vars["RIBBLE_DATABASE_URL_FILE"] = e.write("u", []byte("postgres://a@b/c"), 0o400) }, "RIBBLE_DATABASE_URL: give either"},
		{"key missing", set("RIBBLE_INDEX_KEY", "/nonexistent/key"), "RIBBLE_INDEX_KEY: the file cannot be read"},
		{"key is a folder", set("RIBBLE_INDEX_KEY", "/"), "RIBBLE_INDEX_KEY: the file cannot be read"},
		{"key writable by group", file("RIBBLE_INDEX_KEY", hexKey, 0o460), "RIBBLE_INDEX_KEY: the file may be read by others"},
		{"key readable by all", file("RIBBLE_INDEX_KEY", hexKey, 0o604), "RIBBLE_INDEX_KEY: the file may be read by others"},
		{"key executable", file("RIBBLE_INDEX_KEY", hexKey, 0o700), "RIBBLE_INDEX_KEY: the file may be read by others"},
		{"key too short", file("RIBBLE_HANDLE_KEY", "abc", 0o400), "RIBBLE_HANDLE_KEY: the file must hold 32 bytes"},
		{"key empty", file("RIBBLE_HANDLE_KEY", "", 0o400), "RIBBLE_HANDLE_KEY: the file must hold 32 bytes"},
		{"key not hexadecimal", file("RIBBLE_HANDLE_KEY", strings.Repeat("z", 64), 0o400), "RIBBLE_HANDLE_KEY: the file must hold 32 bytes"},
		{"key all zero", file("RIBBLE_HANDLE_KEY", strings.Repeat("0", 64), 0o400), "RIBBLE_HANDLE_KEY: the file holds no random key"},
		{"file too large", file("RIBBLE_INDEX_KEY", strings.Repeat("0", 2<<20), 0o400), "RIBBLE_INDEX_KEY: the file is too large"},
		{"one file for two purposes", func(e env) { e.vars["RIBBLE_PERSON_KEY"] = e.vars["RIBBLE_INDEX_KEY"] }, "every key must differ"},
		{"one key twice", func(e env) { e.vars["RIBBLE_HANDLE_KEY"] = e.vars["RIBBLE_HANDLE_KEY_PREVIOUS"] }, "every key must differ"},
		{"checkpoint key readable", file("RIBBLE_CHECKPOINT_KEY", "x", 0o644), "RIBBLE_CHECKPOINT_KEY: the file may be read by others"},
		{"directory missing", set("RIBBLE_DIRECTORY", "/nonexistent"), "RIBBLE_DIRECTORY: the file cannot be read"},
		{"PDS http", set("RIBBLE_PDS_URL", "http://pds.example"), "RIBBLE_PDS_URL: must be an https"},
		{"PDS with password", set("RIBBLE_PDS_URL", "https://u:"+password+"@pds.example"), "RIBBLE_PDS_URL: must be an https"},
		{"SDS with query", set("RIBBLE_SDS_URL", "https://sds.example?a"), "RIBBLE_SDS_URL: must be an https"},
		{"ASID", set("RIBBLE_CONSUMER_ASID", "12ab"), "RIBBLE_CONSUMER_ASID: must be"},
		{"ODS", set("RIBBLE_CONSUMER_ODS", "q e"), "RIBBLE_CONSUMER_ODS: must be"},
		{"authority not PEM", file("RIBBLE_NATIONAL_CA", "x", 0o644), "RIBBLE_NATIONAL_CA: the authority file"},
		{"certificate not PEM", file("RIBBLE_NATIONAL_CERT", "x", 0o644), "RIBBLE_NATIONAL_CERT: it and RIBBLE_NATIONAL_KEY"},
		{"private key readable", func(e env) { e.vars["RIBBLE_NATIONAL_KEY"] = e.vars["RIBBLE_NATIONAL_CA"] }, "RIBBLE_NATIONAL_CERT: the file may be read by others"},
		{"network with host bits", set("RIBBLE_NATIONAL_NETWORKS", "10.1.2.3/8"), "RIBBLE_NATIONAL_NETWORKS: must be networks"},
		{"network words", set("RIBBLE_NATIONAL_NETWORKS", "any"), "RIBBLE_NATIONAL_NETWORKS: must be networks"},
		{"deadline words", set("RIBBLE_SOURCE_DEADLINE", "soon"), "RIBBLE_SOURCE_DEADLINE: must be a time"},
		{"deadline too long", set("RIBBLE_SOURCE_DEADLINE", "2h"), "RIBBLE_SOURCE_DEADLINE: must be a time"},
		{"view shorter than source", set("RIBBLE_VIEW_DEADLINE", "2s"), "RIBBLE_VIEW_DEADLINE: must not be shorter"},
		{"soft longer than view", set("RIBBLE_SOFT_DEADLINE", "11s"), "RIBBLE_SOFT_DEADLINE: must not be longer"},
		{"answer size", set("RIBBLE_MAX_ANSWER", "16MB"), "RIBBLE_MAX_ANSWER: must be a whole number"},
		{"session without end", set("RIBBLE_SESSION_ABSOLUTE", "720h"), "RIBBLE_SESSION_ABSOLUTE: must be a time"},
		{"idle longer than absolute", func(e env) { e.vars["RIBBLE_SESSION_IDLE"], e.vars["RIBBLE_SESSION_ABSOLUTE"] = "30m", "15m" }, "RIBBLE_SESSION_IDLE: must not be longer"},
		{"providers missing", set("RIBBLE_OIDC_PROVIDERS", "/nonexistent"), "RIBBLE_OIDC_PROVIDERS: the file cannot be read"},
		{"providers not JSON", file("RIBBLE_OIDC_PROVIDERS", "x", 0o644), "RIBBLE_OIDC_PROVIDERS: the file is not a JSON list"},
		{"no providers", file("RIBBLE_OIDC_PROVIDERS", "[]", 0o644), "RIBBLE_OIDC_PROVIDERS: at least one"},
		{"unknown member", provider("skip_checks", true), "RIBBLE_OIDC_PROVIDERS: the file is not a JSON list"},
		{"provider twice", provider("twice", true), "provider 2: its id and issuer"},
		{"provider id", provider("id", "A/b"), "provider 1: id must"},
		{"provider id reserved", provider("id", "callback"), "provider 1: id is a reserved"},
		{"provider kind", provider("kind", "saml"), "provider 1: kind must"},
		{"provider kind without claims", provider("kind", "oidc"), "provider 1: claims must"},
		{"provider kind without levels", provider("kind", "entra"), "provider 1: levels must"},
		{"provider without a tenant", provider("kind", "entra"), "provider 1: tenant"},
		{"provider client unknown", provider("client_auth", "none"), "provider 1: client_auth"},
		{"provider without a secret", provider("client_auth", "client_secret_basic"), "provider 1: secret_file"},
		{"provider clock", provider("clock_tolerance", "5m"), "RIBBLE_OIDC_PROVIDERS: must be a time"},
		{"provider id of local accounts", provider("id", "local"), "provider 1: id is a reserved"},
		{"limits unknown member", file("RIBBLE_SESSION_LIMITS", `{"RZB":{"idel":"5m"}}`, 0o644), "RIBBLE_SESSION_LIMITS: the file is not"},
		{"limits too long", file("RIBBLE_SESSION_LIMITS", `{"RZB":{"idle":"5h"}}`, 0o644), "RIBBLE_SESSION_LIMITS: must be a time"},
		{"limits of nobody", file("RIBBLE_SESSION_LIMITS", `{"rz b":{}}`, 0o644), "RIBBLE_SESSION_LIMITS: must be an ODS code"},
		{"provider name", provider("name", ""), "provider 1: name"},
		{"provider issuer", provider("issuer", "http://am.example"), "provider 1: issuer"},
		{"provider client", provider("client_id", ""), "provider 1: client_id"},
		{"provider key id", provider("key_id", ""), "provider 1: key_id"},
		{"provider signs with none", provider("key_algorithm", "none"), "provider 1: key_algorithm"},
		{"provider key of the other kind", provider("key_algorithm", "RS512"), "provider 1: key_file must hold"},
		{"provider weak key", func(e env) { provider("key_file", rsaKey(e))(e) }, "provider 1: key_file must hold"},
		{"provider level", provider("minimum_level", 0), "provider 1: minimum_level"},
		{"provider without algorithms", provider("algorithms", []string{}), "provider 1: algorithms must"},
		{"provider origin", provider("origins", []string{"https://a.example; script-src *"}), "provider 1: origins must"},
		{"provider accepts none", provider("algorithms", []string{"RS256", "none"}), "provider 1: algorithms may"},
		{"launchers missing", set("RIBBLE_LAUNCHERS", "/nonexistent"), "RIBBLE_LAUNCHERS: the file cannot be read"},
		{"launchers not JSON", file("RIBBLE_LAUNCHERS", "x", 0o644), "RIBBLE_LAUNCHERS: the file is not a JSON list"},
		{"launcher with an unknown member", launcher("skip_checks", true), "RIBBLE_LAUNCHERS: the file is not a JSON list"},
		{"launcher twice", launcher("twice", true), "launcher 2: its id and issuer"},
		{"launcher id", launcher("id", "A/b"), "launcher 1: id must"},
		{"launcher name", launcher("name", ""), "launcher 1: name"},
		{"launcher issuer http", launcher("issuer", "http://epr.example"), "launcher 1: issuer"},
		{"launcher issuer with slash", launcher("issuer", "https://epr.example/"), "launcher 1: issuer"},
		{"launcher organisation", launcher("organisation", map[string]any{"ods": "rzb", "name": "x"}), "launcher 1: organisation"},
		{"launcher level", launcher("assurance_level", 4), "launcher 1: assurance_level"},
		{"launcher activity", launcher("activities", []string{"all"}), "launcher 1: activities"},
		{"launcher without roles", launcher("roles", []any{}), "launcher 1: roles"},
		{"launcher role without profile", launcher("roles", []any{map[string]any{"name": "x"}}), "launcher 1: role 1"},
		{"launcher role with an odd activity", launcher("roles", []any{map[string]any{"profile": "x", "name": "x", "activities": []string{"*"}}}), "launcher 1: role 1"},
		{"launcher accepts none", launcher("algorithms", []string{"none"}), "launcher 1: algorithms"},
		{"launcher accepts a shared secret", launcher("algorithms", []string{"ES256", "HS256"}), "launcher 1: algorithms"},
		{"launcher without algorithms", launcher("algorithms", []string{}), "launcher 1: algorithms"},
		{"launcher with keys twice", launcher("jwks_url", "https://epr.example/jwks"), "launcher 1: exactly one"},
		{"launcher without keys", launcher("jwks_file", ""), "launcher 1: exactly one"},
		{"launcher keys missing", launcher("jwks_file", "/nonexistent"), "launcher 1: jwks_file"},
		{"launcher authority", launcher("ca_file", "/nonexistent"), "RIBBLE_LAUNCHERS: the authority file"},
		{"SMART without client", launcher("smart", map[string]any{"key_id": "1", "key_algorithm": "ES384"}), "launcher 1: smart needs"},
		{"SMART key on another curve", launcher("smart", map[string]any{"client_id": "r", "key_id": "1", "key_algorithm": "ES384"}), "launcher 1: smart key_file"},
		{"provider accepts a shared secret", provider("algorithms", []string{"HS256"}), "provider 1: algorithms may"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			e := good(t)
			k.spoil(e)
			c, err := config.Load(e.lookup)
			if err == nil || !strings.Contains(err.Error(), k.want) {
				t.Errorf("got %v, want %q", err, k.want)
			}
			if c.Listen != "" {
				t.Error("half a configuration was given")
			}
			if err != nil && strings.Contains(err.Error(), password) {
				t.Error("the problem quotes a secret")
			}
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := config.Load(func(string) (string, bool) { return "", false })
	var problems config.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	required := strings.Count(config.Describe(), "(required") - 1 // the owner's URL belongs to migrate
	if len(problems) != required {
		t.Errorf("%d problems for %d required settings:\n%v", len(problems), required, err)
	}
}

func TestDescribeNamesEverySettingThatLoadReads(t *testing.T) {
	e := good(t)
	asked := map[string]bool{}
	_, err := config.Load(func(name string) (string, bool) {
		asked[strings.TrimSuffix(name, "_FILE")] = true
		return e.lookup(name)
	})
	if err != nil {
		t.Fatal(err)
	}
	described := config.Describe()
	for name := range maps.Keys(asked) {
		if !strings.Contains(described, name+"\n") {
			t.Errorf("%s is not described", name)
		}
	}
}

func TestOwnerURL(t *testing.T) {
	for value, ok := range map[string]bool{"postgres://owner:" + password + "@db/ribble": true, "": false, "owner": false} {
		got, err := config.OwnerURL(func(name string) (string, bool) { return value, name == "RIBBLE_OWNER_DATABASE_URL" })
		if (err == nil) != ok || ok && got.Reveal() != value {
			t.Errorf("%v: %v", ok, err)
		}
	}
}

func TestLimitsOfAnOrganisation(t *testing.T) {
	e := good(t)
	e.vars["RIBBLE_SESSION_LIMITS"] = e.write("limits.json", []byte(`{"8Z903":{"idle":"5m","absolute":"2h"}}`), 0o644)
	c, err := config.Load(e.lookup)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Sessions.For("8Z903"), (config.SessionLimits{Idle: 5 * time.Minute, Linger: 30 * time.Minute, Absolute: 2 * time.Hour}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestProviderOfAnotherKind reads what the guide for operators shows.
func TestProviderOfAnotherKind(t *testing.T) {
	e := good(t)
	secret := e.write("secret", []byte(strings.Repeat("s", 40)), 0o400)
	e.vars["RIBBLE_OIDC_PROVIDERS"] = e.write("entra.json", []byte(`[{"id":"nhsmail","name":"NHSmail","kind":"entra","issuer":"https://login.example/t1/v2.0","client_id":"c",
		"client_auth":"client_secret_basic","secret_file":"`+secret+`","tenant":"t1","scopes":["profile"],"minimum_level":2,"algorithms":["RS256"],"clock_tolerance":"30s",
		"levels":[{"claim":"amr","value":"mfa","level":2}],"claims":{"name":"name","roles":"groups"},
		"roles":[{"value":"g1","code":"R8001","name":"Nurse","activities":["B0370"],"ods":"8Z903","organisation":"Larch House"}]}]`), 0o644)
	c, err := config.Load(e.lookup)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Providers[0]
	if p.Tolerance != 30*time.Second || len(p.Secret.Reveal()) != 40 || p.Roles[0].Activities[0] != "B0370" || p.Levels[0].Level != 2 || p.Claims.Roles != "groups" {
		t.Errorf("%+v", p)
	}
}
