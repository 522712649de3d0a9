// Package directory knows the participating organisations and their feeds, as the region's directory file names them.
package directory

import (
	"net/netip"
	"sync/atomic"
	"time"

	"ribble/internal/record"
)

// Protocol is how a feed is asked; each has its own adapter.
type Protocol string

// The protocols that have an adapter.
const (
	GPConnect  Protocol = "gpconnect"
	FHIRR4     Protocol = "fhirr4"
	SocialCare Protocol = "socialcare"
)

// Defaults for a feed that sets no limits of its own.
const (
	DefaultDeadline    = 8 * time.Second
	DefaultConcurrency = 16
)

// Feed is one way of asking one organisation. It is never changed once loaded.
type Feed struct {
	ID           string
	Organisation record.Organisation
	Protocol     Protocol
	// Endpoint is the address below which everything is asked; empty for a GP practice whose address is looked up
	// nationally, and possibly for a feed that is not live.
	Endpoint string
	// Sections are those the feed can supply.
	Sections record.Sections
	// Live says that the feed may be asked; Planned is the month for which it is planned when it may not ("Feb-2027"), if known.
	Live    bool
	Planned string
	// Batch says that the feed takes several searches in one request (FHIR R4 3.1.0.11).
	Batch bool
	// Deadline bounds one question to the feed, Concurrency the questions at one time.
	Deadline    time.Duration
	Concurrency int
	// Networks are the addresses its host may have.
	Networks []netip.Prefix
}

// Spine is what the portal needs to reach GP practices through the national proxy.
type Spine struct {
	// SSP is the address of the Spine Secure Proxy; empty where practices are reached directly.
	SSP string
	// FromASID is the portal's own accredited system id.
	FromASID string
}

// Snapshot is the directory at one moment. It never changes; a new file makes a new one. The zero Snapshot knows nobody.
type Snapshot struct {
	organisations map[string]record.Organisation
	// officers are the Privacy Officers by the ODS code of their organisation.
	officers map[string]string
	// emails are where Privacy Officers are told of alerts, by the ODS code of their organisation.
	emails     map[string]string
	feeds      []*Feed
	practices  map[string][]*Feed
	regional   []*Feed
	gpSections record.Sections
	spine      Spine
}

// Organisation finds an organisation by its ODS code.
func (s *Snapshot) Organisation(ods string) (record.Organisation, bool) {
	o, ok := s.organisations[ods]
	return o, ok
}

// Officer is the Privacy Officer whom an organisation has named; empty when it has named none, and then nobody there can open emergency access.
func (s *Snapshot) Officer(ods string) string { return s.officers[ods] }

// OfficerEmail is where an organisation's Privacy Officer is told of alerts; empty when it has given no address.
func (s *Snapshot) OfficerEmail(ods string) string { return s.emails[ods] }

// Organisations is how many organisations take part.
func (s *Snapshot) Organisations() int { return len(s.organisations) }

// Feeds are all feeds, in the order of the file. Read only, as every list and feed of a snapshot.
func (s *Snapshot) Feeds() []*Feed { return s.feeds }

// Practice are the GP Connect feeds of one practice: normally one, none when the practice does not take part.
func (s *Snapshot) Practice(ods string) []*Feed { return s.practices[ods] }

// Regional are the feeds of all organisations that are asked about everyone: all but the GP Connect feeds of practices. They are few
// beside the practices, so that a look-up costs the same in a large region as in a small one.
func (s *Snapshot) Regional() []*Feed { return s.regional }

// GPSections are the sections that GP practices supply in this region: what is missing when a person's practice cannot be asked.
func (s *Snapshot) GPSections() record.Sections { return s.gpSections }

// Spine is how GP practices are reached.
func (s *Snapshot) Spine() Spine { return s.spine }

// newSnapshot builds the look-ups.
func newSnapshot(organisations map[string]record.Organisation, feeds []*Feed, spine Spine) *Snapshot {
	s := &Snapshot{organisations: organisations, feeds: feeds, practices: map[string][]*Feed{}, spine: spine}
	for _, f := range feeds {
		if f.Protocol != GPConnect {
			s.regional = append(s.regional, f)
			continue
		}
		s.practices[f.Organisation.ODS] = append(s.practices[f.Organisation.ODS], f)
		s.gpSections |= f.Sections
	}
	return s
}

// Holder holds the snapshot in force. A view takes it once and keeps it to its end. The zero Holder holds an empty directory.
type Holder struct{ current atomic.Pointer[Snapshot] }

// NewHolder starts with a snapshot.
func NewHolder(s *Snapshot) *Holder {
	h := new(Holder)
	h.Replace(s)
	return h
}

// Current is the snapshot in force, never nil.
func (h *Holder) Current() *Snapshot {
	if s := h.current.Load(); s != nil {
		return s
	}
	return new(Snapshot)
}

// Replace puts another snapshot in force for the views that begin from now on.
func (h *Holder) Replace(s *Snapshot) { h.current.Store(s) }
