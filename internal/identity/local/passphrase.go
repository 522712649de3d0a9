package local

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The length of a passphrase, in Unicode code points.
const (
	MinPassphrase = 14
	MaxPassphrase = 128
)

// Problem is why a passphrase is refused, as a sentence for whoever is choosing it; empty when it may be used.
type Problem string

// The problems.
const (
	TooShort Problem = "Use at least 14 characters. Three or four words that do not belong together are easy to remember."
	TooLong  Problem = "Use at most 128 characters."
	Common   Problem = "This is among the passphrases that people try first, or one of them with digits or signs added. Choose words that do not belong together."
	OwnName  Problem = "Do not use your own name, login name or organisation, with or without digits or signs added."
	Differs  Problem = "The two passphrases are not the same."
	Broken   Problem = "The passphrase holds characters that cannot be used."
)

// Normal is the form in which a passphrase is counted, compared and hashed: NFC, so that one typed on another keyboard is the same.
// Spaces at either end count.
func Normal(passphrase string) string { return norm.NFC.String(passphrase) }

//go:embed common.txt
var commonText string

// common holds, in stripped form, what is refused.
var common = func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if entry := stripped(line); entry != "" {
			set[entry] = true
		}
	}
	return set
}()

// CheckPassphrase says why a passphrase cannot be used. There are no rules about its composition (NIST SP 800-63B, 3.1.1.2); own are words
// about the user that it must not consist of.
func CheckPassphrase(passphrase string, own ...string) Problem {
	if !utf8.ValidString(passphrase) || strings.ContainsFunc(passphrase, unicode.IsControl) {
		return Broken
	}
	normal := Normal(passphrase)
	switch n := utf8.RuneCountInString(normal); {
	case n < MinPassphrase:
		return TooShort
	case n > MaxPassphrase:
		return TooLong
	}
	core := stripped(normal)
	if common[core] || common[unit(core)] || monotonous(core) || runs(core) {
		return Common
	}
	for _, word := range own {
		if w := stripped(word); w != "" && (core == w || unit(core) == w) {
			return OwnName
		}
	}
	return ""
}

// stripped takes off what people put around a common word: digits, signs and spaces at the ends, spaces and signs within, and the usual
// digits in place of letters.
func stripped(text string) string {
	text = leet.Replace(strings.ToLower(norm.NFKC.String(strings.TrimRightFunc(strings.TrimLeftFunc(text, edge), edge))))
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

func edge(r rune) bool { return !unicode.IsLetter(r) }

// unit is the text that s repeats, "password" for "passwordpassword", or s itself.
func unit(s string) string {
	if i := strings.Index((s + s)[min(1, len(s)):], s); i >= 0 && len(s) > 0 {
		return s[:i+1]
	}
	return s
}

// monotonous reports text of fewer than four different characters, which covers text without any letter, and a short word over and over.
func monotonous(s string) bool {
	const word = 8
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	u := unit(s)
	return len(seen) < 4 || len(u) < len(s) && len(u) < word
}

// runs reports text that goes along the alphabet or a row of the keyboard, as a whole.
func runs(s string) bool {
	const rows = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcvbnm"
	return strings.Contains(rows, s) || strings.Contains(rows, reverse(s))
}

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}
