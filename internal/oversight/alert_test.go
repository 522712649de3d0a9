package oversight_test

import (
	"regexp"
	"testing"

	"ribble/internal/oversight"
)

// TestKindsAreCodes: a kind stands in the database, in addresses and perhaps in an e-mail, so it says what happened and never to whom.
func TestKindsAreCodes(t *testing.T) {
	seen := map[oversight.Kind]bool{}
	for _, k := range oversight.Kinds {
		if seen[k] || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(string(k)) {
			t.Errorf("the kind %q is listed twice or is no code", k)
		}
		seen[k] = true
	}
	if oversight.Kinds[0] != oversight.BreakGlass {
		t.Errorf("the gravest kind is %s", oversight.Kinds[0])
	}
}
