//go:build unix

package bundle

import (
	"os"
	"syscall"
)

// private says that a file is this user's, and that nobody else can write to it.
func private(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid() && info.Mode().Perm()&0o022 == 0
}
