package users

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"ribble/internal/identity"
	"ribble/internal/identity/local"
	"ribble/internal/sponsor"
	"ribble/web/page"
	"ribble/web/ui"
)

// Index is the first page: for a sponsor their organisation, for an administrator what waits for a second person, and every organisation.
func (p *Pages) Index(w http.ResponseWriter, r *http.Request) error {
	u, scope, err := p.looker(r)
	if err != nil {
		return err
	}
	if !scope.All() {
		return p.organisation(w, r, u, u.Organisation)
	}
	tallies, err := p.Desk.Tallies(r.Context(), u, "")
	if err != nil {
		return err
	}
	waiting, err := p.Desk.Requests(r.Context(), u, sponsor.Query{State: sponsor.Sponsored})
	if err != nil {
		return err
	}
	asked, err := p.Desk.Requests(r.Context(), u, sponsor.Query{State: sponsor.Asked})
	if err != nil {
		return err
	}
	b := p.board(r, "Users of the region", Path)
	var sum sponsor.Tally
	for _, t := range tallies {
		sum.Users, sum.Unconfirmed, sum.Expired, sum.ToConfirm, sum.Ending = sum.Users+t.Users, sum.Unconfirmed+t.Unconfirmed, sum.Expired+t.Expired, sum.ToConfirm+t.ToConfirm, sum.Ending+t.Ending
	}
	b.Tiles = append(tiles(sum), page.AdminTile{Value: count(len(asked), "request", "requests"), Text: "for a sponsor to decide"})
	b.Parts = []page.Part{grantsPart(waiting, u), organisationsPart(tallies, asked)}
	return draw(w, r, http.StatusOK, page.Users(b))
}

func tiles(t sponsor.Tally) []page.AdminTile {
	out := []page.AdminTile{
		{Value: count(t.Users, "user", "users"), Text: "with an account"}, {Value: strconv.Itoa(t.Unconfirmed), Text: "suspended: not confirmed this quarter"},
		{Value: strconv.Itoa(t.Expired), Text: "expired"}, {Value: strconv.Itoa(t.ToConfirm), Text: "to confirm within 30 days"}, {Value: strconv.Itoa(t.Ending), Text: "end within 30 days"},
	}
	for i, n := range []int{0, t.Unconfirmed, t.Expired, t.ToConfirm, t.Ending} {
		switch {
		case n > 0 && i < 3:
			out[i].Kind = page.TileLoud
		case n > 0:
			out[i].Kind = page.TileCare
		}
	}
	return out
}

// grantsPart lists what waits for a second person: an import in one line.
func grantsPart(list []sponsor.Request, u identity.User) page.Part {
	part := page.Part{ID: "waiting", Table: page.Table{Head: []string{"For whom", "Organisation", "Role", "Vouched for by", "When", "Ends by itself"}}, Foot: "Whoever vouched for a user cannot grant it."}
	sizes, shown := map[string]int{}, map[string]bool{}
	for _, r := range list {
		sizes[r.Batch]++
	}
	for _, r := range list {
		if shown[r.Batch] {
			continue
		}
		shown[r.Batch] = true
		who, sub, org, role := usual(r.Name), r.Login, r.Organisation.Name, roleName(r.Terms.Role)
		if n := sizes[r.Batch]; n > 1 {
			who, sub, org, role = count(n, "user", "users"), "an import", "see the list", "see the list"
		}
		if r.Kind == sponsor.Renewal {
			sub = "renewal, " + sub
		}
		by := words(usual(r.Sponsor.Name))
		if r.Sponsor.Is(u) {
			by = tagged(ui.TagCare, "you: another must grant it")
		}
		part.Table.Rows = append(part.Table.Rows, []page.Cell{link(who, RequestPath+r.Batch, sub), words(org), words(role), by, whole(moment(r.SponsoredAt)), whole(day(r.ExpiresAt()))})
	}
	part.Heading = count(len(shown), "request waits", "requests wait") + " for an administrator"
	if len(shown) == 0 {
		part.Foot, part.Notes = "", []ui.NoteProps{{Kind: ui.NoteNone, Lead: "Nothing waits."}}
	}
	return part
}

