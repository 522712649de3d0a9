package e2e

import (
	"context"
	"strings"
	"testing"
	"time"
)

// back is how soon records open again after Postgres has returned (the bar of the design is five seconds).
const back = 5 * time.Second

// TestPostgresStopped: without a place to write down who looks, nothing is asked and nothing shown; when it returns, so does Ribble.
func TestPostgresStopped(t *testing.T) {
	p := tab(t)
	if !region.Cluster.Private() {
		t.Skip("the Postgres server belongs to somebody else")
	}
	signIn(t, p, "okafor")
	findNumber(p, edith)
	region.Region.Control.Forget()
	if err := region.Cluster.Stop(); err != nil {
		t.Fatal(err)
	}
	p.Click(`form[action="/record"] button`)
	p.Until(`document.querySelector("h1")?.innerText.includes("cannot open records")`)
	if got := p.Text("main"); !strings.Contains(got, "What to do") || strings.Contains(got, "ASHWORTH") {
		t.Errorf("the refusal says %q", got)
	}
	if counts, _ := region.Region.Control.Requests(); len(counts) > 0 {
		t.Errorf("asked without a place to write it down: %v", counts)
	}
	p.Axe("../../web")
	if err := region.Cluster.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(back); ; {
		p.Go(region.URL + "/find")
		if p.Eval(`Boolean(document.querySelector("#nhs"))`) == "true" {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%s after Postgres is back, the page says %q", back, p.Text("main"))
		}
	}
	open(p, edith)
}
