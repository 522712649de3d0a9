package app

import (
	"context"
	"crypto/tls"
	"log/slog"
	"sync"

	"ribble/internal/adapter/fhirr4"
	"ribble/internal/adapter/gpconnect"
	"ribble/internal/adapter/socialcare"
	"ribble/internal/config"
	"ribble/internal/directory"
	"ribble/internal/fanout"
	"ribble/internal/locator"
	"ribble/internal/openrecord"
	"ribble/internal/outbound"
	"ribble/internal/record"
)

// Every adapter is a source, and those that hold documents can give their bodies.
var (
	_ fanout.Source             = (*gpconnect.Source)(nil)
	_ fanout.Source             = fhirr4.Source{}
	_ fanout.Source             = socialcare.Source{}
	_ openrecord.DocumentSource = (*gpconnect.Source)(nil)
	_ openrecord.DocumentSource = fhirr4.Source{}
	_ openrecord.Sources        = (*sources)(nil)
	_ openrecord.Tracer         = (*national)(nil)
)

// sources keeps one source per feed for as long as its entry in the directory stays as it is: its connections are worth keeping.
type sources struct {
	config   config.Config
	national *national
	log      *slog.Logger

	mu   sync.Mutex
	made map[string]madeSource
}

type madeSource struct {
	endpoint string
	batch    bool
	source   fanout.Source
}

func newSources(c config.Config, n *national, log *slog.Logger) *sources {
	return &sources{config: c, national: n, log: log, made: map[string]madeSource{}}
}

// Source gives the source that speaks the feed's protocol. A feed that cannot be asked at all is a source that says so.
func (s *sources) Source(c locator.Candidate) fanout.Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made, ok := s.made[c.Feed.ID]; ok && made.endpoint == c.Feed.Endpoint && made.batch == c.Feed.Batch {
		return made.source
	}
	source := s.make(c.Feed)
	s.made[c.Feed.ID] = madeSource{c.Feed.Endpoint, c.Feed.Batch, source}
	return source
}

func (s *sources) make(f *directory.Feed) fanout.Source {
	ref := record.SourceRef{Feed: f.ID, Organisation: f.Organisation}
	if f.Protocol == directory.GPConnect {
		return gpconnect.New(gpconnect.Config{Ref: ref, Directory: s.national, Transport: s.national.spine, Client: s.national})
	}
	client, err := outbound.New(outbound.Config{
		Source: f.ID, BaseURL: f.Endpoint, Networks: f.Networks, Roots: s.config.National.Roots.Pool(),
		Certificates: []tls.Certificate{s.config.National.Identity.Certificate()}, Timeout: f.Deadline, MaxBody: s.config.Limits.Answer, MaxConns: f.Concurrency,
	})
	if err != nil {
		return unusable{ref}
	}
	if f.Protocol == directory.SocialCare {
		return socialcare.New(socialcare.Config{Ref: ref, Supplies: f.Sections, Client: client, Batch: f.Batch, Log: s.log})
	}
	return fhirr4.New(fhirr4.Config{Ref: ref, Supplies: f.Sections, Client: client, Batch: f.Batch, Log: s.log})
}

// unusable is a feed whose entry in the directory cannot be used: the page says so, like of any other source that gives nothing.
type unusable struct{ ref record.SourceRef }

// Ask answers that nobody could be asked.
func (u unusable) Ask(_ context.Context, ask record.Ask) record.Answer {
	return record.Failed(u.ref, ask.Sections, record.Unavailable, "Its entry in the directory of sources cannot be used.")
}
