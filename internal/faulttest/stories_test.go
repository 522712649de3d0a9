package faulttest

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"ribble/internal/audit"
	"ribble/internal/record"
)

// TestEveryStory opens all written stories: each gives a whole page, and together they show every one of the eleven states.
func TestEveryStory(t *testing.T) {
	need(t)
	var mu sync.Mutex
	seen := map[string]bool{}
	refused := map[string]string{"9996140024": "no longer valid"}
	t.Run("open", func(t *testing.T) {
		for group := range 4 {
			t.Run(fmt.Sprint(group), func(t *testing.T) {
				t.Parallel()
				v := hire(t, region)
				for i, n := range region.Region.World.Notable() {
					if i%4 != group {
						continue
					}
					p := v.open(t, n.NHSNumber)
					if says := refused[n.NHSNumber]; says != "" {
						if p.status != 422 || !strings.Contains(string(p.body), says) {
							t.Errorf("%s: status %d", n.Shows, p.status)
						}
						continue
					}
					if p.status != 200 || !p.ended() {
						t.Errorf("%s: status %d, ended %v", n.Shows, p.status, p.ended())
						continue
					}
					final(t, p, n.Shows)
					told := finished(t, v)
					balanced(t, n.Shows, told)
					mu.Lock()
					states(told, seen)
					mu.Unlock()
				}
			})
		}
	})
	for s := record.Data; int(s) < record.NumStates; s++ {
		if !seen[s.String()] {
			t.Errorf("no story shows the state %s", s)
		}
	}
	quiet(t)
}

func states(e audit.Event, seen map[string]bool) {
	for _, s := range e.Sources {
		seen[s.State] = true
		for _, section := range s.Sections {
			seen[section.State] = true
		}
	}
}

// balanced holds the conservation law against the audit trail: all that was received has one fate each.
func balanced(t *testing.T, name string, e audit.Event) {
	t.Helper()
	for _, s := range e.Sources {
		total := 0
		for _, n := range s.Fates {
			total += n
		}
		if total != s.Received {
			t.Errorf("%s: %s received %d entries and accounts for %d", name, s.Feed, s.Received, total)
		}
	}
}

// TestMadeUpPeople opens two hundred people made from the seed.
func TestMadeUpPeople(t *testing.T) {
	need(t)
	written := writtenPeople()
	var numbers []string
	for p := range region.Region.World.Everybody() {
		if !written[p.NHSNumber] && len(numbers) < 200 {
			numbers = append(numbers, p.NHSNumber)
		}
	}
	if len(numbers) < 200 {
		t.Fatalf("only %d made-up people", len(numbers))
	}
	for group := range 4 {
		t.Run(fmt.Sprint(group), func(t *testing.T) {
			t.Parallel()
			v := hire(t, region)
			for i := group; i < len(numbers); i += 4 {
				p := v.open(t, numbers[i])
				if p.status != 200 || !p.ended() {
					t.Errorf("person %d: status %d, ended %v", i, p.status, p.ended())
					continue
				}
				final(t, p, fmt.Sprint("person ", i))
				told := finished(t, v)
				balanced(t, fmt.Sprint("person ", i), told)
				for _, s := range told.Sources {
					if s.State == "UNAVAILABLE" || s.State == "MISMATCH" {
						t.Errorf("person %d: %s is %s", i, s.Feed, s.State)
					}
				}
			}
		})
	}
}

// writtenPeople are those who were not made from the seed.
func writtenPeople() map[string]bool {
	written := map[string]bool{}
	for _, pool := range people {
		for _, number := range pool.numbers {
			written[number] = true
		}
	}
	for _, who := range unasked {
		written[who.number] = true
	}
	for _, f := range damaged {
		written[f.number] = true
	}
	for _, n := range append(region.Region.World.Notable(), region.Region.World.Ruled()...) {
		written[n.NHSNumber] = true
	}
	return written
}

var marks = regexp.MustCompile(`Mark (\w+)/(\d{10}) end`)

// TestManyAtOnce opens twenty records at the same time: no page holds anything of another person.
func TestManyAtOnce(t *testing.T) {
	need(t)
	const many = 20
	numbers, visitors := make([]string, many), make([]*visitor, many)
	for i := range many {
		numbers[i], visitors[i] = people[[]string{hodder, slaidburn}[i%2]].take(), hire(t, region)
	}
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			p := visitors[i].open(t, numbers[i])
			if p.status != 200 || !p.ended() {
				t.Errorf("person %d: status %d, ended %v", i, p.status, p.ended())
				return
			}
			spaced := numbers[i][:3] + " " + numbers[i][3:6] + " " + numbers[i][6:]
			if !strings.Contains(p.say("person"), spaced) {
				t.Errorf("the banner of person %d is somebody else's", i)
			}
			own := 0
			for slot := range p.slots {
				for _, m := range marks.FindAllStringSubmatch(p.say(slot), -1) {
					if m[2] != numbers[i] {
						t.Errorf("the page of person %d holds an entry of another", i)
					}
					own++
				}
			}
			for j := range many {
				if j != i && strings.Contains(text(p.tree), numbers[j][:3]+" "+numbers[j][3:6]+" "+numbers[j][6:]) {
					t.Errorf("the page of person %d holds the number of person %d", i, j)
				}
			}
			if own == 0 {
				t.Errorf("the page of person %d holds nothing of that person's", i)
			}
		})
	}
	all.Wait()
}
