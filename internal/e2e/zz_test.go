package e2e

import (
	"testing"
	"time"

	"ribble/internal/sandbox/story"
)

func TestZZ(t *testing.T) {
	p := tab(t)
	signIn(t, p, "doyle")
	ask(p, story.ShutOut)
	p.Click(`a[href^="/break-glass/"]`)
	p.Until(`document.querySelector("#words")`)
	breakGlass(p)
	for range 6 {
		time.Sleep(1500 * time.Millisecond)
		t.Log(p.Eval(`location.pathname.slice(0,14) + " " + document.querySelector(".rb-glassbar")?.innerText + " | " + document.querySelector(".rb-glassbar [role=status]")?.textContent + " " + Date.now()`))
		p.Eval(`(Date.now = ((now) => () => now() + 5 * 60000)(Date.now), 0)`)
		p.Press("a")
	}
	t.Log(p.Complaints())
}
