package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
)

// InitOptions say what sundog.yaml is to be written.
type InitOptions struct {
	Path    string   // folder of the project, or a cloudflared file; empty: the working directory
	Protect []string // hosts to guard
	Allow   []string // who may enter them: addresses, or "@example.com"
	Force   bool     // write it though there is one, which is kept under another name
	DryRun  bool     // write nothing
}

// Initialized is a sundog.yaml that was, or would be, written.
type Initialized struct {
	File   string // where
	Text   string
	From   string // cloudflared's file, or wrangler's
	Kept   string // where the file is that stood there before; empty: none did
	World  *world.World
	Guards []world.Protection
}

// ExistsError is that a project has its own file already. Nothing was written.
type ExistsError struct {
	File string
	Add  string // what to add to it for the protections asked for; empty: none were
}

func (e *ExistsError) Error() string {
	return e.File + " exists already, and is not overwritten"
}

// Init writes a sundog.yaml of what is inferred of cloudflared's and wrangler's files. Mistakes of those are
// world.Errors.
func Init(o InitOptions) (Initialized, error) {
	done, err := sketch(o)
	if err != nil || o.DryRun {
		return done, err
	}
	if o.Force {
		if done.Kept, err = setAside(done.File); err != nil {
			return done, err
		}
	}
	f, err := os.OpenFile(done.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return done, &ExistsError{File: done.File}
	}
	if err != nil {
		return done, err
	}
	_, err = f.WriteString(done.Text)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(done.File)
	}
	return done, err
}

// sketch is Init without writing.
func sketch(o InitOptions) (done Initialized, err error) {
	path := orHere(o.Path)
	info, err := os.Stat(path)
	if err != nil {
		return done, err
	}
	dir := path
	if !info.IsDir() {
		// The file may lie anywhere: the project is where one stands.
		dir, done.From = ".", path
	}
	done.File = filepath.Join(dir, "sundog.yaml")
	for _, name := range []string{"sundog.yaml", "sundog.json", "sundog.yml"} {
		file := filepath.Join(dir, name)
		if _, err := os.Lstat(file); err == nil && !(o.Force && file == done.File) {
			return done, alreadyThere(file, o)
		}
	}
	if strings.HasPrefix(filepath.Base(done.From), "sundog.") {
		return done, fmt.Errorf("%s is no file of cloudflared's or wrangler's, to write a sundog.yaml of", done.From)
	}
	var w *world.World
	if done.From != "" {
		w, err = world.Load(done.From)
	} else {
		w, err = world.Unsaid(dir)
	}
	if err != nil {
		return done, err
	}
	if w == nil {
		return done, nothingToSketch(dir)
	}
	if done.From == "" {
		done.From = w.Files()[0]
	}
	if done.Guards, err = w.Protect(o.Protect, o.Allow); err != nil {
		return done, err
	}
	done.Text = w.Sketch(dir, done.Guards)
	// What is written is read before anybody else does.
	if done.World, err = world.Parse(done.File, []byte(done.Text), dir); err != nil {
		return done, err
	}
	e, err := edge.New(done.World)
	if err != nil {
		return done, err
	}
	return done, e.Close()
}

// alreadyThere says what to add to the file that there is.
func alreadyThere(file string, o InitOptions) error {
	e := &ExistsError{File: file}
	if len(o.Protect) == 0 {
		return e
	}
	w, err := world.Load(file)
	if err != nil {
		return errors.Join(e, err)
	}
	guards, err := w.Protect(o.Protect, o.Allow)
	if err != nil {
		return errors.Join(e, err)
	}
	e.Add = world.Protections(guards)
	return e
}

func nothingToSketch(dir string) error {
	_, err := world.Load(dir)
	if err == nil {
		err = errors.New("nothing to write down")
	}
	return err
}

// setAside moves a file away, to a name that nothing has. Empty: there was none.
func setAside(file string) (kept string, err error) {
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	for n := 1; ; n++ {
		kept = file + ".bak"
		if n > 1 {
			kept = fmt.Sprintf("%s.bak%d", file, n)
		}
		if _, err := os.Lstat(kept); errors.Is(err, fs.ErrNotExist) {
			return kept, os.Rename(file, kept)
		} else if err != nil {
			return "", err
		}
	}
}
