package record

// SocialCareKind is which of the five kinds a social-care entry is.
type SocialCareKind uint8

// Kinds of social-care entry, in the order of the page.
const (
	CareService SocialCareKind = iota
	SupportReason
	CareAssessment
	CareContact
	Equipment
)

var socialWords = [...]string{"Service", "Support reason", "Assessment", "Contact", "Equipment"}

// String is the kind in words.
func (k SocialCareKind) String() string { return socialWords[k] }

// SocialCareEntry is a service, support reason, assessment, contact or piece of equipment (PRSB 20, 21, 27, 32).
type SocialCareEntry struct {
	Head
	Kind  SocialCareKind
	What  Concept
	Group Concept
	// Provider is the team or external provider, Manager the care manager.
	Provider, Manager Actor
	// Primary marks the primary support reason.
	Primary  bool
	Outcomes []Concept
	// Requester is who contacted, for contacts.
	Requester Concept
	// History is the status history, words of the source in order.
	History []Fact
}

// AboutMeKind is which of the kinds an about-me entry is.
type AboutMeKind uint8

// Kinds of about-me entry: the person's own words first.
const (
	Statement AboutMeKind = iota
	Adjustment
	Impairment
	Communication
)

// AboutMeEntry is the person's own statement, a reasonable adjustment, an impairment or a communication need (PRSB 3, 4).
type AboutMeEntry struct {
	Head
	Kind AboutMeKind
	// Heading is the question or category; What the answer or need.
	Heading     string
	What        Concept
	SupportedBy string
}

// NetworkKind is which kind of contact.
type NetworkKind uint8

// Kinds of contact.
const (
	Professional NetworkKind = iota
	Team
	Personal
)

// Contact is a professional, a team or a personal contact (PRSB 8, 9).
type Contact struct {
	Head
	Kind          NetworkKind
	Actor         Actor
	Relationships []Concept
	Roles         []Concept
	Telecoms      []string
	KeyWorker     bool
}

// HistoryKind is which kind of history.
type HistoryKind uint8

// Kinds of history entry.
const (
	Pregnancy HistoryKind = iota
	Social
	Family
)

// HistoryEntry is a pregnancy, social-context or family-history entry (PRSB 19, 22, 26).
type HistoryEntry struct {
	Head
	Kind     HistoryKind
	Topic    Concept
	Value    Value
	Relation Concept
	// Conditions are a relative's conditions with onset words.
	Conditions []Fact
}

// OtherEntry is everything clinical that has no other home; nothing is dropped (section 22).
type OtherEntry struct {
	Head
	// TypeWords is what kind of entry it is, in words.
	TypeWords string
	Name      Concept
	Result    Result
	// Answers are questions and answers, or fields and values, in order.
	Answers []Fact
	// General marks a resource type without a section, shown in general form.
	General bool
}
