package prove

import (
	"slices"
	"strings"
	"time"

	"ribble/internal/sandbox/fault"
)

// elevenFailing lets eleven sources fail and times the twelfth.
func elevenFailing(st *stage) error {
	for _, name := range []string{"hang-before-headers", "drip", "reset-mid-body", "garbage"} {
		rounds := st.choose(12, 2)
		if name == "drip" {
			rounds = st.choose(12, 1)
		}
		var well, beside, complete []time.Duration
		for i := range rounds {
			twelfth := twelve[(i*5+st.rng.IntN(12))%12]
			u, err := st.borrow()
			if err != nil {
				return err
			}
			v := st.add(st.look(st.ctx, u, st.replicas[i%2].url, false))
			well = append(well, v.marks[twelfth].Sub(v.began))
			for _, ods := range twelve {
				if ods != twelfth {
					if err := st.strike(sourceOf[ods], name, 0); err != nil {
						return err
					}
				}
			}
			v = st.add(st.look(st.ctx, u, st.replicas[i%2].url, true))
			whole := !v.marks[twelfth].IsZero() && v.whole
			st.must(whole, "%s: %s is well and not shown: %v", name, twelfth, v.err)
			if whole {
				beside = append(beside, v.marks[twelfth].Sub(v.began))
			}
			complete = append(complete, v.took())
			st.unnamed(v, name, twelfth)
			st.region.Control.Reset()
			st.afresh(u, i%2)
		}
		st.judgeEleven(name, well, beside, complete)
	}
	return nil
}

// unnamed misses the bar for each failing source that the page does not name.
func (st *stage) unnamed(v *view, name, twelfth string) {
	strip := v.strip()
	for _, ods := range twelve {
		st.must(ods == twelfth || strings.Contains(strip[badgeOf[ods]], "NO ANSWER"), "%s: the page says of %s: %q", name, badgeOf[ods], strip[badgeOf[ods]])
	}
}

func (st *stage) judgeEleven(name string, well, beside, complete []time.Duration) {
	a, b, end := quantileOf(well, .5), quantileOf(beside, .5), quantileOf(complete, .5)
	st.bar(float64(b) <= 1.1*float64(a)+float64(20*time.Millisecond), "%s: the twelfth after %s, with everything well %s", name, b, a)
	hangs := name == "hang-before-headers" || name == "drip"
	if hangs {
		st.bar(end >= 7800*time.Millisecond && end <= 8200*time.Millisecond+a, "%s: the failed ones are named after %s", name, end)
	}
	st.say("%s: the twelfth after %s (well: %s), page complete after %s", name, b, a, end)
}

