package archtest

import (
	"slices"
	"strings"
	"testing"
)

// table says which packages of this module each package may import, outside its tests. What does not stand here is forbidden.
// It reads from the inside out: what a package imports stands above it.
const table = `
internal/record                    :
internal/fault                     :
internal/seal                      :
internal/identity                  :
internal/config                    :
internal/telemetry                 :
internal/telemetry/metric          :
internal/outbound                  :
migrations                         :

internal/consent                   : internal/record
internal/relationship              : internal/record
internal/oversight                 :
internal/access                    : internal/consent internal/identity internal/oversight internal/record internal/relationship
internal/merge                     : internal/record
internal/quarantine                : internal/record
internal/sensitive/codeset         : internal/record
internal/sensitive                 : internal/access internal/quarantine internal/record internal/sensitive/codeset
internal/ledger/leaf               :
internal/ledger/checkpoint         :
internal/ledger                    : internal/ledger/checkpoint internal/ledger/leaf
internal/ledger/witness            : internal/ledger internal/ledger/checkpoint internal/outbound
internal/ledger/verify             : internal/ledger/leaf
internal/audit                     : internal/access internal/fault internal/identity internal/ledger/leaf internal/record
internal/balp                      : internal/audit internal/record
internal/reconcile                 : internal/audit internal/ledger/leaf
internal/oversight/watch           : internal/access internal/audit internal/relationship
internal/oversight/inquiry         : internal/audit
internal/oversight/queue           : internal/audit internal/fault internal/identity internal/oversight internal/oversight/watch
internal/oversight/report          : internal/audit internal/oversight/inquiry internal/record internal/relationship
internal/oversight/patrol          : internal/access internal/audit internal/oversight/inquiry internal/oversight/watch
internal/oversight/picture         :
internal/oversight/post            :
internal/oversight/rulebook        : internal/audit internal/fault internal/identity internal/oversight/watch
internal/oversight/proof           : internal/audit internal/ledger
internal/register                  : internal/access internal/audit internal/consent internal/fault internal/identity internal/oversight internal/record internal/relationship
internal/dataquality               : internal/audit internal/fault internal/identity internal/record
internal/directory                 : internal/record
internal/onboarding                : internal/audit internal/directory internal/fault internal/identity internal/record
internal/locator                   : internal/access internal/directory internal/identity internal/record
internal/fanout                    : internal/audit internal/record internal/telemetry

internal/adapter/internal/requestid:
internal/adapter/internal/fhirjson :
internal/adapter/internal/fhirgen  :
internal/adapter/internal/stu3     : internal/adapter/internal/fhirjson internal/record
internal/adapter/internal/r4       : internal/adapter/internal/fhirjson internal/record
internal/adapter/internal/r4map    : internal/adapter/internal/r4 internal/record
internal/adapter/internal/fhirrest : internal/adapter/internal/fhirjson internal/adapter/internal/r4 internal/fault internal/outbound internal/record
internal/adapter/internal/r4feed   : internal/adapter/internal/fhirrest internal/adapter/internal/r4 internal/adapter/internal/r4map internal/outbound internal/record
internal/adapter/gpconnect         : internal/adapter/internal/fhirjson internal/adapter/internal/requestid internal/adapter/internal/stu3 internal/outbound internal/record
internal/adapter/fhirr4            : internal/adapter/internal/r4feed internal/record
internal/adapter/socialcare        : internal/adapter/internal/r4feed internal/record
internal/adapter/pds               : internal/adapter/internal/fhirjson internal/adapter/internal/r4 internal/adapter/internal/requestid internal/fault internal/outbound internal/record
internal/adapter/sds               : internal/adapter/internal/fhirjson internal/adapter/internal/requestid internal/fault internal/outbound internal/record

web                                :
web/build                          :
web/ui                             :
web/panel                          : web/ui
web/layout                         : web/panel web/ui
web/page                           : web/layout web/ui

internal/section                   : internal/merge internal/record internal/sensitive web/panel web/ui
internal/openrecord                : internal/access internal/audit internal/directory internal/fanout internal/fault internal/identity internal/locator internal/oversight internal/quarantine internal/record internal/register internal/relationship internal/section internal/sensitive internal/telemetry
internal/sourcecheck               : internal/access internal/audit internal/fanout internal/fault internal/identity internal/outbound internal/quarantine internal/record
internal/health                    : internal/outbound internal/record
internal/findperson                : internal/access internal/audit internal/fault internal/identity internal/record

internal/identity/signin           : internal/identity internal/seal
internal/identity/local            : internal/identity internal/seal
internal/sponsor                   : internal/audit internal/fault internal/identity internal/identity/local
internal/identity/launch           : internal/identity internal/record internal/seal
internal/portal/middleware         : internal/identity internal/telemetry
internal/portal/handle             : internal/fault internal/identity internal/record internal/seal
internal/portal/clinician          : internal/access internal/audit internal/dataquality internal/fault internal/findperson internal/identity internal/identity/launch internal/openrecord internal/oversight/post internal/portal/handle internal/portal/middleware internal/record internal/register internal/relationship internal/seal internal/section internal/sensitive internal/telemetry web/layout web/page web/panel web/ui
internal/portal/consentdesk        : internal/access internal/consent internal/fault internal/findperson internal/identity internal/portal/handle internal/portal/middleware internal/record internal/section web/layout web/page web/ui
internal/portal/officer            : internal/access internal/audit internal/balp internal/fault internal/identity internal/ledger internal/oversight internal/oversight/* internal/portal/handle internal/portal/middleware internal/record internal/sensitive internal/register internal/relationship web/layout web/page web/ui
internal/portal/admin              : internal/access internal/directory internal/fault internal/health internal/identity internal/onboarding internal/portal/middleware internal/record internal/sourcecheck web/layout web/page web/ui
internal/portal/quality            : internal/access internal/dataquality internal/fault internal/identity internal/oversight/post internal/portal/middleware internal/record web/layout web/page web/ui
internal/portal/account            : internal/fault internal/identity internal/identity/local internal/seal web/layout web/page web/ui
internal/portal/users              : internal/fault internal/identity internal/identity/local internal/portal/middleware internal/record internal/sponsor web/layout web/page web/ui
internal/portal                    : internal/access internal/audit internal/directory internal/fault internal/identity internal/identity/launch internal/identity/local internal/identity/signin internal/portal/account internal/portal/admin internal/portal/clinician internal/portal/consentdesk internal/portal/middleware internal/portal/officer internal/portal/quality internal/portal/users internal/record internal/sponsor web/layout web/page web/ui

internal/postgres                  : internal/access internal/audit internal/consent internal/dataquality internal/directory internal/health internal/identity internal/identity/local internal/ledger internal/ledger/leaf internal/onboarding internal/oversight internal/oversight/inquiry internal/oversight/patrol internal/oversight/picture internal/oversight/post internal/oversight/queue internal/oversight/rulebook internal/oversight/watch internal/reconcile internal/record internal/register internal/relationship internal/sponsor migrations

internal/app                       : internal/* web

internal/sandbox/pki               :
internal/sandbox/fhirout           : internal/sandbox/story
internal/sandbox/story             :
internal/sandbox/r4server          : internal/sandbox/fhirout internal/sandbox/story
internal/sandbox/ukcore            : internal/sandbox/fhirout internal/sandbox/r4server internal/sandbox/story
internal/sandbox/fault             : internal/sandbox/*
internal/sandbox/cis2              :
internal/sandbox/epr               : internal/sandbox/*
internal/sandbox/pds               : internal/sandbox/story
internal/sandbox/sds               : internal/sandbox/story
internal/sandbox/gpsystem          : internal/sandbox/fhirout internal/sandbox/story
internal/sandbox/hospital          : internal/sandbox/r4server internal/sandbox/story internal/sandbox/ukcore
internal/sandbox/council           : internal/sandbox/fhirout internal/sandbox/r4server internal/sandbox/story internal/sandbox/ukcore
internal/sandbox                   : internal/sandbox/*

internal/spawn                     :
internal/pgrun                     : internal/spawn
deploy/demo                        :
internal/demo                      : deploy/demo internal/app internal/audit internal/config internal/consent internal/health internal/identity internal/identity/local internal/pgrun internal/postgres internal/record internal/register internal/sandbox internal/sandbox/story internal/sponsor

cmd/launch-example                 :
cmd/ribble                         : internal/app internal/config internal/postgres
cmd/sandbox                        : internal/sandbox
cmd/demo                           : internal/demo
internal/bench                     : internal/* web/*
cmd/bench                          : internal/bench
internal/prove                     : deploy/demo internal/*
cmd/prove                          : internal/prove
internal/supply                    :
cmd/supply                         : internal/supply
`

