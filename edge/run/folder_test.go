package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolderFallsBack(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing")
	for name, tt := range map[string]struct {
		places []string
		want   string
	}{
		"the first":                       {[]string{dir, file}, dir},
		"a file is no place":              {[]string{file, dir, missing}, dir},
		"one that is missing is not made": {[]string{missing, dir, file}, dir},
		"but the last is":                 {[]string{file, filepath.Join(dir, "made", "cache")}, filepath.Join(dir, "made", "cache")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := folderIn(tt.places, "sundog-run-")
			if err != nil || filepath.Dir(got) != tt.want {
				t.Fatalf("%s, %v, want one in %s", got, err, tt.want)
			}
			if fi, err := os.Stat(got); err != nil || fi.Mode().Perm()&0o077 != 0 {
				t.Errorf("%v, %v: others may enter it", fi.Mode(), err)
			}
		})
	}
	_, err := folderIn([]string{missing + "2", file}, "sundog-run-")
	var failed *FolderError
	if !errors.As(err, &failed) || len(failed.Tried) != 2 || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{missing + "2", file, "set XDG_RUNTIME_DIR or TMPDIR to a folder that you can write to"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "sundog-run-") {
		t.Errorf("%q tells a name that nobody has asked for", err)
	}
}
