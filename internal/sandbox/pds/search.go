package pds

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ribble/internal/sandbox/story"
)

// mostResults is the limit that PDS uses when the search does not give one, and the highest it takes.
const mostResults = 50

var known = []string{
	"family", "given", "gender", "birthdate", "death-date", "address-postalcode", "address-postcode", "general-practitioner",
	"email", "phone", "_fuzzy-match", "_exact-match", "_history", "_max-results",
}

// question is a search after its parameters have been checked.
type question struct {
	family, postcode, practice, gender, email, phone string
	given                                            []string
	born                                             []dateRule
	exact, fuzzy                                     bool
	most                                             int
}

type dateRule struct{ prefix, date string }

func (s *Service) search(w http.ResponseWriter, r *http.Request) {
	ask, problem := parse(r.URL.Query())
	if problem != nil {
		refuse(w, *problem)
		return
	}
	found := newBundle()
	for _, person := range s.everyone() {
		score := ask.score(person)
		if score == 0 {
			continue
		}
		if found.Total == ask.most {
			refuse(w, tooManyMatches)
			return
		}
		found.add(origin(r)+Base+"/Patient/"+person.NHSNumber, render(person, brief), &search{Score: score})
	}
	slices.SortStableFunc(found.Entry, func(a, b entry) int {
		return int(100*b.Search.Score) - int(100*a.Search.Score)
	})
	answer(w, http.StatusOK, found)
}

func parse(values url.Values) (question, *refusal) {
	for name := range values {
		if !slices.Contains(known, name) {
			return question{}, refused(additional, "Invalid search data provided - 'Additional properties are not allowed ('"+name+"' was unexpected)'")
		}
	}
	ask := question{
		family: fold(values.Get("family")), gender: values.Get("gender"), email: strings.ToLower(values.Get("email")),
		postcode: compact(values.Get("address-postalcode") + values.Get("address-postcode")), phone: compact(values.Get("phone")),
		practice: strings.ToUpper(values.Get("general-practitioner")),
		exact:    values.Get("_exact-match") == "true", fuzzy: values.Get("_fuzzy-match") == "true", most: mostResults,
	}
	for _, given := range values["given"] {
		ask.given = append(ask.given, fold(given))
	}
	if ask.exact && ask.fuzzy {
		return question{}, refused(invalidSearch, "Invalid search combination - _exact-match and _fuzzy-match are both true")
	}
	if problem := ask.dates(values["birthdate"]); problem != nil {
		return question{}, problem
	}
	if limit := values.Get("_max-results"); limit != "" {
		most, err := strconv.Atoi(limit)
		if err != nil || most < 1 || most > mostResults {
			return question{}, refused(invalidValue, "Invalid value - '"+limit+"' in field '_max-results'")
		}
		ask.most = most
	}
	return ask, ask.enough()
}

func (q *question) dates(values []string) *refusal {
	for _, value := range values {
		rule := dateRule{prefix: "eq", date: value}
		if len(value) > 2 && value[0] > '9' {
			rule = dateRule{prefix: value[:2], date: value[2:]}
		}
		if _, err := time.Parse(time.DateOnly, rule.date); err != nil || !slices.Contains([]string{"eq", "ge", "le"}, rule.prefix) {
			return refused(invalidValue, "Invalid value - '"+value+"' in field 'birthdate'")
		}
		q.born = append(q.born, rule)
	}
	return nil
}

// enough applies the rule that a search without family name and date of birth would be a trawl.
func (q *question) enough() *refusal {
	if q.email != "" || q.phone != "" {
		return nil
	}
	if len(q.born) == 0 {
		return refused(missingValue, "Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'")
	}
	if q.family == "" {
		return refused(tooFewValues, "Too few search parameters - 'family' is needed")
	}
	for _, word := range append([]string{q.family}, q.given...) {
		if star := strings.IndexByte(word, '*'); star >= 0 && star < 2 {
			return refused(invalidSearch, "Invalid wildcard - the first two characters must be given")
		}
	}
	return nil
}

func refused(f refusal, cause string) *refusal {
	f = f.because(cause)
	return &f
}

// score is 0 for somebody who does not match, 1 for an exact match, less for the alternatives that PDS allows.
func (q *question) score(p story.Person) float64 {
	if p.Invalidated || !q.bornThen(p.Born) || (q.gender != "" && q.gender != p.Gender) {
		return 0
	}
	// A search by place would give away where a restricted person lives.
	if p.Restricted && (q.postcode != "" || q.practice != "") {
		return 0
	}
	if q.postcode != "" && !like(q.postcode, compact(p.Address.Postcode)) {
		return 0
	}
	if q.practice != "" && q.practice != strings.ToUpper(p.Practice) {
		return 0
	}
	if !q.reachedAt(p) {
		return 0
	}
	best := 0.0
	for i, name := range append([]story.Name{p.Name}, p.OtherNames...) {
		score := q.nameScore(name)
		if i > 0 {
			score *= 0.95
		}
		best = max(best, score)
	}
	if q.exact && best < 1 {
		return 0
	}
	return best
}

func (q *question) reachedAt(p story.Person) bool {
	if q.email != "" && (p.Restricted || q.email != strings.ToLower(p.Email)) {
		return false
	}
	if q.phone == "" {
		return true
	}
	return !p.Restricted && slices.ContainsFunc(p.Phones, func(phone story.Phone) bool { return compact(phone.Number) == q.phone })
}

func (q *question) bornThen(born string) bool {
	for _, rule := range q.born {
		switch {
		case rule.prefix == "eq" && born != rule.date, rule.prefix == "ge" && born < rule.date, rule.prefix == "le" && born > rule.date:
			return false
		}
	}
	return true
}

func (q *question) nameScore(name story.Name) float64 {
	score := 1.0
	if q.family != "" {
		score = q.wordScore(q.family, fold(name.Family))
	}
	for i, asked := range q.given {
		best := 0.0
		for j, given := range name.Given {
			s := q.wordScore(asked, fold(given))
			// A middle name given as the first counts, but less.
			if i == 0 && j > 0 {
				s *= 0.9
			}
			best = max(best, s)
		}
		score *= best
	}
	return score
}

// wordScore compares one name with the word asked for: equal, wildcard, and for a fuzzy search also alike.
func (q *question) wordScore(asked, held string) float64 {
	switch {
	case asked == held:
		return 1
	case strings.Contains(asked, "*") && like(asked, held):
		return 1
	case q.exact:
		return 0
	case q.fuzzy && alike(asked, held):
		return 0.75
	default:
		return 0
	}
}

// like matches a word that may end in, or hold, an asterisk.
func like(pattern, word string) bool {
	head, tail, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == word
	}
	return len(word) >= len(head)+len(tail) && strings.HasPrefix(word, head) && strings.HasSuffix(word, tail)
}

// alike stands in for the name algorithm of PDS: the same first two letters, or one the start of the other.
func alike(a, b string) bool {
	if len(a) < 2 || len(b) < 2 {
		return false
	}
	return a[:2] == b[:2] || strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

// letters that do not fall apart into a plain one and an accent.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th")

// fold makes names comparable: no accents, no case, no apostrophes or hyphens. The asterisk of a wildcard stays.
func fold(name string) string {
	var out strings.Builder
	for _, r := range norm.NFKD.String(letters.Replace(strings.ToLower(name))) {
		if r == '*' || unicode.IsLetter(r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}

func compact(text string) string { return strings.ToUpper(strings.ReplaceAll(text, " ", "")) }