// testOnly are packages that serve tests. They may import what they need; nothing but tests and each other may import them.
var testOnly = []string{
	"internal/archtest", "internal/browser", "internal/e2e", "internal/faulttest", "internal/pgtest", "internal/adapter/adaptertest", "internal/adapter/internal/r4fake",
	"internal/sandbox/wiretest", "web/internal/golden", "web/internal/sample",
}

// allowed reads the table.
func allowed(t *testing.T) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for line := range strings.Lines(table) {
		name, imports, ok := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		if !ok {
			continue
		}
		if _, twice := rows[name]; twice {
			t.Errorf("the import table names %s twice", name)
		}
		rows[name] = strings.Fields(imports)
	}
	return rows
}

// permits reports whether one of the patterns covers the import; "a/*" covers everything below a.
func permits(patterns []string, imported string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		below, wild := strings.CutSuffix(p, "*")
		return p == imported || wild && strings.HasPrefix(imported, below)
	})
}

func TestImportTable(t *testing.T) {
	rows := allowed(t)
	seen := map[string]bool{}
	for _, f := range tree(t).golang(true) {
		pkg := f.pkg()
		seen[pkg] = true
		row, listed := rows[pkg]
		if slices.Contains(testOnly, pkg) || f.test {
			continue
		}
		if !listed {
			t.Errorf("%s is not in the import table: say what it may import", pkg)
			rows[pkg] = []string{"*"}
			continue
		}
		for _, imported := range f.imports() {
			switch {
			case !ours(imported):
			case slices.Contains(testOnly, imported):
				t.Errorf("%s imports %s, which is for tests only", f.name, imported)
			case !permits(row, imported):
				t.Errorf("%s imports %s, which the import table does not give to %s", f.name, imported, pkg)
			}
		}
	}
	for pkg := range rows {
		if !seen[pkg] {
			t.Errorf("the import table names %s, which does not exist", pkg)
		}
	}
}

