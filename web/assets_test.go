package web

import (
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// built is the embedded folder as it is after `make assets`, with stand-ins for the NHS files.
func built(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{
		"static/nhsuk/nhsuk.css":             {Data: []byte("a{background:url(nhsuk-icon-cross.svg)}" + strings.Repeat("/* x */", 100))},
		"static/nhsuk/nhsuk.js":              {Data: []byte("export const initAll = () => {}")},
		"static/nhsuk/nhsuk-icon-cross.svg":  {Data: []byte("<svg/>")},
		"static/ribble/not-in-the-sheet.css": {Data: []byte("nothing")},
	}
	own, err := fs.Glob(os.DirFS("."), "static/ribble/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range own {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

func loaded(t *testing.T, files fs.FS) *Assets {
	t.Helper()
	a, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(a *Assets, method, url, encoding string) *http.Response {
	r := httptest.NewRequest(method, url, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestLoadWithoutTheNHSFiles(t *testing.T) {
	if _, err := load(fstest.MapFS{}); !errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), "make assets") {
		t.Errorf("got %v", err)
	}
}

func TestAddressFollowsContent(t *testing.T) {
	files := built(t)
	before := loaded(t, files).URL("ribble.css")
	if !regexp.MustCompile(`^/assets/ribble\.[0-9a-f]{12}\.css$`).MatchString(before) {
		t.Errorf("the address is %s", before)
	}
	files["static/ribble/tokens.css"] = &fstest.MapFile{Data: []byte("b{}")}
	if after := loaded(t, files).URL("ribble.css"); after == before {
		t.Error("the content changed and the address did not")
	}
}

func TestFilesNameEachOtherByAddress(t *testing.T) {
	a := loaded(t, built(t))
	css := body(t, get(a, "GET", a.URL("nhsuk.css"), "").Body)
	if !strings.Contains(css, "url("+a.URL("nhsuk-icon-cross.svg")+")") {
		t.Errorf("the style sheet names %s", css[:60])
	}
	js := body(t, get(a, "GET", a.URL("ribble.js"), "").Body)
	if !strings.Contains(js, `from "`+a.URL("nhsuk.js")+`"`) {
		t.Errorf("the script imports %s", js[:200])
	}
}

func TestServe(t *testing.T) {
	a := loaded(t, built(t))
	plain := get(a, "GET", a.URL("ribble.css"), "")
	packed := get(a, "GET", a.URL("ribble.css"), "br, gzip;q=0.8")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body(t, z) != body(t, plain.Body) {
		t.Error("the compressed file differs")
	}
	for name, want := range map[string]string{"Content-Type": "text/css; charset=utf-8", "Content-Encoding": "gzip", "X-Content-Type-Options": "nosniff",
		"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"} {
		if got := packed.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if r := get(a, "GET", a.URL("ribble.css"), "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
		t.Error("compressed for a reader who refuses it")
	}
	if r := get(a, "HEAD", a.URL("ribble.css"), ""); body(t, r.Body) != "" || r.Header.Get("Content-Length") == "0" {
		t.Error("HEAD must give the length and no body")
	}
	for _, url := range []string{"/assets/ribble.css", "/assets/../assets.go", "/assets/"} {
		if r := get(a, "GET", url, ""); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", url, r.StatusCode)
		}
	}
}

// TestEveryPartIsInTheSheet finds a style sheet that was added and not listed.
func TestEveryPartIsInTheSheet(t *testing.T) {
	own, err := fs.Glob(os.DirFS("static/ribble"), "*.css")
	if err != nil || len(own) != len(stylesheets) {
		t.Errorf("%d style sheets lie there, %d are listed: %v", len(own), len(stylesheets), err)
	}
}

// TestNoForeignAddress holds for what Ribble itself serves: nothing is fetched from another host, and no letter of NHS.UK's font.
func TestNoForeignAddress(t *testing.T) {
	a, err := Load()
	if err != nil {
		t.Skip(err)
	}
	for url, f := range a.files {
		text := strings.ToLower(string(f.plain))
		if strings.HasSuffix(url, ".css") && (strings.Contains(text, "frutiger") || strings.Contains(text, "//assets.nhs.uk") || strings.Contains(text, "@import")) {
			t.Errorf("%s names a foreign font or host", url)
		}
	}
}
