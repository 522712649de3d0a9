//go:build unix && !linux

package spawn

import "os/exec"

// endWithOwner does nothing: there is no parent-death signal here.
func endWithOwner(*exec.Cmd) {}
