// Package browser opens pages in a real Chromium for tests: what it shows, what axe-core finds, what the console says.
package browser

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// CSP is the policy under which every page must work: nothing inline, nothing from elsewhere, Trusted Types.
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// Page is one tab.
type Page struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// Complaints are the errors of the console so far, such as a breach of the CSP.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.complaints)
}

// Open starts Chromium with a tab of the given size. It skips the test where no Chromium is installed.
func Open(t *testing.T, width, height int64) *Page {
	t.Helper()
	bin := find()
	if bin == "" {
		Missing(t, "no Chromium is installed: set CHROMIUM to its path")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(t.TempDir()))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	p := &Page{t: t}
	ctx, closeTab := chromedp.NewContext(ctx, chromedp.WithListener(p.listen))
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	p.ctx = ctx
	p.do(chromedp.EmulateViewport(width, height))
	return p
}

// Missing skips a test that lacks a tool; where REQUIRE_BROWSER is set, as in CI, it fails.
func Missing(t *testing.T, why any) {
	t.Helper()
	if os.Getenv("REQUIRE_BROWSER") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func find() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return ""
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

// Go opens an address and waits until the page has arrived whole.
func (p *Page) Go(server *httptest.Server, path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(server.URL + path))
}

// Leave starts to open an address and does not wait for it.
func (p *Page) Leave(server *httptest.Server, path string) {
	p.t.Helper()
	p.Eval(`void (location.href = "` + server.URL + path + `")`)
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
