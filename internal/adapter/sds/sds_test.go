package sds_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ribble/internal/adapter/adaptertest"
	"ribble/internal/adapter/sds"
	"ribble/internal/fault"
)

const base = "/spine-directory/FHIR/R4"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// spine is a fake directory: one body for each of the two questions.
type spine struct {
	device, endpoint string
	asked            atomic.Int64
	seen             sync.Map
}

func (s *spine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	s.seen.Store(r.URL.Path, r)
	w.Header().Set("Content-Type", "application/fhir+json")
	body := s.device
	if strings.HasSuffix(r.URL.Path, "/Endpoint") {
		body = s.endpoint
	}
	_, _ = io.WriteString(w, body)
}

func serve(t *testing.T, handler http.Handler) *sds.Service {
	t.Helper()
	server := adaptertest.NewServer(t, handler)
	client := server.Client(t, base)
	t.Cleanup(client.Close)
	return sds.New(client, "the key")
}

func searchset(resources ...string) string {
	for i := range resources {
		resources[i] = `{"resource":` + resources[i] + `}`
	}
	return `{"resourceType":"Bundle","type":"searchset","entry":[` + strings.Join(resources, ",") + `]}`
}

func device(asid, partyKey, owner string) string {
	return fmt.Sprintf(`{"resourceType":"Device","identifier":[{"system":"https://fhir.nhs.uk/Id/nhsSpineASID","value":"%s"},`+
		`{"system":"https://fhir.nhs.uk/Id/nhsMhsPartyKey","value":"%s"}],"owner":{"identifier":{"value":"%s"}}}`, asid, partyKey, owner)
}

func endpoint(address, status, owner string) string {
	return fmt.Sprintf(`{"resourceType":"Endpoint","address":"%s","status":"%s","managingOrganization":{"identifier":{"value":"%s"}}}`, address, status, owner)
}

const root = "https://gp.example/P81001/STU3/1/gpconnect/structured/fhir"

var (
	oneDevice   = searchset(device("200000000205", "P81001-822104", "P81001"))
	oneEndpoint = searchset(endpoint(root, "active", "P81001"))
	want        = sds.Endpoint{URL: root, ASID: "200000000205"}
)

func TestPracticeAsksForTheSystemAndThenItsAddress(t *testing.T) {
	directory := &spine{device: oneDevice, endpoint: oneEndpoint}
	got, err := serve(t, directory).Practice(context.Background(), "P81001", sds.StructuredRecord)
	if err != nil || got != want {
		t.Fatalf("endpoint %+v, error %v", got, err)
	}
	interaction := "https://fhir.nhs.uk/Id/nhsServiceInteractionId|" + sds.StructuredRecord
	for path, identifiers := range map[string][]string{
		base + "/Device":   {interaction},
		base + "/Endpoint": {interaction, "https://fhir.nhs.uk/Id/nhsMhsPartyKey|P81001-822104"},
	} {
		seen, _ := directory.seen.Load(path)
		r, ok := seen.(*http.Request)
		if !ok {
			t.Fatalf("%s was not asked", path)
		}
		question := map[string][]string{"organization": {"https://fhir.nhs.uk/Id/ods-organization-code|P81001"}, "identifier": identifiers}
		if diff := cmp.Diff(question, map[string][]string(r.URL.Query())); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if r.Header.Get("apikey") != "the key" || len(r.Header.Get("X-Correlation-Id")) != 36 {
			t.Errorf("%s: headers %v", path, r.Header)
		}
	}
}

