package e2e

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"ribble/internal/browser"
)

// logged is the portal's log of this whole test process.
var logged journal

type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write keeps what is logged.
func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

// String gives all that was logged so far.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// atEPR opens the patient list of a hospital's own records system, as its first clinician.
func atEPR(p *browser.Page, ods string) {
	p.Go(region.Region.Records.Origin + "/" + ods)
}

// local is the hospital's own id of a person.
func local(t testing.TB, ods, number string) string {
	t.Helper()
	who, ok := region.Region.World.Person(number)
	holding, known := who.Holding(ods)
	if !ok || !known {
		t.Fatalf("%s does not know the person", ods)
	}
	return holding.LocalID
}

// TestLaunch goes from a hospital's records system to the shared record in one click, at the sizes of a desk and of a phone.
func TestLaunch(t *testing.T) {
	edith := person(t, "Edith Margaret")
	desk := tab(t)
	signIn(t, desk, "nair")
	open(desk, person(t, "Amelia Jane"))
	other := desk.Eval("location.pathname")
	for _, c := range []struct {
		by            string
		width, height int64
	}{{"signed", 1366, 768}, {"signed", 390, 844}, {"smart", 1366, 768}, {"smart", 390, 844}} {
		t.Run(c.by, func(t *testing.T) {
			p := tab(t)
			p.Resize(c.width, c.height)
			atEPR(p, "RZB")
			p.Shot("epr-"+c.by+"-"+p.Eval("innerWidth"), false)
			p.Click("#" + c.by + "-" + local(t, "RZB", edith))
			whole(p)
			if text := p.Text("body"); !strings.Contains(text, "ASHWORTH") || !strings.Contains(text, spaced(t, edith)) {
				t.Error("another record is open")
			}
			if got := p.Eval("document.referrer"); got != "" {
				t.Errorf("the record's page was told that it comes from %s", got)
			}
			p.Shot("launched-"+c.by+"-"+p.Eval("innerWidth"), false)
			onlyThisPerson(t, p, other)
		})
	}
}

// onlyThisPerson tries all the ways to somebody else from a launched session; other is the address of somebody's record that the same user has
// open at a desk.
func onlyThisPerson(t *testing.T, p *browser.Page, other string) {
	t.Helper()
	if strings.Contains(p.Text("header"), "Find a person") {
		t.Error("the page offers a search")
	}
	for _, request := range []string{
		`fetch("/find")`, `fetch("/find", {method: "POST", body: new URLSearchParams({nhs: "` + person(t, "Amelia Jane") + `"})})`,
		`fetch("/find", {method: "POST", body: new URLSearchParams({family: "Ashworth", day: "3", month: "3", year: "1942"})})`,
		`fetch("/find/x")`,
	} {
		if got := p.Await(request + `.then(r => r.status)`); got != "403" {
			t.Errorf("%s: %s", request, got)
		}
	}
	p.Go(region.URL + other)
	if got := p.Text("main"); !strings.Contains(got, "no longer open") {
		t.Errorf("another session's record shows %q", got)
	}
	p.Go(region.URL + "/")
	if got := p.Text("main"); !strings.Contains(got, "Your own system opened Ribble for one person") {
		t.Errorf("the start page says %q", got)
	}
	p.Shot("launched-find-"+p.Eval("innerWidth"), false)
}

// TestLaunchTracesOnce: the trace that a launch begins while the browser is on its way is the one that its record is opened with, and the page
// between has fetched what the record's page needs.
func TestLaunchTracesOnce(t *testing.T) {
	p := tab(t)
	number := person(t, "Edith Margaret")
	traces := func() (n int) {
		_, log := region.Region.Control.Requests()
		for _, asked := range log {
			if asked.Source == "pds" && asked.NHSNumber == number {
				n++
			}
		}
		return n
	}
	atEPR(p, "RZB")
	before := traces()
	p.Click("#signed-" + local(t, "RZB", number))
	whole(p)
	if n := traces() - before; n != 1 {
		t.Errorf("the launch traced the person %d times", n)
	}
	asked := map[string]bool{}
	for _, url := range p.Requests() {
		if strings.HasPrefix(url, region.URL+"/record/") {
			break
		}
		if name, asset := strings.CutPrefix(url, region.URL+"/assets/"); asset {
			asked[name[:strings.Index(name, ".")]+name[strings.LastIndex(name, "."):]] = true
		}
	}
	for _, name := range []string{"nhsuk.css", "nhsuk.js", "ribble.css", "ribble.js", "go.js"} {
		if !asked[name] {
			t.Errorf("the page between does not fetch %s", name)
		}
	}
}

// TestLaunchWithoutScript needs one press more and nothing else.
func TestLaunchWithoutScript(t *testing.T) {
	p := tab(t)
	p.NoScript()
	atEPR(p, "RZB")
	p.Click("#signed-" + local(t, "RZB", person(t, "Edith Margaret")))
	p.Until(`document.querySelector("#go")`)
	p.Click("#go")
	p.Until(`document.querySelector("form.rb-go")`)
	p.Shot("launch-opening-1366", false)
	for _, secret := range []string{"ASHWORTH", "Edith", "1942", person(t, "Edith Margaret")} {
		if strings.Contains(p.Eval("document.documentElement.outerHTML"), secret) {
			t.Errorf("the page between says %q", secret)
		}
	}
	p.Click("form.rb-go button")
	whole(p)
}

