package e2e

import "testing"

func TestZZ(t *testing.T) {
	p := tab(t)
	signIn(t, p, "kerr")
	findNumber(p, edith)
	p.Click(`form[action="/record"] button`)
	p.Until(`location.pathname.startsWith("/record/") && document.readyState === "complete"`)
	p.Shot("claim", true)
	t.Log(p.Text("main"))
	p.Click(`#reason`)
	p.Click(`form[action="/record/claim"] button`)
	whole(p)
	p.Shot("claimed", false)
	t.Log(p.Text("nav"))
	signIn(t, p, "grant")
}
