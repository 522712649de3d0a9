package prove

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// sink is a place where nothing of a record may be found. For the control, folder takes a file for each form; file is one that they are added to, one
// after another. Where neither can be, the control is in the text that was read.
type sink struct {
	name         string
	scan         func(*scanner) ([]string, error)
	folder, file string
}

// canary looks at the marked person in every way, with everything well and with faults, and then searches every sink.
func canary(st *stage) error {
	shown, err := st.browse()
	if err != nil {
		return err
	}
	st.bar(shown, "the page did not show the markers: nothing was tested")
	db, err := st.admin(st.ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close(st.ctx) }()
	if _, err := db.Exec(st.ctx, "CHECKPOINT"); err != nil {
		return err
	}
	s := &scanner{secrets: map[string][]pattern{
		"a text of the record": patterns(st.stem), "the NHS number": patterns(st.canary.number), "a session's secret": patterns(st.canary.token.Cookie()),
	}}
	sinks, found, planted := st.sinks(), 0, 0
	for _, k := range sinks {
		hits, err := k.scan(s)
		if err != nil {
			return fmt.Errorf("searching %s: %w", k.name, err)
		}
		slices.Sort(hits)
		for _, hit := range slices.Compact(hits) {
			st.miss("%s: %s", k.name, hit)
		}
	}
	bytes, files := s.bytes, s.files
	for _, k := range sinks {
		n, of, err := k.control(&scanner{secrets: s.secrets}, st.stem)
		if err != nil {
			return fmt.Errorf("the control of %s: %w", k.name, err)
		}
		found, planted = found+n, planted+of
		st.bar(n == of, "%s: the control finds %d of %d", k.name, n, of)
	}
	st.say("%d sinks, %d files, %d MiB searched; control found %d of %d", len(sinks), files, bytes>>20, found, planted)
	st.note("the browser's own profile: e2e.TestProfileKeepsNothing; memory and core files: main.TestMemoryIsClosed of cmd/ribble")
	return nil
}

// control plants each form and counts how many are found.
func (k sink) control(s *scanner, secret string) (found, planted int, err error) {
	all := forms(secret)
	switch {
	case k.folder != "":
		return k.inFolder(s, all)
	case k.file != "":
		return k.inFile(s, all)
	}
	for _, form := range all {
		if len(s.search(form)) > 0 {
			found++
		}
	}
	return found, len(all), nil
}

// inFolder plants a file for each form, and searches once.
func (k sink) inFolder(s *scanner, all map[string][]byte) (found, planted int, err error) {
	planting := func(name string) string { return filepath.Join(k.folder, "ribble-planted-"+name+".log") }
	for name, form := range all {
		defer func() { _ = os.Remove(planting(name)) }()
		if err := os.WriteFile(planting(name), form, 0o600); err != nil {
			return 0, 0, err
		}
	}
	hits, err := k.scan(s)
	for name := range all {
		if slices.ContainsFunc(hits, func(hit string) bool { return strings.HasPrefix(hit, planting(name)+":") }) {
			found++
		}
	}
	return found, len(all), err
}

// inFile adds each form to the end of a file, searches, and puts the file back to what it was.
func (k sink) inFile(s *scanner, all map[string][]byte) (found, planted int, err error) {
	before, err := os.Stat(k.file)
	if err != nil {
		return 0, 0, err
	}
	for _, form := range all {
		f, err := os.OpenFile(k.file, os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, 0, err
		}
		_, err = f.Write(append([]byte("\n"), form...))
		if err = errors.Join(err, f.Close()); err != nil {
			return 0, 0, err
		}
		hits, err := k.scan(s)
		if err = errors.Join(err, os.Truncate(k.file, before.Size())); err != nil {
			return 0, 0, err
		}
		if len(hits) > 0 {
			found++
		}
	}
	return found, len(all), nil
}

var documentLink = regexp.MustCompile(`href="(/document/[^"]+)"`)

