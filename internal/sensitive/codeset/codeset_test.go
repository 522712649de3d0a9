package codeset_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

const local = "https://example.nhs.uk/codes"

func lists() fstest.MapFS {
	return fstest.MapFS{
		"manifest.json": file(`{"about":"test","systems":{"2.16.840.1.113883.2.1.6.2":"readv2"},"dissent":[{"system":"readv2","code":"9Ndo."}],"sets":[` +
			set(codeset.SexualHealth, "1", "2026-10-01", 5, rf2("r.txt", sexual)+","+list) + "," +
			set(codeset.Termination, "1", "2026-10-01", 2, rf2("r.txt", termination)) + "," +
			set("abuse", "1", "2026-10-01", 4, list) + "]}"),
		"r.txt": file(heading + row(1, "20261001", "1", sexual, conceptID(1)) + row(2, "20261001", "0", sexual, conceptID(2)) +
			row(3, "20261001", "1", sexual, conceptID(3)) + row(4, "20261001", "1", termination, conceptID(3)) + row(5, "20261001", "1", termination, conceptID(5)) +
			row(6, "20261001", "1", "999004371000000100", conceptID(6))),
		"l.csv": file("# invented\nsystem,code,topic\nreadv2,43C3,sexual-health\nreadv2,A91..00,sexual-health\nctv3,XaXYZ,sexual-health\n" +
			local + ",RFO,abuse\n" + local + ",a code, much too long to pack,abuse\nhttp://terminology.hl7.org/CodeSystem/v3-ActCode,SDV,abuse\nsnomed," + conceptID(9) + ",abuse\n"),
	}
}

