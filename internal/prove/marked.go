package prove

import (
	"math/rand/v2"

	"ribble/internal/sandbox/story"
)

// newStem makes a word of letters that stands in every text of the marked person's record and nowhere else. It begins after a letter that is not
// ASCII, so that the texts come in forms of their own wherever text is escaped.
func newStem(seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 0xca4a))
	word := []byte("qvixo")
	for range 9 {
		word = append(word, byte('a'+rng.IntN(26)))
	}
	return string(word)
}

// marked is a person whose record holds the stem in each of its texts: name, address, and what every source holds.
func marked(number, stem string) story.Person {
	n := 0
	text := func(kind string) string {
		n++
		return "Zä" + stem + kind + string(rune('a'+n%26))
	}
	words := func(kind string) story.Concept { return story.Words(text(kind)) }
	p := story.Person{Practice: practice, Demographics: story.Demographics{
		NHSNumber: number, Name: story.Name{Prefix: "Ms", Family: text("family"), Given: []string{text("given")}},
		OtherNames: []story.Name{{Use: "maiden", Family: text("maiden"), Given: []string{text("given")}}},
		Born:       "1951-05-17", Gender: "female", Email: text("mail") + "@example.invalid",
		Address: story.Address{Lines: []string{text("street")}, City: text("city"), District: text("district"), Postcode: "XX7 9ZZ"},
	}}
	for _, ods := range append(twelve[:len(twelve):len(twelve)], practice) {
		h := story.Holding{ODS: ods}
		if ods == "991" || ods == "992" {
			h.Services = []story.Service{{Type: words("service"), Status: "active", When: story.Period{Start: "2024-01-01"}}}
			p.Holdings = append(p.Holdings, h)
			continue
		}
		h.Allergies = []story.Allergy{{Agent: words("agent"), Status: "active", Confidence: "confirmed", Reactions: []story.Reaction{{Manifestations: []story.Concept{words("reaction")}, Description: text("described")}}}}
		h.Medicines = []story.Medicine{{Product: words("product"), Course: story.Repeat, Status: "active", Dose: text("dose"), Instruction: text("instruction"), Authorised: story.Period{Start: "2025-01-01"}}}
		h.Problems = []story.Problem{{What: words("problem"), Status: "active", Onset: "2020", Significance: "major"}}
		h.Documents = []story.Document{{
			Title: text("title"), Type: words("type"), Created: "2025-02-03", Attachment: story.Attachment{ContentType: "text/plain", Title: text("file"), Content: []byte("A letter: " + text("letter"))},
		}}
		p.Holdings = append(p.Holdings, h)
	}
	return p
}
