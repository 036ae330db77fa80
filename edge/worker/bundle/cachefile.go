package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Bounds of a cache folder.
const (
	maxEntries    = 200
	maxEntry      = 16 << 20
	maxCacheBytes = 256 << 20
)

// CheckCache makes a folder fit for [Builder.Cache], with mode 0700 if it is not there. An error says why it is not:
// it belongs to somebody else, or somebody else can write to it.
func CheckCache(dir string) error {
	info, err := os.Lstat(dir)
	if errors.Is(err, os.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o700); err == nil {
			info, err = os.Lstat(dir)
		}
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder", dir)
	}
	if !private(info) {
		return fmt.Errorf("%s belongs to, or can be written to by, somebody else (mode %v)", dir, info.Mode().Perm())
	}
	return nil
}

// readEntry reads a file that only this user can have written.
func readEntry(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || !private(info) || info.Size() > maxEntry {
		return nil, fmt.Errorf("%s is not an entry of this user's", path)
	}
	all := make([]byte, info.Size())
	_, err = io.ReadFull(f, all)
	return all, err
}

// sealEntry is an entry's bytes: the form, a hash of what follows, a line of JSON, the content of the modules.
func sealEntry(head, blobs []byte) []byte {
	body := slices.Concat(head, []byte("\n"), blobs)
	return slices.Concat([]byte(entryForm), []byte(sum(body)), []byte("\n"), body)
}

// openEntry takes an entry's bytes apart; false: they are not what was written.
func openEntry(all []byte) (head, blobs []byte, ok bool) {
	rest, ok := bytes.CutPrefix(all, []byte(entryForm))
	if !ok {
		return nil, nil, false
	}
	hash, body, ok := bytes.Cut(rest, []byte("\n"))
	if !ok || string(hash) != sum(body) {
		return nil, nil, false
	}
	return bytes.Cut(body, []byte("\n"))
}

// writeEntry puts an entry in its place at once, and makes room for it.
func writeEntry(dir, key string, all []byte) {
	path := filepath.Join(dir, key)
	if len(all) > maxEntry {
		os.Remove(path)
		return
	}
	if old, err := readEntry(path); err == nil && bytes.Equal(old, all) {
		return
	}
	f, err := os.CreateTemp(dir, "new-*") // mode 0600
	if err != nil {
		return
	}
	_, err = f.Write(all)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return
	}
	prune(dir)
}

// prune removes the files that were written the longest time ago, beyond the bounds.
func prune(dir string) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var files []os.FileInfo
	for _, e := range list {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b os.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var size int64
	for i, f := range files {
		if size += f.Size(); i >= maxEntries || size > maxCacheBytes {
			os.Remove(filepath.Join(dir, f.Name()))
		}
	}
}
