package officer

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"

	"ribble/internal/audit"
	"ribble/internal/oversight"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/relationship"
	"ribble/web/ui"
)

// kindWords are the words for a kind of alert: what happened, and what to make of it.
type kindWords struct{ title, means string }

var kinds = map[oversight.Kind]kindWords{
	oversight.BreakGlass: {"Emergency access was opened",
		"A member of staff opened one record for up to 30 minutes although no relationship was known or the person had objected. It is for a serious and present risk to someone’s health. Check the reason with them within 5 working days."},
	oversight.OwnRecord: {"Somebody tried to open their own record",
		"Ribble refused. People see their own record through their practice, never as staff."},
	oversight.Listed: {"A record on the confidential list was asked for",
		"The region keeps watch over this person’s record. The look can be lawful: check that the member of staff was caring for them."},
	oversight.Colleague: {"A colleague’s record was asked for",
		"The person works for your organisation. The look can be lawful: check that the member of staff was caring for them."},
	oversight.Restricted: {"A restricted person’s page was opened",
		"This person’s whereabouts are protected. Address and practice were not shown. Check why the page was needed."},
	oversight.PermissionEmergency: {"A person could not be asked for permission",
		"The record was opened without asking, because the person could not be asked. Check that this was so."},
	oversight.SelfClaimed: {"A relationship was stated by the user",
		"Ribble knew of no link between your organisation and the person; the member of staff said how they were caring for them. It holds for four weeks. It is a reason to ask, not a finding."},
	"family": {"User and person share a home or a name",
		"The member of staff and the person share a home address or a family name. That can be lawful. It is a reason to ask, not a finding."},
	"leaver": {"A leaver’s account was used",
		"The staff register says that this member of staff has left. Have the account ended, and find out who used it."},
	"break-glass-rate": {"Emergency access is used often",
		"The member of staff opens emergency access more often than others in the same role. Ask what their work is: some duties need it."},
	"volume": {"Many different records were opened",
		"More people’s records were opened in a short time than is usual in this role. A new clinic or a list to go through can explain it."},
	"vain-searches": {"Many searches found nobody",
		"Numbers or names may have been tried one after the other. A list with a wrong column can explain it."},
	"repeated": {"One person’s record was opened again and again",
		"One person was opened far more often than is usual in this role. A long stay can explain it; so can curiosity."},
	"crowd": {"Many staff opened one person’s record",
		"The person may be known to the public or in the news. Look at who had to do with their care."},
	"two-places": {"One account was used in two places",
		"One account was used from two network addresses at nearly the same time. A password or a smartcard may be shared."},
	"out-of-hours": {"A record was opened out of hours",
		"Records are seldom opened at this time in this organisation. On-call work can explain it."},
}

func wordsOf(k oversight.Kind) kindWords {
	if w, ok := kinds[k]; ok {
		return w
	}
	return kindWords{title: string(k)}
}

// reveal opens the person of an event; an event that concerns nobody has none.
func (p *Pages) reveal(ctx context.Context, e audit.Event) (record.NHSNumber, audit.Terms, error) {
	if e.Person == nil {
		return record.NHSNumber{}, audit.Terms{}, nil
	}
	return p.Keys.Reveal(ctx, e)
}

// told lists what the event says, each part once: who, whose record, when, why, from where.
func (p *Pages) told(e audit.Event, number record.NHSNumber) []ui.Pair {
	facts := []ui.Pair{
		{Key: "When", Value: moment(e.At)},
		{Key: "Who", Value: listed(record.StaffName(e.User.Name).Usual(), e.User.RoleName, e.User.OrganisationName)},
		{Key: "Whose record", Value: "NHS No. " + number.Spaced()},
		{Key: "What was done", Value: actWords[e.Act]},
		{Key: "Reason chosen", Value: reason(e)},
		{Key: "Relationship", Value: relationshipWords(e.Relationship)},
		{Key: "Sections asked for", Value: sections(e.Sections)},
		{Key: "Organisations asked", Value: asked(e)},
		{Key: "From", Value: p.from(e.Device)},
	}
	if number.IsZero() {
		facts[2].Value = ""
	}
	return slices.DeleteFunc(facts, func(f ui.Pair) bool { return f.Value == "" })
}

// from says where the user sat.
func (p *Pages) from(d audit.Device) string {
	address, _, err := net.SplitHostPort(d.Address)
	if err != nil {
		address = d.Address
	}
	if d.Agent == "" {
		return address
	}
	return listed(address, p.Browser(d.Agent))
}

// actWords say what an event is that an alert can be about.
var actWords = map[audit.Act]string{
	audit.ActRelationshipClaimed: "Stated how they are caring for the person", audit.ActBreakGlassBegan: "Opened emergency access", audit.ActPermissionAsked: "Said that the person could not be asked",
	audit.ActIntent: "Opened the record", audit.ActRefused: "Asked for the record, and was refused", audit.ActOpenRequested: "Asked for the record",
}

// reason puts the code of an event into words: those of the list that the user chose from, else the rule that refused.
func reason(e audit.Event) string {
	list := register.ClaimReasons
	switch e.Act {
	case audit.ActRelationshipClaimed:
	case audit.ActBreakGlassBegan:
		list = register.OverrideReasons
	case audit.ActRefused:
		return "rule: " + e.Reason
	default:
		return ""
	}
	for _, r := range list {
		if r.Code == e.Reason {
			return r.Words
		}
	}
	return e.Reason
}

// relationshipWords puts a kind of relationship into words for whoever is not the user.
func relationshipWords(code string) string {
	for k := relationship.Launched; k < relationship.SelfClaimed; k++ {
		if k.String() == code {
			return strings.NewReplacer("your own", "their own", "your", "the user’s").Replace(k.Words())
		}
	}
	if code == relationship.SelfClaimed.String() {
		return "stated by the user"
	}
	return ""
}

func sections(ids []string) string {
	var titles []string
	for _, id := range ids {
		if s, ok := record.SectionByID(id); ok {
			titles = append(titles, s.Title())
		}
	}
	if len(titles) == record.NumSections {
		return "All"
	}
	return strings.Join(titles, ", ")
}

func asked(e audit.Event) string {
	if len(e.Asked) == 0 {
		return ""
	}
	return strconv.Itoa(len(e.Asked))
}

// listed joins what is known.
func listed(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
