//go:build unix

package private

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// CheckDir errs unless dir is a directory of this user that no one else may enter. A
// link to one is none: in a shared /tmp another user could have put it there.
func CheckDir(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !fi.IsDir() || !ours(fi) {
		return fmt.Errorf("%s is %v: want a directory of this user alone (0700); remove it", dir, fi.Mode())
	}
	return nil
}

// Open opens a file of this user that no one else may read or write, and no link.
func Open(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a link: it is not followed; remove it", file)
	}
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err == nil && (!fi.Mode().IsRegular() || !ours(fi)) {
		err = fmt.Errorf("%s is %v: want a file of this user alone (0600); remove it", file, fi.Mode())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func ours(fi os.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid() && fi.Mode().Perm()&0o077 == 0
}
