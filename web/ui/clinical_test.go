package ui

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func TestClinicalKeepsQuantitiesTogether(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"Apixaban 2.5 mg tablets", "Apixaban [2.5 mg] tablets"},
		{"50 micrograms daily", "[50 micrograms] daily"},
		{"Platelets 210 10*9/L", "Platelets 210 [10*9/L]"},
		{"210*10*9/L.", "[210*10*9/L]."},
		{"BP 120/80 mmHg, pulse 48", "BP [120/80 mmHg], pulse 48"},
		{"33 mL/min/1.73m*2", "[33 mL/min/1.73m*2]"},
		{"22.5 kg/m2.", "[22.5 kg/m2]."},
		{"5-10 mg up to 4 times a day", "[5-10 mg] up to [4 times] a day"},
		{"CRP < 5 mg/L", "CRP [< 5 mg/L]"},
		{"CRP >=5mg/L", "CRP [>=5mg/L]"},
		{"0.5% eye drops", "[0.5%] eye drops"},
		{"1,000 units", "[1,000 units]"},
		{"temp 38.4 °C", "temp [38.4 °C]"},
		{"5 µg", "[5 µg]"},
		{"seen 12/11/2026 by Dr M", "seen 12/11/2026 by Dr M"},
		{"vitamin B12 mg", "vitamin B12 mg"},
		{"stage 3b", "stage 3b"},
		{"2.5\u00a0mg", "2.5\u00a0mg"},
		{"12-Nov-2026 11:40, onset Jun-1998", "[12-Nov-2026] 11:40, onset [Jun-1998]"},
		{"ring 01632 960377.", "ring [01632 960377]."},
		{"999 141 1690 1", "[999 141 1690 1]"},
		{"12-Nov", "12-Nov"},
		{"", ""},
	} {
		got := string(AppendClinical(nil, tt.in))
		got = strings.NewReplacer(`<span class="rb-nb">`, "[", "</span>", "]", "<bdi>", "", "</bdi>", "").Replace(got)
		if got = html.UnescapeString(got); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestClinicalEscapes(t *testing.T) {
	got := string(AppendClinical(nil, `<script>alert("x")</script> & 'y'`))
	want := `<bdi>&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &#39;y&#39;</bdi>`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzClinical holds the one promise of the hot path: what a reader of the page gets is what the source sent.
func FuzzClinical(f *testing.F) {
	for _, seed := range []string{"2.5 mg", "< 5 mg/L", "a\r\nb\rc\n", "&lt;2 mg", "0\x00", "10*9/L", "</bdi><b>", "5 µg\u202e", "9/", "1 %"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if !utf8.ValidString(in) {
			t.Skip("a source's text is valid UTF-8 once it is decoded")
		}
		doc, err := html.Parse(strings.NewReader("<!DOCTYPE html><body><p>" + string(AppendClinical(nil, in)) + "</p></body>"))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(in, "\x00", "\uFFFD")
		if got := textContent(doc); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func textContent(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textContent(c))
	}
	return b.String()
}

func BenchmarkClinical(b *testing.B) {
	const text = "Levothyroxine sodium 50 microgram tablets, ONE to be taken each morning & at least 30 minutes before food"
	buf := make([]byte, 0, 512)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendClinical(buf[:0], text)
	}
	b.Run("component", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := Clinical(text).Render(b.Context(), io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
}
