package record

import "strings"

// staffTitles are those with which the national directory ends a member of staff's name: "NAIR Priya Dr".
var staffTitles = map[string]bool{
	"Mr": true, "Mrs": true, "Ms": true, "Miss": true, "Mx": true, "Dr": true, "Prof": true, "Professor": true, "Sister": true, "Sir": true, "Dame": true, "Revd": true,
}

// StaffName takes a member of staff's name apart, whether it is in the national directory's order ("NAIR Priya Dr") or the usual one
// ("Dr Priya NAIR", "Priya Nair"). Text is always the name as it came.
func StaffName(text string) Name {
	words := strings.Fields(text)
	n := Name{Text: text}
	if k := len(words); k > 1 && staffTitles[words[k-1]] {
		n.Prefix, words = words[k-1:], words[:k-1]
		if k = len(words); k > 1 && words[0] == strings.ToUpper(words[0]) {
			n.Family, n.Given = words[0], words[1:]
			return n
		}
	}
	if len(words) > 1 && staffTitles[strings.TrimSuffix(words[0], ".")] {
		n.Prefix, words = words[:1], words[1:]
	}
	if k := len(words); k > 0 {
		n.Family, n.Given = words[k-1], words[:k-1]
	}
	return n
}

// Usual is the name in the usual order: title, given names, family name.
func (n Name) Usual() string {
	return strings.Join(append(append(append([]string(nil), n.Prefix...), n.Given...), strings.Fields(n.Family)...), " ")
}
