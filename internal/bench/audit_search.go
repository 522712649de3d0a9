package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/oversight/picture"
	"ribble/internal/postgres"
)

const (
	hotBar, coldBar, countsBar, rowBar = 15, 60, 10, 600
	// growthBar is how many times as long a question may take in ten times the events.
	growthBar = 2
	// hotAsked, coldAsked and countsAsked are how often a question is asked, each time of somebody else; officersPage is the portal's own page of rows.
	hotAsked, coldAsked, countsAsked, officersPage = 300, 40, 300, 50
)

// question is what an officer asks, of somebody drawn by chance.
type question struct {
	name string
	draw func(t *searched, r *rand.Rand) inquiry.Query
}

var questions = []question{
	{"who_saw_this_person", func(t *searched, r *rand.Rand) inquiry.Query {
		return inquiry.Query{Person: t.keys.Indexes(t.cast.person(r))}
	}},
	{"by_user", func(t *searched, r *rand.Rand) inquiry.Query {
		u := t.cast.user(r)
		return inquiry.Query{Issuer: u.Issuer, Subject: u.Subject}
	}},
	{"by_organisation_and_day", func(t *searched, r *rand.Rand) inquiry.Query {
		day := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1-r.IntN(daysFilled-2))
		return inquiry.Query{Organisation: t.cast.organisations[r.IntN(len(t.cast.organisations))].ODS, From: day, To: day.AddDate(0, 0, 1)}
	}},
}

// searched is a trail with an officer's connection to it.
type searched struct {
	*filled
	keys   *audit.Keys
	reader *postgres.OfficerReader
}

func (f *filled) searched(ctx context.Context) (*searched, error) {
	keys, err := audit.LoadKeys(f.keys, &keyRing{})
	if err != nil {
		return nil, err
	}
	reader, err := postgres.OpenOfficerReader(ctx, f.urls[postgres.IGReader])
	return &searched{f, keys, reader}, err
}

// ask asks a question so many times and gives how many milliseconds each answer took, and how many rows the answers had.
func (t *searched) ask(ctx context.Context, q question, seed uint64, times int) (took []float64, rows int, err error) {
	random := rand.New(rand.NewPCG(seed, 0))
	for range times {
		query := q.draw(t, random)
		query.Limit = officersPage
		began := time.Now()
		page, err := t.reader.Page(ctx, query)
		if err != nil {
			return nil, 0, err
		}
		took = append(took, milliseconds(time.Since(began)))
		rows += len(page.Rows)
	}
	if rows == 0 {
		return nil, 0, fmt.Errorf("no answer to %s has a row", q.name)
	}
	return took, rows, nil
}

// search measures P12.
func (b *trailBench) search(ctx context.Context) error {
	small, large, err := b.hot(ctx)
	if err != nil {
		return err
	}
	if err := b.counts(ctx); err != nil {
		return err
	}
	perRow, err := b.size(ctx)
	if err != nil {
		return err
	}
	b.growth(small, large, perRow)
	return b.cold(ctx)
}

// hot asks the small and the large trail by turns, and gives the medians of each question.
func (b *trailBench) hot(ctx context.Context) (small, large []float64, err error) {
	trails := make([]*searched, 2)
	for i, f := range []*filled{b.small, b.large} {
		if trails[i], err = f.searched(ctx); err != nil {
			return nil, nil, err
		}
		defer trails[i].reader.Close()
	}
	const warm = 60
	for _, q := range questions {
		var medians [2]float64
		for i, t := range trails {
			if _, _, err := t.ask(ctx, q, 7, warm); err != nil {
				return nil, nil, err
			}
			var took []float64
			var rows int
			cost, err := b.askingCosts(hotAsked, func() (err error) { took, rows, err = t.ask(ctx, q, 8, hotAsked); return err })
			if err != nil {
				return nil, nil, err
			}
			if medians[i] = median(took); t.filled == b.large {
				b.judge("P12", q.name+"_ms_p99_hot", []float64{percentile(took, 99)}, hotBar)
				b.say("%s: p50 %s ms; %d rows an answer; %s", q.name, figures(medians[i]), rows/len(took), cost)
			}
		}
		small, large = append(small, medians[0]), append(large, medians[1])
	}
	return small, large, nil
}

