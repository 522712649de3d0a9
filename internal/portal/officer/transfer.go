package officer

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-json-experiment/json"

	"ribble/internal/audit"
	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/portal/handle"
	"ribble/web/page"
	"ribble/web/ui"
)

// transfer is a file that leaves the log as it streams: what was asked, fixed to what the log held at one moment, so that its bytes are the same however
// often it is fetched, and a download that broke off can go on.
type transfer struct {
	Asking asking `json:"a"`
	Format string `json:"f"`
	// Complete is up to where, and as of when.
	Complete inquiry.Complete `json:"c"`
	// Part of Parts begins behind Asking.Before and ends at Until; one part has neither.
	Part  int           `json:"p"`
	Parts int           `json:"q"`
	Until inquiry.Place `json:"u,omitzero"`
	// Missing says in words what could not be found when it was offered.
	Missing string `json:"m,omitempty"`
	// Tag is the file's validator as it was offered.
	Tag string `json:"b"`
}

const (
	transferPurpose = "officer-transfer"
	// transferLife is a long working day; the session ends before.
	transferLife = 12 * time.Hour
	// partOf is how many entries a file has at most: what breaks off costs no more than that, and every spreadsheet opens it.
	partOf = 100_000
)

// streamed is a form of an export that streams.
type streamed struct {
	contentType, name, ending string
	// story tells one person's whole looks, which cannot be cut into parts.
	story bool
	fill  func(*Pages, *http.Request, identity.User, transfer, io.Writer) error
}

var streams = map[string]streamed{
	"csv":    {"text/csv; charset=utf-8", "who-looked", ".csv", true, (*Pages).table},
	"rows":   {"text/csv; charset=utf-8", "log", ".csv", false, (*Pages).rows},
	"ndjson": {"application/fhir+ndjson", "audit-events", ".ndjson", false, (*Pages).ndjson},
}

func (t transfer) fileName() string {
	s := streams[t.Format]
	if t.Parts == 1 {
		return s.name + s.ending
	}
	return fmt.Sprintf("%s-%0*d-of-%d%s", s.name, len(strconv.Itoa(t.Parts)), t.Part, t.Parts, s.ending)
}

// build names the program: another one may word a line differently, and then no file of the one before can be gone on with.
var build = sync.OnceValue(func() []byte {
	sum := sha256.New()
	if path, err := os.Executable(); err == nil {
		if program, err := os.Open(path); err == nil {
			defer func() { _ = program.Close() }()
			if _, err := io.Copy(sum, program); err == nil {
				return sum.Sum(nil)[:8]
			}
		}
	}
	return []byte(rand.Text()) // a program that cannot be read is like no other: nothing is gone on with after it ended
})