// The portal must meet the sandbox only over the wire, or its tests would prove nothing about real sources. Tests of adapters may serve the sandbox's messages.
func TestPortalAndSandboxNeverMeet(t *testing.T) {
	mayMeet := []string{"cmd/*", "internal/demo", "internal/e2e", "internal/bench", "internal/prove", "internal/adapter/adaptertest"}
	for _, f := range tree(t).golang(true) {
		inSandbox := f.pkg() == "internal/sandbox" || strings.HasPrefix(f.pkg(), "internal/sandbox/")
		for _, imported := range f.imports() {
			ofSandbox := imported == "internal/sandbox" || strings.HasPrefix(imported, "internal/sandbox/")
			switch {
			case inSandbox && ours(imported) && !ofSandbox:
				t.Errorf("%s is of the sandbox and imports %s of the portal", f.name, imported)
			case !inSandbox && ofSandbox && !f.test && !permits(mayMeet, f.pkg()):
				t.Errorf("%s is of the portal and imports %s of the sandbox", f.name, imported)
			}
		}
	}
}

// ban forbids imports to all packages but a few.
type ban struct {
	why     string
	imports []string
	// inside are the packages it holds for; none means all.
	inside []string
	// except are the packages that may; tests says that it holds for tests too.
	except []string
	tests  bool
}

var domain = []string{"internal/record", "internal/access", "internal/consent", "internal/sensitive", "internal/merge", "internal/section", "internal/quarantine", "internal/fault"}

var bans = []ban{
	{why: "domain packages know no HTTP and no SQL", inside: domain, tests: true, imports: []string{"net/http*", "net", "database/sql*", "github.com/jackc/*", "github.com/go-chi/*"}},
	{why: "Postgres is reached through internal/postgres alone", imports: []string{"github.com/jackc/*", "database/sql*"},
		except: []string{"internal/postgres", "internal/pgtest", "internal/pgrun", "migrations", "internal/e2e", "internal/bench", "internal/demo", "internal/prove"}},
	{why: "addresses are named in internal/portal alone", imports: []string{"github.com/go-chi/*"}, except: []string{"internal/portal*"}},
	{why: "adapters make no pages", inside: []string{"internal/adapter/*"}, imports: []string{"internal/portal*", "internal/section*", "web*", "github.com/a-h/templ*"}, tests: true},
	{why: "only these sign or verify tokens; GP Connect's unsigned ones are made without a library", imports: []string{"github.com/golang-jwt/*", "github.com/coreos/go-oidc/*"},
		except: []string{"internal/identity/signin", "internal/identity/launch", "internal/sandbox/*", "cmd/launch-example"}},
	{why: "sources' JSON is decoded strictly (case, duplicate names, numbers as text)", imports: []string{"encoding/json"},
		inside: []string{"internal/adapter/*", "internal/directory", "internal/config"}, except: []string{"internal/adapter/adaptertest", "internal/adapter/internal/r4fake"}},
	{why: "logs go through log/slog and the handler that refuses unlisted attributes", imports: []string{"log"}, except: []string{"internal/sandbox", "internal/adapter/adaptertest", "internal/telemetry"}},
	{why: "tests compare with go-cmp", imports: []string{"github.com/stretchr/testify*", "gotest.tools/*"}, tests: true},
	{why: "pages are templ components; the sandbox's provider and the benchmark's comparison are none of ours", imports: []string{"html/template", "text/template"}, except: []string{"internal/sandbox/*", "internal/bench", "internal/prove", "cmd/launch-example"}},
	{why: "profiles would lay patient data open", imports: []string{"net/http/pprof", "expvar"}, except: []string{"cmd/bench", "internal/bench"}},
	{why: "no memory tricks where patients' data passes", imports: []string{"unsafe"}},
}

func TestBannedImports(t *testing.T) {
	for _, f := range tree(t).golang(false) {
		for _, b := range bans {
			if f.test && !b.tests || b.inside != nil && !permits(b.inside, f.pkg()) || permits(b.except, f.pkg()) {
				continue
			}
			for _, imported := range f.imports() {
				if permits(b.imports, imported) {
					t.Errorf("%s imports %s: %s", f.name, imported, b.why)
				}
			}
		}
	}
}
