package run

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/world"
)

// maxLinks is how many links lead to a file at most, as for the system.
const maxLinks = 40

// entries are the folders to watch for a file, and the entries of them that decide what is read:
// the file, each link on the way to it, and where there is nothing, what would have to come
// first. All are absolute.
func entries(path string) (folders, names []string) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, nil
	}
	root := filepath.VolumeName(path) + string(filepath.Separator)
	at, rest, links := root, split(path[len(root)-1:]), 0
	entry := func(name string) {
		folders, names = append(folders, filepath.Dir(name)), append(names, name)
	}
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		if part == ".." {
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, part)
		info, err := os.Lstat(next)
		switch {
		case err != nil:
			entry(next)
			return folders, names
		case info.Mode()&os.ModeSymlink != 0:
			entry(next)
			target, err := os.Readlink(next)
			if links++; err != nil || links > maxLinks {
				return folders, names
			}
			if filepath.IsAbs(target) {
				at = filepath.VolumeName(target) + string(filepath.Separator)
				target = target[len(at)-1:]
			}
			rest = slices.Concat(split(target), rest)
		case len(rest) == 0:
			entry(next)
		default:
			names = append(names, next) // a folder that is taken away or replaced
			at = next
		}
	}
	return folders, names
}

// split are the parts of a path below its root.
func split(path string) []string {
	return slices.DeleteFunc(strings.Split(filepath.ToSlash(path), "/"), func(part string) bool { return part == "" || part == "." })
}

// folded is a name as file systems of this kind compare it.
func folded(name string) string {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return strings.ToLower(name)
	}
	return name
}

// changedSince tells whether a file of a world changed after a time, or is gone.
func changedSince(w *world.World, at time.Time) bool {
	return slices.ContainsFunc(w.Files(), func(path string) bool {
		info, err := os.Stat(path)
		return err != nil || info.ModTime().After(at)
	})
}
