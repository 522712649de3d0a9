//go:build unix && !linux

package pgrun

import "syscall"

// attributes gives the server its account and its own process group; there is no parent-death signal here, so only the
// watcher ends it with its owner.
func attributes(acct account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: acct.cred, Setpgid: true}
}
