package e2e

import (
	"net/http"
	"strings"
	"testing"
	"fmt"
	"bufio"
	"net/url"
	"regexp"
	"time"
	"io"
)

func TestMeasure(t *testing.T) {
	get, _ := http.Get(region.Region.ControlURL + "/sources")
	b, _ := io.ReadAll(get.Body)
	fmt.Println(string(b)[:600])
	ids := []string{"pds","sds","gp-fellside","gp-beckwater","bth","fgh","cbh","swc","pvt","tas","wyc","ldc"}
	for _, id := range ids {
		req, _ := http.NewRequest("PUT", region.Region.ControlURL+"/sources/"+id, strings.NewReader(`{"latency_ms":300,"jitter_ms":0,"fault":"none"}`))
		resp, err := http.DefaultClient.Do(req)
		if err != nil { t.Fatal(err) }
		b, _ := io.ReadAll(resp.Body)
		if resp.StatusCode > 299 { t.Fatal(id, resp.StatusCode, string(b)) }
	}
	for range 6 {
		for _, name := range []string{"Edith Margaret", "ROBERTS"} {
			raw(t, name)
		}
	}
	for _, by := range []string{"signed", "signed", "signed", "smart", "smart"} {
		for _, name := range []string{"Edith Margaret", "ROBERTS"} {
			p := tab(t)
			atEPR(p, "RZB")
			sel := "#"+by+"-"+local(t, "RZB", person(t, name))
			start := p.Eval(`Date.now()`)
			p.Eval(`void document.querySelector("`+sel+`").click()`)
			p.Until(`[...document.querySelectorAll("[slot]")].some(e => "allergies medicines problems alerts plans legal results imaging measurements encounters consultations appointments referrals immunisations procedures documents socialcare aboutme network history other".split(" ").includes(e.slot))`)
			end := p.Eval(`Date.now() - ` + start)
			fmt.Println(by, name, "first panel after ms", end, "nav:", p.Eval(`JSON.stringify(performance.getEntriesByType("navigation")[0].responseStart|0)`), p.Eval(`performance.timeOrigin - `+start))
		}
	}
}

func raw(t *testing.T, name string) {
	server := region.Region.Records
	who, _ := region.Region.World.Person(person(t, name))
	start := time.Now()
	token, _ := server.Launch("RZB", server.Sites[0].Clinicians[0], who.Demographics)
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	do := func(req *http.Request, cookies []*http.Cookie) *http.Response {
		req.Header.Set("Sec-Fetch-Site", "same-origin"); req.Header.Set("Sec-Fetch-Dest", "document")
		for _, k := range cookies { req.AddCookie(k) }
		resp, err := c.Do(req)
		if err != nil { t.Fatal(err) }
		return resp
	}
	req, _ := http.NewRequest("POST", region.URL+"/launch", strings.NewReader(url.Values{"launch": {token}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r1 := do(req, nil)
	b, _ := io.ReadAll(r1.Body)
	m := regexp.MustCompile(`name="person" value="([^"]+)"`).FindStringSubmatch(string(b))
	t1 := time.Since(start)
	req, _ = http.NewRequest("POST", region.URL+"/record", strings.NewReader(url.Values{"person": {m[1]}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r2 := do(req, r1.Cookies())
	t2 := time.Since(start)
	req, _ = http.NewRequest("GET", region.URL+r2.Header.Get("Location"), nil)
	r3 := do(req, r1.Cookies())
	t3 := time.Since(start)
	sc := bufio.NewReader(r3.Body)
	var all strings.Builder
	first := time.Duration(0)
	for {
		buf := make([]byte, 32<<10)
		n, err := sc.Read(buf)
		all.Write(buf[:n])
		if first == 0 && regexp.MustCompile(` slot="(allergies|medicines|problems|alerts|plans|legal|results|imaging|measurements|encounters|consultations|appointments|referrals|immunisations|procedures|documents|socialcare|aboutme|network|history|other)"`).MatchString(all.String()) {
			first = time.Since(start)
			break
		}
		if err != nil { break }
	}
	r3.Body.Close()
	fmt.Println("raw first panel", name, "launch", t1, "record", t2, "shell", t3, "first", first)
}
