package record_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"ribble/internal/record"
)

var numberCases = []struct {
	text string
	want string // digits; empty when the text is no NHS number
}{
	{"9434765919", "9434765919"},
	{"943 476 5919", "9434765919"},
	{"943-476-5919", "9434765919"},
	{"  943\u00a0476\u00a05919 ", "9434765919"},
	{"9999999999", "9999999999"},
	{"4010232137", "4010232137"},
	{"9434765918", ""},
	{"9434765870", "9434765870"},
	{"0000000000", ""},
	{"1111111111", ""},
	{"9990000004", ""},
	{"943476591", ""},
	{"94347659190", ""},
	{"943476591O", ""},
	{"943476591", ""},
	{"٩٤٣٤٧٦٥٩١٩", ""},
	{"943.476.5919", ""},
	{"-9434765919'--", ""},
	{"", ""},
	{"   ", ""},
}

func TestParseNHSNumber(t *testing.T) {
	for _, c := range numberCases {
		got, err := record.ParseNHSNumber(c.text)
		if got.Digits() != c.want || (err == nil) != (c.want != "") {
			t.Errorf("ParseNHSNumber(%q) = %q, %v; want %q", c.text, got.Digits(), err, c.want)
		}
		if err != nil && err.Error() != "not a valid NHS number" {
			t.Errorf("ParseNHSNumber(%q): error says %q", c.text, err)
		}
	}
}

func TestParseNHSNumberFixtureTable(t *testing.T) {
	file, err := os.Open(filepath.Join("..", "..", "..", "shared", "fixtures", "scenarios", "nhs_number_cases.csv"))
	if err != nil {
		t.Skip("the shared fixtures are not here: ", err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		want := row[1] == "true" // "depends" is the all-zero number, refused by policy
		if _, err := record.ParseNHSNumber(row[0]); (err == nil) != want {
			t.Errorf("%q (%s): accepted = %v, want %v", row[0], row[2], err == nil, want)
		}
	}
}

// Every single-digit error and every swap of two unequal neighbours must be caught: that is what the check digit is for.
func TestNHSNumberCatchesSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := drawNumber(t)
		i := rapid.IntRange(0, 9).Draw(t, "place")
		wrong := []byte(digits)
		wrong[i] = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if string(wrong) != digits {
			if _, err := record.ParseNHSNumber(string(wrong)); err == nil {
				t.Fatalf("one wrong digit in %s gave a valid number", digits)
			}
		}
		swapped := []byte(digits)
		j := rapid.IntRange(0, 8).Draw(t, "swap")
		swapped[j], swapped[j+1] = swapped[j+1], swapped[j]
		if string(swapped) != digits {
			if _, err := record.ParseNHSNumber(string(swapped)); err == nil {
				t.Fatalf("two neighbours swapped in %s gave a valid number", digits)
			}
		}
	})
}

// drawNumber draws ten digits that pass the check.
func drawNumber(t *rapid.T) string {
	for {
		body := rapid.StringMatching(`[1-9][0-9]{8}`).Draw(t, "body")
		for check := range 10 {
			text := body + string(rune('0'+check))
			if _, err := record.ParseNHSNumber(text); err == nil {
				return text
			}
		}
	}
}

func TestNHSNumberSpaced(t *testing.T) {
	n, err := record.ParseNHSNumber("9434765919")
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Spaced(); got != "943 476 5919" {
		t.Errorf("Spaced = %q", got)
	}
	if zero := (record.NHSNumber{}); zero.Spaced() != "" || zero.Digits() != "" || !zero.IsZero() || n.IsZero() {
		t.Error("the zero number must be empty, and a real one must not")
	}
	again, _ := record.ParseNHSNumber("943 476 5919")
	if n != again {
		t.Error("the same number read twice must be equal")
	}
}

// The number must not get out by any ordinary way of printing, also from inside a struct's unexported field.
func TestNHSNumberNeverPrints(t *testing.T) {
	n, _ := record.ParseNHSNumber("9434765919")
	inside := struct{ hidden record.NHSNumber }{n}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X"} {
		fmt.Fprintf(&out, verb+verb+verb, n, inside, []record.NHSNumber{n})
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "n", n, "inside", inside, "person", record.Person{NHSNumber: n})
	encoded, err := json.Marshal(map[string]any{"n": n, "inside": inside})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	for _, form := range []string{"9434765919", "943 476 5919", fmt.Sprintf("%x", "9434765919"), fmt.Sprintf("%X", "9434765919")} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the number was printed as %s", form)
		}
	}
}

func FuzzParseNHSNumber(f *testing.F) {
	for _, c := range numberCases {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := record.ParseNHSNumber(text)
		if err != nil {
			return
		}
		again, err := record.ParseNHSNumber(n.Spaced())
		if err != nil || again != n || len(n.Digits()) != 10 {
			t.Fatal("a valid number does not read back from its spaced form")
		}
	})
}
