package audit

import (
	"errors"
	"time"
)

// Act is the nature of an event.
type Act string

// The acts: a closed list.
const (
	ActSignedIn     Act = "signed-in"
	ActSignInFailed Act = "sign-in-failed"
	ActSignedOut    Act = "signed-out"
	// ActLocked and ActUnlocked: a session was locked, and opened again by its user.
	ActLocked   Act = "locked"
	ActUnlocked Act = "unlocked"
	// ActSteppedUp: a user proved once more who they are, for an act that asks for it.
	ActSteppedUp Act = "stepped-up"
	// ActLimitReached: somebody did something more often than is usual; Reason says what, of whom it was counted, and what followed.
	ActLimitReached Act = "limit-reached"
	// ActAccountChanged: something became of a local account, named by Account; Reason says what.
	ActAccountChanged Act = "account-changed"
	// ActSearched: demographics were searched for a person; Found says how many came back.
	ActSearched Act = "searched"
	// ActTraced: one person was looked up by NHS number.
	ActTraced Act = "traced"
	// ActOpenRequested: the user asked for a record; the look itself begins with ActIntent.
	ActOpenRequested Act = "open-requested"
	// ActIntent: a look was allowed and is about to begin. No source was asked before this event was durable.
	ActIntent Act = "intent"
	// ActRefused: a look was not allowed; Reason is the rule.
	ActRefused Act = "refused"
	// ActDisclosed: what the event names is about to be shown. No byte of it left before this event was durable.
	ActDisclosed Act = "disclosed"
	// ActDocumentOpened: the document is about to be shown.
	ActDocumentOpened Act = "document-opened"
	// ActMismatchFound: a source answered about somebody else, and its answer was quarantined.
	ActMismatchFound Act = "mismatch-found"
	// ActRelationshipClaimed: a user said that they are caring for a person; Reason is the coded reason, their own words are sealed.
	ActRelationshipClaimed Act = "relationship-claimed"
	// ActPermissionAsked: the person was asked for permission to view; Reason is the answer.
	ActPermissionAsked Act = "permission-asked"
	// ActObjectionChanged: an entry of the register of objections, named by Register, was made or ended; Reason says which.
	ActObjectionChanged Act = "objection-changed"
	// ActBreakGlassBegan and ActBreakGlassEnded: emergency access, named by Register; Reason is the coded reason, the user's own words are sealed.
	ActBreakGlassBegan Act = "break-glass-began"
	ActBreakGlassEnded Act = "break-glass-ended"
	// ActRegisterChanged: a caseload, a watch list or a code set was loaded or changed; Reason says which, Found how many entries it has.
	ActRegisterChanged Act = "register-changed"
	// ActOfficerLooked: an officer looked at an alert, the register of objections or a dry run, named by Reason and Register.
	ActOfficerLooked Act = "officer-looked"
	// ActTrailExported: the trail was copied to a file for verification; Reason is the purpose.
	ActTrailExported Act = "trail-exported"
	// ActErasureAsked and ActErased: an operator asked that a person be made unreadable in the trail, and another, naming the first event in Register,
	// did it; Reason is the code given.
	ActErasureAsked Act = "erasure-asked"
	ActErased       Act = "erased"
	// ActAlertHandled: somebody worked on an alert, named by Register; Reason is the step, their words are sealed.
	ActAlertHandled Act = "alert-handled"
	// ActDirectoryProposed and ActDirectoryDecided: a change of the directory of sources, named by Register, was proposed or decided; Reason is its kind or
	// the decision. What is proposed is what Register is the digest of.
	ActDirectoryProposed Act = "directory-proposed"
	ActDirectoryDecided  Act = "directory-decided"
	// ActRulesProposed and ActRulesDecided: other rules that watch, named by Register, were proposed or decided; Reason is the step. What is proposed is what
	// Register is the digest of.
	ActRulesProposed Act = "rules-proposed"
	ActRulesDecided  Act = "rules-decided"
	// ActProblemReported: a user told the organisation behind a feed of a problem with an entry; Register names the report, Reason is the coded reason.
	// ActProblemHandled: somebody there took it up or answered it; Reason is the step.
	ActProblemReported Act = "problem-reported"
	ActProblemHandled  Act = "problem-handled"
	// ActFinished: the look ended; the event says what was asked, answered, withheld and shown.
	ActFinished Act = "finished"
	// ActReconciled: nobody wrote how the look ended, because its portal stopped or could not write. What was disclosed up to then stands in its ActDisclosed
	// and ActDocumentOpened events. At is when the look began: the one time that is certain.
	ActReconciled Act = "reconciled"
)

