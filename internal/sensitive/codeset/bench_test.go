package codeset_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"ribble/internal/record"
	"ribble/internal/sensitive/codeset"
)

// many is 160,000 SNOMED CT codes in the four sets, and 40,000 Read codes.
func many() fstest.MapFS {
	files := fstest.MapFS{}
	var sets []string
	for n, topic := range codeset.GeneralPractice {
		var b strings.Builder
		b.WriteString(heading)
		for i := range 40_000 {
			b.WriteString(row(i, "20261001", "1", topic.ID, conceptID(n*40_000+i)))
		}
		name := fmt.Sprintf("r%d.txt", n)
		files[name] = file(b.String())
		sets = append(sets, set(topic.Topic, "1", "2026-10-01", 40_000, rf2(name, topic.ID)))
	}
	var b strings.Builder
	b.WriteString("system,code,topic\n")
	for i := range 40_000 {
		fmt.Fprintf(&b, "readv2,%05d,abuse\n", i)
	}
	files["l.csv"] = file(b.String())
	files["manifest.json"] = file(manifest(append(sets, set("abuse", "1", "2026-10-01", 40_000, list))...))
	return files
}

func BenchmarkLoad(b *testing.B) {
	files := many()
	for b.Loop() {
		load(b, files)
	}
	b.StopTimer()
	before := held()
	s := load(b, files)
	b.ReportMetric(float64(held()-before)/(1<<20), "MiB-held")
	runtime.KeepAlive(s)
	runtime.KeepAlive(files)
}

func held() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkJudge(b *testing.B) {
	s := load(b, many())
	var codes []record.Coding
	for i := range 4096 {
		codes = append(codes, record.Coding{System: record.SNOMED, Code: conceptID(200_000 + i*7)})
	}
	for i := 0; b.Loop(); i++ {
		s.Judge(&codes[i%len(codes)])
	}
}