func organisationsPart(tallies []sponsor.Tally, asked []sponsor.Request) page.Part {
	part := page.Part{ID: "organisations", Table: page.Table{Head: []string{"Organisation", "Users", "Requests", "Suspended", "Expired", "To confirm", "Not set up", "Made by an operator alone"}}}
	wait := map[string]int{}
	for _, r := range asked {
		wait[r.Organisation.ODS]++
	}
	add := func(t sponsor.Tally) {
		n := wait[t.Organisation.ODS]
		delete(wait, t.Organisation.ODS)
		part.Table.Rows = append(part.Table.Rows, []page.Cell{
			link(t.Organisation.Name, OfPath+t.Organisation.ODS, t.Organisation.ODS), number(t.Users, ui.TagPlain), number(n, ui.TagWait), number(t.Unconfirmed, ui.TagLoud), number(t.Expired, ui.TagLoud),
			number(t.ToConfirm, ui.TagCare), number(t.ToInvite, ui.TagWait), number(t.Alone, ui.TagCare),
		})
	}
	for _, t := range tallies {
		add(t)
	}
	for _, r := range asked {
		if wait[r.Organisation.ODS] > 0 {
			add(sponsor.Tally{Organisation: r.Organisation})
		}
	}
	part.Heading = count(len(part.Table.Rows), "organisation with users", "organisations with users")
	if len(part.Table.Rows) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteNone, Lead: "No organisation has local accounts yet.", Text: "Add the first sponsor under “Add a user”, with the role “Local sponsor”."}}
	}
	return part
}

// number is a count that stands out when it is not zero.
func number(n int, kind ui.TagKind) page.Cell {
	if n == 0 || kind == ui.TagPlain {
		return whole(strconv.Itoa(n))
	}
	return tagged(kind, strconv.Itoa(n))
}

// Of is the page of one organisation.
func (p *Pages) Of(w http.ResponseWriter, r *http.Request) error {
	u, scope, err := p.looker(r)
	if err != nil {
		return err
	}
	org, known := p.Desk.Organisation(chi.URLParam(r, "ods"))
	if !known || !scope.Covers(org.ODS) {
		return sponsor.ErrUnknown
	}
	return p.organisation(w, r, u, org)
}

// organisation is a sponsor's worklist: what waits first, then everybody.
func (p *Pages) organisation(w http.ResponseWriter, r *http.Request, u identity.User, org identity.Organisation) error {
	asked, err := p.Desk.Requests(r.Context(), u, sponsor.Query{Organisation: org.ODS, State: sponsor.Asked})
	if err != nil {
		return err
	}
	vouched, err := p.Desk.Requests(r.Context(), u, sponsor.Query{Organisation: org.ODS, State: sponsor.Sponsored, Limit: pageSize})
	if err != nil {
		return err
	}
	tallies, err := p.Desk.Tallies(r.Context(), u, org.ODS)
	if err != nil {
		return err
	}
	b := p.board(r, "Users of "+org.Name, Path)
	if len(tallies) == 1 {
		b.Tiles = tiles(tallies[0])
	}
	b.Parts = []page.Part{askedPart(asked)}
	due, err := p.Desk.Users(r.Context(), u, sponsor.Filter{Organisation: org.ODS, Stand: sponsor.ToConfirm, Limit: pageSize})
	if err != nil {
		return err
	}
	b.Pick = p.duePick(r, u, org, due)
	for _, list := range []struct {
		stand   sponsor.Stand
		id      string
		heading string
		foot    string
	}{
		{sponsor.ToInvite, "invite", "Invitations to hand out", "Make the invitation on the user’s page, when the user can take it from you."},
		{sponsor.Ending, "ending", "Access that ends within 30 days, or has ended", "Renew it on the user’s page, after new training."},
	} {
		part, err := p.usersPart(r, u, sponsor.Filter{Organisation: org.ODS, Stand: list.stand, Limit: pageSize})
		if err != nil {
			return err
		}
		if len(part.Table.Rows) > 0 {
			part.ID, part.Heading, part.Foot = list.id, list.heading, list.foot
			b.Parts = append(b.Parts, part)
		}
	}
	if part := sponsoredPart(vouched); len(part.Table.Rows) > 0 {
		b.Parts = append(b.Parts, part)
	}
	skip, err := strconv.Atoi(r.URL.Query().Get("skip"))
	if err != nil || skip < 0 {
		skip = 0
	}
	everybody, err := p.usersPart(r, u, sponsor.Filter{Organisation: org.ODS, Skip: skip, Limit: pageSize})
	if err != nil {
		return err
	}
	everybody.ID, everybody.Heading = "everybody", "Everybody with an account"
	everybody.Do = ways(OfPath+org.ODS, skip, len(everybody.Table.Rows))
	b.Parts = append(b.Parts, everybody)
	return draw(w, r, http.StatusOK, page.Users(b))
}

// ways lead to what stands before and after a part of a list.
func ways(path string, skip, shown int) []ui.Action {
	var out []ui.Action
	if skip > 0 {
		out = append(out, ui.Action{Text: "The 200 before", URL: fmt.Sprintf("%s?skip=%d#everybody", path, max(0, skip-pageSize))})
	}
	if shown == pageSize {
		out = append(out, ui.Action{Text: "The next 200", URL: fmt.Sprintf("%s?skip=%d#everybody", path, skip+pageSize)})
	}
	return out
}

