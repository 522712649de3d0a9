package record_test

import (
	"testing"

	"ribble/internal/record"
)

func TestStaffName(t *testing.T) {
	for _, c := range []struct{ text, family, usual string }{
		{"NAIR Priya Dr", "NAIR", "Dr Priya NAIR"},
		{"USERQ RANDOM Mr", "USERQ", "Mr RANDOM USERQ"},
		{"Dr Priya NAIR", "NAIR", "Dr Priya NAIR"},
		{"Priya Nair", "Nair", "Priya Nair"},
		{"Cher", "Cher", "Cher"},
		{"", "", ""},
	} {
		n := record.StaffName(c.text)
		if n.Family != c.family || n.Usual() != c.usual || n.Text != c.text {
			t.Errorf("%q: family %q, usual %q", c.text, n.Family, n.Usual())
		}
	}
}