func TestJudge(t *testing.T) {
	s := load(t, lists())
	const std, top, abuse = 1, 2, 4
	for _, k := range []struct {
		name, system, code string
		want               codeset.Verdict
	}{
		{"a member", record.SNOMED, conceptID(1), codeset.Verdict{Named: std, Judged: true}},
		{"in two sets", record.SNOMED, conceptID(3), codeset.Verdict{Named: std | top, Judged: true}},
		{"no longer active", record.SNOMED, conceptID(2), codeset.Verdict{Judged: true}},
		{"of a reference set that no set asks for", record.SNOMED, conceptID(6), codeset.Verdict{Judged: true}},
		{"as a list names it", record.SNOMED, conceptID(9), codeset.Verdict{Named: abuse, Judged: true}},
		{"of dm+d, which shares the numbers", record.DMD, conceptID(1), codeset.Verdict{Named: std, Judged: true}},
		{"of an edition", "http://snomed.info/sct/999000041000000102", conceptID(1), codeset.Verdict{Named: std, Judged: true}},
		{"by object identifier", "urn:oid:2.16.840.1.113883.6.96", conceptID(1), codeset.Verdict{Named: std, Judged: true}},
		{"in an expression", record.SNOMED, conceptID(40) + " |finding| : " + conceptID(41) + " = ( " + conceptID(1) + " )", codeset.Verdict{Named: std, Judged: true}},
		{"an expression without one", record.SNOMED, conceptID(40) + ":" + conceptID(41) + "=" + conceptID(42), codeset.Verdict{Judged: true}},
		{"a wrong check digit", record.SNOMED, damaged(conceptID(1)), codeset.Verdict{Unreadable: std | top | abuse}},
		{"no number", record.SNOMED, "HIV", codeset.Verdict{Unreadable: std | top | abuse}},
		{"no code", record.SNOMED, "", codeset.Verdict{Unreadable: std | top | abuse}},
		{"an expression cut short", record.SNOMED, conceptID(40) + "|fin", codeset.Verdict{Unreadable: std | top | abuse}},
		{"an expression with a damaged part", record.SNOMED, conceptID(40) + ":" + damaged(conceptID(41)), codeset.Verdict{Unreadable: std | top | abuse}},
		{"Read version 2", record.ReadV2, "43C3.", codeset.Verdict{Named: std, Judged: true}},
		{"Read version 2 with its term", record.ReadV2, "43C3.11", codeset.Verdict{Named: std, Judged: true}},
		{"Read version 2 without dots", record.ReadV2, "43C3", codeset.Verdict{Named: std, Judged: true}},
		{"Read version 2 by an address of the manifest", "urn:oid:2.16.840.1.113883.2.1.6.2", "A91..", codeset.Verdict{Named: std, Judged: true}},
		{"Read is particular about capitals", record.ReadV2, "43c3.", codeset.Verdict{Judged: true}},
		{"another Read code", record.ReadV2, "43C4.", codeset.Verdict{Judged: true}},
		{"no Read code", record.ReadV2, "43C3.113", codeset.Verdict{Unreadable: std}},
		{"the same letters in the other version", record.CTV3, "43C3.", codeset.Verdict{Judged: true}},
		{"CTV3", record.CTV3, "XaXYZ", codeset.Verdict{Named: std, Judged: true}},
		{"a local code", local, "RFO", codeset.Verdict{Named: abuse, Judged: true}},
		{"a local system with a closing stroke", local + "/", "RFO", codeset.Verdict{Named: abuse, Judged: true}},
		{"a long local code", local, "a code, much too long to pack", codeset.Verdict{Named: abuse, Judged: true}},
		{"no local code", local, "", codeset.Verdict{Unreadable: abuse}},
		{"a local code that no list names", local, "RF", codeset.Verdict{Judged: true}},
		{"a system that no list names", "https://example.nhs.uk/others", "RFO", codeset.Verdict{}},
		{"a label", "http://terminology.hl7.org/CodeSystem/v3-ActCode", "SDV", codeset.Verdict{Named: abuse, Judged: true}},
		{"no system, a number", "", conceptID(1), codeset.Verdict{Named: std, Judged: true}},
		{"no system, a Read code", "", "43C3.", codeset.Verdict{Named: std, Judged: true}},
		{"no system, a local code", "", "RFO", codeset.Verdict{Named: abuse, Judged: true}},
		{"no system, nothing known", "", "final", codeset.Verdict{}},
		{"refused to share locally", record.SNOMED, "416409005", codeset.Verdict{Judged: true, Refused: true}},
		{"refused, in the region's own way", record.ReadV2, "9Ndo.", codeset.Verdict{Judged: true, Refused: true}},
		{"agreed", record.SNOMED, "425691002", codeset.Verdict{Judged: true, Given: true}},
	} {
		t.Run(k.name, func(t *testing.T) {
			if diff := cmp.Diff(k.want, judge(s, k.system, k.code)); diff != "" {
				t.Error(diff)
			}
			if n := testing.AllocsPerRun(10, func() { judge(s, k.system, k.code) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}

// damaged changes the check digit.
func damaged(id string) string { return id[:len(id)-1] + string('0'+(id[len(id)-1]-'0'+1)%10) }

func TestNoSets(t *testing.T) {
	var none *codeset.Sets
	if v := judge(none, record.SNOMED, "no number"); v != (codeset.Verdict{}) {
		t.Errorf("without a set %+v", v)
	}
	if v := judge(none, record.SNOMED, "416409005"); !v.Refused {
		t.Error("without a set dissent is not known")
	}
	if none.InForce(october) != 0 || len(none.All()) != 0 || none.NotForPatient() != "" || none.Unclassifiable() != "" {
		t.Error("no sets say something")
	}
}

// TestRefused: a file that is not exactly what it must be is refused with its line.
func TestRefused(t *testing.T) {
	members := rf2("r.txt", sexual)
	one := manifest(set(codeset.SexualHealth, "1", "2026-10-01", 2, members))
	good := heading + row(1, "20261001", "1", sexual, conceptID(1)) + row(2, "20261001", "1", sexual, conceptID(2))
	byList := manifest(set("abuse", "1", "2026-10-01", 1, list))
	for _, k := range []struct {
		name, manifest, rf2, list string
		want                      string
	}{
		{"a last line cut off", one, good[:len(good)-1], "", "r.txt:3: the file was cut short"},
		{"a last line cut off in a column", one, good[:len(good)-20], "", "r.txt:3: the file was cut short"},
		{"columns missing", one, good + "x\ty\n", "", "r.txt:4: it has not 6 columns"},
		{"a column too many", one, strings.Replace(good, "\t1\t", "\t1\t\t", 1), "", "r.txt:2: it has not 6 columns"},
		{"a whole line lost", one, good[:strings.Index(good, "00000002")], "", "r.txt:2: the set sexual-health 1 ends here with 1 members, and the manifest says 2"},
		{"another heading", one, "id\tterm\n", "", "r.txt:1: unknown format"},
		{"an empty file", one, "", "", "r.txt:1: unknown format"},
		{"no row of the set", one, heading + row(1, "20261001", "1", termination, conceptID(1)), "", "r.txt:2: the file has no row"},
		{"active neither 0 nor 1", one, heading + row(1, "20261001", "2", sexual, conceptID(1)), "", "r.txt:2: active"},
		{"no day", one, heading + row(1, "20261301", "1", sexual, conceptID(1)), "", "r.txt:2: its effectiveTime"},
		{"no UUID", one, heading + "x" + row(1, "20261001", "1", sexual, conceptID(1))[1:], "", "r.txt:2: its id"},
		{"a damaged concept", one, heading + row(1, "20261001", "1", sexual, damaged(conceptID(1))), "", "r.txt:2: its component"},
		{"a description in place of a concept", one, heading + row(1, "20261001", "1", sexual, "680946014"), "", "r.txt:2: its component"},
		{"a row after the day", one, good + row(3, "20261002", "1", sexual, conceptID(3)), "", "r.txt:4: the row is dated after"},
		{"a line without end", one, heading + strings.Repeat("x", 5000), "", "r.txt:2: the line is too long"},
		{"no file", manifest(set("abuse", "1", "2026-10-01", 2, `{"name":"gone.csv","format":"list"}`)), "", "", "gone.csv: the file cannot be opened"},
		{"another refset under the topic", manifest(set(codeset.SexualHealth, "1", "2026-10-01", 2, rf2("r.txt", termination))), good, "", "manifest.json: sets[0] files[0] names the reference set of termination-of-pregnancy"},
		{"an unknown format", manifest(set("abuse", "1", "2026-10-01", 2, `{"name":"l.csv","format":"excel"}`)), "", "", "manifest.json: sets[0] files[0] has an unknown format"},
		{"a path out of the folder", manifest(set("abuse", "1", "2026-10-01", 2, `{"name":"../l.csv","format":"list"}`)), "", "", "manifest.json: sets[0] files[0] has no name below"},
		{"a manifest cut short", one[:len(one)-9], "", "", "manifest.json:1: is not JSON"},
		{"an unknown member", "{\"sets\":[],\n\"sett\":1}", "", "", "manifest.json:2: has a member that is not known"},
		{"no set", `{"sets":[]}`, "", "", "manifest.json: it names 0 sets"},
		{"no word on whether it is on", strings.Replace(one, `"on":true,`, "", 1), good, "", "manifest.json: sets[0] does not say whether it is on"},
		{"no activity", strings.Replace(one, "B1611", "", 1), good, "", "manifest.json: sets[0] does not say which activity"},
		{"no day of its own", strings.Replace(one, "2026-10-01", "October", 1), good, "", "manifest.json: sets[0] has no day"},
		{"a list without heading", byList, "", "readv2,43C3.,abuse\n", "l.csv:1: unknown format"},
		{"an empty list", byList, "", "", "l.csv: unknown format"},
		{"a list cut short", byList, "", "system,code,topic\nreadv2,43C3.,abuse", "l.csv:2: the file was cut short"},
		{"a list with two columns", byList, "", "system,code,topic\nreadv2,43C3.\n", "l.csv:2: it has not 3 columns"},
		{"a list with quotation marks", byList, "", "system,code,topic\n\"readv2\",\"43C3.\",\"abuse\"\n", "l.csv:2: it has quotation marks"},
		{"a topic of no set", byList, "", "system,code,topic\nreadv2,43C3.,abuses\n", "l.csv:2: its topic is not in the manifest"},
		{"no system in a list", byList, "", "system,code,topic\n,43C3.,abuse\n", "l.csv:2: it names no code system"},
		{"a wildcard", byList, "", "system,code,topic\nreadv2,43C%,abuse\n", "l.csv:2: its code is not one"},
		{"a damaged identifier in a list", byList, "", "system,code,topic\nsnomed,123,abuse\n", "l.csv:2: its code is not one"},
		{"another number of codes in a list", byList, "", "system,code,topic\nreadv2,43C3.,abuse\nreadv2,43C4.,abuse\n", "l.csv:3: the set abuse 1 ends here with 2 members, and the manifest says 1"},
		{"a manifest of the wrong kind", `{"sets":{}}`, "", "", "manifest.json:1: has a member"},
		{"an activity that is none", `{"hide_not_for_patient":"x",` + byList[1:], "", "system,code,topic\nreadv2,43C3.,abuse\n", "manifest.json: hide_not_for_patient"},
		{"a dissent code that is none", `{"dissent":[{"system":"snomed","code":"1"}],` + byList[1:], "", "system,code,topic\nreadv2,43C3.,abuse\n", "manifest.json: dissent or consent"},
		{"a system of no meaning", `{"systems":{"urn:x":"icd10"},` + byList[1:], "", "system,code,topic\nreadv2,43C3.,abuse\n", "manifest.json: systems"},
		{"two versions of one day", manifest(set("abuse", "1", "2026-10-01", 1, list), set("abuse", "2", "2026-10-01", 1, list)), "", "system,code,topic\nreadv2,43C3.,abuse\n", "l.csv:2: two versions of abuse"},
	} {
		t.Run(k.name, func(t *testing.T) {
			files := fstest.MapFS{"manifest.json": file(k.manifest), "r.txt": file(k.rf2), "l.csv": file(k.list)}
			s, err := codeset.Load(files, "manifest.json")
			if s != nil && err != nil {
				t.Error("sets came beside a refusal")
			}
			var refusal codeset.Refusal
			if !errors.As(err, &refusal) || !strings.HasPrefix(err.Error(), k.want) {
				t.Errorf("got %v, want %s...", err, k.want)
			}
		})
	}
}

// TestFullFile: of every state of a row the last until the day counts.
func TestFullFile(t *testing.T) {
	text := heading + row(1, "20200401", "1", sexual, conceptID(1)) + row(1, "20240401", "0", sexual, conceptID(1)) +
		row(2, "20240401", "1", sexual, conceptID(2)) + row(2, "20270401", "0", sexual, conceptID(2)) + row(3, "20270401", "1", sexual, conceptID(3)) +
		row(4, "20200401", "0", sexual, conceptID(4)) + row(5, "20200401", "1", sexual, conceptID(4))
	s := load(t, fstest.MapFS{"r.txt": file(text), "manifest.json": file(manifest(set(codeset.SexualHealth, "1", "2026-10-01", 2,
		`{"name":"r.txt","format":"rf2-full","refset":"`+sexual+`"}`)))})
	for i, want := range []codeset.Mask{1: 0, 2: 1, 3: 0, 4: 1} {
		if got := judge(s, record.SNOMED, conceptID(i)).Named; i > 0 && got != want {
			t.Errorf("concept %d: %b, want %b", i, got, want)
		}
	}
}

func numbered(n int, version, from string, on bool) fstest.MapFS {
	m := manifest(set(codeset.SexualHealth, version, from, n, rf2("r.txt", sexual)))
	if !on {
		m = strings.Replace(m, `"on":true`, `"on":false`, 1)
	}
	return fstest.MapFS{"manifest.json": file(m), "r.txt": file(snapshot(n, sexual))}
}

func TestReplace(t *testing.T) {
	h := new(codeset.Holder)
	if h.Current() != nil || (*codeset.Holder)(nil).Current() != nil {
		t.Fatal("an empty holder holds something")
	}
	first := load(t, numbered(20, "1", "2026-10-01", true))
	if err := h.Replace(first); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"a quarter gone", numbered(15, "2", "2026-11-01", true), "r.txt:16: the set sexual-health 2 ends here without 5 of the 20 members of version 1"},
		{"a fifth and one gone, from an earlier day", numbered(15, "2", "2026-10-01", true), "r.txt:16: the set"},
		{"a topic gone", fstest.MapFS{"manifest.json": file(manifest(set("abuse", "1", "2026-10-01", 1, list))), "l.csv": file("system,code,topic\nreadv2,43C3.,abuse\n")}, "manifest: the topic sexual-health is gone"},
		{"a change under the same version", numbered(21, "1", "2026-10-01", true), "r.txt:22: the set sexual-health ends here with other members"},
		{"a file cut short", fstest.MapFS{"manifest.json": file(manifest(set(codeset.SexualHealth, "2", "2026-11-01", 20, rf2("r.txt", sexual)))), "r.txt": file(snapshot(20, sexual)[:900])}, "r.txt:"},
	} {
		t.Run(k.name, func(t *testing.T) {
			if err := h.Reload(k.files, "manifest.json"); err == nil || !strings.HasPrefix(err.Error(), k.want) {
				t.Errorf("got %v, want %s...", err, k.want)
			}
			if h.Current() != first {
				t.Error("the sets in force were changed")
			}
		})
	}
	if err := h.Replace(nil); err == nil || h.Current() != first {
		t.Error("nothing took the place of the sets in force")
	}
	for _, n := range []int{16, 30} {
		if err := h.Reload(numbered(n, "v"+conceptID(n), "2026-11-01", true), "manifest.json"); err != nil {
			t.Errorf("%d members: %v", n, err)
		}
	}
	if n := h.Current().All()[0].Members; n != 30 {
		t.Errorf("%d members in force", n)
	}
}

func TestDates(t *testing.T) {
	files := fstest.MapFS{
		"manifest.json": file(manifest(
			set(codeset.SexualHealth, "1", "2026-10-01", 10, rf2("a.txt", sexual)), set(codeset.SexualHealth, "2", "2026-12-01", 11, rf2("b.txt", sexual)),
			strings.Replace(set(codeset.SexualHealth, "3", "2026-12-02", 12, rf2("c.txt", sexual)), "true", "false", 1),
		)),
		"a.txt": file(snapshot(10, sexual)), "b.txt": file(snapshot(11, sexual)), "c.txt": file(snapshot(12, sexual)),
	}
	s := load(t, files)
	day := func(text string) time.Time { d, _ := time.Parse(time.DateOnly, text); return d }
	for _, k := range []struct {
		day  string
		want codeset.Mask
	}{{"2026-09-30", 0}, {"2026-10-01", 1}, {"2026-11-30", 1}, {"2026-12-01", 2}, {"2027-01-01", 2}} {
		if got := s.InForce(day(k.day)); got != k.want {
			t.Errorf("on %s %b, want %b", k.day, got, k.want)
		}
	}
	if got := s.Trying(day("2026-11-30"), 2); got != 4 {
		t.Errorf("trying the third: %b", got)
	}
	if diff := cmp.Diff([]string{"sexual-health 2"}, s.Versions(day("2026-12-24"))); diff != "" {
		t.Error(diff)
	}
	if s.Stamp(1) == s.Stamp(2) || s.Stamp(1) != load(t, files).Stamp(1) {
		t.Error("a stamp does not name the set")
	}
}

func TestVersionsOfOneManifest(t *testing.T) {
	_, err := codeset.Load(fstest.MapFS{
		"manifest.json": file(manifest(set(codeset.SexualHealth, "1", "2026-10-01", 20, rf2("a.txt", sexual)), set(codeset.SexualHealth, "2", "2026-12-01", 15, rf2("b.txt", sexual)))),
		"a.txt":         file(snapshot(20, sexual)), "b.txt": file(snapshot(15, sexual)),
	}, "manifest.json")
	if err == nil || !strings.Contains(err.Error(), "more than a fifth") {
		t.Errorf("got %v", err)
	}
}

func TestWords(t *testing.T) {
	words, err := codeset.LoadWords(fstest.MapFS{"w.csv": file("# words\ntopic,words\nsexual-health,chlamydia\nsexual-health,chlamydia\nabuse,domestic abuse\n")}, "w.csv")
	if diff := cmp.Diff(codeset.Words{"sexual-health": {"chlamydia"}, "abuse": {"domestic abuse"}}, words); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for text, want := range map[string]string{
		"": "w.csv: the list has no words", "topic,word\n": "w.csv:1: unknown format", "topic,words\nabuse\n": "w.csv:2: it is not", "topic,words\nabuse,x\n": "w.csv:2: it is not",
		"topic,words\nabuse,hit": "w.csv:2: the file was cut short",
	} {
		if _, err := codeset.LoadWords(fstest.MapFS{"w.csv": file(text)}, "w.csv"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s...", text, err, want)
		}
	}
}

// FuzzLoad: whatever the files hold, they are taken or refused with a reason.
func FuzzLoad(f *testing.F) {
	good := lists()
	f.Add(good["manifest.json"].Data, good["r.txt"].Data, good["l.csv"].Data)
	f.Add([]byte(`{"sets":[]}`), []byte(heading), []byte("system,code,topic\n"))
	f.Fuzz(func(t *testing.T, m, r, l []byte) {
		s, err := codeset.Load(fstest.MapFS{"manifest.json": {Data: m}, "r.txt": {Data: r}, "l.csv": {Data: l}}, "manifest.json")
		var refusal codeset.Refusal
		if err == nil && s == nil || err != nil && (s != nil || !errors.As(err, &refusal) || refusal.Reason == "") {
			t.Errorf("sets %v, error %v", s != nil, err)
		}
	})
}

// FuzzJudge: no code makes it panic, and what is not SNOMED CT is never taken for a member of nothing.
func FuzzJudge(f *testing.F) {
	s := load(f, lists())
	f.Add(record.SNOMED, conceptID(1)+":"+conceptID(2))
	f.Add("", "43C3.")
	f.Add(local, "RFO")
	f.Fuzz(func(t *testing.T, system, code string) {
		v := judge(s, system, code)
		if v.Judged && v.Unreadable != 0 {
			t.Errorf("both judged and unreadable: %+v", v)
		}
		if system == record.SNOMED && !v.Judged && v.Unreadable == 0 {
			t.Error("a SNOMED CT code was neither judged nor found unreadable")
		}
	})
}
