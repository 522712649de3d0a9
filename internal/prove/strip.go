package prove

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"ribble/internal/sandbox/fault"
)

// strike makes a source fail.
func (st *stage) strike(source, name string, latency int) error {
	return st.region.Control.Set(source, fault.Setting{Fault: name, LatencyMS: latency})
}

func contains(page []byte, text string) bool { return bytes.Contains(page, []byte(text)) }

// strip is what the page says in the end of each source, by its badge.
func (v *view) strip() map[string]string {
	out := map[string]string{}
	tree, err := html.Parse(bytes.NewReader(v.page))
	if err != nil {
		return out
	}
	var last *html.Node
	for n := range tree.Descendants() {
		if n.Type == html.ElementNode && attribute(n, "slot") == "sources" {
			last = n
		}
	}
	if last == nil {
		return out
	}
	for li := range last.Descendants() {
		if li.Type == html.ElementNode && li.Data == "li" {
			said := words(li)
			badge, rest, _ := strings.Cut(said, " ")
			out[badge] = rest
		}
	}
	return out
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// words is the text of a node with its white space made single.
func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