// Acts lists every act.
var Acts = []Act{
	ActSignedIn, ActSignInFailed, ActSignedOut, ActLocked, ActUnlocked, ActSteppedUp, ActLimitReached, ActAccountChanged, ActSearched, ActTraced, ActOpenRequested, ActIntent, ActRefused, ActDisclosed,
	ActDocumentOpened, ActMismatchFound, ActRelationshipClaimed, ActPermissionAsked, ActObjectionChanged, ActBreakGlassBegan, ActBreakGlassEnded, ActRegisterChanged, ActOfficerLooked, ActTrailExported, ActErasureAsked, ActErased,
	ActAlertHandled, ActDirectoryProposed, ActDirectoryDecided, ActRulesProposed, ActRulesDecided, ActProblemReported, ActProblemHandled, ActFinished, ActReconciled,
}

// Event is everything that is kept about one act: this struct is the documentation of the audit trail. It holds what the
// IG Requirements for GP Systems V4 ask for, and nothing clinical by construction: sources, sections and states by their ids, and
// counts. The sequence number and the database's own time stand beside it in the trail, as the database gives them.
type Event struct {
	// Version is that of this encoding.
	Version int `json:"v"`
	// ID is unique, and the same when an append is repeated.
	ID UUID `json:"id"`
	// At is when it happened by the portal's clock, in UTC, to the microsecond.
	At time.Time `json:"at"`
	// Act is the nature of the event.
	Act Act `json:"act"`
	// Look is the ID of the ActIntent event that opened the look to which the event belongs.
	Look UUID `json:"look,omitzero"`
	// User is who acted, with name, role and organisation as they were at the time.
	User User `json:"user,omitzero"`
	// Device is where the user sat, as far as the portal can tell.
	Device Device `json:"device,omitzero"`
	// Purpose is why, in the words of access.Purpose.
	Purpose string `json:"purpose,omitempty"`
	// Basis is the authority for the act: the codes of the access rules that were content with it.
	Basis []string `json:"basis,omitempty"`
	// Relationship is the kind of the legitimate relationship on which a look rests (relationship.Kind).
	Relationship string `json:"relationship,omitempty"`
	// Override is the emergency access under which a look was made.
	Override string `json:"override,omitempty"`
	// Register is the id of the entry of a register that the act is about: an objection, an emergency access, an alert.
	Register string `json:"register,omitempty"`
	// Person is whose record it concerns, or who was searched for; unreadable without the keys.
	Person *Person `json:"person,omitempty"`
	// Traits let rules compare the person with the user; they are on ActIntent.
	Traits *Traits `json:"traits,omitempty"`
	// Sections are those the look may show (ActIntent) or the page part shows (ActDisclosed), by id, in page order.
	Sections []string `json:"sections,omitempty"`
	// Asked are the feeds that may be asked in the look, by id.
	Asked []string `json:"asked,omitempty"`
	// Directory is the version of the directory of sources by which they were chosen; on ActIntent.
	Directory int64 `json:"directory,omitempty"`
	// Sources says, for each feed, what it answered and what was shown of it.
	Sources []Source `json:"sources,omitempty"`
	// Sets are the versions of the sensitive code sets in force, as topic and version; on ActDisclosed and ActFinished.
	Sets []string `json:"sets,omitempty"`
	// Document is the document that was opened.
	Document *Document `json:"document,omitempty"`
	// Reason is a fixed code: the rule that refused, why signing in failed, how a look ended. Never text from outside.
	Reason string `json:"reason,omitempty"`
	// Found is how many people a search or trace returned, or how often what a limit counts has happened, or for how many failed sign-ins the
	// event stands.
	Found int `json:"found,omitempty"`
	// Account is the id of the local account concerned.
	Account string `json:"account,omitempty"`
	// Provisional marks a disclosure that a later one of the same sections replaces.
	Provisional bool `json:"provisional,omitempty"`
	// Bytes is how many bytes of the record left in the whole look.
	Bytes int `json:"bytes,omitempty"`
}

