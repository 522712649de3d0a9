package fhirout

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ribble/internal/sandbox/story"
)

func TestWriterLeavesOutWhatIsEmpty(t *testing.T) {
	var w Writer
	w.Object("", func() {
		w.String("status", "")
		w.Concept("code", story.Concept{})
		w.List("extension", func() {
			w.Extension("u", func() { w.String("valueCode", "") })
			w.Extension("v", func() { w.String("valueCode", "x") })
		})
		w.Notes(nil)
		w.Number("value", "5.70")
		w.References("result", "Observation/1", "Observation/2")
	})
	want := `{"extension":[{"url":"v","valueCode":"x"}],"value":5.70,"result":[{"reference":"Observation/1"},{"reference":"Observation/2"}]}`
	if got := string(w.Bytes()); got != want {
		t.Errorf("wrote\n%s\nwant\n%s", got, want)
	}
}

func TestWriterKeepsEveryCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + "!@£$%^&*()_+-={}[]:\"\\|;'<>?,./~\x00\x1f\u2028"
		var w Writer
		w.Object("", func() { w.String("text", text) })
		var back struct{ Text string }
		if err := json.Unmarshal(w.Bytes(), &back); err != nil {
			t.Fatalf("not JSON: %v in %q", err, w.Bytes())
		}
		if utf8.ValidString(text) && back.Text != text {
			t.Fatalf("text changed: got %q, want %q", back.Text, text)
		}
	})
}
