package story

// Service is a social-care service: home care, day care, placement.
type Service struct {
	Head
	Type     Concept // Interweave social-care service type
	Category Concept
	Provider Actor // team or an external organisation
	Manager  Actor
	Status   string // active, planned, onhold, finished
	When     Period
	Trigger  Concept
	History  []StatusSpan
	Referral string // ID of a Contact
}

// SupportReason is why social care supports the person.
type SupportReason struct {
	Head
	Reason   Concept
	Category Concept
	Primary  bool
	Status   string // active, inactive
	When     Period
}

// Assessment is a social-care assessment.
type Assessment struct {
	Head
	Type     Concept // with the council's own name as text
	Status   string  // accepted, in-progress, completed, cancelled
	Team     Actor
	By       Actor
	Outcomes []Concept
	When     Period
	Entered  string
	Changed  string
	Contact  string   // ID of the contact that led to it
	Reports  []string // IDs of documents
	Bad      bool     // reference of an unknown kind ("Resource/...") in output
}

// Contact is a call for help to the council.
type Contact struct {
	Head
	Reason    Concept
	Requester Concept
	When      string
	Status    string
	Words     string
}

// Equipment is a piece of equipment or adaptation.
type Equipment struct {
	Head
	Item      Concept
	Status    string // draft = requested, active = placed, completed = removed, cancelled = refused
	When      Period
	Requested string
	By        Actor
}
