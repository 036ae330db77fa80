// Package private keeps files that only this user may read, and reads none that
// somebody else could have put in the way.
package private

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace writes beside path and renames, so that no reader sees half a file and a link
// at path is replaced, not followed.
func Replace(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
