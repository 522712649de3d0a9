package admin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ribble/internal/directory"
	"ribble/internal/health"
	"ribble/internal/onboarding"
	"ribble/web/page"
	"ribble/web/ui"
)

// sourceRow is a feed with all by which it is sorted.
type sourceRow struct {
	feed    *directory.Feed
	pulse   health.Feed
	waiting int
	// rank is its badness, worked out once: a region may have 30,000 feeds to sort.
	rank int
}

// badness orders feeds: what does not answer first, then what is slow, suspended, ended; last what is off.
func (s *sourceRow) badness(now time.Time) int {
	runs := s.feed.Stage.Runs()
	switch {
	case runs && s.silent():
		return 0
	case runs && !s.feed.Agreement.InForce(now):
		return 1
	case s.feed.Stage == directory.Suspended:
		return 2
	case runs && s.pulse.Standing == health.Slow:
		return 3
	case runs:
		return 4
	}
	return 5
}

// Sources is the region at a glance: every feed, the worst first.
func (p *Pages) Sources(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.administrator(r); err != nil {
		return err
	}
	waiting, err := p.Desk.Changes(r.Context(), onboarding.Query{State: onboarding.Waiting})
	if err != nil {
		return err
	}
	snapshot, now := p.Desk.Directory(), p.Now()
	rows, err := p.sourceRows(r, snapshot)
	if err != nil {
		return err
	}
	b := p.board(r, "Sources: "+p.Region, Path)
	b.Tiles = tiles(rows, len(waiting), now)
	b.Parts = []page.Part{p.feedsPart(r, rows, now)}
	if endings := onboarding.Endings(snapshot, now); len(endings) > 0 {
		b.Parts = append(b.Parts, endingsPart(endings, snapshot, now))
	}
	return write(w, r, http.StatusOK, page.Board(b))
}

func (p *Pages) sourceRows(r *http.Request, s *directory.Snapshot) ([]*sourceRow, error) {
	now := p.Now()
	rows, room := make([]*sourceRow, len(s.Feeds())), make([]sourceRow, len(s.Feeds()))
	for i, f := range s.Feeds() {
		room[i] = sourceRow{feed: f, pulse: p.pulse(f.ID)}
		rows[i] = &room[i]
	}
	waiting, err := p.waitingFor(r, s)
	for i := range rows {
		rows[i].waiting, rows[i].rank = waiting[rows[i].feed.ID], rows[i].badness(now)
	}
	slices.SortStableFunc(rows, func(a, b *sourceRow) int {
		if x := a.rank - b.rank; x != 0 {
			return x
		}
		return strings.Compare(a.feed.Organisation.Name, b.feed.Organisation.Name)
	})
	return rows, err
}

func (p *Pages) pulse(feed string) health.Feed {
	if p.Health == nil {
		return health.Feed{ID: feed, Standing: health.Quiet}
	}
	return p.Health.Feed(feed)
}

func (s *sourceRow) silent() bool { return s.pulse.Standing == health.NotAnswering }

// waitingFor counts by feed the changes that wait. Few wait at any time, so each is read.
func (p *Pages) waitingFor(r *http.Request, s *directory.Snapshot) (map[string]int, error) {
	list, err := p.Desk.Changes(r.Context(), onboarding.Query{State: onboarding.Waiting})
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, c := range list {
		full, err := p.Desk.Change(r.Context(), c.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range full.Entries {
			if e.Kind == directory.KindFeed && s.Feed(e.ID) != nil {
				out[e.ID]++
			}
		}
	}
	return out, nil
}

func tiles(rows []*sourceRow, waiting int, now time.Time) []page.AdminTile {
	var silent, live, onTheWay, off, certificates int
	for _, s := range rows {
		switch {
		case s.feed.Stage == directory.Live:
			live++
		case s.feed.Stage.Runs():
			onTheWay++
		default:
			off++
		}
		if s.feed.Stage.Runs() && s.silent() {
			silent++
		}
		if end := s.pulse.CertificateEnds; !end.IsZero() && end.Sub(now) < 30*24*time.Hour {
			certificates++
		}
	}
	list := []page.AdminTile{
		{Value: count(len(rows), "feed", "feeds"), Text: fmt.Sprintf("%d live, %d on the way, %d off or suspended", live, onTheWay, off)},
		{Value: count(waiting, "change", "changes"), Text: "waiting for a second person"},
		{Value: count(silent, "source", "sources"), Text: "not answering"},
		{Value: count(certificates, "certificate", "certificates"), Text: "ending within 30 days"},
	}
	if silent > 0 {
		list[2].Kind = page.TileLoud
	}
	if certificates > 0 {
		list[3].Kind = page.TileCare
	}
	return list
}

func (p *Pages) feedsPart(r *http.Request, rows []*sourceRow, now time.Time) page.Part {
	part := page.Part{
		ID: "feeds", Heading: count(len(rows), "feed", "feeds") + ", worst first", Cover: "To " + moment(now) + ". No patient data is on this page.",
		Table: page.Table{Head: []string{"Organisation and feed", "Protocol", "Health", "Stage", "Agreement to", "Waiting"}},
		Do:    []ui.Action{{Text: "Add a feed", URL: FeedsPath + "/new"}},
	}
	if p.Health != nil {
		part.Cover = "Questions of the last 60 minutes to " + moment(now) + ", as this server saw them; the lines are of the last 12 hours. No patient data is on this page."
		part.Table.Head = []string{"Organisation and feed", "Protocol", "Health", "Stage", "Answered", "95 in 100 within", "Certificate", "Agreement to", "Last good answer", "Waiting"}
	}
	if len(rows) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteNone, Lead: "No feed yet.", Text: "Add an organisation and its agreement first, then its feed."}}
	}
	shown, ways := paged(r, rows)
	part.Do = append(part.Do, ways...)
	for _, s := range shown {
		part.Table.Rows = append(part.Table.Rows, p.sourceCells(s, now))
	}
	return part
}

