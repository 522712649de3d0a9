package bench

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ribble/internal/pgrun"
	"ribble/internal/postgres"
	"ribble/internal/sandbox/pki"
	"ribble/internal/sandbox/story"
)

// rig is everything that stands around the program that is measured: Postgres, the sources, the users, the files.
type rig struct {
	dir, ribble, self string
	logs              *os.File
	cluster           *pgrun.Cluster
	// urls are of the newest of so many databases.
	urls      postgres.URLs
	databases int
	sources   *child
	pds       string
	bases     []string
	users     []*user
	// sensitive is the manifest of sensitive code sets; empty for none.
	sensitive string
}

// newRig builds the program and starts what it needs. Close it even after an error.
func newRig(ctx context.Context, o Options) (r *rig, err error) {
	r = new(rig)
	if r.self, err = os.Executable(); err != nil {
		return r, err
	}
	if r.dir, err = os.MkdirTemp("", "ribble-bench-"); err != nil {
		return r, fmt.Errorf("making a folder: %w", err)
	}
	if r.logs, err = os.Create(r.in("log")); err != nil {
		return r, err
	}
	r.ribble = r.in("ribble")
	if err := r.build(ctx, r.ribble, o.Profiles != ""); err != nil {
		return r, err
	}
	if err := r.database(ctx); err != nil {
		return r, err
	}
	if r.sources, err = start(ctx, []string{"GOGC=400"}, r.logs, r.self, "sources"); err != nil {
		return r, err
	}
	started, err := r.sources.do(order{Do: "start", Dir: r.dir})
	if err != nil {
		return r, err
	}
	r.pds, r.bases = started.PDS, started.Bases
	if err := r.provider(); err != nil {
		return r, err
	}
	if o.Codes > 0 {
		if r.sensitive, err = r.codes(o.Codes); err != nil {
			return r, fmt.Errorf("writing the sensitive codes: %w", err)
		}
	}
	r.users = newUsers(manyUsers)
	return r, nil
}

func (r *rig) in(name string) string { return filepath.Join(r.dir, name) }

// build makes the program as it ships. With profiles it gets one more file, which serves them.
func (r *rig) build(ctx context.Context, program string, profiles bool) error {
	args := []string{"build", "-trimpath", "-o", program}
	if profiles {
		overlay, err := profiled(r.dir)
		if err != nil {
			return err
		}
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "ribble/cmd/ribble")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the portal: %w\n%s", err, out)
	}
	return nil
}

// database starts Postgres and makes the key files.
func (r *rig) database(ctx context.Context) (err error) {
	if r.cluster, err = pgrun.Start(ctx, pgrun.Options{}); err != nil {
		return fmt.Errorf("starting Postgres: %w", err)
	}
	return r.run(ctx, "keys", r.dir)
}

// freshDatabase makes a database of its own for a portal and signs the users in: a directory is filled from its file only once.
func (r *rig) freshDatabase(ctx context.Context) (err error) {
	r.databases++
	name := fmt.Sprintf("ribble_bench_%d_%d", os.Getpid(), r.databases)
	if r.urls, err = postgres.Bootstrap(ctx, r.cluster.URL(), postgres.Setup{Database: name, Passwords: passwords()}); err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	if err := r.run(ctx, "migrate"); err != nil {
		return err
	}
	return signIn(ctx, r.urls, r.users)
}

// run runs one of the program's own commands.
func (r *rig) run(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, r.ribble, args...)
	cmd.Env = append(os.Environ(), "RIBBLE_OWNER_DATABASE_URL="+r.urls[postgres.Owner])
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running ribble %s: %w\n%s", args[0], err, out)
	}
	return nil
}

// provider writes the settings of an identity provider that nobody will ask.
func (r *rig) provider() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if err := pki.WriteKey(r.in("provider.key"), key); err != nil {
		return err
	}
	return writeFile(r.in("providers.json"), []map[string]any{{
		"id": "none", "name": "None", "issuer": issuer, "client_id": "bench", "key_file": r.in("provider.key"), "key_id": "1", "key_algorithm": "ES256",
		"scopes": []string{"profile"}, "acr_values": []string{}, "minimum_level": 2, "algorithms": []string{"RS256"},
	}})
}

