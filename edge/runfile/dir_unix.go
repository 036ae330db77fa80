//go:build unix

package runfile

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// candidates are the directories where runs may be: a login without
// XDG_RUNTIME_DIR finds what one with it wrote only in the second, so all are
// read, and the first that is private is written. In a shared temporary
// directory anybody can take the name first, which must not keep this user
// from running an edge; in the user's own cache nobody can.
func (s Store) candidates() []string {
	if s.Dir != "" {
		return []string{s.Dir}
	}
	var dirs []string
	if xdg := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(xdg) && isDir(xdg) {
		dirs = append(dirs, filepath.Join(xdg, "sundog"))
	}
	dirs = append(dirs, filepath.Join(os.TempDir(), "sundog-"+strconv.Itoa(os.Getuid())))
	if cache, err := os.UserCacheDir(); err == nil {
		dirs = append(dirs, filepath.Join(cache, "sundog", "run"))
	}
	return dirs
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
