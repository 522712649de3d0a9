// Package directory knows the participating organisations, their agreements and their feeds, as the entries of the directory say.
package directory

import (
	"crypto/sha256"
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

// Feed is one way of asking one organisation. It is never changed once built.
type Feed struct {
	ID           string
	Organisation record.Organisation
	Protocol     Protocol
	// Endpoint is the address below which everything is asked; empty for a GP practice whose address is looked up
	// nationally, and possibly for a feed that is off.
	Endpoint string
	// Sections are those the feed can supply.
	Sections record.Sections
	// Stage says whom the feed reaches; Planned is the month for which it is planned to be live ("Feb-2027"), if known.
	Stage    Stage
	Planned  string
	Audience Audience
	// Groups are audiences that have a stage of their own.
	Groups []Group
	// Steps are the rungs reached so far, oldest first.
	Steps []Step
	// Agreement and Flow are what it runs under; nil and empty only while it does not run.
	Agreement *Agreement
	Flow      string
	// SafetyCase is the clinical-safety sign-off of this feed.
	SafetyCase Assessment
	// Batch says that the feed takes several searches in one request (FHIR R4 3.1.0.11).
	Batch bool
	// Chained says that in such a request searches may name the person by NHS number (FHIR R4 3.1.1.5.4).
	Chained bool
	// Deadline bounds one question to the feed, Concurrency the questions at one time.
	Deadline    time.Duration
	Concurrency int
	// MaxAnswer and MaxDocument bound what is read, in bytes; zero leaves it to the portal's own limits.
	MaxAnswer, MaxDocument int64
	// Networks are the addresses its host may have.
	Networks []netip.Prefix
	// ClientIdentity names the certificate that the portal shows; empty for the one it shows to everybody.
	ClientIdentity string
	// Authority is the pinned authority (PEM); empty for the national one. Pins are the only keys that the server may have, if any are given.
	Authority string
	Pins      []Pin
	// Sum changes with anything in the feed's entry or its organisation's name, and with nothing else.
	Sum [sha256.Size]byte
}

// Spine is what the portal needs to reach GP practices through the national proxy.
type Spine struct {
	// SSP is the address of the Spine Secure Proxy; empty where practices are reached directly.
	SSP string
	// FromASID is the portal's own accredited system id.
	FromASID string
}

// Snapshot is the directory at one moment. It never changes; a change makes a new one. The zero Snapshot knows nobody.
type Snapshot struct {
	version    int64
	entries    []Entry
	places     map[Key]int
	members    map[string]*Participant
	agreements []*Agreement
	feeds      []*Feed
	byID       map[string]*Feed
	practices  map[string][]*Feed
	regional   []*Feed
	gpSections record.Sections
	spine      Spine
	digests    bool
}

// Version is the number of the directory's last change; 0 for one that was read from a file alone.
func (s *Snapshot) Version() int64 { return s.version }

// Entries are all entries, in the order in which they were entered. Read only.
func (s *Snapshot) Entries() []Entry { return s.entries }

// Entry finds an entry.
func (s *Snapshot) Entry(k Key) (Entry, bool) {
	i, ok := s.places[k]
	if !ok {
		return Entry{}, false
	}
	return s.entries[i], true
}

// Organisation finds an organisation by its ODS code.
func (s *Snapshot) Organisation(ods string) (record.Organisation, bool) {
	if m, ok := s.members[ods]; ok {
		return m.Organisation, true
	}
	return record.Organisation{}, false
}

// Participant finds everything known of an organisation; nil when it does not take part.
func (s *Snapshot) Participant(ods string) *Participant { return s.members[ods] }

// Officer is the Privacy Officer whom an organisation has named; empty when it has named none, and then nobody there can open emergency access.
func (s *Snapshot) Officer(ods string) string {
	if m, ok := s.members[ods]; ok {
		return m.Officer
	}
	return ""
}

// OfficerEmail is where an organisation's Privacy Officer is told of alerts; empty when it has given no address.
func (s *Snapshot) OfficerEmail(ods string) string {
	if m, ok := s.members[ods]; ok {
		return m.OfficerEmail
	}
	return ""
}

// QualityEmail is where an organisation is told of problems with what it supplies: its own address for that, else its Privacy Officer's.
func (s *Snapshot) QualityEmail(ods string) string {
	if m, ok := s.members[ods]; ok && m.QualityEmail != "" {
		return m.QualityEmail
	}
	return s.OfficerEmail(ods)
}

// Sees are the sections that users of an organisation may be shown at most. What an unknown organisation's users may do is for access to say.
func (s *Snapshot) Sees(ods string) record.Sections {
	if m, ok := s.members[ods]; ok {
		return m.Sees
	}
	return record.AllSections
}

// Organisations is how many organisations take part.
func (s *Snapshot) Organisations() int { return len(s.members) }

// Agreements are all agreements. Read only.
func (s *Snapshot) Agreements() []*Agreement { return s.agreements }

// Feed finds a feed by its id; nil when there is none.
func (s *Snapshot) Feed(id string) *Feed { return s.byID[id] }

// NeedsDigests reports whether any feed that runs reaches test people, so that a person's digest has to be known to decide.
func (s *Snapshot) NeedsDigests() bool { return s.digests }

// Feeds are all feeds, in the order in which they were entered. Read only, as every list and feed of a snapshot.
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

// look builds the look-ups by feed.
func (s *Snapshot) look() {
	s.byID, s.practices = make(map[string]*Feed, len(s.feeds)), map[string][]*Feed{}
	for _, f := range s.feeds {
		s.byID[f.ID] = f
		s.digests = s.digests || f.Stage.Runs() && len(f.Audience.TestPeople) > 0 && (f.Stage != Live || len(f.Groups) > 0)
		if f.Protocol != GPConnect {
			s.regional = append(s.regional, f)
			continue
		}
		s.practices[f.Organisation.ODS] = append(s.practices[f.Organisation.ODS], f)
		s.gpSections |= f.Sections
	}
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
