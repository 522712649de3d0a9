package pgrun

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who the server runs as. PostgreSQL refuses to run as root, so root hands the cluster to another account; for an
// ordinary user the zero account means "myself".
type account struct {
	name string
	cred *syscall.Credential
}

func chooseAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errU := strconv.ParseUint(u.Uid, 10, 32)
		gid, errG := strconv.ParseUint(u.Gid, 10, 32)
		if errU == nil && errG == nil {
			return account{name, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
		}
	}
	return account{}, errors.New("running as root, but there is neither a postgres nor a nobody account to run the server as")
}

// give makes the account the owner of a path.
func (a account) give(path string) error {
	if a.cred == nil {
		return nil
	}
	if err := os.Chown(path, int(a.cred.Uid), int(a.cred.Gid)); err != nil {
		return fmt.Errorf("handing a folder to %s: %w", a.name, err)
	}
	return nil
}

// temporaryFolder is where the cluster may live: the usual place, unless the server's account could not get there.
func (a account) temporaryFolder() string {
	if dir := os.TempDir(); a.mayEnter(dir) {
		return dir
	}
	return "/tmp"
}

// mayEnter reports whether the account can pass through every folder on the way to path and read path itself.
func (a account) mayEnter(path string) bool {
	if a.cred == nil {
		return true
	}
	for dir := path; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || !a.mayPass(info) {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

func (a account) mayPass(info fs.FileInfo) bool {
	mode := info.Mode().Perm()
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid == a.cred.Uid {
		return mode&0o100 != 0
	}
	return mode&0o001 != 0
}

// reachable gives a folder with the server's programs that the account may enter: the one found, or a copy of its installation
// when that lies below a closed folder such as /root.
func reachable(bin string, h *home, acct account) (string, error) {
	bin, err := filepath.EvalSymlinks(bin)
	if err != nil {
		return "", fmt.Errorf("resolving the folder of the PostgreSQL programs: %w", err)
	}
	if acct.mayEnter(bin) {
		return bin, nil
	}
	copied := filepath.Join(h.path, "pgsql")
	if err := os.CopyFS(copied, os.DirFS(filepath.Dir(bin))); err != nil {
		return "", fmt.Errorf("copying the PostgreSQL programs out of a closed folder: %w", err)
	}
	return filepath.Join(copied, filepath.Base(bin)), nil
}
