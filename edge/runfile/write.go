package runfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// WriteReady writes r to path for scripts that wait for it: renamed into
// place, so that it is whole as soon as it is there. What stands there is
// replaced, if it is a file or a link; anything else is an error.
func WriteReady(path string, r Ready) error {
	if fi, err := os.Lstat(path); err == nil && !fi.Mode().IsRegular() && fi.Mode().Type() != os.ModeSymlink {
		return fmt.Errorf("--ready-file %s is %v: want a path for a file", path, fi.Mode().Type())
	}
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := replaceFile(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("--ready-file %s: %w", path, err)
	}
	return nil
}

// replaceFile writes beside path and renames, so that no reader sees half a
// file and a link at path is replaced, not followed.
func replaceFile(path string, data []byte, mode os.FileMode) error {
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
