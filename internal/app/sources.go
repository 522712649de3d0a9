package app

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
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
	// onAnswer, which may be nil, is told of every request that was answered.
	onAnswer func(outbound.Exchange)

	mu   sync.Mutex
	made map[string]madeSource
}

type madeSource struct {
	// of is the feed's entry and how practices are reached: what the source was made of.
	of     [sha256.Size]byte
	spine  directory.Spine
	source fanout.Source
	// client is nil where a source has none of its own.
	client *outbound.Client
}

func newSources(c config.Config, n *national, log *slog.Logger) *sources {
	return &sources{config: c, national: n, log: log, made: map[string]madeSource{}}
}

// Source gives the source that speaks the feed's protocol. A feed that cannot be asked at all is a source that says so. A feed whose entry was changed
// is a new source from then on: its next question goes to the new address.
func (s *sources) Source(c locator.Candidate) fanout.Source {
	var spine directory.Spine
	if c.Feed.Protocol == directory.GPConnect {
		spine = s.national.directory.Current().Spine()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	was, ok := s.made[c.Feed.ID]
	if ok && was.of == c.Feed.Sum && was.spine == spine {
		return was.source
	}
	if was.client != nil {
		was.client.Close()
	}
	source, client := s.make(c.Feed)
	s.made[c.Feed.ID] = madeSource{c.Feed.Sum, spine, source, client}
	return source
}

func (s *sources) make(f *directory.Feed) (fanout.Source, *outbound.Client) {
	ref := record.SourceRef{Feed: f.ID, Organisation: f.Organisation}
	if f.Protocol == directory.GPConnect {
		return gpconnect.New(gpconnect.Config{Ref: ref, Directory: s.national, Transport: s.national.spine(), Client: s.national}), nil
	}
	client, err := s.client(f)
	if err != nil {
		s.log.Error("a feed cannot be asked as its entry in the directory stands", "feed", f.ID, "reason", err.Error())
		return unusable{ref}, nil
	}
	cfg := fhirr4.Config{Ref: ref, Supplies: f.Sections, Client: client, Batch: f.Batch, Chained: f.Chained, Log: s.log}
	if f.Protocol == directory.SocialCare {
		return socialcare.New(cfg), client
	}
	return fhirr4.New(cfg), client
}

// Status says how the connections to a feed stand (health.Ways); false where it has none of its own, as practices, which share their system's.
func (s *sources) Status(feed string) (outbound.Status, bool) {
	s.mu.Lock()
	client := s.made[feed].client
	s.mu.Unlock()
	if client == nil {
		return outbound.Status{}, false
	}
	return client.Status(), true
}

// client makes the way out to a feed.
func (s *sources) client(f *directory.Feed) (*outbound.Client, error) {
	way, err := s.way(f)
	if err != nil {
		return nil, err
	}
	return outbound.New(way)
}

// way is what is approved for a feed, with the trust that its entry asks for.
func (s *sources) way(f *directory.Feed) (outbound.Config, error) {
	roots, own := s.config.National.Roots.Pool(), s.config.National.Identity.Certificate()
	if f.Authority != "" {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM([]byte(f.Authority)) {
			return outbound.Config{}, errors.New("its authority cannot be read")
		}
	}
	if f.ClientIdentity != "" {
		named, err := clientIdentity(s.config.ClientIdentities, f.ClientIdentity)
		if err != nil {
			return outbound.Config{}, err
		}
		own = named
	}
	answer := s.config.Limits.Answer
	if f.MaxAnswer > 0 {
		answer = min(answer, f.MaxAnswer)
	}
	return outbound.Config{
		Source: f.ID, BaseURL: f.Endpoint, Networks: f.Networks, Roots: roots, Pins: f.Pins, Certificates: []tls.Certificate{own},
		Timeout: f.Deadline, MaxBody: answer, MaxStream: f.MaxDocument, MaxConns: f.Concurrency, OnAnswer: s.onAnswer,
	}, nil
}

// maxPEM bounds a certificate or key file.
const maxPEM = 64 << 10

// clientIdentity reads a certificate and its key from the folder of identities: NAME.crt and NAME.key, of which others may read only the first. The
// name is one that the directory allows, so it leads to no other folder.
func clientIdentity(folder, name string) (tls.Certificate, error) {
	if folder == "" {
		return tls.Certificate{}, errors.New("there is no folder of client identities (RIBBLE_CLIENT_IDENTITIES)")
	}
	var parts [2][]byte
	for i, file := range []string{name + ".crt", name + ".key"} {
		path := filepath.Join(folder, file)
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxPEM {
			return tls.Certificate{}, errors.New("its client identity has no certificate or no key, or one that is no small file")
		}
		if i == 1 && info.Mode().Perm()&0o037 != 0 {
			return tls.Certificate{}, errors.New("the key of its client identity can be read by others")
		}
		if parts[i], err = os.ReadFile(path); err != nil {
			return tls.Certificate{}, errors.New("its client identity cannot be read")
		}
	}
	pair, err := tls.X509KeyPair(parts[0], parts[1])
	if err != nil {
		return tls.Certificate{}, errors.New("its client identity must be a PEM certificate and its private key")
	}
	return pair, nil
}

// unusable is a feed whose entry in the directory cannot be used: the page says so, like of any other source that gives nothing.
type unusable struct{ ref record.SourceRef }

// Ask answers that nobody could be asked.
func (u unusable) Ask(_ context.Context, ask record.Ask) record.Answer {
	return record.Failed(u.ref, ask.Sections, record.Unavailable, "Its entry in the directory of sources cannot be used.")
}
