package workerd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// NotFoundError says that there is no workerd, and where it was looked for.
type NotFoundError struct{ Looked []string }

func (e *NotFoundError) Error() string {
	return "no workerd was found: `npm install workerd` in the project, or set SUNDOG_WORKERD to the binary; looked at " + strings.Join(e.Looked, ", ")
}

// Find is the path of the runtime's binary: what $SUNDOG_WORKERD or
// $MINIFLARE_WORKERD_PATH names, else the one that npm installed for a folder or
// for one above it, else the first on PATH. The npm package `workerd` holds a
// Node program that starts the binary; the binary itself is taken.
func Find(folders ...string) (string, error) {
	var looked []string
	for _, name := range []string{"SUNDOG_WORKERD", "MINIFLARE_WORKERD_PATH"} {
		path := os.Getenv(name)
		if path == "" {
			looked = append(looked, "$"+name)
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("$%s: %w", name, err)
		}
		return path, nil
	}
	seen := map[string]bool{}
	for _, folder := range folders {
		folder, err := filepath.Abs(folder)
		if err != nil {
			continue
		}
		looked = append(looked, filepath.Join(folder, "node_modules")+" and above")
		for !seen[folder] {
			seen[folder] = true
			path := filepath.Join(folder, "node_modules", filepath.FromSlash(platformPackage()), "bin", binary())
			if _, err := os.Stat(path); err == nil {
				return path, nil
			} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && !isNotDir(err) {
				return "", err
			}
			folder = filepath.Dir(folder)
		}
	}
	path, err := exec.LookPath(binary())
	if err == nil && !script(path) {
		return path, nil
	}
	return "", &NotFoundError{Looked: append(looked, "PATH")}
}

func isNotDir(err error) bool { return strings.Contains(err.Error(), "not a directory") }

func binary() string {
	if runtime.GOOS == "windows" {
		return "workerd.exe"
	}
	return "workerd"
}

// platformPackage is npm's package with the binary for this machine.
func platformPackage() string {
	arch := map[string]string{"amd64": "64", "arm64": "arm64"}[runtime.GOARCH]
	if runtime.GOOS == "windows" {
		arch = "64"
	}
	return "@cloudflare/workerd-" + runtime.GOOS + "-" + arch
}

// script says that the file is npm's wrapper, which costs a start of Node.
func script(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [2]byte
	n, _ := f.Read(head[:])
	return string(head[:n]) == "#!"
}
