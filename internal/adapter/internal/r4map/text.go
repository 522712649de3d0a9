package r4map

import (
	"html"
	"mime"
	"strings"
)

func isPlainText(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "text/plain"
}

// lines puts texts under each other.
func lines(texts ...string) string {
	out := ""
	for _, t := range texts {
		switch {
		case t == "":
		case out == "":
			out = t
		default:
			out += "\n" + t
		}
	}
	return out
}

// textOf gives the words of a narrative: marks are dropped, blocks become lines, nothing is interpreted.
func textOf(div string) string {
	var b strings.Builder
	for div != "" {
		at := strings.IndexByte(div, '<')
		if at < 0 {
			b.WriteString(div)
			break
		}
		b.WriteString(div[:at])
		end := strings.IndexByte(div[at:], '>')
		if end < 0 {
			break
		}
		if breaks[tagName(div[at:at+end])] {
			b.WriteByte('\n')
		}
		div = div[at+end+1:]
	}
	return tidy(html.UnescapeString(b.String()))
}

// breaks are the marks that begin or end a line.
var breaks = map[string]bool{"p": true, "br": true, "div": true, "li": true, "tr": true, "h1": true, "h2": true, "h3": true, "h4": true, "ul": true, "ol": true, "table": true}

func tagName(tag string) string {
	tag = strings.TrimLeft(tag, "</")
	if i := strings.IndexAny(tag, " \t\r\n/"); i >= 0 {
		tag = tag[:i]
	}
	return strings.ToLower(tag)
}

// tidy drops blank lines and the indentation of the markup.
func tidy(text string) string {
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
