package watch

import (
	"fmt"
	"time"

	"ribble/internal/audit"
)

// peers keeps, for each role, how often its members do a thing, so that somebody stands out among their own.
type peers map[string]*spread

func (p peers) role(code string) *spread {
	if p[code] == nil {
		p[code] = &spread{}
	}
	return p[code]
}

// stands says whether n is enough beyond what is usual for the role: over the threshold, and so many times the median.
func stands(r Rule, organisation string, n, median int) bool {
	return n >= r.threshold(organisation) && (r.Factor == 0 || float64(n) >= r.Factor*float64(max(median, 1)))
}

// often counts how often a thing was done, for each K, and compares with what is usual in the role.
type often[K comparable] struct {
	rule Rule
	// key says for whom a look counts, and whether it does; role is the role of a key.
	key    func(Look) (K, bool)
	counts *window[K]
	peers  peers
	// what is the fact, say the sentence about the count, the span and the median.
	what   string
	say    func(n int, span string, median int) string
	n, mid int
}

func newOften[K comparable](r Rule, key func(Look) (K, bool), role func(K) string, what string, say func(n int, span string, median int) string) judge {
	j := &often[K]{rule: r, key: key, peers: peers{}, what: what, say: say}
	j.counts = newWindow(r.Window, func(k K, from, to int) { j.peers.role(role(k)).move(from, to) })
	return j
}

func (j *often[K]) see(l Look, _ Register) []Fact {
	key, counts := j.key(l)
	if !counts {
		return nil
	}
	j.n = j.counts.add(l.At, key)
	j.mid = j.peers.role(l.Role).median()
	if !stands(j.rule, l.Organisation, j.n, j.mid) {
		return nil
	}
	return fact(j.rule, j.what, fmt.Sprintf("%d against a median of %d", j.n, j.mid), "audit trail, "+j.rule.Window.Words())
}

func (j *often[K]) words(Look) string { return j.say(j.n, j.rule.Window.Words(), j.mid) }

type roleUser struct {
	role string
	user User
}

func (k roleUser) of() string { return k.role }

// newRate looks for who opens emergency access more often than others.
func newRate(r Rule) judge {
	return newOften(r, func(l Look) (roleUser, bool) { return roleUser{l.Role, l.User}, l.Act == audit.ActBreakGlassBegan }, roleUser.of,
		"Emergency access is used more often than by others", func(n int, span string, median int) string {
			return fmt.Sprintf("Emergency access was opened %d times in %s; others in this role who use it: median %d.", n, span, median)
		})
}

// newRepeated looks for who opens one person again and again.
func newRepeated(r Rule) judge {
	return newOften(r, func(l Look) (rolePair, bool) { return rolePair{roleUser{l.Role, l.User}, l.Person}, l.opens() }, rolePair.of,
		"One person’s record was opened again and again", func(n int, span string, median int) string {
			return fmt.Sprintf("Opened %d times in %s; others in this role: median %d.", n, span, median)
		})
}

// newVain looks for searches and look-ups by number that found nobody: what trying numbers in sequence looks like from here.
func newVain(r Rule) judge {
	return newOften(r, func(l Look) (roleUser, bool) {
		return roleUser{l.Role, l.User}, (l.Act == audit.ActSearched || l.Act == audit.ActTraced) && l.Found == 0
	}, roleUser.of, "Many searches found nobody", func(n int, span string, median int) string {
		return fmt.Sprintf("%d searches found nobody in %s; others in this role: median %d. Numbers or names may have been tried one after the other.", n, span, median)
	})
}

// volume counts how many different people each user opens.
type volume struct {
	rule   Rule
	pairs  *window[rolePair]
	people map[roleUser]int
	peers  peers
	n, mid int
}

type rolePair struct {
	roleUser
	person string
}

func newVolume(r Rule) judge {
	j := &volume{rule: r, people: map[roleUser]int{}, peers: peers{}}
	j.pairs = newWindow(r.Window, func(k rolePair, from, to int) {
		was := j.people[k.roleUser]
		is := was
		if from == 0 {
			is++
		}
		if to == 0 {
			is--
		}
		if is == was {
			return
		}
		j.peers.role(k.role).move(was, is)
		j.people[k.roleUser] = is
		if is == 0 {
			delete(j.people, k.roleUser)
		}
	})
	return j
}

func (j *volume) see(l Look, _ Register) []Fact {
	if !l.opens() {
		return nil
	}
	who := roleUser{l.Role, l.User}
	j.pairs.add(l.At, rolePair{who, l.Person})
	j.n, j.mid = j.people[who], j.peers.role(l.Role).median()
	if !stands(j.rule, l.Organisation, j.n, j.mid) {
		return nil
	}
	return fact(j.rule, "Many different people’s records were opened", fmt.Sprintf("%d against a median of %d", j.n, j.mid), "audit trail, "+j.rule.Window.Words())
}

func (j *volume) words(Look) string {
	return fmt.Sprintf("The records of %d different people were opened in %s; others in this role: median %d.", j.n, j.rule.Window.Words(), j.mid)
}

// crowd counts how many different users open the same person.
type crowd struct {
	rule  Rule
	pairs *window[pair]
	users map[string]int
	n     int
}

func newCrowd(r Rule) judge {
	j := &crowd{rule: r, users: map[string]int{}}
	j.pairs = newWindow(r.Window, func(k pair, from, to int) {
		if from == 0 {
			j.users[k.person]++
		}
		if to == 0 {
			if j.users[k.person]--; j.users[k.person] == 0 {
				delete(j.users, k.person)
			}
		}
	})
	return j
}

func (j *crowd) see(l Look, _ Register) []Fact {
	if !l.opens() {
		return nil
	}
	j.pairs.add(l.At, pair{l.User, l.Person})
	if j.n = j.users[l.Person]; !stands(j.rule, l.Organisation, j.n, 0) {
		return nil
	}
	return fact(j.rule, "Many members of staff opened one person’s record", fmt.Sprintf("%d of them", j.n), "audit trail, "+j.rule.Window.Words())
}

func (j *crowd) words(Look) string {
	return fmt.Sprintf("%d members of staff opened this person’s record in %s. The person may be known to the public or in the news.", j.n, j.rule.Window.Words())
}

// twoPlaces remembers where each user last opened a record.
type twoPlaces struct {
	rule Rule
	last map[User]place
	gap  time.Duration
}

type place struct {
	session, address string
	at               time.Time
}

func newTwoPlaces(r Rule) judge { return &twoPlaces{rule: r, last: map[User]place{}} }

func (j *twoPlaces) see(l Look, _ Register) []Fact {
	if !l.opens() || l.Address == "" {
		return nil
	}
	was, known := j.last[l.User]
	j.last[l.User] = place{l.Session, l.Address, l.At}
	j.gap = l.At.Sub(was.at)
	if !known || was.session == l.Session || was.address == l.Address || j.gap > time.Duration(j.rule.Window) {
		return nil
	}
	return fact(j.rule, "One account was used in two places at once", "two sessions at two network addresses, "+j.gap.Round(time.Second).String()+" apart", "audit trail")
}

func (j *twoPlaces) words(Look) string {
	return "The account was used from two network addresses within " + j.rule.Window.Words() + ". It may be shared."
}
