package page

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/a-h/templ"

	"ribble/internal/browser"
	"ribble/web"
	"ribble/web/internal/golden"
	"ribble/web/layout"
	"ribble/web/ui"
)

// plainURLs gives addresses without hashes, so that golden files do not change with a style sheet.
type plainURLs struct{}

func (plainURLs) URL(name string) string { return "/assets/" + name }

func props(assets layout.URLs, title string, signedIn bool) layout.Props {
	p := layout.Props{Title: title, Assets: assets, Region: "North Vale (invented people and organisations)",
		Footer: []ui.Action{{Text: "If Ribble is down: who to ring", URL: "/down"}}}
	if signedIn {
		p.User = &layout.User{Name: "Dr Priya NAIR", Role: "Consultant geriatrician", Organisation: "Bowland Teaching Hospitals NHS Trust", Short: "Bowland"}
		p.Lock = &ui.Action{Text: "Lock", URL: "/lock", Post: true}
		p.Links = []ui.Action{{Text: "Find a person", URL: "/find"}, {Text: "Sign out", URL: "/signout", Post: true}}
	}
	return p
}

var handle = []ui.Field{{Name: "person", Value: "sealed"}}

// edith, marjorie and edna are alike.
var edith = Person{Name: "ASHWORTH, Edith Margaret (Mrs)", Born: "03-Mar-1942 (84y)", NHSNumber: "999 141 1690", Address: "14 Beck Lane, Nether Wyrefield, XX7 4QT",
	GP: "Hodder Valley Medical Practice", Tags: []string{"similar"}, Chosen: true}

func confirmation() Confirm {
	return Confirm{Name: edith.Name, URL: "/open", Fields: handle, AskLast4: true,
		Details: []ui.Option{{Value: "address", Text: "First line of address"}, {Value: "number", Text: "NHS number", Chosen: true},
			{Value: "phone", Text: "Phone number"}, {Value: "wristband", Text: "Wristband"}},
		Purposes: []ui.Option{{Value: "present", Text: "Direct care: the person is in front of me"}, {Value: "review", Text: "Direct care: planning or review"}}}
}

func find(p layout.Props) FindProps {
	c := confirmation()
	return FindProps{Props: p, URL: "/find", Name: NameForm{Family: "Ashworth", Given: "Edith", Day: "3", Month: "3", Year: "1942"},
		Results: &Results{Title: "3 people match", Asked: "Asked of the national demographics service, 18-Nov-2026 14:01:52. Searched for: ASHWORTH, Edith, born 03-Mar-1942",
			Similar: "These 3 people have the same date of birth and a similar name. Check the address or the NHS number with the person before you choose. Nothing opens by itself.",
			People: []Person{edith,
				{Name: "ASHWORTH, Edith Marjorie (Miss)", Born: "03-Mar-1942 (84y)", NHSNumber: "999 342 5842", Address: "Flat 2, Mill Court, Over Bowland, XX7 9BD", GP: "Fellside Surgery", Tags: []string{"similar"}, URL: "/find/sealed"},
				{Name: "ASHWORTH, Edna", Born: "03-Mar-1942 (84y)", NHSNumber: "999 064 6465", Address: "Not shown: restricted address", GP: "Not shown", Tags: []string{"similar"}, URL: "/find/sealed"}},
			Foot: []string{"Restricted address: the person’s whereabouts are protected. Opening the record tells your Privacy Officer."}},
		Confirm: &c}
}