func askedPart(list []sponsor.Request) page.Part {
	part := page.Part{ID: "asked", Table: page.Table{Head: []string{"Who asks", "Job", "Asked", "Ends by itself"}}}
	for _, r := range list {
		part.Table.Rows = append(part.Table.Rows, []page.Cell{link(usual(r.Name), RequestPath+r.Batch, r.Login), words(r.Job), whole(moment(r.At)), whole(day(r.ExpiresAt()))})
	}
	part.Heading = count(len(part.Table.Rows), "request waits", "requests wait") + " for a sponsor"
	if len(part.Table.Rows) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteNone, Lead: "Nobody waits.", Text: "Staff ask for an account from the sign-in page."}}
	}
	return part
}

func sponsoredPart(list []sponsor.Request) page.Part {
	part := page.Part{ID: "sponsored", Heading: "Waiting for an administrator of the region", Table: page.Table{Head: []string{"For whom", "Role", "Vouched for by", "When"}}}
	for _, r := range list {
		part.Table.Rows = append(part.Table.Rows, []page.Cell{link(usual(r.Name), RequestPath+r.Batch, r.Login), words(roleName(r.Terms.Role)), words(usual(r.Sponsor.Name)), whole(moment(r.SponsoredAt))})
	}
	return part
}

// duePick are the users whom the sponsor must confirm, the suspended first to be seen.
func (p *Pages) duePick(r *http.Request, u identity.User, org identity.Organisation, due []local.Account) *page.PickList {
	if len(due) == 0 {
		return nil
	}
	l := &page.PickList{
		ID: "due", Cover: "Each quarter a sponsor confirms who still needs an account", URL: ConfirmPath, Fields: []ui.Field{{Name: "of", Value: org.ODS}},
		Head: []string{"User", "Role", "Stands", "Confirm"}, Button: "Confirm those chosen", Foot: "Do not confirm who has left or changed jobs: end the account on the user’s page, or with a list under Leavers.",
	}
	now, suspended := p.Now(), 0
	for _, a := range due {
		if a.Lapse(now) == local.Unconfirmed {
			suspended++
		}
		row := page.PickRow{Value: a.ID, Label: "Confirm " + usual(a.Name), Cells: []page.Cell{link(usual(a.Name), AccountPath+a.ID, a.Login), words(roleName(a.Role)), standing(a, now), confirmBy(a, now)}}
		if u.Issuer == local.Issuer && u.Subject == a.ID {
			row.Value = ""
			row.Cells[3].Sub = "your own: an administrator or another sponsor must"
		}
		l.Rows = append(l.Rows, row)
	}
	l.Heading = count(len(due), "user", "users") + " to confirm"
	if suspended > 0 {
		l.Notes = []ui.NoteProps{{Kind: ui.NoteLoud, Lead: fmt.Sprintf("%s suspended.", count(suspended, "user is", "users are")), Text: "They cannot sign in until you confirm them; they lose nothing else."}}
	}
	return l
}

// usersPart lists accounts.
func (p *Pages) usersPart(r *http.Request, u identity.User, f sponsor.Filter) (page.Part, error) {
	list, err := p.Desk.Users(r.Context(), u, f)
	part := page.Part{Table: page.Table{Head: []string{"User", "Role", "Stands", "Trained", "Confirmed until", "Last day"}}}
	now := p.Now()
	for _, a := range list {
		part.Table.Rows = append(part.Table.Rows, []page.Cell{link(usual(a.Name), AccountPath+a.ID, a.Login), words(roleName(a.Role)), standing(a, now), whole(day(a.Trained)), confirmBy(a, now), endsOn(a, now)})
	}
	if len(list) == 0 {
		part.Notes = []ui.NoteProps{{Kind: ui.NoteNone, Lead: "Nobody."}}
	}
	return part, err
}

// Confirm confirms the users chosen for another quarter.
func (p *Pages) Confirm(w http.ResponseWriter, r *http.Request) error {
	u, scope, err := p.looker(r)
	if err != nil {
		return err
	}
	back := Path
	if of := r.PostFormValue("of"); scope.All() && of != "" {
		if org, known := p.Desk.Organisation(of); known {
			back = OfPath + org.ODS
		}
	}
	n, err := p.Desk.Confirm(r.Context(), u, r.PostForm["account"])
	if err != nil {
		return err
	}
	if n == 0 {
		return redirect(w, r, back, "none")
	}
	return redirect(w, r, back, "confirmed")
}
