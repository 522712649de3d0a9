package record_test

import (
	"testing"

	"ribble/internal/record"
)

func TestConceptName(t *testing.T) {
	read := record.Coding{System: record.ReadV2, Code: "14L..", Display: "H/O: drug allergy"}
	snomed := record.Coding{System: record.SNOMED, Code: "91936005", Display: "Allergy to penicillin"}
	chosen := record.Coding{System: record.CTV3, Code: "X1", Display: "Penicillin allergy", UserSelected: true}
	bare := record.Coding{System: "urn:local", Code: "PEN"}
	for _, c := range []struct {
		name    string
		concept record.Concept
		want    string
	}{
		{"text wins over every coding", record.Concept{Text: "pen. allergy ", Codings: []record.Coding{chosen, snomed}}, "pen. allergy "},
		{"the coding the user selected", record.Concept{Codings: []record.Coding{read, snomed, chosen}}, "Penicillin allergy"},
		{"SNOMED though it comes second", record.Concept{Codings: []record.Coding{read, snomed}}, "Allergy to penicillin"},
		{"the first with words", record.Concept{Codings: []record.Coding{bare, read}}, "H/O: drug allergy"},
		{"a selected coding without words is passed over", record.Concept{Codings: []record.Coding{{Code: "1", UserSelected: true}, read}}, "H/O: drug allergy"},
		{"a code alone says so", record.Concept{Codings: []record.Coding{bare}}, "code PEN (no name sent)"},
		{"nothing", record.Concept{}, ""},
	} {
		if got := c.concept.Name(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestConceptMatchCode(t *testing.T) {
	coded := record.Concept{Codings: []record.Coding{{System: record.ReadV2, Code: "1"}, {System: record.SNOMED, Code: "91936005"}}}
	degraded := record.Concept{Text: "Amoxil", Codings: []record.Coding{{System: record.SNOMED, Code: "196461000000101"}}}
	for want, c := range map[string]record.Concept{"91936005": coded, "": degraded} {
		if got := c.MatchCode(); got != want {
			t.Errorf("%q: match code %q, want %q", c.Name(), got, want)
		}
	}
	if !degraded.Degraded() || coded.Degraded() || record.Words("x").MatchCode() != "" {
		t.Error("degraded and text-only concepts are never matched")
	}
	if coded.Code(record.ReadV2) != "1" || coded.Code(record.DMD) != "" || !coded.HasCode(record.SNOMED, "91936005") || coded.HasCode(record.ReadV2, "91936005") {
		t.Error("a code belongs to its own system")
	}
}

func TestValueDisplayIsVerbatim(t *testing.T) {
	concept := record.Words("Positive")
	for want, v := range map[string]record.Value{
		"":                      {},
		"<0.1000 mmol/L":        {Quantity: record.Quantity{Comparator: "<", Value: "0.1000", Unit: "mmol/L"}},
		"5.7000000000000002":    {Quantity: record.Quantity{Value: "5.7000000000000002"}},
		"1e3 10*9/L":            {Quantity: record.Quantity{Value: "1e3", UnitCode: "10*9/L"}},
		"mg":                    {Quantity: record.Quantity{Unit: "mg"}},
		" as sent, not trimmed": {Text: " as sent, not trimmed"},
		"Positive":              {Concept: &concept},
		"3.5 to 5.3 mmol/L":     {Range: &record.ValueRange{Low: quantity("3.5"), High: quantity("5.3")}},
		"Jun 2014":              {Date: record.ParseDate("2014-06")},
	} {
		if got := v.Display(); got != want {
			t.Errorf("shown as %q, want %q", got, want)
		}
		if v.IsZero() != (want == "") {
			t.Errorf("%q: IsZero is %v", want, v.IsZero())
		}
	}
}

func quantity(value string) record.Quantity { return record.Quantity{Value: value, Unit: "mmol/L"} }

func TestValueRangeDisplay(t *testing.T) {
	strict := quantity("60")
	strict.Comparator = "<"
	grams := record.Quantity{Value: "1", Unit: "g"}
	for _, c := range []struct {
		r    record.ValueRange
		want string
	}{
		{record.ValueRange{}, ""},
		{record.ValueRange{Text: "Men: 130 - 170", Low: quantity("1")}, "Men: 130 - 170"},
		{record.ValueRange{Low: quantity("3.50"), High: quantity("5.30")}, "3.50 to 5.30 mmol/L"},
		{record.ValueRange{Low: quantity("3.5")}, "from 3.5 mmol/L"},
		{record.ValueRange{High: quantity("5.3")}, "up to 5.3 mmol/L"},
		{record.ValueRange{Low: strict, High: quantity("90")}, "<60 to 90 mmol/L"},
		{record.ValueRange{Low: quantity("3.5"), High: grams}, "3.5 mmol/L to 1 g"},
	} {
		if got := c.r.Display(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.r, got, c.want)
		}
	}
}

func TestNameDisplay(t *testing.T) {
	for _, c := range []struct {
		n    record.Name
		want string
	}{
		{record.Name{Family: "Iqbal", Given: []string{"Zahra", "Noor"}, Prefix: []string{"Mrs."}}, "IQBAL, Zahra Noor (Mrs)"},
		{record.Name{Family: "O’Neil"}, "O’NEIL"},
		{record.Name{Given: []string{"Baby"}}, "Baby"},
		{record.Name{Text: "Mr A. Person"}, "Mr A. Person"},
		{record.Name{}, ""},
	} {
		if got := c.n.Display(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestCurrentName(t *testing.T) {
	usual, official, old := record.Name{Use: "usual", Family: "A"}, record.Name{Use: "official", Family: "B"}, record.Name{Use: "old", Family: "C"}
	ended := record.Name{Use: "usual", Family: "D", Ended: true}
	for _, c := range []struct {
		names []record.Name
		want  string
	}{
		{[]record.Name{old, official, usual}, "A"}, {[]record.Name{ended, official}, "B"}, {[]record.Name{old, {Family: "E"}}, "E"},
		{[]record.Name{ended}, "D"}, {nil, ""},
	} {
		if got := (record.Demographics{Names: c.names}).Current().Family; got != c.want {
			t.Errorf("current name of %v: %q, want %q", c.names, got, c.want)
		}
	}
}

func TestActorDisplay(t *testing.T) {
	for want, a := range map[string]record.Actor{
		"":                            {},
		"Dr Ann Lee, GP, High Street": {Name: "Dr Ann Lee", Role: "GP", Organisation: "High Street"},
		"High Street":                 {Name: "High Street", Organisation: "High Street"},
		"GP":                          {Role: "GP"},
	} {
		if got := a.Display(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
