package users

import (
	"slices"
	"testing"

	"ribble/internal/identity/local"
	"ribble/internal/sponsor"
)

// TestEveryWordIsThere: each role, state and fate has words on the pages.
func TestEveryWordIsThere(t *testing.T) {
	keys := slices.Sorted(slices.Values(roleOrder))
	if !slices.Equal(keys, local.RoleKeys()) {
		t.Errorf("the roles to choose from are %v", keys)
	}
	for _, key := range local.RoleKeys() {
		if roleHints[key] == "" {
			t.Errorf("nothing says what %s sees", key)
		}
	}
	for _, s := range []sponsor.State{sponsor.Asked, sponsor.Sponsored, sponsor.Granted, sponsor.Refused, sponsor.Expired} {
		if states[s].words == "" {
			t.Errorf("no words for %s", s)
		}
	}
	for _, f := range []sponsor.Fate{sponsor.EndsNow, sponsor.EndsLater, sponsor.EndsBefore, sponsor.WasEnded, sponsor.NoAccount, sponsor.SessionsEnd, sponsor.TooEarly} {
		if fates[f].words == "" {
			t.Errorf("no words for %s", f)
		}
	}
	for field := range labels {
		if hrefOf[field] == "" {
			t.Errorf("no control for %s", field)
		}
	}
	if typedDay(map[string][]string{"until[day]": {" 3 "}, "until[month]": {"7"}, "until[year]": {"2027"}}, "until") != "2027-07-03" ||
		typedDay(map[string][]string{"until[day]": {"31"}, "until[month]": {"2"}, "until[year]": {"2027"}}, "until") != "" {
		t.Error("days are not read as typed")
	}
}
