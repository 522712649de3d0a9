package quarantine

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ribble/internal/record"
)

// letters are the letters that Unicode does not take apart into a plain letter and a mark.
var letters = strings.NewReplacer("æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "ß", "ss", "ς", "σ")

// normal is the form in which names are compared (section 26 of the section catalogue): no case, no marks, no apostrophes, hyphens, full
// stops or spaces. It is never shown. No phonetic or fuzzy matching: two names that only sound alike are two names.
func normal(name string) string {
	if lower, ok := plain(name); ok {
		return lower
	}
	return letters.Replace(strings.Map(keepLetters, norm.NFKD.String(name)))
}

// plain spares the ordinary name, ASCII letters alone, the Unicode tables.
func plain(name string) (string, bool) {
	for i := range len(name) {
		if c := name[i] | 0x20; c < 'a' || c > 'z' {
			return "", false
		}
	}
	return strings.ToLower(name), true
}

// keepLetters drops marks and everything that only joins or separates. Letters and digits of every script stay, in small letters.
func keepLetters(r rune) rune {
	if unicode.IsLetter(r) && !unicode.Is(unicode.Lm, r) || unicode.IsDigit(r) {
		return unicode.ToLower(r)
	}
	return -1
}

// agreement is how far two parties agree on a name.
type agreement uint8

const (
	differs agreement = iota
	initialOnly
	agrees
)

// familiesAgree reports whether any family name of one party is any of the other: usual, maiden, previous or nickname alike.
func familiesAgree(a, b []record.Name) bool {
	for i := range a {
		family := normal(a[i].Family)
		for j := range b {
			if family != "" && family == normal(b[j].Family) {
				return true
			}
		}
	}
	return false
}

// givenAgree compares the first given names of both parties, any of one with any of the other.
func givenAgree(a, b []record.Name) agreement {
	best := differs
	for _, one := range firstGiven(a) {
		for _, other := range firstGiven(b) {
			best = max(best, sameGiven(one, other))
		}
	}
	return best
}

// firstGiven lists the first given name of every name. Some systems send all given names in one string: its first word counts as well.
func firstGiven(names []record.Name) []string {
	list := make([]string, 0, len(names))
	for i := range names {
		if len(names[i].Given) == 0 {
			continue
		}
		whole := names[i].Given[0]
		list = append(list, normal(whole))
		if words := strings.Fields(whole); len(words) > 1 {
			list = append(list, normal(words[0]))
		}
	}
	return list
}

func sameGiven(a, b string) agreement {
	switch {
	case a == "" || b == "":
		return differs
	case a == b:
		return agrees
	}
	first, n := utf8.DecodeRuneInString(a)
	second, m := utf8.DecodeRuneInString(b)
	if first == second && (n == len(a) || m == len(b)) {
		return initialOnly
	}
	return differs
}
