package app

import (
	"time"

	"ribble/internal/directory"
	"ribble/internal/health"
	"ribble/internal/record"
	"ribble/internal/telemetry/metric"
)

// practices is the label of all GP Connect feeds together: there may be thousands, and each label is a series for ever.
const practices = "gp-practices"

// observer hears how every question to a source ended: for the pages, and for whoever reads the figures.
type observer struct {
	monitor *health.Monitor
	holder  *directory.Holder
	feeds   *metric.Labels
	figure  func(feed, state string, took time.Duration)
}

func newObserver(m *health.Monitor, holder *directory.Holder, figures *metric.Registry) *observer {
	feeds := metric.NewLabels(practices)
	return &observer{monitor: m, holder: holder, feeds: feeds, figure: figures.Sources(feeds)}
}

// Ended takes note of one answer (fanout.Observer).
func (o *observer) Ended(feed string, state record.State, took time.Duration) {
	o.monitor.Ended(feed, state, took)
	o.figure(o.label(feed), state.String(), took)
}

// label allows the feeds of the directory, which is reloaded while the portal runs.
func (o *observer) label(feed string) string {
	f := o.holder.Current().Feed(feed)
	switch {
	case f == nil:
		return feed // it is not allowed, unless it was
	case f.Protocol == directory.GPConnect:
		return practices
	}
	if o.feeds.Value(feed) != feed {
		o.feeds.Allow(feed)
	}
	return feed
}

// silent are sentences for clinicians about live sources that do not answer, one for each organisation.
func silent(m *health.Monitor, holder *directory.Holder) func() []string {
	return func() []string {
		var out []string
		s, told := holder.Current(), map[string]bool{}
		for _, pulse := range m.Snapshot() {
			if pulse.Standing != health.NotAnswering {
				break // the worst come first
			}
			f := s.Feed(pulse.ID)
			if f == nil || f.Stage != directory.Live || told[f.Organisation.ODS] {
				continue
			}
			told[f.Organisation.ODS] = true
			out = append(out, pulse.Sentence(f.Organisation.Name))
		}
		return out
	}
}

// Health is how the sources have served of late, as this replica saw it.
func (a *App) Health() *health.Monitor { return a.health }

// Checks runs connection checks.
func (a *App) Checks() *ConnectionChecks { return a.checks }
