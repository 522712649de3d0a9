package sensitive

import (
	"mime"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"ribble/internal/quarantine"
	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

// Mention is an entry whose free text speaks of a topic though no code of the entry does: what a code filter cannot catch. It says where the
// entry is, for the data controller of the source to look there, and quotes nothing.
type Mention struct {
	Feed, Organisation string
	Section            record.Section
	Key                record.ItemKey
	// Topics are those of the word list, sorted.
	Topics []string
}

// Mentions goes through an answer, leaves out what the sets withhold, and lists the entries whose text holds a word of the list.
func Mentions(trial Trial, words codeset.Words, checked quarantine.Checked) []Mention {
	if !checked.Valid() {
		return nil
	}
	answer := checked.Answer()
	c := trial.clearing()
	c.note = func(record.Section, *record.Head, rule, codeset.Mask) {}
	chart := c.sieve(&answer)
	f := finder{source: answer.Source, words: phrases(words)}
	lists := reflect.ValueOf(&chart).Elem()
	for s := range record.AllSections.All {
		// The chart's lists stand in the order of the sections; a test holds that.
		f.list(s, lists.Field(int(s)))
	}
	return f.found
}

// phrases are the words as they are compared.
func phrases(words codeset.Words) codeset.Words {
	out := codeset.Words{}
	for topic, list := range words {
		for _, word := range list {
			out[topic] = append(out[topic], spaced(word))
		}
	}
	return out
}

// finder looks for words in every text of an entry, by reflection: a field that is added later is looked through too.
type finder struct {
	source record.SourceRef
	words  codeset.Words
	found  []Mention
	topics []string
}

func (f *finder) list(s record.Section, list reflect.Value) {
	for i := range list.Len() {
		entry := list.Index(i)
		f.topics = nil
		f.look(entry)
		if len(f.topics) == 0 {
			continue
		}
		slices.Sort(f.topics)
		head := entry.FieldByName("Head").Addr().Interface().(*record.Head)
		f.found = append(f.found, Mention{
			Feed: f.source.Feed, Organisation: f.source.Organisation.ODS, Section: s, Key: head.Key, Topics: slices.Compact(f.topics),
		})
	}
}

// notText are parts that hold names of things for programs.
var notText = []reflect.Type{
	reflect.TypeFor[record.SourceRef](), reflect.TypeFor[record.ItemKey](), reflect.TypeFor[record.Identifier](), reflect.TypeFor[record.Label](),
	reflect.TypeFor[record.PartialDate](),
}

func (f *finder) look(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		f.text(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			f.look(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			f.look(v.Index(i))
		}
	case reflect.Struct:
		f.parts(v)
	default:
	}
}

func (f *finder) parts(v reflect.Value) {
	switch part := v.Interface().(type) {
	case record.Coding:
		f.text(part.Display)
		return
	case record.Attachment:
		f.text(part.Title)
		f.text(part.Placeholder)
		if kind, _, _ := mime.ParseMediaType(part.ContentType); strings.HasPrefix(kind, "text/") {
			f.text(string(part.Inline))
		}
		return
	}
	if slices.Contains(notText, v.Type()) {
		return
	}
	for i := range v.NumField() {
		f.look(v.Field(i))
	}
}

// text compares whole words, whatever their case and what stands between them.
func (f *finder) text(s string) {
	if len(s) < 2 {
		return
	}
	plain := spaced(s)
	for topic, words := range f.words {
		for _, word := range words {
			if strings.Contains(plain, word) {
				f.topics = append(f.topics, topic)
				break
			}
		}
	}
}

// spaced is a text in small letters with one space before and after every word.
func spaced(s string) string {
	fields := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(fields, " ") + " "
}
