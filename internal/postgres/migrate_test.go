package postgres

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"ribble/migrations"
)

func TestMigrationsArePairedAndWithoutGaps(t *testing.T) {
	all, err := loadMigrations(migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(migrations.Files, "*")
	if err != nil || len(files) != 2*len(all) {
		t.Errorf("%d files for %d migrations (%v)", len(files), len(all), err)
	}
}

func TestLoadMigrationsRefuses(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("SELECT 1")}
	for name, files := range map[string]fstest.MapFS{
		"a gap":            {"0001_a.up.sql": file, "0001_a.down.sql": file, "0003_b.up.sql": file, "0003_b.down.sql": file},
		"no way back":      {"0001_a.up.sql": file},
		"another way back": {"0001_a.up.sql": file, "0002_a.down.sql": file},
		"a short number":   {"1_a.up.sql": file, "1_a.down.sql": file},
		"no number":        {"make.up.sql": file, "make.down.sql": file},
		"a number twice":   {"0001_a.up.sql": file, "0001_a.down.sql": file, "0001_b.up.sql": file, "0001_b.down.sql": file},
	} {
		if all, err := loadMigrations(files); err == nil {
			t.Errorf("%s was accepted: %v", name, all)
		}
	}
}

func TestScramVerifierRefusesWhatNeedsPreparing(t *testing.T) {
	for _, bad := range []string{"pass word", "p\x00", "pässword", "tab\t"} {
		if _, err := scramVerifier(bad); err == nil || strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
