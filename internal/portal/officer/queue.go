package officer

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ribble/internal/fault"
	"ribble/internal/identity"
	"ribble/internal/oversight"
	"ribble/internal/oversight/post"
	"ribble/internal/oversight/queue"
	"ribble/internal/record"
	"ribble/web/page"
	"ribble/web/ui"
)

// most is how many alerts one page shows.
const most = 50

// unreadable is what the officer is told when the queue cannot be read.
const unreadable = "The alerts cannot be read just now. None is lost. Try again in a minute."

// Queue lists the alerts of the officer's organisation.
func (p *Pages) Queue(w http.ResponseWriter, r *http.Request) error {
	props, err := p.list(r)
	if err != nil {
		return err
	}
	return write(w, r, http.StatusOK, page.Queue(props))
}

// Newest is the list alone.
func (p *Pages) Newest(w http.ResponseWriter, r *http.Request) error {
	props, err := p.list(r)
	if err != nil {
		return err
	}
	return write(w, r, http.StatusOK, page.QueueList(props))
}

// shelf is a choice of alerts to list.
type shelf struct {
	code, text string
	states     []queue.State
}

var shelves = []shelf{
	{"open", "Open", queue.Working}, {"new", "New", []queue.State{queue.New}}, {"mine", "With me", queue.Working}, {"asked", "Asked", []queue.State{queue.Asked}},
	{"answered", "Answered", []queue.State{queue.Answered}}, {"closed", "Closed", []queue.State{queue.Closed}},
}

// view is which list is wanted: a shelf, its order, and where the page begins. An unknown value is the usual one.
type view struct {
	shelf
	oldest bool
	after  int64
}

func readView(q url.Values) view {
	v := view{shelf: shelves[0], oldest: q.Get("order") == "oldest"}
	for _, s := range shelves {
		if s.code == q.Get("show") {
			v.shelf = s
		}
	}
	if n, err := strconv.ParseInt(q.Get("after"), 10, 64); err == nil && n > 0 {
		v.after = n
	}
	return v
}

// at is the view's address below a path.
func (v view) at(path string) string {
	q := url.Values{}
	if v.code != shelves[0].code {
		q.Set("show", v.code)
	}
	if v.oldest {
		q.Set("order", "oldest")
	}
	if v.after > 0 {
		q.Set("after", strconv.FormatInt(v.after, 10))
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (v view) filter(u identity.User) queue.Filter {
	f := queue.Filter{Organisation: u.Organisation.ODS, States: v.states, After: v.after, Newest: !v.oldest, Limit: most + 1}
	if v.code == "mine" {
		f.Officer = queue.Key(u)
	}
	return f
}

func (p *Pages) list(r *http.Request) (page.QueueProps, error) {
	u, err := p.officer(r)
	if err != nil {
		return page.QueueProps{}, err
	}
	v := readView(r.URL.Query())
	items, err := p.Config.Queue.List(r.Context(), v.filter(u))
	if err != nil {
		return page.QueueProps{}, fault.Wrap(fault.Unavailable, unreadable, err)
	}
	counts, err := p.Config.Queue.Counts(r.Context(), u.Organisation.ODS)
	if err != nil {
		return page.QueueProps{}, fault.Wrap(fault.Unavailable, unreadable, err)
	}
	closed, err := p.closed(r, u)
	if err != nil {
		return page.QueueProps{}, err
	}
	props := page.QueueProps{
		Props: p.frame(r, "Alerts"), Places: places(AlertsPath), Organisation: u.Organisation.Name, Refresh: v.at(NewestPath), Read: p.Now().In(time.Local).Format("15:04:05"),
		Heading: heading(counts), Tabs: tabs(v, counts), Orders: orders(v), Closed: closed, None: p.nothing(v, u),
	}
	if len(items) > most {
		items = items[:most]
		next := v
		next.after = items[most-1].Number
		props.More = &ui.Action{Text: "More alerts", URL: next.at(AlertsPath)}
	}
	for _, i := range items {
		props.Rows = append(props.Rows, p.row(u, i))
	}
	return props, nil
}

// closed says how the work goes.
func (p *Pages) closed(r *http.Request, u identity.User) (string, error) {
	now := p.Now().In(time.Local)
	n, median, err := p.Config.Queue.Handled(r.Context(), u.Organisation.ODS, time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.Local))
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, unreadable, err)
	}
	if n == 0 {
		return "None was closed this month.", nil
	}
	return fmt.Sprintf("Closed this month: %d. Median time from alert to close: %s.", n, span(median)), nil
}