func TestRegistrations(t *testing.T) {
	for _, c := range []struct {
		name             string
		device, endpoint string
		want             error
		kind             fault.Kind
	}{
		{"no device", searchset(), oneEndpoint, sds.ErrNotRegistered, fault.NotFound},
		{"two systems", searchset(device("1", "a", "P81001"), device("2", "a", "P81001")), oneEndpoint, sds.ErrSeveral, fault.Unavailable},
		{"the same system twice", searchset(device("200000000205", "a", "P81001"), device("200000000205", "a", "P81001")), oneEndpoint, nil, 0},
		{"blank system id", searchset(device(" ", "a", "P81001")), oneEndpoint, sds.ErrNoASID, fault.Unavailable},
		{"no system id", searchset(`{"resourceType":"Device"}`), oneEndpoint, sds.ErrNoASID, fault.Unavailable},
		{"another organisation's system", searchset(device("1", "a", "P81002")), oneEndpoint, sds.ErrUnreadable, fault.Unavailable},
		{"the owner in small letters", searchset(device("200000000205", "a", "p81001")), oneEndpoint, nil, 0},
		{"an owner not named", searchset(device("200000000205", "a", "")), oneEndpoint, nil, 0},
		{"no party key", searchset(device("200000000205", "", "P81001")), oneEndpoint, nil, 0},
		{"no endpoint", oneDevice, searchset(), sds.ErrNotRegistered, fault.NotFound},
		{"an endpoint switched off", oneDevice, searchset(endpoint(root, "off", "P81001")), sds.ErrNotRegistered, fault.NotFound},
		{"one switched off, one on", oneDevice, searchset(endpoint("https://old.example/", "off", "P81001"), endpoint(root, "active", "P81001")), nil, 0},
		{"no address", oneDevice, searchset(endpoint("", "active", "P81001")), sds.ErrNoAddress, fault.Unavailable},
		{"an address that is none", oneDevice, searchset(endpoint("{{request.baseUrl}}/GP0001/", "active", "P81001")), sds.ErrNoAddress, fault.Unavailable},
		{"http", oneDevice, searchset(endpoint("http://gp.example/", "active", "P81001")), sds.ErrNoAddress, fault.Unavailable},
		{"a password in the address", oneDevice, searchset(endpoint("https://me:secret@gp.example/", "active", "P81001")), sds.ErrNoAddress, fault.Unavailable},
		{"two addresses", oneDevice, searchset(endpoint(root, "active", "P81001"), endpoint("https://other.example/", "active", "P81001")), sds.ErrSeveral, fault.Unavailable},
		{"the same address twice", oneDevice, searchset(endpoint(root, "active", "P81001"), endpoint(root, "", "P81001")), nil, 0},
		{"another organisation's address", oneDevice, searchset(endpoint(root, "active", "P81002")), sds.ErrUnreadable, fault.Unavailable},
		{"an endpoint among the devices", searchset(endpoint(root, "active", "P81001")), oneEndpoint, sds.ErrUnreadable, fault.Unavailable},
		{"a further page", strings.Replace(oneDevice, `"entry"`, `"link":[{"relation":"next"}],"entry"`, 1), oneEndpoint, sds.ErrUnreadable, fault.Unavailable},
		{"no searchset", strings.Replace(oneDevice, `"searchset"`, `"message"`, 1), oneEndpoint, sds.ErrUnreadable, fault.Unavailable},
		{"an outcome", `{"resourceType":"OperationOutcome"}`, oneEndpoint, sds.ErrUnreadable, fault.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := serve(t, &spine{device: c.device, endpoint: c.endpoint}).Practice(context.Background(), "P81001", sds.StructuredRecord)
			if c.want == nil {
				if err != nil || got != want {
					t.Fatalf("endpoint %+v, error %v", got, err)
				}
				return
			}
			told(t, got, err, c.want, c.kind)
		})
	}
}

func told(t *testing.T, got sds.Endpoint, err, want error, kind fault.Kind) {
	t.Helper()
	if !errors.Is(err, want) || fault.KindOf(err) != kind || got != (sds.Endpoint{}) {
		t.Fatalf("endpoint %+v, error %v of kind %v; want %v of kind %v", got, err, fault.KindOf(err), want, kind)
	}
	for _, secret := range []string{"secret", "example", "://", "127.0.0.1", adaptertest.Canary} {
		if strings.Contains(err.Error()+fault.SafeText(err), secret) {
			t.Errorf("the error holds %q", secret)
		}
	}
}

func TestFixtures(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "fixtures", "sds", name))
		if err != nil {
			t.Skip("the shared fixtures are not here: ", err)
		}
		return strings.ReplaceAll(string(text), "{{request.baseUrl}}", "https://gp.example")
	}
	for _, c := range []struct {
		name, ods, device, endpoint string
		want                        sds.Endpoint
		err                         error
	}{
		{"gp2gp stubs, of two organisations", "org", "sdsDevice.json", "sdsGetStructuredRecord.json", sds.Endpoint{}, sds.ErrUnreadable},
		{"examples of the service", "org", "single_device.json", "single_endpoint.json", sds.Endpoint{URL: "https://192.168.128.11/sync-service", ASID: "928942012545"}, nil},
		{"nothing found", "org", "sdsEmptyResult.json", "sdsEmptyResult.json", sds.Endpoint{}, sds.ErrNotRegistered},
		{"no endpoint found", "org", "single_device.json", "sdsEmptyResult.json", sds.Endpoint{}, sds.ErrNotRegistered},
		{"an outcome", "org", "sds_error_response.json", "", sds.Endpoint{}, sds.ErrUnreadable},
		{"a template whose entries are missing", "A20047", "DeviceBundle.json", "", sds.Endpoint{}, sds.ErrUnreadable},
		{"a device alone", "A20047", "Device.json", "", sds.Endpoint{}, sds.ErrUnreadable},
		{"a list that is no bundle", "org", "single_device.json", "SDS-Endpoint-Example.json", sds.Endpoint{}, sds.ErrUnreadable},
	} {
		directory := &spine{device: read(c.device)}
		if c.endpoint != "" {
			directory.endpoint = read(c.endpoint)
		}
		got, err := serve(t, directory).Practice(context.Background(), c.ods, sds.StructuredRecord)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: endpoint %+v, error %v; want %+v, %v", c.name, got, err, c.want, c.err)
		}
	}
	directory := &spine{device: strings.ReplaceAll(read("sdsDevice.json"), `"org"`, `"GP0001"`), endpoint: read("sdsGetStructuredRecord.json")}
	got, err := serve(t, directory).Practice(context.Background(), "GP0001", sds.StructuredRecord)
	if err != nil || got != (sds.Endpoint{URL: "https://gp.example/GP0001/STU3/1/gpconnect/", ASID: "928942012545"}) {
		t.Errorf("gp2gp stubs of one organisation: %+v, %v", got, err)
	}
}

