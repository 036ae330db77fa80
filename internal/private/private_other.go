//go:build !unix

package private

import (
	"fmt"
	"os"
)

// CheckDir errs unless dir is a directory itself; who may enter it is inherited from the
// user's profile here.
func CheckDir(dir string) error {
	fi, err := os.Lstat(dir)
	if err == nil && !fi.IsDir() {
		err = fmt.Errorf("%s is %v: want a directory; remove it", dir, fi.Mode())
	}
	return err
}

// Open opens a file, and no link; who may read it is inherited from the user's profile here.
func Open(file string) (*os.File, error) {
	fi, err := os.Lstat(file)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %v: want a file; remove it", file, fi.Mode())
	}
	return os.Open(file)
}
