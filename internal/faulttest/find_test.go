package faulttest

import (
	"strings"
	"testing"
	"time"

	"ribble/internal/sandbox/story"
)

// TestWhoCannotBeOpened: what is said of numbers that are wrong, unknown, invalid or replaced, and of people who are restricted or dead, and who is asked.
func TestWhoCannotBeOpened(t *testing.T) {
	need(t)
	v := hire(t, region)
	for _, c := range []struct {
		name, number string
		status       int
		says         string
		asked        bool
	}{
		{"wrong check digit", "9991411691", 422, "not a valid NHS number", false},
		{"letters", "99914116X0", 422, "not a valid NHS number", false},
		{"nine digits", "999141169", 422, "not a valid NHS number", false},
		{"nothing", "", 422, "NHS number", false},
		{"hostile", "<script>alert(1)</script>", 422, "NHS number", false},
		{"unknown", nobody(t), 422, "Nobody with this NHS number", true},
		{"made invalid", "9996140024", 422, "no longer valid", true},
		{"replaced", "9993581763", 200, "has been replaced", true},
		{"restricted", "9990646465", 200, "Restricted record", true},
		{"dead", "9998825547", 200, "has died", true},
	} {
		mine := counted(t)
		p := v.find(t, c.number)
		if p.status != c.status || !strings.Contains(string(p.body), c.says) {
			t.Errorf("%s: status %d, and the page says %q", c.name, p.status, strings.Join(strings.Fields(text(p.tree)), " "))
		}
		if c.name == "hostile" && strings.Contains(string(p.body), c.number) {
			t.Errorf("%s: what was typed is markup", c.name)
		}
		if now := counted(t); (now != mine) != c.asked {
			t.Errorf("%s: asked %v", c.name, now != mine)
		}
	}
	for number, c := range map[string]struct{ slot, says, not string }{
		"9990646465": {"flags", "Restricted", "Beck Lane"},
		"9998825547": {"flags", "Died", "Amlodipine"},
		"9993581763": {"person", "KENYON", "9993581763"},
	} {
		p := v.open(t, number)
		if p.status != 200 || !p.ended() || !strings.Contains(p.say(c.slot), c.says) || strings.Contains(text(p.tree), c.not) {
			t.Errorf("%s: status %d, ended %v, %q says %q", c.says, p.status, p.ended(), c.slot, p.say(c.slot))
		}
	}
	told := finished(t, v)
	if told.Act == "" {
		t.Error("no look was written down")
	}
	_, log := region.Region.Control.Requests()
	for _, a := range log {
		if a.NHSNumber == "9990646465" && a.Source != "pds" || a.NHSNumber == "9998825547" && strings.HasPrefix(a.Source, "gp-") {
			t.Errorf("%s was asked about a restricted or dead person", a.Source)
		}
	}
}

// nobody is a valid NHS number that the region has given to no one.
func nobody(t *testing.T) string {
	t.Helper()
	for middle := 999_999; middle > 0; middle-- {
		if number, ok := story.TestNumber(middle); ok {
			if _, taken := region.Region.World.Person(number); !taken {
				return number
			}
		}
	}
	t.Fatal("no free number")
	return ""
}

// counted is how many requests of any kind have reached the region.
func counted(t *testing.T) int {
	t.Helper()
	time.Sleep(20 * time.Millisecond)
	counts, _ := region.Region.Control.Requests()
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}
