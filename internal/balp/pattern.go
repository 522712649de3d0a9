package balp

import "ribble/internal/audit"

// pattern is how one kind of act is told.
type pattern struct {
	profile  string
	kind     Coding
	subtypes []Coding
	action   string
	// outcome is 0 for success, 4 for a lesser and 8 for a serious failure.
	outcome string
	// words say more than the reason of the event does.
	words string
	// patient: the profile needs a patient. machines: both machines are named. queries and reads: which entity says what was asked or shown.
	patient, machines, queries, reads bool
}

// why is the fixed reason that goes with an outcome.
func (p pattern) why(e audit.Event) string {
	if p.outcome == "0" {
		return ""
	}
	if p.words != "" {
		return p.words
	}
	return e.Reason
}

var (
	rest     = Coding{eventType, "rest", "Restful Operation"}
	security = Coding{dcm, "110113", "Security Alert"}
	signIn   = Coding{dcm, "110114", "User Authentication"}
	logUsed  = Coding{dcm, "110101", "Audit Log Used"}
	activity = Coding{dcm, "110100", "Application Activity"}
	search   = []Coding{{restful, "search", "search"}}
	read     = []Coding{{restful, "read", "read"}}
	consent  = []Coding{{System: authzSubtype, Code: "AuthZ-Consent"}}
)

func sub(code, display string) []Coding { return []Coding{{dcm, code, display}} }

// patterns has a line for every act of the trail.
var patterns = map[audit.Act]pattern{
	audit.ActSignedIn:     {kind: signIn, subtypes: sub("110122", "Login"), action: "E", outcome: "0"},
	audit.ActSignInFailed: {kind: signIn, subtypes: sub("110122", "Login"), action: "E", outcome: "4"},
	audit.ActSignedOut:    {kind: signIn, subtypes: sub("110123", "Logout"), action: "E", outcome: "0"},
	audit.ActLocked:       {kind: signIn, action: "E", outcome: "0"},
	audit.ActUnlocked:     {kind: signIn, action: "E", outcome: "0"},
	audit.ActSteppedUp:    {kind: signIn, action: "E", outcome: "0"},

	audit.ActLimitReached:      {kind: security, subtypes: sub("110132", "Use of Restricted Function"), action: "E", outcome: "4"},
	audit.ActAccountChanged:    {kind: security, subtypes: sub("110137", "User security Attributes Changed"), action: "U", outcome: "0"},
	audit.ActRegisterChanged:   {kind: security, subtypes: sub("110129", "Security Configuration"), action: "U", outcome: "0"},
	audit.ActDirectoryProposed: {kind: security, subtypes: sub("110129", "Security Configuration"), action: "U", outcome: "0"},
	audit.ActDirectoryDecided:  {kind: security, subtypes: sub("110129", "Security Configuration"), action: "U", outcome: "0"},
	audit.ActRulesProposed:     {kind: security, subtypes: sub("110129", "Security Configuration"), action: "U", outcome: "0"},
	audit.ActRulesDecided:      {kind: security, subtypes: sub("110129", "Security Configuration"), action: "U", outcome: "0"},
	audit.ActOfficerLooked:     {kind: logUsed, action: "R", outcome: "0"},
	audit.ActAlertHandled:      {kind: security, action: "U", outcome: "0"},
	audit.ActProblemHandled:    {kind: activity, action: "U", outcome: "0"},
	audit.ActTrailExported:     {kind: Coding{dcm, "110106", "Export"}, action: "R", outcome: "0"},
	audit.ActErasureAsked:      {kind: security, action: "D", outcome: "0"},
	audit.ActErased:            {kind: security, action: "D", outcome: "0"},

	audit.ActSearched:        {profile: "IHE.BasicAudit.Query", kind: rest, subtypes: search, action: "E", outcome: "0", machines: true, queries: true},
	audit.ActTraced:          {profile: "IHE.BasicAudit.PatientQuery", kind: rest, subtypes: search, action: "E", outcome: "0", patient: true, machines: true, queries: true},
	audit.ActProblemReported: {kind: activity, action: "C", outcome: "0"},
	audit.ActOpenRequested:   {kind: activity, action: "E", outcome: "0"},

	audit.ActIntent:         {profile: "IHE.BasicAudit.PatientQuery", kind: rest, subtypes: search, action: "E", outcome: "0", patient: true, machines: true, queries: true},
	audit.ActDisclosed:      {profile: "IHE.BasicAudit.PatientRead", kind: rest, subtypes: read, action: "R", outcome: "0", patient: true, machines: true, reads: true},
	audit.ActDocumentOpened: {profile: "IHE.BasicAudit.PatientRead", kind: rest, subtypes: read, action: "R", outcome: "0", patient: true, machines: true, reads: true},
	audit.ActFinished:       {kind: activity, action: "E", outcome: "0"},
	audit.ActReconciled:     {kind: activity, action: "E", outcome: "4", words: "the portal stopped, or could not write, before this look ended; what was shown up to then stands in its read events"},
	audit.ActMismatchFound:  {kind: security, action: "E", outcome: "8"},

	audit.ActRefused:             {profile: "IHE.BasicAudit.AuthZconsent", kind: security, subtypes: consent, action: "E", outcome: "8", patient: true},
	audit.ActPermissionAsked:     {profile: "IHE.BasicAudit.AuthZconsent", kind: security, subtypes: consent, action: "E", outcome: "0", patient: true},
	audit.ActObjectionChanged:    {kind: security, subtypes: consent, action: "U", outcome: "0"},
	audit.ActRelationshipClaimed: {kind: security, subtypes: consent, action: "C", outcome: "0"},
	audit.ActBreakGlassBegan:     {kind: security, subtypes: sub("110127", "Emergency Override Started"), action: "E", outcome: "0"},
	audit.ActBreakGlassEnded:     {kind: security, subtypes: sub("110138", "Emergency Override Stopped"), action: "E", outcome: "0"},
}

// patternOf gives an act's pattern; one that came after this table is an application activity rather than nothing.
func patternOf(e audit.Event) pattern {
	if p, ok := patterns[e.Act]; ok {
		return p
	}
	return pattern{kind: activity, action: "E", outcome: "0"}
}