// tag is the strong validator of the file (RFC 9110, 8.8.3): of all on which its bytes depend, which is what was asked, what of it the user's rights and this
// portal's keys reach now, and the program.
func (t transfer) tag(reached inquiry.Query) (string, error) {
	t.Asking.Session, t.Asking.Role, t.Tag = "", "", ""
	what, err1 := json.Marshal(t)
	reach, err2 := json.Marshal(reached)
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	sum := sha256.Sum256(slices.Concat(build(), what, reach))
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`, nil
}

func (p *Pages) sealTransfer(u identity.User, t transfer) (string, error) {
	var err error
	if t.Tag, err = t.tag(t.query(p, u)); err != nil {
		return "", err
	}
	t.Asking.Session, t.Asking.Role = u.Session, u.Role.ProfileID
	token, err := handle.SealFor(p.Handles, transferPurpose, t, transferLife)
	return TransferPath + token, err
}

// offer fixes an export to what the log holds now and leads to its file, or to a page with its files when it is long.
func (p *Pages) offer(w http.ResponseWriter, r *http.Request, e export, format string) error {
	t := transfer{Asking: e.asking, Format: format, Part: 1, Parts: 1}
	var err error
	if t.Missing, err = p.gap(r, e.asking); err != nil {
		return err
	}
	if t.Missing != "" && format == "ndjson" {
		return fault.New(fault.Unavailable, t.Missing+" Nothing was exported: this form cannot say what it lacks. The CSV can.")
	}
	cuts, err := p.fix(r, e.user, &t)
	if err != nil {
		return fault.Wrap(fault.Unavailable, fault.SafeText(errLogDown), err)
	}
	if len(cuts) > 0 {
		return p.parts(w, r, e.user, t, cuts)
	}
	to, err := p.sealTransfer(e.user, t)
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// fix settles up to where the file is complete, and where it is cut.
func (p *Pages) fix(r *http.Request, u identity.User, t *transfer) (cuts []inquiry.Place, err error) {
	q := p.query(t.Asking, u)
	if streams[t.Format].story {
		var first inquiry.Page
		q.Limit = 1
		first, err = p.Log.Search.Page(r.Context(), q)
		t.Complete = first.Complete
	} else {
		cuts, t.Complete, err = p.Log.Search.Cuts(r.Context(), q, p.partOf())
	}
	if last := t.Asking.Last; last > 0 {
		t.Complete.Sequence = min(last, t.Complete.Sequence)
	}
	t.Asking.Last = t.Complete.Sequence
	return cuts, err
}

func (p *Pages) partOf() int {
	if p.PartOf > 0 {
		return p.PartOf
	}
	return partOf
}

// parts shows the files of a long export.
func (p *Pages) parts(w http.ResponseWriter, r *http.Request, u identity.User, t transfer, cuts []inquiry.Place) error {
	props := page.LooksPartsProps{
		Props: p.frame(r, "An export in parts"), Places: places(ReportPath),
		Complete: fmt.Sprintf("Complete to log number %s, %s.", thousands(t.Complete.Sequence), moment(t.Complete.At)),
		Proof:    "What was written down since is not in these files.",
		Lead:     fmt.Sprintf("This export has %d files.", len(cuts)+1),
		Text: fmt.Sprintf("Each holds up to %s entries, the newest first. It is whole only with all of them: the last one ends with the line that says so. ", thousands(int64(p.partOf()))) +
			"A file stays the same however often you fetch it, so a download that broke off can go on where it ended. The links work for 12 hours, while you are signed in.",
	}
	t.Parts = len(cuts) + 1
	for i := range t.Parts {
		t.Part, t.Until = i+1, inquiry.Place{}
		row := page.LooksPart{Back: "to the beginning"}
		if i < len(cuts) {
			t.Until = cuts[i]
			row.Back = "to " + moment(cuts[i].At) + ", log number " + thousands(cuts[i].Sequence)
		}
		to, err := p.sealTransfer(u, t)
		if err != nil {
			return err
		}
		row.Link = ui.Action{Text: t.fileName(), URL: to}
		props.Rows = append(props.Rows, row)
		t.Asking.Before = t.Until
	}
	return write(w, r, http.StatusOK, page.LooksParts(props))
}

// Transfer sends a file that an officer asked for: all of it, or the rest of one that broke off (Range and If-Range, RFC 9110, 14). Every time is written
// down before the first byte leaves.
func (p *Pages) Transfer(w http.ResponseWriter, r *http.Request) error {
	u, err := p.officer(r)
	if err != nil {
		return err
	}
	if p.Log == nil {
		return errNoLog
	}
	t, err := handle.Open[transfer](p.Handles, transferPurpose, chi.URLParam(r, "file"))
	if err != nil || !t.Asking.of(u) {
		return errStale
	}
	missing, err := p.gap(r, t.Asking)
	if err != nil {
		return err
	}
	if missing != t.Missing {
		return errStale
	}
	tag, err := t.tag(t.query(p, u))
	if err != nil {
		return err
	}
	wanted := readRange(r, tag)
	if r.Header.Get("If-Range") == "" && tag != t.Tag {
		// Whoever does not say which file they hold holds the one that was offered, and that is not there any more.
		wanted = nil
	}
	if err := p.noteTransfer(r, u, t, wanted); err != nil {
		return err
	}
	s := streams[t.Format]
	fill := func(out io.Writer) error { return s.fill(p, r, u, t, out) }
	head := func() {
		attach(w, s.contentType, t.fileName())
		w.Header().Set("ETag", tag)
		w.Header().Set("Accept-Ranges", "bytes")
	}
	if wanted == nil {
		return stream(w, head, fill, errLogDown)
	}
	return part(w, *wanted, head, fill)
}

func (p *Pages) noteTransfer(r *http.Request, u identity.User, t transfer, wanted *byteRange) error {
	words := t.Asking.words()
	if t.Parts > 1 {
		words += fmt.Sprintf(", part %d of %d", t.Part, t.Parts)
	}
	if wanted != nil {
		words += fmt.Sprintf(", from byte %d on", wanted.from)
	}
	return p.Trail.Note(r.Context(), audit.Note{
		Act: audit.ActTrailExported, User: u, NHSNumber: t.Asking.number(), Reason: strings.TrimSpace(t.Format + " " + t.Asking.Purpose), Terms: audit.Terms{Words: words},
	})
}

// query is what a transfer asks of the trail.
func (t transfer) query(p *Pages, u identity.User) inquiry.Query {
	q := p.query(t.Asking, u)
	q.Until = t.Until
	return q
}
