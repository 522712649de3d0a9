package r4map

import (
	"testing"

	"ribble/internal/adapter/internal/fhirjson"
	"ribble/internal/adapter/internal/r4"
	"ribble/internal/record"

	"github.com/google/go-cmp/cmp"
)

// What was mapped stays as it is when the memory of its answer is wiped and used for the answers of others: the record keeps nothing that is
// laid there.
func TestNothingPassingStays(t *testing.T) {
	bodies := fixtures(t, "synthetic-r4")
	for name, body := range fixtures(t, "interweave-r4-shared") {
		bodies[name] = []byte(`{"resourceType":"Bundle","entry":[{"resource":` + string(body) + `}]}`)
	}
	bodies["six"] = sixSources()[0]
	// Maps are gone through in no order, so that each runs into memory that another has used.
	for name, body := range bodies {
		want, got := mappedIn(t, nil, body), func() record.Answer {
			m := fhirjson.Borrow()
			defer m.Return()
			return mappedIn(t, m, body)
		}()
		for _, other := range bodies {
			m := fhirjson.Borrow()
			if _, err := r4.DecodeBundleIn(m, other); err != nil {
				t.Fatal(err)
			}
			m.Return()
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(record.PartialDate{}, record.NHSNumber{}, record.Account{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func mappedIn(t *testing.T, m *fhirjson.Memory, body []byte) record.Answer {
	t.Helper()
	b, err := r4.DecodeBundleIn(m, body)
	if err != nil {
		t.Fatal(err)
	}
	return mapBundle(t, b, firstPatient(b), nil)
}
