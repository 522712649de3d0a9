// Package locator decides which feeds may hold a record of the person and are to be asked, and says of each other one why it is not.
package locator

import (
	"errors"
	"time"

	"ribble/internal/directory"
	"ribble/internal/identity"
	"ribble/internal/record"
)

// Receipt is the proof that the view was written to the audit trail; the person and the sections come from it and from nowhere else.
type Receipt interface {
	Valid() bool
	// User is who looks.
	User() identity.User
	Person() record.Person
	// Sections are those the user's role may see.
	Sections() record.Sections
	// Withheld are the sections of which the person does not want the organisation's records to be shown.
	Withheld(organisation string) record.Sections
}

// ErrNoReceipt says that a look-up was tried without a valid receipt.
var ErrNoReceipt = errors.New("locating sources without a valid audit receipt")

// Plan is whom to ask and whom not.
type Plan struct {
	// Directory is the version of the directory that it rests on.
	Directory int64
	Ask       []Candidate
	NotAsked  []NotAsked
}

// Candidate is a feed to be asked, for the sections that it supplies and the role may see.
type Candidate struct {
	Feed         *directory.Feed
	Organisation record.Organisation
	Sections     record.Sections
}

// NotAsked is a source that is not asked: which sections are missing for that, and why, in a sentence for the page.
type NotAsked struct {
	Organisation record.Organisation
	// Feed is the id of the feed; empty when the practice has none here.
	Feed     string
	Sections record.Sections
	Reason   string
}

// The reasons, in words fit for the page. None says more about the person than the banner does.
const (
	Restricted      = "The national record of this person is restricted, so no organisation is asked."
	Deceased        = "The national record says that this person has died. GP records are not asked for then."
	StaleTrace      = "The national details of this person are more than 24 hours old. Find the person again to ask the GP practice."
	NoPractice      = "The national record names no GP practice for this person."
	UnknownPractice = "The registered GP practice does not take part in this shared record."
	RoleSeesNone    = "Your role does not show what it holds."
	NotLive         = "It is not live yet."
	NotLiveForYou   = "It is not live for your organisation yet."
	Suspended       = "It is suspended at present."
	AgreementEnded  = "The agreement under which it is asked is not in force."
	// OrganisationSeesNone stands for what no role of the user's organisation shows.
	OrganisationSeesNone = "What your organisation has agreed to see does not include what it holds."
)

// objected says why an organisation is not asked, or not for a part.
func objected(o record.Organisation, part string) string {
	return "The person has objected to " + part + o.Name + "’s records being shared here."
}

// maxTraceAge is how old a trace may be for GP Connect (GEN-06).
const maxTraceAge = 24 * time.Hour

// View is what a plan rests on besides the receipt.
type View struct {
	Directory *directory.Snapshot
	Now       time.Time
	// TestDigests gives the keyed digests of an NHS number by which the directory names test people; nil where nobody is one.
	TestDigests func(record.NHSNumber) []string
}

// Find plans one view. A restricted person is asked about nowhere, a deceased one not at GP practices (GP Connect GEN-06, GEN-08 to GEN-10).
// It is pure.
func Find(receipt Receipt, v View) (Plan, error) {
	if receipt == nil || !receipt.Valid() {
		return Plan{}, ErrNoReceipt
	}
	user := receipt.User()
	f := finder{
		person: receipt.Person(), allowed: receipt.Sections(), withheld: receipt.Withheld, snapshot: v.Directory, now: v.Now,
		viewer: viewerOf(user, v.Directory), sees: v.Directory.Sees(user.Organisation.ODS),
	}
	if v.Directory.NeedsDigests() && v.TestDigests != nil {
		f.viewer.digests = v.TestDigests(f.person.NHSNumber)
	}
	f.plan = Plan{Directory: v.Directory.Version(), Ask: make([]Candidate, 0, 1+len(v.Directory.Regional()))}
	f.practice(v.Now)
	f.consider(v.Directory.Regional(), "")
	return f.plan, nil
}

