// Package leftover removes the temporary folders of processes that were killed before they could do so themselves.
//
// A process says that a folder is its own by [Hold], as long as it lives: what it holds is a lock, which ends with it
// whatever ended it. [Sweep] removes folders that were held once and are not now; those that never were, it leaves
// alone.
package leftover

import (
	"os"
	"path/filepath"
	"strings"
)

// mark is the file of a folder that its process has locked.
const mark = ".held"

// Hold says that the folder is this process's, until it ends or release is called. Release comes before the folder's
// removal.
func Hold(dir string) (release func(), err error) {
	path := filepath.Join(dir, mark)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err = lock(f); err == nil {
		err = rename(f, path) // nobody finds one that is not locked yet
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// Sweep removes the folders in place that [os.MkdirTemp] has named with the prefix, that are this user's alone, and
// that were held by a process that is gone. What cannot be removed stays.
func Sweep(place, prefix string) {
	list, err := os.ReadDir(place)
	if err != nil {
		return
	}
	for _, entry := range list {
		random, ok := strings.CutPrefix(entry.Name(), prefix)
		if !ok || random == "" || strings.Trim(random, "0123456789") != "" || !entry.IsDir() {
			continue
		}
		dir := filepath.Join(place, entry.Name())
		if info, err := os.Lstat(dir); err == nil && own(info) && left(filepath.Join(dir, mark)) {
			os.RemoveAll(dir)
		}
	}
}