// TestLaunchRefused: a person whom the national register does not confirm is not opened, and the words do not say what differs.
func TestLaunchRefused(t *testing.T) {
	server, world := region.Region.Records, region.Region.World
	who, _ := world.Person(person(t, "Edith Margaret"))
	by := server.Sites[0].Clinicians[0]
	wrong := who.Demographics
	wrong.Born = "1942-03-04"
	unknown := who.Demographics
	unknown.NHSNumber = "9449305552" // valid, and nobody's in this region
	p := tab(t)
	for name, patient := range map[string]struct{ number, born string }{
		"another date of birth": {wrong.NHSNumber, wrong.Born}, "nobody's number": {unknown.NHSNumber, unknown.Born},
	} {
		d := who.Demographics
		d.NHSNumber, d.Born = patient.number, patient.born
		token, err := server.Launch("RZB", by, d)
		if err != nil {
			t.Fatal(err)
		}
		p.Go(server.Origin + "/")
		p.Eval(`(() => { const f = document.createElement("form"); f.method = "post"; f.action = "` + region.URL + `/launch";
			f.innerHTML = '<input name=launch value="` + token + `">'; document.body.append(f); f.submit() })()`)
		p.Until(`location.pathname.startsWith("/record/") && document.readyState === "complete"`)
		if got := p.Text("main"); !strings.Contains(got, "Go back to your own system and open it again.") || strings.Contains(got, "born") || strings.Contains(got, "Find a person") {
			t.Errorf("%s: %q", name, got)
		}
		p.Shot("launch-refused-1366", false)
	}
}

// demoDatabase is the database under the portal, as its administrator sees it.
func demoDatabase(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), region.Cluster.URL())
	if err != nil {
		t.Fatal(err)
	}
	config := conn.Config().Copy()
	config.Database = "ribble_demo_" + strconv.Itoa(os.Getpid())
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if conn, err = pgx.ConnectConfig(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestLaunchIsWrittenDown reads the trail: who was let in by a launch, and why others were not.
func TestLaunchIsWrittenDown(t *testing.T) {
	p := tab(t)
	atEPR(p, "RZB")
	p.Click("#signed-" + local(t, "RZB", person(t, "ROBERTS")))
	whole(p)
	conn := demoDatabase(t)
	defer func() { _ = conn.Close(t.Context()) }()
	rows, err := conn.Query(t.Context(), "SELECT e.act FROM audit.event e JOIN audit.agent a ON a.id = e.agent WHERE a.issuer = $1 ORDER BY e.sequence DESC LIMIT 60", region.Region.Records.Issuer("RZB"))
	if err != nil {
		t.Fatal(err)
	}
	acts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range []string{"signed-in", "open-requested", "intent", "disclosed"} {
		if !slices.Contains(acts, act) {
			t.Errorf("no %s among %q", act, acts)
		}
	}
	// A locked screen of a launched user is the end: there is nobody here to prove to who they are.
	p.Click(".rb-top__lock button")
	p.Until(`location.pathname !== "" && document.readyState === "complete" && !document.querySelector(".rb-record")`)
	p.Shot("launched-locked-1366", false)
	p.Go(region.URL + "/sessions")
	if got := p.Eval("location.pathname"); got != "/sign-in" {
		t.Errorf("after locking, the session still opens %s: %q", got, p.Text("main"))
	}
}

// TestLaunchedTwice: the address of a launch is worth nothing a second time, from another machine or another site.
func TestLaunchedTwice(t *testing.T) {
	if region == nil {
		t.Skip("no demo runs")
	}
	server := region.Region.Records
	who, _ := region.Region.World.Person(person(t, "Edith Margaret"))
	token, err := server.Launch("RZB", server.Sites[0].Clinicians[0], who.Demographics)
	if err != nil {
		t.Fatal(err)
	}
	for want := range 2 {
		resp, err := http.PostForm(region.URL+"/launch", url.Values{"launch": {token}})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := []int{http.StatusOK, http.StatusForbidden}[want]; resp.StatusCode != got {
			t.Errorf("time %d: %d, want %d", want+1, resp.StatusCode, got)
		}
		if resp, err := http.Get(region.URL + "/launch?launch=" + token); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("by GET: %v", err)
		} else {
			_ = resp.Body.Close()
		}
		if resp.Header.Get("Referrer-Policy") != "no-referrer" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", resp.Header)
		}
	}
}

// TestLaunchOnceOfFifty posts one launch fifty times at once to two replicas on one database: exactly one is let in. Afterwards the log of
// both holds no NHS number, name or date of birth.
func TestLaunchOnceOfFifty(t *testing.T) {
	if region == nil {
		t.Skip("no demo runs")
	}
	second, err := region.Replica(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server := region.Region.Records
	who, _ := region.Region.World.Person(person(t, "Edith Margaret"))
	token, err := server.Launch("RZB", server.Sites[0].Clinicians[0], who.Demographics)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan int, 50)
	for i := range cap(got) {
		go func() {
			resp, err := http.PostForm([]string{region.URL, second}[i%2]+"/launch", url.Values{"launch": {token}})
			if err != nil {
				got <- 0
				return
			}
			_ = resp.Body.Close()
			got <- resp.StatusCode
		}()
	}
	counts := map[int]int{}
	for range cap(got) {
		counts[<-got]++
	}
	log := logged.String()
	if !strings.Contains(log, "launch-replayed") {
		t.Error("the log does not say why a launch was refused")
	}
	for _, secret := range []string{who.NHSNumber, spaced(t, who.NHSNumber), "ASHWORTH", "Ashworth", "Edith", who.Born, token} {
		if strings.Contains(log, secret) {
			t.Errorf("the log says %.12q", secret)
		}
	}
	if counts[http.StatusOK] != 1 || counts[http.StatusForbidden] != 49 {
		t.Errorf("answers by status: %v", counts)
	}
}
