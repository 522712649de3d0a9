package requestid_test

import (
	"regexp"
	"testing"

	"ribble/internal/adapter/internal/requestid"
)

var form = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestNew(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := requestid.New()
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("%q is no random UUID, or came twice", id)
		}
		seen[id] = true
	}
}
