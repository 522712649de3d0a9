package codeset

import (
	"bytes"
)

// listHeader begins a plain list of codes: "system,code,topic".
const listHeader = "system,code,topic"

// list reads plain lists: Read v2, CTV3, local codes, labels, organisations. A line that begins with "#" is a remark.
type list struct {
	sets *Sets
	// topics are those of the manifest; a row of any other is a mistake.
	topics map[string]bool
	codes  map[string]*listed
	// system, topic and their meaning, as in the row before: they hardly change.
	system, topic []byte
	number        system
	into          *listed
}

// listed are the codes of one topic in a list.
type listed struct {
	keys []key
	long []longCode
	at   place
}

func (r *list) read(l *lines) error {
	r.codes = map[string]*listed{}
	for l.next() {
		if bytes.HasPrefix(l.text, []byte("#")) {
			continue
		}
		if string(l.text) != listHeader {
			return l.refuse("unknown format: the heading is not %q", listHeader)
		}
		return r.rows(l)
	}
	if l.err == nil {
		l.err = l.refuse("unknown format: there is no heading %q", listHeader)
	}
	return l.err
}

func (r *list) rows(l *lines) error {
	for l.next() {
		if bytes.HasPrefix(l.text, []byte("#")) {
			continue
		}
		if err := r.row(l); err != nil {
			return err
		}
	}
	return l.err
}

// row takes the code between the first and the last comma, because a local code may hold one.
func (r *list) row(l *lines) error {
	first, last := bytes.IndexByte(l.text, ','), bytes.LastIndexByte(l.text, ',')
	if first == last {
		return l.refuse("it has not 3 columns: the file was cut short, or is of another format")
	}
	system, code, topic := l.text[:first], string(l.text[first+1:last]), l.text[last+1:]
	switch {
	case bytes.IndexByte(l.text, '"') >= 0:
		return l.refuse("it has quotation marks, which a list has not")
	case len(system) == 0:
		return l.refuse("it names no code system")
	case !r.names(system, topic, l):
		return l.refuse("its topic is not in the manifest, or there are too many code systems")
	}
	k, text, readable := r.key(code)
	switch {
	case !readable:
		return l.refuse("its code is not one of that code system")
	case k != 0:
		r.into.keys = append(r.into.keys, k)
	default:
		r.into.long = append(r.into.long, longCode{r.number, text})
	}
	r.into.at = l.place
	return nil
}

func (r *list) names(system, topic []byte, l *lines) bool {
	if r.into != nil && bytes.Equal(system, r.system) && bytes.Equal(topic, r.topic) {
		return true
	}
	number, ok := r.sets.learn(string(system), none)
	if !ok || !r.topics[string(topic)] {
		return false
	}
	r.system, r.topic, r.number = append(r.system[:0], system...), append(r.topic[:0], topic...), number
	if r.into = r.codes[string(topic)]; r.into == nil {
		r.into = &listed{at: l.place}
		r.codes[string(topic)] = r.into
	}
	return true
}

func (r *list) key(code string) (k key, text string, readable bool) {
	if r.number == snomed {
		k, readable = identifier(code)
		return k, "", readable
	}
	return r.sets.normal(r.number, code)
}