func TestFoundEndpointsAreRemembered(t *testing.T) {
	directory := &spine{device: oneDevice, endpoint: oneEndpoint}
	service := serve(t, directory)
	for range 3 {
		if got, err := service.Practice(context.Background(), "P81001", sds.StructuredRecord); err != nil || got != want {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if n := directory.asked.Load(); n != 2 {
		t.Errorf("%d questions, want 2", n)
	}
	if _, err := service.Practice(context.Background(), "P81001", sds.Documents); err != nil || directory.asked.Load() != 4 {
		t.Errorf("another interaction is another question (%d asked, %v)", directory.asked.Load(), err)
	}
}

func TestFailuresAreNotRemembered(t *testing.T) {
	directory := &spine{device: searchset(), endpoint: oneEndpoint}
	service := serve(t, directory)
	if _, err := service.Practice(context.Background(), "P81001", sds.StructuredRecord); !errors.Is(err, sds.ErrNotRegistered) {
		t.Fatal(err)
	}
	directory.device = oneDevice
	if got, err := service.Practice(context.Background(), "P81001", sds.StructuredRecord); err != nil || got != want {
		t.Errorf("after it was registered: %+v, %v", got, err)
	}
}

// Many who want the same at the same time make one question, and one who leaves does not end it for the others.
func TestOneQuestionForAllWhoWait(t *testing.T) {
	directory := &spine{device: oneDevice, endpoint: oneEndpoint}
	release, arrived := make(chan struct{}), make(chan struct{})
	var once sync.Once
	service := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(arrived) })
		<-release
		directory.ServeHTTP(w, r)
	}))
	ctx, cancel := context.WithCancel(context.Background())
	left := make(chan error, 1)
	go func() {
		_, err := service.Practice(ctx, "P81001", sds.StructuredRecord)
		left <- err
	}()
	<-arrived
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if got, err := service.Practice(context.Background(), "P81001", sds.StructuredRecord); err != nil || got != want {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("one who left: %v", err)
	}
	close(release)
	group.Wait()
	if n := directory.asked.Load(); n != 2 {
		t.Errorf("%d questions, want 2", n)
	}
}

func TestDeadline(t *testing.T) {
	service := serve(t, adaptertest.Hang(""))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	got, err := service.Practice(ctx, "P81001", sds.StructuredRecord)
	told(t, got, err, sds.ErrTimeout, fault.Timeout)
}

func TestNoFailureGivesAnEndpoint(t *testing.T) {
	ours := []error{sds.ErrNotRegistered, sds.ErrSeveral, sds.ErrNoASID, sds.ErrNoAddress, sds.ErrDenied, sds.ErrUnavailable, sds.ErrTimeout, sds.ErrUnreadable}
	good := &spine{device: oneDevice, endpoint: oneEndpoint}
	for _, f := range adaptertest.Failures(good) {
		t.Run(f.Name, func(t *testing.T) {
			for _, only := range []string{"", "/Endpoint"} {
				handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasSuffix(r.URL.Path, only) {
						f.Handler.ServeHTTP(w, r)
						return
					}
					good.ServeHTTP(w, r)
				})
				got, err := serve(t, handler).Practice(context.Background(), "P81001", sds.StructuredRecord)
				known := 0
				for _, e := range ours {
					if errors.Is(err, e) {
						known++
						told(t, got, err, e, fault.KindOf(err))
					}
				}
				if known != 1 || errors.Is(err, sds.ErrNotRegistered) {
					t.Errorf("error %v", err)
				}
			}
		})
	}
}
