//go:build unix && !aix && !solaris

package leftover

import (
	"os"
	"syscall"
)

func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

func rename(f *os.File, path string) error { return os.Rename(f.Name(), path) }

// own says that the folder is this user's, and that nobody else can enter it.
func own(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && info.IsDir() && info.Mode().Perm()&0o077 == 0
}

// left says that nobody holds the mark, and that there is one.
func left(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return lock(f) == nil
}
