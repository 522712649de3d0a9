package pds_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"ribble/internal/adapter/pds"
	"ribble/internal/record"
	sandbox "ribble/internal/sandbox/pds"
	"ribble/internal/sandbox/story"
)

// TestSandboxPeople asks the invented region's demographics service for the people whose point is how they are found.
func TestSandboxPeople(t *testing.T) {
	service := serve(t, sandbox.New(story.NewWorld(1, 0, time.Now())).Handler())
	trace := func(digits string) (record.Person, error) {
		return service.Trace(context.Background(), number(t, digits), asker)
	}
	if p, err := trace("9993581763"); err != nil || p.NHSNumber != number(t, "9995395630") || len(p.Superseded) != 1 {
		t.Errorf("superseded number: error %v, %d old numbers", err, len(p.Superseded))
	}
	if p, err := trace("9990646465"); err != nil || !p.Restricted || len(p.Addresses) != 0 || p.Practice.ODS != "" {
		t.Errorf("restricted person: error %v, restricted %v", err, p.Restricted)
	}
	if p, err := trace("9998825547"); err != nil || !p.Deceased.Recorded || p.Practice.ODS == "" {
		t.Errorf("deceased person: error %v, deceased %v", err, p.Deceased.Recorded)
	}
	if _, err := trace("9996140024"); !errors.Is(err, pds.ErrInvalidated) {
		t.Errorf("invalidated number: %v", err)
	}
	if _, err := trace("9999999999"); !errors.Is(err, pds.ErrUnknown) {
		t.Errorf("number of nobody: %v", err)
	}
	similar := pds.Query{Family: "Ashworth", Born: record.ParseDate("1942-03-03")}
	if found, err := service.Search(context.Background(), similar, asker); err != nil || len(found.People) < 3 || !found.Similar() {
		t.Errorf("similar people: error %v, %d found, similar %v", err, len(found.People), found.Similar())
	}
}
