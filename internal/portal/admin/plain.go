package admin

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// plain is a JSON value as people read it: texts as they are, lists with commas, members of objects by name; digests only by their number.
func plain(raw string) string {
	v := jsontext.Value(raw)
	if len(v) == 0 {
		return "not given"
	}
	switch v.Kind() {
	case '"':
		return shortened(decoded[string](v))
	case '[':
		return plainList(decoded[[]jsontext.Value](v))
	case '{':
		return plainObject(v)
	case 't':
		return "yes"
	case 'f':
		return "no"
	}
	return raw
}

func plainList(list []jsontext.Value) string {
	texts := make([]string, len(list))
	digests := 0
	for i, v := range list {
		texts[i] = plain(string(v))
		if text := decoded[string](v); len(text) == 64 && !strings.ContainsAny(text, " -") {
			digests++
		}
	}
	if digests == len(list) && digests > 0 {
		return count(digests, "digest", "digests") + ": " + strings.Join(texts, ", ")
	}
	separator := ", "
	if len(list) > 0 && list[0].Kind() == '{' {
		separator = "; "
	}
	return strings.Join(texts, separator)
}

func plainObject(v jsontext.Value) string {
	var parts []string
	dec := jsontext.NewDecoder(strings.NewReader(string(v)))
	_, _ = dec.ReadToken()
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			break
		}
		label := name.String()
		member, err := dec.ReadValue()
		if err != nil {
			break
		}
		if label == "steps" {
			continue // the stage beside them says where they led, and who decides has their evidence as the reason of each change
		}
		parts = append(parts, fmt.Sprintf("%s: %s", strings.ReplaceAll(label, "_", " "), plain(string(member))))
	}
	return strings.Join(parts, ", ")
}

// shortened keeps a long text, such as a certificate or a digest, from filling the page: its beginning is enough to compare it.
func shortened(text string) string {
	const most = 400
	switch {
	case len(text) == 64 && !strings.Contains(text, " "):
		return text[:16] + "…"
	case len(text) > most:
		return fmt.Sprintf("%s… (%d letters)", strings.ToValidUTF8(text[:most], ""), len(text))
	}
	return text
}