// afresh looks at a record until every source is asked again, for some seconds at the most: a breaker may have opened.
func (st *stage) afresh(u *user, at int) {
	for range viewsPerUser - 2 {
		if st.add(st.look(st.ctx, u, st.replicas[at].url, false)).full() || st.ctx.Err() != nil {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	st.miss("twelve seconds after all is well a source is still not asked")
}

// harmless are faults after which the answer is shown.
var harmless = []string{"case-variant-names", "operation-outcome-warning", "operation-outcome-information"}

// named are the words with which the page names what is missing.
var named = []string{"NO ANSWER", "REFUSED", "INCOMPLETE", "WRONG PERSON", "CANNOT BE READ SAFELY", "Not known here"}

// everyFault tries every fault of the control API at three sources at a time.
func everyFault(st *stage) error {
	tried, loud := 0, 0
	table := fault.Table()
	st.rng.Shuffle(len(table), func(i, j int) { table[i], table[j] = table[j], table[i] })
	if !st.long {
		table = table[:12]
	}
	for i, f := range table {
		if f.Name == fault.None {
			continue
		}
		u, err := st.borrow()
		if err != nil {
			return err
		}
		failing := st.some(3)
		for _, ods := range failing {
			if err := st.strike(sourceOf[ods], f.Name, 0); err != nil {
				return err
			}
		}
		v := st.add(st.look(st.ctx, u, st.replicas[i%2].url, true))
		tried++
		st.bar(v.whole, "%s: the page did not come to its end: %v", f.Name, v.err)
		for _, ods := range append(slices.Clone(twelve), practice) {
			if v.marks[ods].IsZero() && !slices.Contains(failing, ods) {
				st.miss("%s at %v: the entry of %s, which is well, is missing", f.Name, failing, ods)
			}
		}
		strip := v.strip()
		for _, ods := range failing {
			said := strip[badgeOf[ods]]
			switch {
			case slices.ContainsFunc(named, func(words string) bool { return strings.Contains(said, words) }):
				loud++
			case !slices.Contains(harmless, f.Name) || v.marks[ods].IsZero():
				st.miss("%s at %s: the page says %q", f.Name, ods, said)
			}
		}
		st.region.Control.Reset()
		st.afresh(u, i%2)
	}
	st.say("%d faults at three sources each; %d times named on the page", tried, loud)
	st.note("each fault's own words, states and fates, at sources of both protocols: faulttest.TestFaults")
	return nil
}

// some gives so many of the twelve, by chance.
func (st *stage) some(n int) []string {
	all := slices.Clone(twelve)
	st.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:n]
}

// wrongPerson mutates the answers of six sources of each view; the other six are the clean set.
func wrongPerson(st *stage) error {
	kinds := []string{"another-person", "one-stray-entry", "two-patients", "no-patient", "wrong-birth-date"}
	mutated, shown, loud, clean, alarms := 0, 0, 0, 0, 0
	for i := range st.choose(200, 90) {
		u, err := st.borrow()
		if err != nil {
			return err
		}
		failing := st.some(6)
		for _, ods := range failing {
			if err := st.strike(sourceOf[ods], kinds[st.rng.IntN(len(kinds))], 0); err != nil {
				return err
			}
		}
		v := st.add(st.look(st.ctx, u, st.replicas[i%2].url, true))
		st.bar(v.whole, "the page did not come to its end: %v", v.err)
		strip := v.strip()
		for _, ods := range twelve {
			wrong := strings.Contains(strip[badgeOf[ods]], "WRONG PERSON")
			if !slices.Contains(failing, ods) {
				clean++
				if wrong || v.marks[ods].IsZero() {
					alarms++
				}
				continue
			}
			mutated++
			if !v.marks[ods].IsZero() {
				shown++
				st.miss("%s of a view at %s was shown", ods, v.began.UTC().Format("15:04:05.000"))
			}
			if wrong {
				loud++
			}
		}
		st.region.Control.Reset()
	}
	st.bar(mutated >= 500, "only %d answers were mutated", mutated)
	st.bar(float64(alarms) <= .001*float64(clean), "%d false alarms in %d clean answers", alarms, clean)
	st.say("%d of %d mutated answers shown; %d named as the wrong person, the others as not known there; %d false alarms in %d clean answers", shown, mutated, loud, alarms, clean)
	return nil
}

// breaker kills one source under a steady load and counts how often it is still asked.
func breaker(st *stage) error {
	seconds := st.choose(60, 15)
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := st.stream(6, stop, st.either())
		done <- err
	}()
	const dead = "rpc"
	time.Sleep(time.Second)
	if err := st.strike(dead, "status-503", 0); err != nil {
		return err
	}
	time.Sleep(2 * time.Second) // both portals find out
	before, _ := st.region.Control.Requests()
	time.Sleep(time.Duration(seconds) * time.Second)
	after, _ := st.region.Control.Requests()
	asked := after[dead] - before[dead]
	st.region.Control.Reset()
	began := time.Now()
	for time.Since(began) < 30*time.Second {
		if now, _ := st.region.Control.Requests(); now[dead] > after[dead]+20 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	back := time.Since(began).Round(100 * time.Millisecond)
	close(stop)
	if err := <-done; err != nil {
		return err
	}
	most := 2 * (seconds/5 + 1)
	st.bar(asked <= most, "asked %d times in %d s by two portals", asked, seconds)
	st.bar(back < 30*time.Second, "not asked again within 30 s")
	st.say("asked %d times in %d s by two portals; asked again by everybody %s after it was back", asked, seconds, back)
	return nil
}
