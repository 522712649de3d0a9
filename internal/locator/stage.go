package locator

import (
	"slices"
	"time"

	"ribble/internal/directory"
	"ribble/internal/identity"
)

// viewer is who looks at whom, as far as the stages of feeds ask.
type viewer struct {
	// names are those by which the audience of a feed may name the user.
	names        [2]string
	organisation string
	// digests are those of the person's NHS number.
	digests []string
}

func viewerOf(u identity.User) viewer {
	v := viewer{organisation: u.Organisation.ODS}
	if u.SDSUserID != "" {
		v.names[0] = u.SDSUserID
	}
	if !u.IsZero() {
		v.names[1] = u.Issuer + "|" + u.Subject
	}
	return v
}

// outside says why a feed does not reach the viewer; empty when it does. Each stage reaches everybody whom the one before it reaches. A feed whose
// agreement has ended reaches nobody from midnight on, whatever its stage.
func (v *viewer) outside(f *directory.Feed, now time.Time) string {
	switch {
	case f.Stage == directory.Suspended:
		return Suspended
	case f.Stage.Runs() && !f.Agreement.InForce(now):
		return AgreementEnded
	case v.reached(f):
		return ""
	case f.Planned != "":
		return "It is not live yet, and planned for " + f.Planned + "."
	}
	return NotLive
}

func (v *viewer) reached(f *directory.Feed) bool {
	if f.Stage == directory.Live {
		return true
	}
	a := &f.Audience
	return f.Stage.From(directory.Test) && slices.ContainsFunc(v.digests, func(d string) bool { return a.TestPeople[d] }) ||
		f.Stage.From(directory.Safety) && v.among(a.Testers) ||
		f.Stage.From(directory.Pilot) && (v.among(a.Users) || a.Organisations[v.organisation])
}

func (v *viewer) among(users map[string]bool) bool {
	for _, name := range v.names {
		if name != "" && users[name] {
			return true
		}
	}
	return false
}