func writeFile(path string, content any) error {
	raw, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

// portal is the program that is measured, as it ships.
type portal struct {
	*child
	url, ops, profiles string
	// spent is how many views each user has had: the portal limits them.
	spent []int
	// began is when the program was started: its database and caseload were there before.
	began time.Time
	next  int
}

// region says what the portal's directory holds.
type region struct {
	sources int
	// deadline of each feed; longer than the usual where a source is held on purpose.
	deadline time.Duration
	// program is the portal where it is not the one that ships.
	program string
}

// portal starts the program on a region and waits until it serves.
func (r *rig) portal(ctx context.Context, is region) (*portal, error) {
	if err := r.directory(is); err != nil {
		return nil, err
	}
	if err := r.freshDatabase(ctx); err != nil {
		return nil, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	p := &portal{url: "http://" + ports[0], ops: "http://" + ports[1], profiles: "http://" + ports[2], spent: make([]int, len(r.users))}
	settings := r.settings(p, is, ports)
	if err := r.caseload(ctx, settings); err != nil {
		return nil, err
	}
	p.began = time.Now()
	if p.child, err = start(ctx, settings, r.logs, cmp.Or(is.program, r.ribble), "serve"); err != nil {
		return nil, err
	}
	return p, p.await()
}

// caseload puts the benchmark's people, and as many others as a trust has, on the caseload of the users' organisation.
func (r *rig) caseload(ctx context.Context, settings []string) error {
	var list strings.Builder
	list.WriteString("nhs_number,until\n")
	for number := range people {
		list.WriteString(number + ",\n")
	}
	for middle, n := 0, 0; n < othersOnCaseload; middle++ {
		if number, ok := story.TestNumber(middle); ok {
			list.WriteString(number + ",\n")
			n++
		}
	}
	if err := os.WriteFile(r.in("caseload.csv"), []byte(list.String()), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, r.ribble, "caseload", "import", "-org", "RB00", "-file", r.in("caseload.csv"))
	cmd.Env = append(os.Environ(), settings...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("loading the caseload: %w\n%s", err, out)
	}
	return nil
}

// othersOnCaseload makes the registers as full as a hospital's.
const othersOnCaseload = 50_000

// await waits until the portal accepts connections.
func (p *portal) await() error {
	if err := awaitListener(strings.TrimPrefix(p.url, "http://"), 15*time.Second); err != nil {
		p.stop()
		return fmt.Errorf("the portal did not start; its log is in the folder kept by -keep: %w", err)
	}
	return nil
}

func (r *rig) settings(p *portal, is region, ports []string) []string {
	settings := []string{
		"RIBBLE_LISTEN=" + ports[0], "RIBBLE_OPS_LISTEN=" + ports[1], "RIBBLE_PUBLIC_URL=" + p.url, "BENCH_PROFILES=" + ports[2],
		"RIBBLE_DATABASE_URL=" + r.urls[postgres.App], "RIBBLE_AUDIT_DATABASE_URL=" + r.urls[postgres.AuditAppend],
		"RIBBLE_VERIFIER_DATABASE_URL=" + r.urls[postgres.Verifier], "RIBBLE_ROW_KEY=" + r.in("audit-row.key"), "RIBBLE_CHECKPOINT_KEY=" + r.in("audit-checkpoint.key"),
		"RIBBLE_INDEX_KEY=" + r.in("audit-index.key"), "RIBBLE_PERSON_KEY=" + r.in("audit-person.key"), "RIBBLE_HANDLE_KEY=" + r.in("handle.key"),
		"RIBBLE_DIRECTORY=" + r.in("directory.json"), "RIBBLE_PDS_URL=" + r.pds, "RIBBLE_SDS_URL=" + r.pds,
		"RIBBLE_CONSUMER_ASID=200000000115", "RIBBLE_CONSUMER_ODS=YRIB1",
		"RIBBLE_NATIONAL_CA=" + r.in(pki.AuthorityFile), "RIBBLE_NATIONAL_CERT=" + r.in(pki.ClientFile), "RIBBLE_NATIONAL_KEY=" + r.in(pki.ClientKeyFile),
		"RIBBLE_NATIONAL_NETWORKS=127.0.0.0/8", "RIBBLE_OIDC_PROVIDERS=" + r.in("providers.json"),
		"RIBBLE_SOURCE_DEADLINE=" + is.deadline.String(), "RIBBLE_VIEW_DEADLINE=1m",
	}
	if r.sensitive != "" {
		settings = append(settings, "RIBBLE_SENSITIVE="+r.sensitive)
	}
	return settings
}

// sections are what each feed supplies: all that an acute trust does. Appointments come from the last of six alone, so that the page has a
// section that waits for one source only.
var sections = []string{
	"allergies", "medicines", "problems", "alerts", "plans", "encounters", "referrals", "results", "imaging", "measurements",
	"immunisations", "procedures", "documents", "legal", "aboutme", "network", "history", "other",
}

func (r *rig) directory(is region) error {
	type entry map[string]any
	var (
		organisations, feeds []entry
		parties              []string
	)
	for i := range is.sources {
		ods, supplies := fmt.Sprintf("RB%02d", i), sections
		if is.sources != referenceSources || i == referenceSources-1 {
			supplies = append(sections[:len(sections):len(sections)], "appointments")
		}
		organisations = append(organisations, entry{"ods": ods, "name": "Benchmark source " + ods, "short": "Source " + ods, "badge": ods, "kind": "acute", "phone": ""})
		parties = append(parties, ods)
		feeds = append(feeds, entry{
			"id": "feed-" + ods, "organisation": ods, "protocol": "fhirr4", "endpoint": r.bases[i], "sections": supplies, "stage": "live", "agreement": "bench", "flow": "all", "batch": true, "chained": true,
			"deadline_ms": is.deadline.Milliseconds(), "concurrency": concurrency, "allow_cidr": []string{"127.0.0.0/8"},
		})
	}
	agreement := entry{
		"id": "bench", "title": "Benchmark", "from": "2020-01-01", "until": "2099-12-31", "parties": parties,
		"flows": []entry{{"id": "all", "sections": append(sections[:len(sections):len(sections)], "appointments")}},
	}
	return writeFile(r.in("directory.json"), entry{"organisations": organisations, "agreements": []entry{agreement}, "feeds": feeds, "spine": entry{"ssp": "", "from_asid": ""}})
}

// concurrency is how many requests one source takes at a time: enough for sixteen views of four searches each.
const concurrency = 64

// freePorts gives loopback addresses that nobody listens on.
func freePorts(n int) ([]string, error) {
	out := make([]string, n)
	for i := range out {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		out[i] = l.Addr().String()
	}
	return out, nil
}

// close ends every process and removes every file.
func (r *rig) close(keep io.Writer) {
	if r.sources != nil {
		r.sources.stop()
	}
	if r.cluster != nil {
		_ = r.cluster.Close()
	}
	if r.logs != nil {
		_ = r.logs.Close()
	}
	if keep != nil {
		fmt.Fprintln(keep, "kept", r.dir)
		return
	}
	_ = os.RemoveAll(r.dir)
}

// figure reads one figure of the portal's own metrics.
func (p *portal) figure(name string) (float64, error) {
	body, err := fetch(p.ops + "/metrics")
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(strings.NewReader(string(body)))
	for lines.Scan() {
		var value float64
		if rest, found := strings.CutPrefix(lines.Text(), name+" "); found {
			_, err := fmt.Sscan(rest, &value)
			return value, err
		}
	}
	return 0, fmt.Errorf("the portal gives no figure %s", name)
}