// User is a user as at the time of the event.
type User struct {
	// Issuer is the identity provider, Subject the user's id with it.
	Issuer  string `json:"issuer"`
	Subject string `json:"subject,omitempty"`
	// SDSUserID is the national user id.
	SDSUserID string `json:"sds,omitempty"`
	Name      string `json:"name,omitempty"`
	// RoleProfile, RoleCode and RoleName are the one role of the session.
	RoleProfile string `json:"role_profile,omitempty"`
	RoleCode    string `json:"role_code,omitempty"`
	RoleName    string `json:"role_name,omitempty"`
	// Organisation is the ODS code of the organisation acted for, OrganisationName its name.
	Organisation     string `json:"org,omitempty"`
	OrganisationName string `json:"org_name,omitempty"`
	// AssuranceLevel is how strongly the user proved who they are (1 to 3).
	AssuranceLevel int `json:"aal,omitempty"`
	// Session is the non-secret id of the session.
	Session string `json:"session,omitempty"`
}

// Device is the end-user device.
type Device struct {
	// Address is the network address from which the request came.
	Address string `json:"address,omitempty"`
	// Agent is the browser as it names itself, cut to 200 bytes.
	Agent string `json:"agent,omitempty"`
}

// Person is a person, unreadable: Index finds the events about one NHS number for whoever holds the index key, Sealed gives the
// number (and search terms) to whoever holds the person's data key, which SealKey names. Destroying that key erases what it sealed without touching
// the trail.
type Person struct {
	Index    []byte `json:"index,omitempty"`
	IndexKey string `json:"index_key,omitempty"`
	Sealed   []byte `json:"sealed"`
	SealKey  string `json:"seal_key"`
}

// Traits are keyed digests of the person's family name and home, as the national demographics had them at the time: enough to see that they
// are somebody else's too, nothing for whoever has no key.
type Traits struct {
	Surname   []byte `json:"surname,omitempty"`
	Household []byte `json:"household,omitempty"`
	// Restricted says that the national record protects the person's whereabouts.
	Restricted bool `json:"restricted,omitempty"`
}

// Source is one feed in a look.
type Source struct {
	// Feed is the id of the feed, Organisation the ODS code of whoever answers for it.
	Feed         string `json:"feed"`
	Organisation string `json:"org,omitempty"`
	// State is the state of the answer as a whole (record.State).
	State string `json:"state"`
	// Sections are those the event speaks of; those not named were not asked of this feed.
	Sections []Section `json:"sections,omitempty"`
	// Received is how many resources came, and Fates what became of them, in the order of record.Fate.
	Received int   `json:"received,omitempty"`
	Fates    []int `json:"fates,omitempty"`
	// Items is a keyed digest of the ids of the entries shown, section by section and in order; on ActDisclosed. It proves what was shown to whoever has
	// the entries and the key.
	Items []byte `json:"items,omitempty"`
	// TookMillis is how long the source needed.
	TookMillis int64 `json:"took_ms,omitempty"`
	// Withheld is what this portal withheld of the answer, by rule; on ActFinished.
	Withheld []Withheld `json:"withheld,omitempty"`
}

// Withheld is how many entries one rule withheld. An entry that two code sets name counts for both. It is for officers, and never for the page:
// what was withheld, and how much of it, would tell.
type Withheld struct {
	// Rule is the code of the rule, or the topic and version of the code set.
	Rule  string `json:"rule"`
	Count int    `json:"count"`
}

// Section is one section of one feed.
type Section struct {
	// ID is that of record.Section, State that of record.State.
	ID    string `json:"id"`
	State string `json:"state"`
	// Count is how many of the source's entries are on the page.
	Count int `json:"count,omitempty"`
	// Withheld is how many of the source's entries this portal withheld here.
	Withheld int `json:"withheld,omitempty"`
}

// Document is a document that was opened.
type Document struct {
	Feed         string `json:"feed"`
	Organisation string `json:"org,omitempty"`
	// Digest is a keyed digest of the document's id at the source.
	Digest []byte `json:"digest"`
}

// eventVersion is the version of the encoding (encode.go).
const eventVersion = 2

// MaxEventSize is the largest encoded event; the largest region (64 feeds, every section) needs less than half.
const MaxEventSize = 256 << 10

var errEncoding = errors.New("not an audit event in its canonical encoding")
