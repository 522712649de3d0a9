package locator

import (
	"slices"
	"strings"
	"time"

	"ribble/internal/directory"
	"ribble/internal/identity"
)

// viewer is who looks at whom, as far as the stages of feeds ask.
type viewer struct {
	// names are those by which the audience of a feed may name the user.
	names        [2]string
	organisation string
	// kind is that of the user's organisation, as the directory has it.
	kind string
	// digests are those of the person's NHS number.
	digests []string
}

func viewerOf(u identity.User, s *directory.Snapshot) viewer {
	v := viewer{organisation: u.Organisation.ODS}
	if o, ok := s.Organisation(u.Organisation.ODS); ok {
		v.kind = o.Kind
	}
	if u.SDSUserID != "" {
		v.names[0] = u.SDSUserID
	}
	if !u.IsZero() {
		v.names[1] = u.Issuer + "|" + u.Subject
	}
	return v
}

// outside says why a feed does not reach the viewer; empty when it does. Each stage reaches everybody whom the one before it reaches. A feed whose
// agreement has ended reaches nobody from midnight on, whatever its stage. For an audience of its own a feed may have come less far.
func (v *viewer) outside(f *directory.Feed, now time.Time) string {
	stage, planned, not := f.Stage, f.Planned, NotLive
	if len(f.Groups) > 0 {
		if g := f.GroupOf(v.organisation, v.kind); g != nil && f.Stage.Runs() {
			stage, planned, not = f.StageOf(g), g.Planned, NotLiveForYou
		}
	}
	switch {
	case stage == directory.Suspended:
		return Suspended
	case stage.Runs() && !f.Agreement.InForce(now):
		return AgreementEnded
	case v.reached(f, stage):
		return ""
	case planned != "":
		return strings.TrimSuffix(not, ".") + ", and planned for " + planned + "."
	}
	return not
}

func (v *viewer) reached(f *directory.Feed, stage directory.Stage) bool {
	if stage == directory.Live {
		return true
	}
	a := &f.Audience
	return stage.From(directory.Test) && slices.ContainsFunc(v.digests, func(d string) bool { return a.TestPeople[d] }) ||
		stage.From(directory.Safety) && v.among(a.Testers) ||
		stage.From(directory.Pilot) && (v.among(a.Users) || a.Organisations[v.organisation])
}

func (v *viewer) among(users map[string]bool) bool {
	for _, name := range v.names {
		if name != "" && users[name] {
			return true
		}
	}
	return false
}
