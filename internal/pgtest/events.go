package pgtest

import (
	"testing"

	"ribble/internal/audit"
	"ribble/internal/oversight/inquiry"
	"ribble/internal/postgres"
)

// Events are the events of the trail that a query finds, at most a page of them, the newest first; address is that of any role that may read the trail.
func Events(t testing.TB, address string, q inquiry.Query) []audit.Event {
	t.Helper()
	reader, err := postgres.OpenOfficerReader(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	q.Limit = inquiry.MaxPage
	page, err := reader.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	events := make([]audit.Event, len(page.Rows))
	for i, row := range page.Rows {
		events[i] = row.Event
	}
	return events
}
