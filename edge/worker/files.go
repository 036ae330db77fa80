package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keep writes down the uploaded assets of a plan. Those that no folder can hold are their Worker's own fault.
func (e *Engine) keep(p *plan) {
	for _, u := range p.units {
		if u.version == nil || u.version.Assets == nil {
			continue
		}
		if _, err := e.files(u); err != nil {
			u.refused(err.Error(), e.good[u.worker.Name])
		}
	}
}

// files is the folder of a unit's assets; uploaded ones are written down once.
func (e *Engine) files(u *unit) (string, error) {
	a := u.version.Assets
	if a.Dir != "" {
		return filepath.Abs(a.Dir)
	}
	dir := filepath.Join(e.dir, "assets", digest(a.Files))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	tmp := dir + ".new"
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return "", err
	}
	for _, f := range a.Files {
		name := filepath.Join(tmp, filepath.FromSlash(strings.TrimPrefix(f.Path, "/")))
		err := os.MkdirAll(filepath.Dir(name), 0o700)
		if err == nil {
			err = os.WriteFile(name, f.Content, 0o600)
		}
		if err != nil {
			os.RemoveAll(tmp)
			if at := new(fs.PathError); errors.As(err, &at) {
				err = at.Err // its path is of no use to anybody
			}
			return "", fmt.Errorf("the asset %q cannot be kept: %w", f.Path, err)
		}
	}
	return dir, os.Rename(tmp, dir)
}