type finder struct {
	person   record.Person
	allowed  record.Sections
	withheld func(organisation string) record.Sections
	// viewer is who looks, as the stages of feeds ask; sees are the sections that their organisation may be shown.
	viewer   viewer
	sees     record.Sections
	snapshot *directory.Snapshot
	now      time.Time
	plan     Plan
}

// practice deals with the person's own GP practice; those of others are not worth a word.
func (f *finder) practice(now time.Time) {
	if f.person.Restricted {
		// Which practice it is would tell where the person lives.
		f.plan.NotAsked = append(f.plan.NotAsked, NotAsked{Organisation: somePractice, Sections: f.snapshot.GPSections(), Reason: Restricted})
		return
	}
	feeds := f.snapshot.Practice(f.person.Practice.ODS)
	reason := f.practiceBlock(now, len(feeds) > 0)
	if len(feeds) > 0 {
		f.consider(feeds, reason)
		return
	}
	f.plan.NotAsked = append(f.plan.NotAsked, NotAsked{
		Organisation: f.practiceOrganisation(), Sections: f.snapshot.GPSections(), Reason: reason,
	})
}

func (f *finder) practiceBlock(now time.Time, known bool) string {
	switch {
	case f.person.Deceased.Recorded:
		return Deceased
	case f.person.Practice.ODS == "":
		return NoPractice
	case !known:
		return UnknownPractice
	case now.Sub(f.person.TracedAt) > maxTraceAge:
		return StaleTrace
	}
	return ""
}

// somePractice stands for a practice that is not named.
var somePractice = record.Organisation{Name: "GP practice", Short: "GP practice", Badge: "GP", Kind: "gp-practice"}

// practiceOrganisation names the practice as well as it can be: by the directory, else by the trace, else by what it is.
func (f *finder) practiceOrganisation() record.Organisation {
	p := f.person.Practice
	if o, ok := f.snapshot.Organisation(p.ODS); ok {
		return o
	}
	o := somePractice
	o.ODS, o.Phone = p.ODS, p.Phone
	if p.Name != "" {
		o.Name, o.Short = p.Name, p.Name
	}
	return o
}

// consider sorts feeds into those to be asked and those not. A blocked list is not asked at all. A feed of which the person has closed a part, or of
// which the user's organisation may not be shown a part, is asked for the rest, and that part stands beside it as not asked, from the beginning.
func (f *finder) consider(feeds []*directory.Feed, block string) {
	for _, feed := range feeds {
		wanted := feed.Sections & f.allowed
		closed := wanted & f.withheld(feed.Organisation.ODS)
		unseen := wanted &^ closed &^ f.sees
		reason := f.reason(feed, wanted, block)
		switch {
		case reason != "":
		case wanted == closed:
			reason = objected(feed.Organisation, "")
		case wanted == closed|unseen:
			reason = OrganisationSeesNone
		}
		if reason != "" {
			f.plan.NotAsked = append(f.plan.NotAsked, NotAsked{Organisation: feed.Organisation, Feed: feed.ID, Sections: feed.Sections, Reason: reason})
			continue
		}
		f.plan.Ask = append(f.plan.Ask, Candidate{Feed: feed, Organisation: feed.Organisation, Sections: wanted &^ closed &^ unseen})
		if closed != 0 {
			f.part(feed, ":closed", closed, objected(feed.Organisation, "this part of "))
		}
		if unseen != 0 {
			f.part(feed, ":unseen", unseen, OrganisationSeesNone)
		}
	}
}

// part puts a part of a feed beside the feed as not asked. The colon keeps its id apart from that of any real feed.
func (f *finder) part(feed *directory.Feed, suffix string, sections record.Sections, reason string) {
	f.plan.NotAsked = append(f.plan.NotAsked, NotAsked{Organisation: feed.Organisation, Feed: feed.ID + suffix, Sections: sections, Reason: reason})
}

func (f *finder) reason(feed *directory.Feed, wanted record.Sections, block string) string {
	switch {
	case f.person.Restricted:
		return Restricted
	case block != "":
		return block
	}
	if reason := f.viewer.outside(feed, f.now); reason != "" {
		return reason
	}
	if wanted == 0 {
		return RoleSeesNone
	}
	return ""
}
