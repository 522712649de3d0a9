package story_test

import (
	"testing"

	"ribble/internal/sandbox/story"
)

// BenchmarkLife is the price of making one person, which a source pays once for each view.
func BenchmarkLife(b *testing.B) {
	world := story.NewWorld(1, 5000, today)
	var numbers []string
	for who := range world.Everybody() {
		numbers = append(numbers, who.NHSNumber)
	}
	b.ReportAllocs()
	for i := range b.N {
		world.Person(numbers[i%len(numbers)])
	}
}

// BenchmarkNewWorld is what the region costs at start.
func BenchmarkNewWorld(b *testing.B) {
	for range b.N {
		story.NewWorld(1, 5000, today)
	}
}
