//go:build unix

package environ

import (
	"fmt"
	"os"
	"syscall"
)

// checkPrivate errs unless dir is a directory of this user that no one else
// may enter. A link to one is none.
func checkPrivate(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !fi.IsDir() || !ok || int(st.Uid) != os.Getuid() || fi.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s is %v: want a directory of this user alone (0700)", dir, fi.Mode())
	}
	return nil
}
