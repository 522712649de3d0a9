package onboarding

import (
	"slices"

	"ribble/internal/directory"
)

// stageWords are the stages in the words of the pages.
var stageWords = map[directory.Stage]string{
	directory.Off: "off", directory.Test: "test people only", directory.Safety: "clinical-safety testers", directory.Pilot: "pilot group",
	directory.Live: "live", directory.Suspended: "suspended",
}

// StageWords is a stage in words.
func StageWords(s directory.Stage) string { return stageWords[s] }

// Ladder is the stages from nobody to everybody, without Suspended.
var Ladder = []directory.Stage{directory.Off, directory.Test, directory.Safety, directory.Pilot, directory.Live}

// NextStages are the stages to which a feed may be moved: one up, any down, suspended while it runs, and out of suspension as far up as it had come.
func NextStages(f *directory.Feed) []directory.Stage {
	reached := slices.Index(Ladder, f.Stage)
	if f.Stage == directory.Suspended {
		return Ladder[:highest(f)+1]
	}
	var next []directory.Stage
	for i, s := range Ladder {
		if i < reached || i == reached+1 {
			next = append(next, s)
		}
	}
	if f.Stage.Runs() {
		next = append(next, directory.Suspended)
	}
	return next
}

// NextStagesFor are the stages to which a feed may be moved for one group: as for everybody, but no further than for everybody.
func NextStagesFor(f *directory.Feed, g *directory.Group) []directory.Stage {
	alone := *f
	alone.Stage, alone.Steps = g.Stage, g.Steps
	return slices.DeleteFunc(slices.Clone(NextStages(&alone)), func(s directory.Stage) bool { return s != directory.Suspended && !f.Stage.From(s) })
}

// highest is the highest rung that a feed has reached.
func highest(f *directory.Feed) int {
	top := 0
	for _, step := range f.Steps {
		top = max(top, slices.Index(Ladder, step.Stage))
	}
	return top
}

// Rises reports whether a move reaches more people than before, for which the gate must be open. Coming out of suspension is one.
func Rises(from, to directory.Stage) bool {
	return to.Runs() && (from == directory.Suspended || slices.Index(Ladder, to) > slices.Index(Ladder, from))
}
