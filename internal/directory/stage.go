package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"ribble/internal/record"
)

// Stage is how far a feed has come on its way to everybody.
type Stage string

// The stages, from nobody to everybody, and the one that a feed can be put into from any other.
const (
	// Off: registered, and asked for nobody.
	Off Stage = "off"
	// Test: asked for test people only.
	Test Stage = "test"
	// Safety: asked also for the clinical-safety testers, whoever the person is.
	Safety Stage = "safety"
	// Pilot: asked also for the pilot organisations and users.
	Pilot Stage = "pilot"
	// Live: asked for everybody whose role allows it.
	Live Stage = "live"
	// Suspended: asked for nobody until two people let it run again.
	Suspended Stage = "suspended"
)

// Stages lists every stage, the ladder first.
var Stages = []Stage{Off, Test, Safety, Pilot, Live, Suspended}

// Runs reports whether a feed at this stage is asked for anybody at all.
func (s Stage) Runs() bool { return slices.Index(Stages, s) > 0 && s != Suspended }

// From reports whether s is at least as far up the ladder as other; Suspended is on no rung.
func (s Stage) From(other Stage) bool {
	return s != Suspended && slices.Index(Stages, s) >= slices.Index(Stages, other)
}

// Step is a rung that a feed has reached, when, and on what evidence.
type Step struct {
	Stage    Stage
	On       time.Time
	Evidence string
}

// Audience is who a feed reaches before it is live. Users are named by their national user id, or as issuer|subject where they have none.
type Audience struct {
	// TestPeople are the keyed digests (hexadecimal) of the NHS numbers for which a feed in stage Test or above is asked whoever looks.
	TestPeople map[string]bool
	// Testers are reached from stage Safety; Organisations (ODS codes) and Users from stage Pilot.
	Testers, Organisations, Users map[string]bool
}

// Agreement is an information sharing agreement with its impact assessment and its flows.
type Agreement struct {
	ID, Title, Reference, Purpose string
	// Parties are the ODS codes of those who signed; SignedBy says who answers for it.
	Parties  []string
	SignedBy string
	// From and Until are its first and last day, both in force, by UTC.
	From, Until time.Time
	// Impact is the data protection impact assessment.
	Impact Assessment
	Flows  []Flow

	binds map[string]bool
}

// Flow is one movement of data that an agreement allows: sections for a purpose.
type Flow struct {
	ID       string
	Purpose  string
	Sections record.Sections
}

// Assessment is a signed document and its last day; the zero time means that none is given.
type Assessment struct {
	Reference, By string
	Until         time.Time
}

// InForce reports whether the agreement holds at a moment: it ends at midnight UTC after its last day. A nil Agreement never holds.
func (a *Agreement) InForce(now time.Time) bool {
	return a != nil && !now.Before(a.From) && now.Before(a.EndsAt())
}

// Binds reports whether an organisation is a party.
func (a *Agreement) Binds(ods string) bool { return a.binds[ods] }

// EndsAt is the midnight (UTC) at which the agreement ends.
func (a *Agreement) EndsAt() time.Time { return a.Until.Add(24 * time.Hour) }

// Flow finds a flow by its id.
func (a *Agreement) Flow(id string) (Flow, bool) {
	i := slices.IndexFunc(a.Flows, func(f Flow) bool { return f.ID == id })
	if i < 0 {
		return Flow{}, false
	}
	return a.Flows[i], true
}

// Toolkit is an organisation's standing under the Data Security and Protection Toolkit.
type Toolkit struct {
	// Status is met, approaching or not-met; empty when nobody has said.
	Status string
	Until  time.Time
}

// Site is a place of an organisation with a code of its own.
type Site struct{ ODS, Name string }

// Participant is what the directory knows of an organisation beyond its name.
type Participant struct {
	Organisation record.Organisation
	// Parent is the ODS code of the organisation above; empty for none.
	Parent string
	Sites  []Site
	// Officer is the Privacy Officer, OfficerEmail where alerts go.
	Officer, OfficerEmail string
	// QualityEmail is where reports of problems with what it supplies go; empty for the Privacy Officer's address.
	QualityEmail string
	Toolkit      Toolkit
	// Sees are the sections that its users may be shown at most, Supplies those that its feeds may have.
	Sees, Supplies record.Sections
}

// Connection is a digest of where a feed is reached and how the two sides know each other. A connection check counts for as long as it stays the same.
func (f *Feed) Connection() string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\n%s\n%v\n%s\n%q\n%x", f.Protocol, f.Endpoint, f.Networks, f.ClientIdentity, f.Authority, f.Pins)
	return hex.EncodeToString(h.Sum(nil))
}

// Pin is the SHA-256 sum of a public key (SubjectPublicKeyInfo).
type Pin = [sha256.Size]byte
