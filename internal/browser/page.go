package browser

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// CSP is the policy under which every page must work: nothing inline, nothing from elsewhere, Trusted Types.
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

var errMissing = errors.New("no Chromium is installed: set CHROMIUM to its path")

// Page is one tab.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	requests   []string
	responses  []Response
}

// Response is the head of one answer that the page received.
type Response struct {
	URL     string
	Status  int64
	Headers map[string]string
}

// Complaints are the errors of the console so far, such as a breach of the CSP.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.complaints)
}

// Requests are the addresses asked for so far.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// Responses are the answers received so far.
func (p *Page) Responses() []Response {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.responses)
}

func (p *Page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			p.complaints = append(p.complaints, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, e.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *network.EventResponseReceived:
		r := Response{URL: e.Response.URL, Status: e.Response.Status, Headers: map[string]string{}}
		for name, value := range e.Response.Headers {
			text, _ := value.(string)
			r.Headers[strings.ToLower(name)] = text
		}
		p.responses = append(p.responses, r)
	}
}

func (p *Page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// NoScript switches scripts off for the pages that follow.
func (p *Page) NoScript() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		p.t.Fatal(err)
	}
}

// Resize changes the size of the window.
func (p *Page) Resize(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
}

// Go opens an address and waits until the page has arrived whole.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

// Back goes one page back in the history.
func (p *Page) Back() {
	p.t.Helper()
	p.do(chromedp.NavigateBack())
}

// Leave starts to open an address and does not wait for it.
func (p *Page) Leave(url string) {
	p.t.Helper()
	p.Eval(`void (location.href = "` + url + `")`)
}

// Click presses the one element that the selector names.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// Fill types a text into a field that is empty.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.do(chromedp.Clear(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Press sends keys to whatever has the focus.
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// Until waits until an expression in the page is true.
func (p *Page) Until(expression string) {
	p.t.Helper()
	for p.ctx.Err() == nil {
		got, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && got {
			return
		}
		time.Sleep(20 * time.Millisecond) // a page on its way cannot be asked to call back
	}
	p.t.Fatalf("never came true: %s", expression)
}

// Eval gives what an expression in the page is worth, as text.
func (p *Page) Eval(expression string) string {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// Text is what a reader sees of the elements that the selector names, with white space folded.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return p.Eval(`[...document.querySelectorAll(` + quote(selector) + `)]
		.flatMap(e => getComputedStyle(e).display === "contents" ? [...e.children] : [e])
		.filter(e => e.checkVisibility()).map(e => e.innerText).join("\n").replace(/\s+/g, " ").trim()`)
}

func quote(text string) string {
	b, _ := json.Marshal(text) // a string always encodes
	return string(b)
}

// Await gives what a promise in the page comes to, as text.
func (p *Page) Await(promise string) string {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("("+promise+").then(String)", chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// Shot writes a picture of the window into the folder that SHOTS names; without it, it does nothing.
func (p *Page) Shot(name string, full bool) {
	p.t.Helper()
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	action := chromedp.CaptureScreenshot()
	if full {
		action = chromedp.FullScreenshot(100)
	}
	data, err := chromedp.Run(p.ctx, action)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// Paper shows the page as it is printed.
func (p *Page) Paper() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		p.t.Fatal(err)
	}
}

// Axe runs axe-core's WCAG 2.2 A and AA rules and best practices, and reports each finding. The folder holds
// node_modules.
func (p *Page) Axe(web string) {
	p.t.Helper()
	src, err := os.ReadFile(filepath.Join(web, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		Missing(p.t, "axe-core is not installed: run npm ci in web")
	}
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](string(src)+";0")); err != nil {
		p.t.Fatal(err)
	}
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](
		`axe.run().then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.flat().join(" ") + " " + n.failureSummary).join("; "))))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	var violations []string
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		p.t.Fatal(err)
	}
	if len(violations) > 0 {
		p.t.Errorf("axe-core found:\n%s", strings.Join(violations, "\n"))
	}
}
