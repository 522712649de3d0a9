package story

import "slices"

// lives gathers the written stories; each file of the lives_ family holds a few. The main one comes first.
func lives(c calendar) []Person {
	return slices.Concat(
		[]Person{edith(c)}, livesOfFamilies(c), livesOfTheYoung(c), livesOfTheMind(c), livesAtRisk(c), livesOfTheBody(c), livesOfLongIllness(c),
		livesOfMessages(c), livesOfWords(c), livesToFind(c), livesOfStates(c), livesUnderRules(c), livesWithheld(c),
	)
}