// counts measures a year's counts by day, from the counts that the patrol keeps. As for the other questions the connection is there before an officer asks;
// what opening one and asking the first time take is said beside it.
func (b *trailBench) counts(ctx context.Context) error {
	db, err := postgres.Open(ctx, postgres.Config{AppURL: b.large.urls[postgres.App], AuditURL: b.large.urls[postgres.AuditAppend]})
	if err != nil {
		return err
	}
	defer db.Close()
	to := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	began := time.Now()
	if err := db.Ready(ctx); err != nil {
		return err
	}
	connecting := milliseconds(time.Since(began))
	for _, of := range []struct{ name, organisation string }{{"region", ""}, {"one_organisation", b.large.cast.organisations[0].ODS}} {
		var took []float64
		query := picture.Query{Organisation: of.organisation, From: to.AddDate(-1, 0, 0), To: to, By: picture.Day}
		cost, err := b.askingCosts(countsAsked, func() (err error) { took, err = askCounts(ctx, db.Tallies(), query); return err })
		if err != nil {
			return err
		}
		b.judge("P12", "counts_of_a_year_by_day_"+of.name+"_ms_p99", []float64{percentile(took, 99)}, countsBar)
		b.say("counts of a year by day, %s: p50 %s ms, the very first %s ms, of %d; %s", of.name, figures(median(took)), figures(took[0]), len(took), cost)
	}
	b.say("opening the connection took %s ms before", figures(connecting))
	return nil
}

func askCounts(ctx context.Context, tallies postgres.Tallies, q picture.Query) ([]float64, error) {
	var took []float64
	for range countsAsked {
		began := time.Now()
		days, err := tallies.Counts(ctx, q)
		if err != nil {
			return nil, err
		}
		if len(days) < 300 {
			return nil, fmt.Errorf("the counts of a year have %d days", len(days))
		}
		took = append(took, milliseconds(time.Since(began)))
	}
	return took, nil
}

// askingCosts has questions asked and says what one cost in processor time: on a machine that does other work the clock says little.
func (b *trailBench) askingCosts(times int, ask func() error) (string, error) {
	own, err := ownTime()
	if err != nil {
		return "", err
	}
	server, err := serverTime(b.cluster.DataDir())
	if err != nil {
		return "", err
	}
	if err := ask(); err != nil {
		return "", err
	}
	ownAfter, err1 := ownTime()
	serverAfter, err2 := serverTime(b.cluster.DataDir())
	return fmt.Sprintf("processor time %s ms here and %s ms in Postgres", figures(each(ownAfter-own, times)), figures(each(serverAfter-server, times))), errors.Join(err1, err2)
}

// size measures the bytes of a row, its share of every index included.
func (b *trailBench) size(ctx context.Context) (float64, error) {
	conn, err := pgx.Connect(ctx, b.large.admin)
	if err != nil {
		return 0, fmt.Errorf("connecting to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	const sizes = `
SELECT sum(pg_total_relation_size(inhrelid))::float8 + pg_total_relation_size('audit.word') + pg_total_relation_size('audit.agent'), sum(pg_indexes_size(inhrelid))::float8,
    (SELECT avg(octet_length(body))::float8 FROM audit.event), (pg_total_relation_size('audit.word') + pg_total_relation_size('audit.agent'))::float8,
    pg_total_relation_size('oversight.tally')::float8, (SELECT count(*)::float8 FROM oversight.tally)
FROM pg_inherits WHERE inhparent = 'audit.event'::regclass`
	var all, indexes, body, words, tally, tallied float64
	if err := conn.QueryRow(ctx, sizes).Scan(&all, &indexes, &body, &words, &tally, &tallied); err != nil {
		return 0, fmt.Errorf("measuring the table: %w", err)
	}
	n := float64(b.large.rows)
	b.judge("P12", "bytes_a_row_with_indexes", []float64{all / n}, rowBar)
	b.say("of these %.0f are indexes and %.1f what events refer to; an event's body is %.0f on average; the counts have %.0f rows of %.0f bytes", indexes/n, words/n, body, tallied, tally/max(tallied, 1))
	rows, err := conn.Query(ctx, "SELECT act, avg(octet_length(body))::float8 FROM audit.event GROUP BY act ORDER BY act")
	if err != nil {
		return 0, fmt.Errorf("measuring the table: %w", err)
	}
	var act string
	_, err = pgx.ForEachRow(rows, []any{&act, &body}, func() error {
		b.say("body of %q: %.0f bytes", act, body)
		return nil
	})
	return all / n, err
}

// growth judges how a question's time grew from a tenth of the events to all, and says what follows for far more.
func (b *trailBench) growth(small, large []float64, perRow float64) {
	for i, q := range questions {
		b.judge("P12", q.name+"_growth_in_10x", []float64{large[i] / small[i]}, growthBar)
	}
	n := float64(b.large.rows)
	b.say("prediction: t(n) = t(N) + max(t(N) - t(N/10), 0) x log10(n/N), with N = %.0f and t the median when hot: an index grows with the logarithm; bytes(n) = n x %.0f", n, perRow)
	for _, events := range []float64{1e8, 1e9} {
		for i, q := range questions {
			b.say("predicted at %.0f million events: %s %s ms p50", events/1e6, q.name, figures(predict(small[i], large[i], n, events)))
		}
		b.say("predicted at %.0f million events: %.0f GB", events/1e6, events*perRow/1e9)
	}
}

// predict extends the time measured at n events, and at a tenth of them, to more events.
func predict(tenth, whole, n, events float64) float64 {
	return whole + max(whole-tenth, 0)*math.Log10(events/n)
}
