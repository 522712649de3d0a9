package story

import "slices"

// lives gathers the written stories; each file of the lives_ family holds a few. The main one comes first.
func lives(c calendar) []Person {
	return slices.Concat([]Person{edith(c)}, livesOfFamilies(c), livesOfTheMind(c), livesOfTheBody(c), livesOfMessages(c), livesToFind(c), livesOfStates(c))
}