func (p *Pages) sourceCells(s *sourceRow, now time.Time) []page.Cell {
	f := s.feed
	first := link(f.Organisation.Name, FeedsPath+"/"+f.ID)
	first.Sub = f.ID
	row := []page.Cell{first, words(strings.TrimSuffix(protocols[f.Protocol], " UK Core")), healthCell(s, p.Health != nil), words(stageOf(f))}
	agreed := words("none")
	if f.Agreement != nil {
		agreed = ending(f.Agreement.EndsAt(), now)
	}
	waiting := words("")
	if s.waiting > 0 {
		waiting = tagged(ui.TagWait, strconv.Itoa(s.waiting))
	}
	if p.Health == nil {
		return append(row, agreed, waiting)
	}
	return append(row, answered(s.pulse), within(s.pulse), certificate(s.pulse, now), agreed, lastGood(s.pulse), waiting)
}

func healthCell(s *sourceRow, counted bool) page.Cell {
	switch {
	case s.feed.Stage == directory.Suspended:
		return tagged(ui.TagCare, "suspended")
	case !s.feed.Stage.Runs():
		return tagged(ui.TagSoft, "off")
	case !counted:
		return tagged(ui.TagSoft, "not counted")
	case s.silent():
		return tagged(ui.TagLoud, "NOT ANSWERING")
	case s.pulse.Asked == 0:
		return tagged(ui.TagSoft, "not asked")
	case s.pulse.Standing == health.Slow:
		return tagged(ui.TagCare, "slow")
	}
	return tagged(ui.TagDone, "answering")
}

func answered(p health.Feed) page.Cell {
	if p.Asked == 0 {
		return words("not asked")
	}
	return whole(fmt.Sprintf("%d of %d", p.Answered, p.Asked))
}

func within(p health.Feed) page.Cell {
	if p.P95 == 0 {
		return words("none yet")
	}
	c := whole(fmt.Sprintf("%.1f s", p.P95.Seconds()))
	c.Spark = spark(p)
	return c
}

// spark draws the last twelve hours: within which time half of the answers came, and 95 in 100.
func spark(p health.Feed) *page.Spark {
	s := page.Spark{Top: 3}
	var said []string
	for i, h := range p.Hours {
		low, high := -1.0, -1.0
		if h.Answered > 0 {
			low, high = h.P50.Seconds(), h.P95.Seconds()
			said = append(said, fmt.Sprintf("%s: %.1f and %.1f s", hoursAgo(len(p.Hours)-1-i), low, high))
		}
		s.Low, s.High, s.Top = append(s.Low, low), append(s.High, high), max(s.Top, high)
	}
	s.Says = "Half of the answers, and 95 in 100, came within, hour by hour: " + strings.Join(said, "; ") + "."
	return &s
}

func hoursAgo(n int) string {
	switch n {
	case 0:
		return "this hour"
	case 1:
		return "1 hour ago"
	}
	return fmt.Sprintf("%d hours ago", n)
}

func lastGood(p health.Feed) page.Cell {
	if p.LastGood.IsZero() {
		return words("none yet")
	}
	return whole(moment(p.LastGood))
}

// certificate is how long the certificate of a source is still good.
func certificate(p health.Feed, now time.Time) page.Cell {
	days, known := p.CertificateDays(now)
	switch {
	case !known:
		return words("not seen")
	case days < 30:
		return tagged(ui.TagCare, count(days, "day", "days"))
	}
	return whole(count(days, "day", "days"))
}

func endingsPart(list []onboarding.Ending, s *directory.Snapshot, now time.Time) page.Part {
	part := page.Part{ID: "endings", Heading: "Ending soon", Cover: "What ends suspends the feeds that rest on it", Table: page.Table{Head: []string{"What", "Ends", "Feeds that rest on it"}}}
	for _, e := range list {
		var feeds []string
		for _, id := range e.Feeds {
			if f := s.Feed(id); f != nil {
				feeds = append(feeds, f.Organisation.Short+" ("+id+")")
			}
		}
		part.Table.Rows = append(part.Table.Rows, []page.Cell{words(e.What), ending(e.Ends, now), words(strings.Join(feeds, ", "))})
	}
	return part
}
