package codeset_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

const heading = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\r\n"

const (
	sexual      = "999004381000000103"
	termination = "999004361000000107"
)

var october = time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC)

// conceptID makes a well-formed SNOMED CT concept identifier of an item number, by trying the ten check digits on the reader itself.
func conceptID(item int) string {
	body := strconv.Itoa(1_000_000+item) + "00"
	for check := range 10 {
		id := body + strconv.Itoa(check)
		if !new(codeset.Sets).Judge(&record.Coding{System: record.SNOMED, Code: id}).Judged {
			continue
		}
		return id
	}
	panic("no check digit fits")
}

func row(n int, day, active, refset, concept string) string {
	return fmt.Sprintf("%08x-1f2e-5a6b-8c9d-%012x\t%s\t%s\t999000041000000102\t%s\t%s\r\n", n, n, day, active, refset, concept)
}

func snapshot(n int, refset string) string {
	var b strings.Builder
	b.WriteString(heading)
	for i := range n {
		b.WriteString(row(i, "20261001", "1", refset, conceptID(i)))
	}
	return b.String()
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// set is one entry of a manifest.
func set(topic, version, from string, members int, files string) string {
	return fmt.Sprintf(`{"topic":%q,"title":"Title","version":%q,"in_force":%q,"opens":"B1611","on":true,"members":%d,"files":[%s]}`, topic, version, from, members, files)
}

func manifest(sets ...string) string { return `{"sets":[` + strings.Join(sets, ",\n") + `]}` }

func rf2(name, refset string) string {
	return fmt.Sprintf(`{"name":%q,"format":"rf2-snapshot","refset":%q}`, name, refset)
}

const list = `{"name":"l.csv","format":"list"}`

func load(t testing.TB, files fstest.MapFS) *codeset.Sets {
	t.Helper()
	s, err := codeset.Load(files, "manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func judge(s *codeset.Sets, system, code string) codeset.Verdict {
	return s.Judge(&record.Coding{System: system, Code: code})
}
