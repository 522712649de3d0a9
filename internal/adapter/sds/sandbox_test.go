package sds_test

import (
	"context"
	"errors"
	"testing"

	"ribble/internal/adapter/sds"
	sandbox "ribble/internal/sandbox/sds"
)

// practices are registered rightly and wrongly, as they are in the invented region.
type practices map[string][]sandbox.Registration

func (p practices) Registrations(ods string) []sandbox.Registration { return p[ods] }

func TestSandboxRegistrations(t *testing.T) {
	right := sandbox.Registration{ODS: "A1", Manufacturer: "8Z801", PartyKey: "A1-900001", ASID: "990001000001", Address: "https://127.0.0.1:1/A1/STU3/1"}
	second, blank, nowhere := right, right, right
	second.ASID, second.PartyKey = "990001999999", "A1-900002"
	blank.ODS, blank.ASID = "A3", ""
	nowhere.ODS, nowhere.Address = "A4", ""
	twice := right
	twice.ODS, second.ODS = "A2", "A2"
	service := serve(t, sandbox.New(practices{"A1": {right}, "A2": {twice, second}, "A3": {blank}, "A4": {nowhere}}))
	for ods, want := range map[string]error{"A1": nil, "A2": sds.ErrSeveral, "A3": sds.ErrNoASID, "A4": sds.ErrNoAddress, "A5": sds.ErrNotRegistered} {
		for _, interaction := range []string{sds.StructuredRecord, sds.Documents} {
			got, err := service.Practice(context.Background(), ods, interaction)
			if !errors.Is(err, want) || err == nil && got != (sds.Endpoint{URL: right.Address, ASID: right.ASID}) {
				t.Errorf("%s: endpoint %+v, error %v, want %v", ods, got, err, want)
			}
		}
	}
}
