package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// FolderError is that no folder for files of a run can be made, in any of the places where they may be.
type FolderError struct{ Tried []error }

func (e *FolderError) Error() string {
	var tried []string
	for _, err := range e.Tried {
		tried = append(tried, err.Error())
	}
	return fmt.Sprintf("no folder for the run's files can be made: %s; set XDG_RUNTIME_DIR or TMPDIR to a folder that you can write to", strings.Join(tried, "; "))
}

func (e *FolderError) Unwrap() []error { return e.Tried }

// Folder makes a folder that only this user may enter and that nobody could have made before, named
// prefix and something random. It is in XDG_RUNTIME_DIR, or where that cannot be written, in the system's
// temporary folder, or in the user's cache. The caller removes it. The error is a *FolderError.
func Folder(prefix string) (dir string, err error) {
	var places []string
	if xdg := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(xdg) {
		places = append(places, xdg)
	}
	places = append(places, os.TempDir())
	if cache, err := os.UserCacheDir(); err == nil {
		places = append(places, filepath.Join(cache, "sundog"))
	}
	return folderIn(places, prefix)
}

// folderIn makes it in the first place that takes one. Only the last may be made itself.
func folderIn(places []string, prefix string) (dir string, err error) {
	failed := &FolderError{}
	for i, place := range places {
		if place, err = filepath.Abs(place); err == nil && i == len(places)-1 {
			err = os.MkdirAll(place, 0o700)
		}
		if err == nil {
			if dir, err = os.MkdirTemp(place, prefix); err == nil {
				return dir, nil
			}
		}
		failed.Tried = append(failed.Tried, plainly(err))
	}
	return "", failed
}

// plainly names the place, and not the random name that was tried in it.
func plainly(err error) error {
	var pe *os.PathError
	if !errors.As(err, &pe) {
		return err
	}
	if pe.Op == "mkdir" && strings.Contains(filepath.Base(pe.Path), "-") {
		return &os.PathError{Op: "write to", Path: filepath.Dir(pe.Path), Err: pe.Err}
	}
	return pe
}
