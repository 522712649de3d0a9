// Package browser opens pages in a real Chromium for tests: what they show, what axe-core finds, what the console says and which addresses were asked for.
package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Chromium is one running browser. Each of its pages has cookies and storage of its own.
type Chromium struct {
	ctx        context.Context
	profile    string
	quit, stop func()
}

// Start runs a Chromium for several tests; the error of a machine that has none says what to do.
func Start() (*Chromium, error) {
	bin := find()
	if bin == "" {
		return nil, errMissing
	}
	dir, err := os.MkdirTemp("", "ribble-chromium-")
	if err != nil {
		return nil, err
	}
	// A browser that is ended leaves its temporary folders behind: they go with its profile.
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(dir), chromedp.Env("TMPDIR="+dir))
	ctx, end := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, closeTab := chromedp.NewContext(ctx)
	c := &Chromium{ctx: ctx, profile: dir, quit: func() { _ = chromedp.Cancel(ctx); end() }, stop: func() { closeTab(); end(); _ = os.RemoveAll(dir) }}
	if err := chromedp.Do(ctx); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// Close ends the browser and removes what it wrote.
func (c *Chromium) Close() { c.stop() }

// patience is how long one page may take in all, on a busy machine.
const patience = 5 * time.Minute

// Profile is the folder where the browser keeps what it keeps.
func (c *Chromium) Profile() string { return c.profile }

// Quit closes the browser as its user would, and leaves its profile as it then is.
func (c *Chromium) Quit() { c.quit() }

// Page opens a tab of the given size that shares nothing with any other.
func (c *Chromium) Page(t testing.TB, width, height int64) *Page {
	t.Helper()
	return c.page(t, width, height, chromedp.WithNewBrowserContext())
}

// Shared opens a tab that keeps what it keeps in the browser's profile, as that of a user does.
func (c *Chromium) Shared(t testing.TB, width, height int64) *Page {
	t.Helper()
	return c.page(t, width, height)
}

func (c *Chromium) page(t testing.TB, width, height int64, more ...chromedp.ContextOption) *Page {
	t.Helper()
	p := &Page{t: t}
	ctx, closeTab := chromedp.NewContext(c.ctx, append(more, chromedp.WithListener(p.listen))...)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	p.ctx = ctx
	p.do(chromedp.EmulateViewport(width, height))
	return p
}

// Open starts a Chromium for one test, with a tab of the given size. It skips the test where no Chromium is installed.
func Open(t testing.TB, width, height int64) *Page {
	t.Helper()
	c, err := Start()
	if err != nil {
		Missing(t, err)
	}
	t.Cleanup(c.Close)
	return c.Page(t, width, height)
}

// Missing skips a test that lacks a tool; where REQUIRE_BROWSER is set, as in CI, it fails.
func Missing(t testing.TB, why any) {
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
