package pgrun

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// Program finds another of PostgreSQL's programs, such as pgbench: beside the server's, else on the PATH. Not every way of installing the server
// brings them all.
func (c *Cluster) Program(name string) (string, error) {
	if c.server != "" {
		path := filepath.Join(filepath.Dir(c.server), name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", errors.New("there is no " + name + " beside the server's programs or on the PATH")
	}
	return path, nil
}
