package clinician

import (
	"net/http"

	"ribble/internal/portal/middleware"
	"ribble/internal/register"
	"ribble/web/page"
	"ribble/web/ui"
)

// permissionAnswers are what a person can say, and what follows from it.
var permissionAnswers = []ui.Option{
	{Value: string(register.Yes), Text: "Yes", Hint: "Staff of your organisation who care for the person may see it. You are not asked again for four weeks."},
	{Value: string(register.Once), Text: "Only this time", Hint: "You may see it until you sign out."},
	{Value: string(register.Refused), Text: "No", Hint: "Nobody at your organisation opens it for 7 days. Only emergency access can."},
	{Value: string(register.Emergency), Text: "The person cannot be asked, and it cannot wait", Hint: "You may see it until you sign out. Your Privacy Officer gets an alert."},
}

// permissionPage has the user ask the person, where the deployment wants that.
func (p *Pages) permissionPage(w http.ResponseWriter, r *http.Request, c caseHandle, problem string) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	number, err := c.Person(u)
	if err != nil {
		return err
	}
	fields, err := p.fields(c)
	if err != nil {
		return err
	}
	props := page.PermissionProps{
		Props: p.frame(r), Person: subject(c, number), Organisation: u.Organisation.Name, URL: "/record/permission", Fields: fields,
		Answers: permissionAnswers, Error: problem, Back: way(r, "Do not open"),
	}
	status := http.StatusForbidden
	if problem != "" {
		status, props.Problems = http.StatusUnprocessableEntity, []ui.Problem{{Text: problem, Href: "#answer"}}
	}
	props.Title = title("Ask for permission to view", props.Problems)
	return write(w, r, status, page.Permission(props))
}

// Permit takes the person's answer: the record opens, or it is closed to the organisation.
func (p *Pages) Permit(w http.ResponseWriter, r *http.Request) error {
	u, err := user(r)
	if err != nil {
		return err
	}
	c, number, err := p.openCase(u, r.PostFormValue("person"))
	if err != nil {
		return err
	}
	answer := register.Answer(r.PostFormValue("answer"))
	switch answer {
	case register.Yes, register.Once, register.Refused, register.Emergency:
	default:
		return p.permissionPage(w, r, c, "Choose what the person said.")
	}
	if err := p.desk.Permit(r.Context(), u, number, answer); err != nil {
		return err
	}
	if answer != register.Refused {
		return p.view(w, r, c.bound)
	}
	props := page.MessageProps{
		Props: p.frame(r), Heading: "The record stays closed",
		Text:      []string{"The person’s answer is written down. Nobody at " + u.Organisation.Name + " opens this record for 7 days, unless the person objects for longer or care is an emergency.", "Nothing of the record was shown."},
		Reference: middleware.RequestID(r.Context()),
	}
	props.Title = props.Heading
	if find := way(r, "Find a person"); find != nil {
		props.Actions = []ui.Action{*find}
	}
	return write(w, r, http.StatusOK, page.Refused(props))
}