func pages(assets layout.URLs) map[string]templ.Component {
	in := func(title string) layout.Props { return props(assets, title, true) }
	out := func(title string) layout.Props { return props(assets, title, false) }
	wrong := find(in("Error: Find a person"))
	wrong.Results, wrong.Confirm = nil, nil
	wrong.Number = NumberForm{Value: "999 141 1691", Error: "This is not an NHS number: its check digit does not fit. Nothing was asked."}
	wrong.Name.DateError = "Enter a date of birth in the past"
	wrong.Problems = []ui.Problem{{Text: wrong.Number.Error, Href: "#nhs"}, {Text: wrong.Name.DateError, Href: "#born-day"}}
	c := confirmation()
	c.Details, c.AskLast4 = nil, false
	all := accessPages(assets)
	maps.Copy(all, officerPages(assets))
	maps.Copy(all, usersPages(assets))
	maps.Copy(all, map[string]templ.Component{
		"signin": SignIn(SignInProps{Props: out("Sign in"), Providers: []Provider{
			{Name: "Sign in with NHS Care Identity", Hint: "Smartcard, passkey or authenticator.", URL: "/signin/cis2"}, {Name: "Sign in with your organisation", Hint: "For councils and hospices.", URL: "/signin/local"}},
			Notice: &ui.NoteProps{Kind: ui.NoteCare, Icon: ui.IconClock, Lead: "You were signed out.", Text: "There was no activity for 30 minutes."},
			Local:  &ui.Action{Text: "Sign in with a Ribble account", URL: "/sign-in/local"}, Ask: &ui.Action{Text: "Ask for a Ribble account", URL: "/request-account"}}),
		"find":       Find(find(in("Find a person"))),
		"find-wrong": Find(wrong),
		"confirm": ConfirmPerson(ConfirmPersonProps{Props: in("Is this the person?"), Person: edith, Status: "traced, 18-Nov-2026 14:01:52", Confirm: c,
			Notices: []ui.NoteProps{{Kind: ui.NoteCare, Icon: ui.IconLock, Lead: "Restricted.", Text: "Address, phone and GP are not shown."}}}),
		"opening": Opening(OpeningProps{Props: in("Opening the shared care record"), For: "Dr Priya NAIR, Consultant geriatrician, Bowland Teaching Hospitals NHS Trust", URL: "/record", Fields: handle}),
		"chooserole": ChooseRole(ChooseRoleProps{Props: out("Choose your role"), Name: "Dr Priya NAIR", URL: "/role", Roles: []ui.Option{
			{Value: "1", Text: "Consultant geriatrician, Bowland Teaching Hospitals NHS Trust"}, {Value: "2", Text: "Medical director, St Oswin’s Hospice", Hint: "Not yet live"}}}),
		"locked": Locked(LockedProps{Props: out("Locked"), SignedIn: "Dr Priya NAIR, Consultant geriatrician, Bowland Teaching Hospitals NHS Trust", LockedAt: "18-Nov-2026 14:17:09, after 15 minutes without use", SignsOutAt: "14:47",
			Code: &CodeForm{URL: "/unlock"}, Others: []ui.Action{{Text: "Use my smartcard", URL: "/signin/cis2", Post: true}, {Text: "I am someone else: sign out", URL: "/signout", Post: true}}}),
		"refused": Refused(MessageProps{Props: in("Not opened"), Heading: "This record was not opened", Text: []string{"Your role, receptionist, does not open records at Bowland Teaching Hospitals."},
			Todo: []string{"If you have another role, choose it and try again.", "If you think this is wrong, ask your Privacy Officer."}, Reference: "7F3K-22QD", Actions: []ui.Action{{Text: "Find a person", URL: "/find"}, {Text: "Change role", URL: "/role"}}}),
		"unavailable": Unavailable(MessageProps{Props: in("Ribble cannot open records now"), Heading: "Ribble cannot open records now", Text: []string{"Ribble cannot write its log, so no record can be opened. Nothing was asked of any source."},
			Todo:     []string{"Ring the practice or the hospital for what you need now.", "Try again in a minute: Ribble comes back by itself."},
			Contacts: []Contact{{"Hodder Valley Medical Practice", "01632 960210", "08:00 to 18:30"}, {"Out of hours", "01632 960999", ""}}, Actions: []ui.Action{{Text: "Try again", URL: "/find"}}}),
		"error":     Error(MessageProps{Props: in("Something went wrong"), Heading: "Something went wrong", Text: []string{"The fault is ours and has been logged."}, Reference: "7F3K-22QD"}),
		"signedout": SignedOut(MessageProps{Props: out("Signed out"), Heading: "You are signed out", Actions: []ui.Action{{Text: "Sign in", URL: "/"}}}),
		"norole":    NoRole(MessageProps{Props: out("No role"), Heading: "You have no role here", Text: []string{"You signed in, but your organisation has given you no role that may use Ribble."}, Actions: []ui.Action{{Text: "Sign out", URL: "/signout", Post: true}}}),
	})
	return all
}

func TestPages(t *testing.T) {
	for name, c := range pages(plainURLs{}) {
		t.Run(name, func(t *testing.T) { golden.Check(t, name, c) })
	}
}

func TestPagesInChromium(t *testing.T) {
	assets, err := web.Load()
	if err != nil {
		browser.Missing(t, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/assets/", assets)
	all := pages(assets)
	// The page of a launch goes on by itself: this answer leaves it where it is.
	mux.HandleFunc("POST /record", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for name, c := range all {
		mux.HandleFunc("/"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", browser.CSP)
			templ.Handler(c).ServeHTTP(w, r)
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"1366", 1366, 768}, {"390", 390, 844}} {
		p := browser.Open(t, size.width, size.height)
		for name := range all {
			p.Go(server.URL + "/" + name)
			p.Shot(name+"-"+size.name, false)
			if got := p.Eval("document.documentElement.scrollWidth <= innerWidth"); got != "true" {
				t.Errorf("%s at %s scrolls sideways", name, size.name)
			}
		}
		// Before axe-core, which itself tries to style the page.
		if c := p.Complaints(); len(c) > 0 {
			t.Errorf("the console says %q", c)
		}
		for name := range all {
			p.Go(server.URL + "/" + name)
			p.Axe("..")
		}
	}
}
