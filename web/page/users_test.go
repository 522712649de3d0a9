package page

import (
	"testing"

	"github.com/a-h/templ"

	"ribble/web/internal/golden"
	"ribble/web/layout"
	"ribble/web/ui"
)

// usersPages are the pages of sponsors, and of whoever asks for an account.
func usersPages(assets layout.URLs) map[string]templ.Component {
	loud := ui.TagLoud
	nav := Places{{Text: "Users"}, {Text: "Add a user", URL: "/users/add"}}
	board := BoardProps{Props: props(assets, "Users of Beckside Home Care", true), Heading: "Users of Beckside Home Care", Tiles: []AdminTile{{"1", "suspended", TileLoud}}}
	pick := &PickList{
		ID: "due", Heading: "2 users to confirm", Cover: "Each quarter", Notes: []ui.NoteProps{{Kind: ui.NoteLoud, Lead: "1 user is suspended."}}, URL: "/users/confirm",
		Fields: []ui.Field{{Name: "of", Value: "8Z902"}}, Head: []string{"User", "Stands"}, Button: "Confirm those chosen", Foot: "Do not confirm who has left.", Do: []ui.Action{{Text: "The next 200", URL: "/users?skip=200"}},
		Rows: []PickRow{
			{Value: "0a", Label: "Confirm Grace Adebayo", Cells: []Cell{{Link: &ui.Action{Text: "Grace Adebayo", URL: "/users/account/0a"}, Sub: "grace@beckside.example"}, {Text: "SUSPENDED", Tag: &loud}}},
			{Label: "your own", Cells: []Cell{{Text: "Ines Whalley"}, {Text: "can sign in", Sub: "your own"}}},
		},
	}
	list := UsersProps{BoardProps: board, Nav: nav, Pick: pick}
	list.BoardProps.Parts = []Part{{ID: "asked", Heading: "Nobody waits"}}
	account := UsersProps{
		BoardProps: BoardProps{Props: props(assets, "Grace Adebayo", true), Heading: "Grace Adebayo", Parts: []Part{{ID: "account", Heading: "Account", Facts: []ui.Pair{{Key: "Role", Value: "Care worker"}}}}}, Nav: nav,
		Problems: []ui.Problem{{Text: "Tick the box.", Href: "#end"}}, Invitation: &InvitationLink{For: "Grace Adebayo", URL: "https://ribble.example/invitation/x"},
		Forms: []ControlForm{{
			ID: "renew", URL: "/users/account/0a/renew", Heading: "Renew", Lead: "After new training.", Fields: []ui.Field{{Name: "a", Value: "b"}}, Foot: "An administrator must grant it.",
			Controls: []Control{
				{Date: &ui.DateProps{ID: "until", NamePrefix: "until", Label: "Last day", Error: "The last day must lie ahead", Day: "1"}},
				{Radios: &ui.ChoiceProps{Name: "role", Label: "Role", Options: []ui.Option{{Value: "care-worker", Text: "Care worker", Hint: "sees the summary"}}}},
			},
			Buttons: []ui.ButtonProps{{Text: "Vouch for the renewal", Once: true}},
		}},
	}
	add := UsersProps{BoardProps: BoardProps{Props: props(assets, "Add a user", true), Heading: "Add a user"}, Nav: nav, Forms: account.Forms}
	ask := AskAccountProps{
		Props: props(assets, "Ask for an account", false), URL: "/request-account", Problems: []ui.Problem{{Text: "The name must be given", Href: "#name"}}, Back: ui.Action{Text: "Go back to signing in", URL: "/sign-in"},
		Name: ui.InputProps{Name: "name", Label: "Name", Error: "The name must be given"}, Login: ui.InputProps{Name: "login", Label: "Work e-mail address"}, Job: ui.InputProps{Name: "job", Label: "Job"},
		Organisation: ui.InputProps{Name: "organisation", Label: "Organisation"},
	}
	return map[string]templ.Component{
		"userslist": Users(list), "usersaccount": Users(account), "usersadd": Users(add), "askaccount": AskAccount(ask),
		"askedaccount": Asked(AskedProps{Props: props(assets, "Your request was sent", false), Steps: []string{"Your sponsor checks."}, Back: ui.Action{Text: "Go back", URL: "/sign-in"}}),
	}
}

func TestUsersPages(t *testing.T) {
	for name, c := range usersPages(plainURLs{}) {
		t.Run(name, func(t *testing.T) { golden.Check(t, name, c) })
	}
}
