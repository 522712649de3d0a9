//go:build !linux

package main

// closeMemory has no counterpart here; production runs on Linux.
func closeMemory() error { return nil }