// span puts a time that work took into words.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", int(d/day))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d/time.Minute))
	}
	return "less than 2 minutes"
}

func open(counts map[queue.State]int) int {
	n := 0
	for _, s := range queue.Working {
		n += counts[s]
	}
	return n
}

func heading(counts map[queue.State]int) string {
	switch n := open(counts); n {
	case 0:
		return "No open alerts"
	case 1:
		return "1 open alert"
	default:
		return fmt.Sprintf("%d open alerts", n)
	}
}

func tabs(v view, counts map[queue.State]int) []ui.Action {
	var out []ui.Action
	for _, s := range shelves {
		a := ui.Action{Text: s.text, URL: view{shelf: s, oldest: v.oldest}.at(AlertsPath)}
		if s.code == "open" {
			a.Text = fmt.Sprintf("%s (%d)", s.text, open(counts))
		} else if len(s.states) == 1 {
			a.Text = fmt.Sprintf("%s (%d)", s.text, counts[s.states[0]])
		}
		if s.code == v.code && v.after == 0 {
			a.URL = ""
		}
		out = append(out, a)
	}
	return out
}

func orders(v view) []ui.Action {
	newest, oldest := ui.Action{Text: "newest first"}, ui.Action{Text: "oldest first"}
	if v.oldest {
		newest.URL = view{shelf: v.shelf}.at(AlertsPath)
	} else {
		oldest.URL = view{shelf: v.shelf, oldest: true}.at(AlertsPath)
	}
	return []ui.Action{newest, oldest}
}

// nothing says that a list is empty. For an officer of the region that says nothing of the organisations: their own officers have their alerts.
func (p *Pages) nothing(v view, u identity.User) ui.NoteProps {
	if p.regional(u) {
		return ui.NoteProps{
			Kind: ui.NoteNone, Lead: "No alert about users of " + u.Organisation.Name + " is here.",
			Text: "Alerts about users of other organisations are with those organisations’ own officers. Who looked, and the pictures, show you the whole region.",
		}
	}
	if v.code == "open" && v.after == 0 {
		return ui.NoteProps{Kind: ui.NoteNone, Lead: "Nothing to look into.", Text: "No rule has spoken since the last alert was closed."}
	}
	return ui.NoteProps{Kind: ui.NoteNone, Lead: "No alert is here.", Text: "The other lists may hold some."}
}

// stateLooks are the words and the look of a state.
var stateLooks = map[queue.State]struct {
	words string
	kind  ui.TagKind
}{
	queue.New: {"new", ui.TagSoft}, queue.Assigned: {"taken up", ui.TagWait}, queue.Asked: {"asked", ui.TagWait}, queue.Answered: {"answered", ui.TagCare}, queue.Closed: {"closed", ui.TagDone},
}

// state says where the work on an alert stands.
func state(u identity.User, i queue.Item) (string, ui.TagKind) {
	look := stateLooks[i.State]
	switch {
	case i.State == queue.Closed:
		return "closed: " + outcomeWords(i.Outcome), look.kind
	case i.State == queue.New || i.Officer == "":
		return look.words, look.kind
	case i.Officer == queue.Key(u):
		return look.words + ", with you", look.kind
	}
	return look.words + ", with " + record.StaffName(i.OfficerName).Usual(), look.kind
}

func outcomeWords(code string) string {
	for _, o := range queue.Outcomes {
		if o.Code == code {
			return o.Words
		}
	}
	return code
}

func (p *Pages) row(u identity.User, i queue.Item) page.QueueRow {
	words := wordsOf(i.Kind)
	row := page.QueueRow{
		Open: ui.Action{Text: p.reference(i), URL: AlertsPath + "/" + i.ID}, What: words.title, Words: i.Words, Grave: grave(i), Who: record.StaffName(i.UserName).Usual(),
		Score: score(i), At: moment(i.At),
	}
	row.State, row.StateKind = state(u, i)
	return row
}

// grave alerts are loud: emergency access, one's own record, and whatever scored high.
func grave(i queue.Item) bool {
	return i.State != queue.Closed && (i.Kind == oversight.BreakGlass || i.Kind == oversight.OwnRecord || i.Score >= graveScore)
}

const graveScore = 80

// score is empty until the patrol has come by.
func score(i queue.Item) string {
	if i.Rule == "" {
		return ""
	}
	return strconv.Itoa(i.Score)
}

// reference names an alert in a letter or on the phone.
func (p *Pages) reference(i queue.Item) string {
	return post.Reference(p.organisation(i.Organisation).Badge, i.Number)
}
