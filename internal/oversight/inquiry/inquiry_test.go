package inquiry_test

import (
	"errors"
	"testing"
	"time"

	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
)

var noon = time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		query inquiry.Query
		wrong bool
	}{
		"nothing":           {inquiry.Query{}, false},
		"a day":             {inquiry.Query{From: noon, To: noon.Add(24 * time.Hour)}, false},
		"no time at all":    {inquiry.Query{From: noon, To: noon}, true},
		"backwards":         {inquiry.Query{From: noon, To: noon.Add(-time.Second)}, true},
		"open end":          {inquiry.Query{From: noon}, false},
		"one number":        {inquiry.Query{FirstSequence: 7, LastSequence: 7}, false},
		"numbers backwards": {inquiry.Query{FirstSequence: 8, LastSequence: 7}, true},
	} {
		if err := c.query.Check(); errors.Is(err, inquiry.ErrRange) != c.wrong {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFits(t *testing.T) {
	e := audit.Event{
		Reason: "unconscious", Sections: []string{"allergies"}, Asked: []string{"bth"}, Sources: []audit.Source{{Feed: "gp-y99001", Organisation: "Y99001"}},
		Document: &audit.Document{Feed: "swc", Organisation: "RSW"},
	}
	for _, c := range []struct {
		query inquiry.Query
		fits  bool
	}{
		{inquiry.Query{}, true},
		{inquiry.Query{Reason: "unconscious"}, true},
		{inquiry.Query{Reason: "other"}, false},
		{inquiry.Query{Section: "allergies"}, true},
		{inquiry.Query{Section: "results"}, false},
		{inquiry.Query{Source: "bth"}, true},
		{inquiry.Query{Source: "gp-y99001"}, true},
		{inquiry.Query{Source: "Y99001"}, true},
		{inquiry.Query{Source: "RSW"}, true},
		{inquiry.Query{Source: "pvt"}, false},
		{inquiry.Query{Source: "bth", Section: "results"}, false},
	} {
		if got := c.query.Fits(e); got != c.fits {
			t.Errorf("%+v fits: %t", c.query, got)
		}
	}
}
