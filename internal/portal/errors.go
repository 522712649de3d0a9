package portal

import (
	"bytes"
	"errors"
	"net/http"

	"ribble/internal/access"
	"ribble/internal/fault"
	"ribble/internal/portal/clinician"
	"ribble/internal/portal/middleware"
	"ribble/web/page"
)

// handler is a page that may fail; fail is the only place where an error becomes a status and words.
type handler func(w http.ResponseWriter, r *http.Request) error

func (p *Portal) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			p.fail(w, r, err)
		}
	}
}

var statuses = map[fault.Kind]int{
	fault.Internal: http.StatusInternalServerError, fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Denied: http.StatusForbidden,
	fault.Refused: http.StatusBadGateway, fault.Unavailable: http.StatusServiceUnavailable, fault.Timeout: http.StatusGatewayTimeout, fault.TooMany: http.StatusTooManyRequests,
}

var headings = map[fault.Kind]string{
	fault.Internal: "Something went wrong", fault.Invalid: "That cannot be used", fault.NotFound: "Not open", fault.Denied: "Not in your role",
	fault.Refused: "Another system refused", fault.Unavailable: "Ribble cannot open records just now", fault.Timeout: "No answer in time", fault.TooMany: "Too many requests",
}

// fail shows what an error means for whoever is at the screen: its safe words, what to do, and a reference under which the log has the rest.
func (p *Portal) fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.KindOf(err)
	props := page.MessageProps{
		Props: p.frame(r), Heading: headings[kind], Text: []string{fault.SafeText(err)}, Reference: middleware.RequestID(r.Context()),
		Actions: ways(r),
	}
	status, draw := statuses[kind], page.Error
	var refusal access.Refusal
	switch {
	case errors.As(err, &refusal):
		status, draw = http.StatusForbidden, page.Refused
		props.Heading, props.Text = "This record is not opened", []string{refusal.Words(), "This refusal has been written down."}
	case kind == fault.Unavailable || kind == fault.Timeout:
		draw = page.Unavailable
		props.Todo = []string{"Wait a minute and try again.", "If care cannot wait, ring the person’s GP practice or hospital and ask for the record desk.", "Tell your service desk the reference below."}
	case errors.Is(err, clinician.ErrGoBack), errors.Is(err, clinician.ErrInContext):
		draw, props.Heading = page.Refused, "This record is not opened"
	case kind == fault.Denied:
		draw = page.Refused
	case kind == fault.Internal:
		p.log.ErrorContext(r.Context(), "a page failed", "kind", kind.String(), "request_id", props.Reference)
	}
	props.Title = props.Heading
	var b bytes.Buffer
	if draw(props).Render(r.Context(), &b) != nil {
		http.Error(w, "Something went wrong. Try again, and tell your service desk if it happens again.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// says makes a small page for the middleware out of an error.
func (p *Portal) says(err error) middleware.Page {
	return func(w http.ResponseWriter, r *http.Request) { p.fail(w, r, err) }
}
