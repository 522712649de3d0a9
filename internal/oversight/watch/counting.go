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

// rate counts how often each user opens emergency access.
type rate struct {
	rule   Rule
	counts *window[roleUser]
	peers  peers
	n, mid int
}

type roleUser struct {
	role string
	user User
}

func newRate(r Rule) judge {
	j := &rate{rule: r, peers: peers{}}
	j.counts = newWindow(r.Window, func(k roleUser, from, to int) { j.peers.role(k.role).move(from, to) })
	return j
}

func (j *rate) see(l Look, _ Register) []Fact {
	if l.Act != audit.ActBreakGlassBegan {
		return nil
	}
	j.n = j.counts.add(l.At, roleUser{l.Role, l.User})
	j.mid = j.peers.role(l.Role).median()
	if !stands(j.rule, l.Organisation, j.n, j.mid) {
		return nil
	}
	return fact(j.rule, "Emergency access is used more often than by others", fmt.Sprintf("%d against a median of %d", j.n, j.mid), "audit trail, "+j.rule.Window.Words())
}

func (j *rate) words(Look) string {
	return fmt.Sprintf("Emergency access was opened %d times in %s; others in this role who use it: median %d.", j.n, j.rule.Window.Words(), j.mid)
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

// vain counts searches and look-ups by number that found nobody: what trying numbers in sequence looks like from here.
type vain struct {
	rule   Rule
	counts *window[User]
	n      int
}

func newVain(r Rule) judge { return &vain{rule: r, counts: newWindow[User](r.Window, nil)} }

func (j *vain) see(l Look, _ Register) []Fact {
	if (l.Act != audit.ActSearched && l.Act != audit.ActTraced) || l.Found > 0 {
		return nil
	}
	j.n = j.counts.add(l.At, l.User)
	if !stands(j.rule, l.Organisation, j.n, 0) {
		return nil
	}
	return fact(j.rule, "Many searches found nobody", fmt.Sprintf("%d of them", j.n), "audit trail, "+j.rule.Window.Words())
}

func (j *vain) words(Look) string {
	return fmt.Sprintf("%d searches found nobody in %s. Numbers or names may have been tried one after the other.", j.n, j.rule.Window.Words())
}

// repeated counts how often each user opens the same person.
type repeated struct {
	rule   Rule
	counts *window[rolePair]
	peers  peers
	n, mid int
}

func newRepeated(r Rule) judge {
	j := &repeated{rule: r, peers: peers{}}
	j.counts = newWindow(r.Window, func(k rolePair, from, to int) { j.peers.role(k.role).move(from, to) })
	return j
}

func (j *repeated) see(l Look, _ Register) []Fact {
	if !l.opens() {
		return nil
	}
	j.n = j.counts.add(l.At, rolePair{roleUser{l.Role, l.User}, l.Person})
	j.mid = j.peers.role(l.Role).median()
	if !stands(j.rule, l.Organisation, j.n, j.mid) {
		return nil
	}
	return fact(j.rule, "One person’s record was opened again and again", fmt.Sprintf("%d times against a median of %d", j.n, j.mid), "audit trail, "+j.rule.Window.Words())
}

func (j *repeated) words(Look) string {
	return fmt.Sprintf("Opened %d times in %s; others in this role: median %d.", j.n, j.rule.Window.Words(), j.mid)
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
