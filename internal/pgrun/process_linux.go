package pgrun

import "syscall"

// attributes gives the server its account and its own process group (Ctrl-C must not reach it before its owner), and ends it with its owner.
func attributes(acct account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: acct.cred, Setpgid: true, Pdeathsig: immediateShutdown}
}
