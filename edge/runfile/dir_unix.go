//go:build unix

package runfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// candidates are the directories where runs may be: a login without
// XDG_RUNTIME_DIR finds what one with it wrote only in the second, so both
// are read and the first is written.
func (s Store) candidates() []string {
	if s.Dir != "" {
		return []string{s.Dir}
	}
	var dirs []string
	if xdg := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(xdg) && isDir(xdg) {
		dirs = append(dirs, filepath.Join(xdg, "sundog"))
	}
	return append(dirs, filepath.Join(os.TempDir(), "sundog-"+strconv.Itoa(os.Getuid())))
}

// checkPrivate errs unless dir is a directory of this user that no one else
// may enter. A link to one is none: in a shared /tmp another user could have
// put it there.
func checkPrivate(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !fi.IsDir() || !ok || int(st.Uid) != os.Getuid() || fi.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s is %v: want a directory of this user alone (0700); remove it", dir, fi.Mode())
	}
	return nil
}

// openPrivate opens a file of this user that no one else may read or write,
// and no link.
func openPrivate(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a link: it is not followed; remove it", file)
	}
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err == nil {
		st, ok := fi.Sys().(*syscall.Stat_t)
		if !fi.Mode().IsRegular() || !ok || int(st.Uid) != os.Getuid() || fi.Mode().Perm()&0o077 != 0 {
			err = fmt.Errorf("%s is %v: want a file of this user alone (0600); remove it", file, fi.Mode())
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// processAlive asks with signal 0; a process of another user is alive too.
func processAlive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

func isRefused(error) bool { return false }

func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}
