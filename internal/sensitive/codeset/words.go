package codeset

import (
	"bytes"
	"io/fs"
	"slices"
)

// Words are the words and phrases by which free text is searched for a topic, by topic.
type Words map[string][]string

// wordHeader begins a list of words: "topic,words".
const wordHeader = "topic,words"

// LoadWords reads a list of words as strictly as a list of codes. The error is a Refusal.
func LoadWords(files fs.FS, name string) (Words, error) {
	words := Words{}
	err := readLines(files, name, func(l *lines) error {
		headed := false
		for l.next() {
			switch at := bytes.IndexByte(l.text, ','); {
			case bytes.HasPrefix(l.text, []byte("#")):
			case !headed && string(l.text) != wordHeader:
				return l.refuse("unknown format: the heading is not %q", wordHeader)
			case !headed:
				headed = true
			case at < 0 || !topicForm.Match(l.text[:at]) || len(bytes.TrimSpace(l.text[at+1:])) < 2:
				return l.refuse("it is not a topic, a comma, and a word of at least two letters")
			default:
				topic, word := string(l.text[:at]), string(bytes.TrimSpace(l.text[at+1:]))
				if !slices.Contains(words[topic], word) {
					words[topic] = append(words[topic], word)
				}
			}
		}
		if l.err == nil && len(words) == 0 {
			return l.refuse("the list has no words")
		}
		return l.err
	})
	if err != nil {
		return nil, err
	}
	return words, nil
}
