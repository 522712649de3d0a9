// Package web serves the front's static files: the NHS design system's and Ribble's own, embedded in the binary.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:static
var static embed.FS

// ErrNotBuilt says that the NHS design system was not built into the binary.
var ErrNotBuilt = errors.New("the NHS design system is missing from this build: run `make assets` and build again")

// prefix is where the static files live. Every name below it carries the hash of its content.
const prefix = "/assets/"

// stylesheets are the parts of ribble.css, in the order of the cascade.
var stylesheets = []string{
	"tokens", "ground", "header", "sources", "notes", "record", "clinical", "forms", "pages", "officer", "admin", "stream", "narrow", "print",
}

// scripts are Ribble's own: one for every page, the others for the pages that name them.
var scripts = []string{"watch.js", "ribble.js", "passkey.js", "go.js"}

// Assets are the static files under their content-hashed addresses.
type Assets struct {
	urls  map[string]string // logical name to address
	files map[string]file   // address to content
}

type file struct {
	contentType string
	plain       []byte
	gzipped     []byte // empty when compression does not help
}

// Load reads the embedded files, hashes and compresses them. It fails with [ErrNotBuilt] when the NHS files are absent:
// a page without them would not be safe to read, so the server must not start.
func Load() (*Assets, error) { return load(static) }

// load adds images first, then the style sheets and scripts that name other files.
func load(from fs.FS) (*Assets, error) {
	if _, err := fs.Stat(from, "static/nhsuk/nhsuk.css"); err != nil {
		return nil, ErrNotBuilt
	}
	a := &Assets{urls: map[string]string{}, files: map[string]file{}}
	icons, err := fs.Glob(from, "static/*/*.svg")
	if err != nil {
		return nil, fmt.Errorf("listing the images: %w", err)
	}
	for _, name := range append(icons, "static/nhsuk/nhsuk.css", "static/nhsuk/nhsuk.js") {
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("reading an asset: %w", err)
		}
		a.add(path.Base(name), a.link(data))
	}
	css, err := ribbleCSS(from)
	if err != nil {
		return nil, err
	}
	a.add("ribble.css", css)
	for _, name := range scripts {
		js, err := fs.ReadFile(from, "static/ribble/"+name)
		if err != nil {
			return nil, fmt.Errorf("reading a script: %w", err)
		}
		a.add(name, a.link(js))
	}
	return a, nil
}

// ribbleCSS joins the parts of Ribble's style sheet into one file: one request, and one link in a shadow tree.
func ribbleCSS(from fs.FS) ([]byte, error) {
	var all bytes.Buffer
	for _, part := range stylesheets {
		data, err := fs.ReadFile(from, "static/ribble/"+part+".css")
		if err != nil {
			return nil, fmt.Errorf("reading a style sheet: %w", err)
		}
		all.Write(data)
	}
	return all.Bytes(), nil
}

// link replaces the names of files already added, in url(...) and in imports, by their addresses.
func (a *Assets) link(data []byte) []byte {
	for name, url := range a.urls {
		data = bytes.ReplaceAll(data, []byte("url("+name+")"), []byte("url("+url+")"))
		data = bytes.ReplaceAll(data, []byte(`"./`+name+`"`), []byte(`"`+url+`"`))
	}
	return data
}

func (a *Assets) add(name string, data []byte) {
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	url := prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.urls[name] = url
	a.files[url] = file{contentType: mime.TypeByExtension(ext), plain: data, gzipped: compress(data)}
}

// compress returns nothing when the result would not be smaller.
func compress(data []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil || w.Close() != nil || out.Len() >= len(data) {
		return nil
	}
	return out.Bytes()
}

// URL gives the address of a file by its plain name, such as "ribble.css". A name that is not there is a mistake in a
// template, not in data, so it panics: every page test finds it.
func (a *Assets) URL(name string) string {
	url, ok := a.urls[name]
	if !ok {
		panic("web: no asset is named " + name)
	}
	return url
}

// ServeHTTP answers GET and HEAD below /assets/. A file may be kept for ever, since its address changes with its content.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if f.gzipped != nil && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = f.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader went away: nobody is left to tell
	}
}

// acceptsGzip reads Accept-Encoding (RFC 9110 12.5.3) as far as browsers use it.
func acceptsGzip(r *http.Request) bool {
	for _, offer := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(offer), ";")
		if coding == "gzip" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0"
		}
	}
	return false
}