// browse searches for the marked person by name and by number, opens the record and a document, and opens it again under faults.
func (st *stage) browse() (shown bool, err error) {
	u := st.canary
	whole, ok := st.region.World.Person(u.number)
	if !ok {
		return false, fmt.Errorf("the marked person is not there")
	}
	born := strings.Split(whole.Born, "-")
	list, err := st.search(st.ctx, u, st.replicas[0].url, url.Values{"family": {whole.Name.Family}, "given": {whole.Name.Given[0]}, "year": {born[0]}, "month": {born[1]}, "day": {born[2]}})
	if err != nil {
		return false, err
	}
	_, err = io.Copy(io.Discard, list.Body)
	if err := errors.Join(err, list.Body.Close()); err != nil {
		return false, err
	}
	v := st.add(st.look(st.ctx, u, st.replicas[0].url, true))
	if v.err != nil {
		return false, v.err
	}
	shown = contains(v.page, st.stem+"agent") && contains(v.page, st.stem+"service") && contains(v.page, st.stem+"title")
	for i, m := range documentLink.FindAllSubmatch(v.page, 3) {
		if err := st.visit(u, http.MethodGet, string(m[1]), nil); err != nil {
			return false, fmt.Errorf("document %d: %w", i, err)
		}
	}
	for i, name := range []string{"invalid-utf8", "duplicate-names", "truncate", "wrong-birth-date", "another-person", "page-fails", "operation-outcome-error", "unknown-modifier", "one-stray-entry", "status-500", "gzip-bomb"} {
		for _, ods := range twelve {
			if err := st.strike(sourceOf[ods], name, 0); err != nil {
				return false, err
			}
		}
		st.add(st.look(st.ctx, u, st.replicas[i%2].url, false))
	}
	st.region.Control.Reset()
	for _, path := range []string{"/record/" + u.number, "/record/" + st.stem, "/find?family=" + st.stem, "/nowhere/" + st.stem} {
		if err := st.visit(u, http.MethodGet, path, nil); err != nil {
			return false, err
		}
	}
	return shown, nil
}

// visit fetches one page of the portal to its end.
func (st *stage) visit(u *user, method, path string, form url.Values) error {
	resp, err := st.request(st.ctx, u, st.replicas[0].url, method, path, form)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// sinks are the places to search.
func (st *stage) sinks() []sink {
	own := []string{st.in("caseload.csv"), st.in("directory.json")} // what the estate itself was given
	skipOwn := func(path string) bool { return slices.Contains(own, path) }
	all := []sink{
		{name: "the portals' logs", scan: func(s *scanner) ([]string, error) {
			return s.tree(st.dir, st.began, func(p string) bool { return p != st.dir && filepath.Ext(p) != ".log" })
		}, folder: st.dir},
		{name: "every file of the estate", scan: func(s *scanner) ([]string, error) { return s.tree(st.dir, st.began, skipOwn) }, folder: st.in("mail")},
		{name: "Postgres with its write-ahead log", scan: func(s *scanner) ([]string, error) {
			return s.tree(st.cluster.DataDir(), time.Time{}, func(string) bool { return false })
		}, folder: filepath.Join(st.cluster.DataDir(), "pg_wal")},
		{name: "the log of Postgres", scan: func(s *scanner) ([]string, error) {
			return s.tree(st.cluster.LogFile(), time.Time{}, func(string) bool { return false })
		}, file: st.cluster.LogFile()},
		{name: "metrics and readiness", scan: st.scanMetrics},
		{name: "environment, command line and maps of the processes", scan: func(s *scanner) ([]string, error) {
			return st.scanProcesses(s, st.replicas[0].pid(), st.replicas[1].pid())
		}},
	}
	for _, root := range []string{"/tmp", "/var/tmp", "/var/log", "/dev/shm", "/run", "/root", "/home"} {
		all = append(all, st.elsewhere(root))
	}
	return all
}

// elsewhere is what anybody wrote below a folder of this machine since the estate was built.
func (st *stage) elsewhere(root string) sink {
	cache, _ := exec.Command("go", "env", "GOCACHE").Output() // without a toolchain there is no cache to leave out
	skip := func(path string) bool {
		// Another estate looks at people with the same numbers; somebody else's database is large.
		if _, err := os.Stat(filepath.Join(path, "PG_VERSION")); err == nil || strings.HasPrefix(filepath.Base(path), "ribble-prove-") {
			return true
		}
		return path == st.dir || strings.HasPrefix(st.cluster.DataDir(), path+"/") && path != root || path == strings.TrimSpace(string(cache)) || strings.Contains(path, "/go-build")
	}
	s := sink{name: "new files below " + root, scan: func(s *scanner) ([]string, error) { return s.tree(root, st.began, skip) }}
	planted := filepath.Join(root, "ribble-prove-planted")
	if f, err := os.Create(planted); err == nil {
		_ = f.Close()
		_ = os.Remove(planted)
		s.folder = root
	}
	return s
}

func (st *stage) scanMetrics(s *scanner) ([]string, error) {
	var hits []string
	for _, r := range st.replicas {
		for _, path := range []string{"/metrics", "/ready", "/sensitive"} {
			text, err := fetch(st.ctx, r.ops+path)
			if err != nil {
				return nil, err
			}
			for _, hit := range s.search(text) {
				hits = append(hits, r.name+path+": "+hit)
			}
		}
	}
	return hits, nil
}

func fetch(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := operator.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// scanProcesses searches what the kernel tells of the processes. An ordinary user may not even read it: then there is nothing to be found.
func (st *stage) scanProcesses(s *scanner, pids ...int) ([]string, error) {
	var hits []string
	for _, pid := range pids {
		for _, name := range []string{"environ", "cmdline", "maps", "status", "limits"} {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
			if err != nil {
				continue
			}
			for _, hit := range s.search(text) {
				hits = append(hits, name+": "+hit)
			}
		}
	}
	return hits, nil
}
