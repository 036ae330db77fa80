//go:build !unix

package environ

import (
	"fmt"
	"os"
)

// checkPrivate errs unless dir is a directory; who may enter it is inherited
// from the user's profile here.
func checkPrivate(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !fi.IsDir() {
		return fmt.Errorf("%s is %v: want a directory", dir, fi.Mode())
	}
	return nil
}
