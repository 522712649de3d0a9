package faulttest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ribble/internal/record"
	"ribble/internal/sandbox/fault"
)

// TestNationalFaults tries every fault on the national demographics and on the national directory.
func TestNationalFaults(t *testing.T) {
	need(t)
	// The two are tried side by side, but for what makes the portal leave the demographics service in peace for a while.
	t.Run("together", func(t *testing.T) {
		t.Run("pds", func(t *testing.T) {
			t.Parallel()
			tryDemographics(t, func(name string) bool { return !slices.Contains(alone, name) })
		})
		t.Run("sds", trySpine)
	})
	t.Run("pds alone", func(t *testing.T) {
		tryDemographics(t, func(name string) bool { return slices.Contains(alone, name) && !strings.HasPrefix(name, "tls-") })
	})
	quiet(t)
}

func tryDemographics(t *testing.T, wanted func(name string) bool) {
	v, well := hire(t, region), people[hodder].take()
	for _, f := range fault.Table() {
		// The national record is the measure of who somebody is: no other source can tell that it is wrong.
		if f.Name == fault.None || f.Name == "wrong-birth-date" || !wanted(f.Name) {
			continue
		}
		if v.left--; v.left < 4 {
			v = hire(t, region)
		}
		demographics(t, v, f.Name, people[hodder].take())
		again(t, func() bool { return found(v.find(t, well)) != nil })
	}
}

func trySpine(t *testing.T) {
	t.Parallel()
	v := hire(t, region)
	for i, f := range fault.Table() {
		if f.Name == fault.None {
			continue
		}
		spine(t, v, f.Name, unasked[i])
		if i%2 == 0 {
			// A practice asked for before is remembered, so another's well answer shows that the directory is asked again.
			spare := unasked[len(fault.Table())+i]
			again(t, func() bool { return v.open(t, spare.number).shows(mark(spare.practice, spare.number)) })
		}
	}
}

// again waits until what failed works without anybody's help.
func again(t *testing.T, works func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !works(); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not work again")
		}
	}
}

// demographics looks a person up while the demographics service fails for that person: either the right person is found, or nobody is.
func demographics(t *testing.T, v *visitor, name, number string) {
	t.Helper()
	strike(t, "pds", fault.Setting{Fault: name, NHSNumber: number})
	defer strike(t, "pds", fault.Setting{})
	p := v.find(t, number)
	if p.took > deadline+slack {
		t.Errorf("%s at pds took %s", name, p.took)
	}
	said := one(text(p.tree))
	spaced := number[:3] + " " + number[3:6] + " " + number[6:]
	switch {
	case p.status == 200 && !strings.Contains(said, spaced):
		t.Errorf("%s at pds: another person is found", name)
	case p.status != 200 && (p.status < 400 || strings.Contains(said, "ASHWORTH") || found(p) != nil):
		t.Errorf("%s at pds: status %d: %s", name, p.status, said)
	case p.status != 200 && !strings.Contains(said, "demographics service") && !strings.Contains(said, "NHS number"):
		t.Errorf("%s at pds: the page does not say what is wrong: %s", name, said)
	}
	if p.status == 500 {
		t.Errorf("%s at pds is taken for a fault of the portal", name)
	}
}

// spine opens a person whose practice nobody has asked for yet, while the directory that knows its address fails.
func spine(t *testing.T, v *visitor, name string, who unaskedPerson) {
	t.Helper()
	strike(t, "sds", fault.Setting{Fault: name})
	p := v.open(t, who.number)
	strike(t, "sds", fault.Setting{})
	if p.status != 200 || !p.ended() || p.took > deadline+slack {
		t.Errorf("%s at sds: status %d, ended %v after %s", name, p.status, p.ended(), p.took)
		return
	}
	final(t, p, name)
	_, state := worst(finished(t, v), "gp-"+strings.ToLower(who.practice))
	if shown := p.shows(mark(who.practice, who.number)); shown != (state == record.Data) || state != record.Data && state != record.Unavailable {
		t.Errorf("%s at sds: the practice is %s, and shown: %v", name, state, shown)
	}
	for _, ods := range []string{bowland, calder, pendle, wyrefield} {
		if !p.shows(mark(ods, who.number)) {
			t.Errorf("%s at sds: the record of %s is missing", name, ods)
		}
	}
}
