package archtest

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const hazardLog = "docs/clinical-safety/hazard-log.md"

var (
	namedTest = regexp.MustCompile("`([a-z0-9]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")
	// aRisk is a cell such as "Major, very low: 2".
	aRisk = regexp.MustCompile(`^(Minor|Significant|Considerable|Major|Catastrophic), (very high|high|medium|low|very low): ([1-5])$`)
)

// riskOf is the matrix of DCB0129 as it is commonly used: rows by likelihood, columns by severity.
var (
	severities = []string{"Minor", "Significant", "Considerable", "Major", "Catastrophic"}
	riskOf     = map[string][]int{"very high": {3, 4, 4, 5, 5}, "high": {2, 3, 3, 4, 5}, "medium": {2, 2, 3, 3, 4}, "low": {1, 2, 2, 3, 4}, "very low": {1, 1, 2, 2, 3}}
)

// A hazard log that names no tests, or tests that are gone, would promise what nobody checks.
func TestEveryHazardIsGuarded(t *testing.T) {
	s, real := tree(t), map[string]bool{}
	for _, f := range s.golang(false) {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test {
				real[path.Base(f.pkg())+"."+fn.Name.Name] = true
			}
		}
	}
	at := slices.IndexFunc(s.files, func(f *file) bool { return f.name == hazardLog })
	if at < 0 {
		t.Fatal("there is no hazard log")
	}
	problems, hazards := hazardProblems(string(s.files[at].text), real)
	for _, p := range problems {
		t.Error(p)
	}
	if hazards < 26 {
		t.Errorf("the log has only %d hazards", hazards)
	}
}

// hazardProblems says what is wrong with a hazard log, given the tests that there are.
func hazardProblems(log string, real map[string]bool) (problems []string, hazards int) {
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "| H") {
			continue
		}
		hazards++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		id := strings.TrimSpace(cells[0])
		if len(cells) != 9 {
			problems = append(problems, id+" has not the nine columns of the log")
			continue
		}
		named := namedTest.FindAllStringSubmatch(cells[6], -1)
		if len(named) == 0 {
			problems = append(problems, id+" names no test")
		}
		for _, m := range named {
			if !real[m[1]+"."+m[2]] {
				problems = append(problems, id+" names "+m[1]+"."+m[2]+", which does not exist")
			}
		}
		for _, cell := range []int{4, 7} {
			rating, ok := rated(strings.TrimSpace(cells[cell]))
			if !ok {
				problems = append(problems, id+": "+cells[cell]+" is not a risk by the matrix")
			}
			if cell == 7 && rating > 3 {
				problems = append(problems, id+": what remains is not acceptable")
			}
		}
	}
	return problems, hazards
}

// rated reads a risk, and reports whether its rating follows from its severity and likelihood.
func rated(cell string) (int, bool) {
	m := aRisk.FindStringSubmatch(cell)
	if m == nil {
		return 0, false
	}
	rating, err := strconv.Atoi(m[3])
	return rating, err == nil && riskOf[m[2]][slices.Index(severities, m[1])] == rating
}

// TestHazardProblems: each flaw of a hazard log is found.
func TestHazardProblems(t *testing.T) {
	real := map[string]bool{"x.TestY": true}
	row := func(tests, before, after string) string {
		return "| H01 | a | b | c | " + before + " | d | " + tests + " | " + after + " |  |\n"
	}
	for name, c := range map[string]struct {
		log  string
		want string
	}{
		"whole":               {row("`x.TestY`", "Major, high: 4", "Major, low: 3"), ""},
		"no test":             {row("none yet", "Major, high: 4", "Major, low: 3"), "names no test"},
		"a test that is gone": {row("`x.TestY`, `x.TestZ`", "Major, high: 4", "Major, low: 3"), "x.TestZ, which does not exist"},
		"a wrong rating":      {row("`x.TestY`", "Major, high: 3", "Major, low: 3"), "not a risk by the matrix"},
		"no rating":           {row("`x.TestY`", "", "Major, low: 3"), "not a risk by the matrix"},
		"not acceptable":      {row("`x.TestY`", "Major, high: 4", "Major, high: 4"), "not acceptable"},
		"a column short":      {"| H01 | a | `x.TestY` |\n", "nine columns"},
	} {
		problems, hazards := hazardProblems("# Log\n"+c.log, real)
		if said := strings.Join(problems, "\n"); hazards != 1 || c.want == "" && said != "" || !strings.Contains(said, c.want) {
			t.Errorf("%s: %q of %d hazards", name, said, hazards)
		}
	}
}
