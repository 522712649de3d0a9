package archtest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)

// A document that points to a file which has moved sends a newcomer astray.
func TestDocumentsPointToRealFiles(t *testing.T) {
	s := tree(t)
	for _, f := range s.files {
		if !strings.HasSuffix(f.name, ".md") {
			continue
		}
		for _, m := range link.FindAllSubmatch(f.text, -1) {
			to := string(m[1])
			if strings.Contains(to, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(s.root, filepath.FromSlash(path.Join(path.Dir(f.name), to)))); err != nil {
				t.Errorf("%s points to %s, which is not there", f.name, to)
			}
		}
	}
}
