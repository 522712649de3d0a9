package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// use is a forbidden use of a package's name.
type use struct {
	pkg, name string
	why       string
	// inside are the packages it holds for; none means all. Except are those that may.
	inside, except []string
}

var uses = []use{
	{pkg: "time", name: "Now", inside: []string{"internal/record", "internal/access", "internal/consent", "internal/sensitive", "internal/merge", "internal/section", "internal/quarantine", "internal/locator", "internal/directory"},
		why: "domain packages are given the time"},
	{pkg: "context", name: "Background", inside: []string{"internal/portal*", "internal/openrecord", "internal/fanout", "internal/findperson"}, why: "work for a request ends with the request, or says context.WithoutCancel"},
	{pkg: "context", name: "TODO", why: "every call has a context to pass on"},
	{pkg: "fmt", name: "Print", except: []string{"cmd/*", "web/build"}, why: "a package that prints cannot know where to"},
	{pkg: "fmt", name: "Println", except: []string{"cmd/*", "web/build"}, why: "a package that prints cannot know where to"},
	{pkg: "fmt", name: "Printf", except: []string{"cmd/*", "web/build"}, why: "a package that prints cannot know where to"},
	{pkg: "os", name: "Exit", except: []string{"cmd/*", "web/build", "internal/adapter/internal/fhirgen"}, why: "only a command ends the program"},
	{pkg: "templ", name: "Raw", why: "text from a source is never markup"},
	{pkg: "json", name: "Number", inside: []string{"internal/adapter/*"}, why: "numbers of a source keep their text: fhirjson.Decimal"},
	{pkg: "http", name: "TimeoutHandler", why: "it holds back a page that should stream"},
	{pkg: "http", name: "DefaultClient", why: "internal/outbound is the one way out", except: []string{"internal/sandbox*", "cmd/launch-example"}},
	{pkg: "http", name: "Get", why: "internal/outbound is the one way out"},
	{pkg: "jwt", name: "SigningMethodNone", why: "no code may accept an unsigned token"},
	{pkg: "jwt", name: "UnsafeAllowNoneSignatureType", why: "no code may accept an unsigned token"},
	{pkg: "slog", name: "Any", inside: []string{"internal/*"}, why: "an attribute of any type could carry a patient's data"},
}

func TestForbiddenUses(t *testing.T) {
	s := tree(t)
	for _, f := range s.golang(true) {
		if f.test || f.pkg() == "internal/archtest" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			for _, u := range uses {
				if x.Name != u.pkg || sel.Sel.Name != u.name || u.inside != nil && !permits(u.inside, f.pkg()) || permits(u.except, f.pkg()) || slices.Contains(testOnly, f.pkg()) {
					continue
				}
				t.Errorf("%s: %s.%s: %s", s.at(sel), u.pkg, u.name, u.why)
			}
			return true
		})
	}
	for _, f := range s.files {
		if strings.HasSuffix(f.name, ".templ") && strings.Contains(string(f.text), "templ.Raw") {
			t.Errorf("%s: templ.Raw: text from a source is never markup", f.name)
		}
	}
}

// The header of an unsigned token is written in one place: GP Connect asks for it, nothing accepts it.
func TestUnsignedTokensAreMadeInOnePlace(t *testing.T) {
	const home = "internal/adapter/gpconnect"
	s, makers := tree(t), 0
	for _, f := range s.golang(false) {
		if f.test || strings.HasPrefix(f.pkg(), "internal/sandbox/") || f.pkg() == "internal/archtest" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil || !strings.Contains(text, "none") || !strings.Contains(text, "alg") {
				return true
			}
			if makers++; f.pkg() != home {
				t.Errorf("%s: an unsigned token is made outside %s", s.at(lit), home)
			}
			return true
		})
	}
	if makers != 1 {
		t.Errorf("unsigned tokens are made in %d places, not in one", makers)
	}
}

// unwelcome are words that would tie the repository to one machine. They are put together here so that this file does not contain them.
var unwelcome = regexp.MustCompile(strings.Join([]string{
	`(^|[^.\w])/` + `(work|farm|home/\w+|Users/\w+|root/)\b`, `proxy\.` + `golang`, `registry\.` + `npmjs`, `deb\.` + `debian`, `GO` + `PROXY=`, `npm config set reg` + `istry`,
}, "|"))

func TestNoMachineIsNamed(t *testing.T) {
	for _, f := range tree(t).files {
		if !utf8.Valid(f.text) || strings.HasSuffix(f.name, "go.sum") {
			continue
		}
		for i, line := range strings.Split(string(f.text), "\n") {
			if m := unwelcome.FindString(line); m != "" {
				t.Errorf("%s:%d: names a machine, a registry or a workplace: %q", f.name, i+1, m)
			}
		}
	}
}

// A default would swallow a twelfth state without a word.
func TestSwitchesOverStatesHaveNoDefault(t *testing.T) {
	s := tree(t)
	states := map[string]bool{}
	for _, name := range []string{"Data", "NilAsserted", "NoneRecorded", "NotKnownHere", "Refused", "Withheld", "Incomplete", "Unavailable", "NotAsked", "Mismatch", "Uninterpretable"} {
		states[name] = true
	}
	for _, f := range s.golang(false) {
		if f.test {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			sw, ok := n.(*ast.SwitchStmt)
			if !ok {
				return true
			}
			overStates, byDefault := false, false
			for _, c := range sw.Body.List {
				clause := c.(*ast.CaseClause)
				byDefault = byDefault || clause.List == nil
				for _, e := range clause.List {
					overStates = overStates || isState(f, e, states)
				}
			}
			if overStates && byDefault {
				t.Errorf("%s: a switch over record.State has a default", s.at(sw))
			}
			return true
		})
	}
}

func isState(f *file, e ast.Expr, states map[string]bool) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return f.pkg() == "internal/record" && states[e.Name]
	case *ast.SelectorExpr:
		x, ok := e.X.(*ast.Ident)
		return ok && x.Name == "record" && states[e.Sel.Name]
	}
	return false
}
