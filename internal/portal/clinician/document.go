package clinician

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/net/html"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/openrecord"
	"ribble/internal/portal/handle"
	"ribble/internal/record"
)

// Document streams one document of an open record to the browser.
func (p *Pages) Document(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	h, err := handle.Open[documentHandle](p.handles, documentPurpose, chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	number, err := h.Person(u)
	if err != nil {
		return err
	}
	shown := &documentPage{w: w, title: h.Title}
	err = p.open.OpenDocument(r.Context(), openrecord.DocumentRequest{
		Request: h.request(u, number),
		Feed:    h.Feed, Section: h.Section, Attachment: record.Attachment{URL: h.URL, ContentType: h.ContentType, Title: h.Title, Cleared: h.Cleared},
	}, shown)
	if err != nil && shown.begun {
		p.log.ErrorContext(r.Context(), "a document broke off while it was sent", "kind", faultKind(err))
		// The connection is cut, so that a part of a document cannot pass for the whole.
		panic(http.ErrAbortHandler)
	}
	return err
}

func faultKind(err error) string { return fault.KindOf(err).String() }

// documentPage sends a document so that nothing in it can run: it is an openrecord.DocumentPage.
type documentPage struct {
	w     http.ResponseWriter
	title string
	begun bool
}

// documentLimit is the largest document that is passed on.
const documentLimit = 200 << 20

// inline are the types that a browser shows by itself without running anything in them; everything else is offered as a file.
var inline = map[string]string{"text/plain": "text/plain; charset=utf-8", "image/png": "image/png", "image/jpeg": "image/jpeg", "application/pdf": "application/pdf"}

// Show streams the body in a sandbox of its own: no script, no form, no other address; a web page is reduced to its text.
func (d *documentPage) Show(proof audit.Disclosed, body record.DocumentBody) error {
	if !proof.Valid() || !proof.Document() {
		return errUnproven
	}
	kind, _, err := mime.ParseMediaType(body.ContentType)
	if err != nil {
		kind = "application/octet-stream"
	}
	h := d.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'; sandbox")
	d.begun = true
	_ = http.NewResponseController(d.w).SetWriteDeadline(proof.Until(time.Now().Add(time.Minute)))
	if kind == "text/html" {
		h.Set("Content-Type", inline["text/plain"])
		return text(d.w, io.LimitReader(body.Body, documentLimit))
	}
	as, shown := inline[kind]
	if kind == "application/pdf" {
		// A sandboxed PDF is not drawn by browsers; their viewers run nothing of the page's origin.
		h.Set("Content-Security-Policy", "default-src 'none'; object-src 'self'; plugin-types application/pdf; style-src 'unsafe-inline'; frame-ancestors 'none'")
	}
	if !shown {
		as = "application/octet-stream"
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(d.title, kind)}))
	}
	h.Set("Content-Type", as)
	n, err := io.Copy(d.w, io.LimitReader(body.Body, documentLimit))
	if err != nil {
		return fmt.Errorf("streaming a document: %w", err)
	}
	if n == documentLimit {
		return errors.New("streaming a document: it is too large")
	}
	return nil
}

// fileName is a safe name for a file that is saved: no path, no control characters, and an ending that fits its type.
func fileName(title, kind string) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, title)
	if name == "" {
		name = "document"
	}
	if endings, err := mime.ExtensionsByType(kind); err == nil && len(endings) > 0 && !strings.HasSuffix(strings.ToLower(name), endings[0]) {
		name += endings[0]
	}
	return name
}

// text writes what a web page says and nothing of its markup.
func text(w io.Writer, page io.Reader) error {
	z := html.NewTokenizer(page)
	skip := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			if errors.Is(z.Err(), io.EOF) {
				return nil
			}
			return fmt.Errorf("reading a document: %w", z.Err())
		case html.StartTagToken:
			name, _ := z.TagName()
			skip += hidden(string(name))
			if block[string(name)] {
				if _, err := io.WriteString(w, "\n"); err != nil {
					return err
				}
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			skip = max(0, skip-hidden(string(name)))
		case html.TextToken:
			if skip > 0 {
				continue
			}
			if _, err := io.WriteString(w, html.UnescapeString(string(z.Raw()))); err != nil {
				return err
			}
		}
	}
}

var block = map[string]bool{"p": true, "br": true, "div": true, "tr": true, "li": true, "h1": true, "h2": true, "h3": true, "h4": true, "table": true}

func hidden(tag string) int {
	switch tag {
	case "script", "style", "head", "template", "noscript":
		return 1
	}
	return 0
}
