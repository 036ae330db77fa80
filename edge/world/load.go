package world

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Loader reads worlds. The zero Loader is what [Load] and [Parse] use.
type Loader struct {
	// Lookup is the environment for ${NAME} in sundog.yaml. Nil: os.LookupEnv.
	Lookup func(name string) (string, bool)
	// Home is the user's home folder, whose own cloudflared file is named in messages and
	// never used unless it is asked for by name. Nil: os.UserHomeDir.
	Home func() (string, error)

	folder bool // it is a folder that is loaded
	unsaid bool // without its sundog.yaml
}

// Load reads the world that a file or a folder describes. In a folder it looks
// for sundog.yaml or sundog.json, and failing that for cloudflared's config.yml
// or config.yaml there, in cloudflared/ and in .cloudflared/, and for wrangler's
// files there or one level down. The user's own ~/.cloudflared is left out: who
// means that file names it.
//
// An error is of type [Errors] and lists everything that is wrong. The World
// that comes with it may be nil and holds no documents, but the findings, and the
// files that were read, to be watched until they are mended.
func Load(path string) (*World, error) { return Loader{}.Load(path) }

// Parse reads a world from memory: a sundog.yaml, or a cloudflared config.yml
// when its keys are those of one. Name is used in messages; dir is the folder
// that relative file names start from, and is searched for cloudflared's file as
// in [Load]. With an empty dir no file is looked for or read, and naming one is
// an error.
func Parse(name string, data []byte, dir string) (*World, error) {
	return Loader{}.Parse(name, data, dir)
}

// MustParse is Parse of a text without a folder, for tests; it panics on errors.
func MustParse(text string) *World {
	w, err := Parse("sundog.yaml", []byte(text), "")
	if err != nil {
		panic("world: " + err.Error())
	}
	return w
}

// Unsaid is Load of a folder as if it had no sundog.yaml: what cloudflared's and wrangler's files tell.
// Nil and nil: there are none.
func Unsaid(dir string) (*World, error) {
	l := Loader{unsaid: true}
	if file, _ := l.discover(dir); file == "" {
		return nil, nil
	}
	return l.Load(dir)
}

// Load is the function of the same name.
func (l Loader) Load(path string) (*World, error) {
	if path == "" {
		path = "."
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, Errors{{Mark: Mark{File: path}, Found: plain(err)}}
	}
	file := path
	var tried []string
	if info.IsDir() {
		file, tried = l.discover(path)
		if yml := filepath.Join(path, "sundog.yml"); !l.unsaid && !strings.HasPrefix(filepath.Base(file), "sundog.") && exists(yml) {
			return &World{looked: append(tried, yml), dir: path}, Errors{{Mark: Mark{File: yml}, Found: "the name sundog.yml", Allowed: "sundog.yaml or sundog.json", Hint: "rename it"}}
		}
		if file != "" && !isConfigName(filepath.Base(file)) && !strings.HasPrefix(filepath.Base(file), "sundog.") {
			return l.loadProjects(path, "", tried)
		}
		if file == "" {
			return &World{looked: tried, dir: path}, Errors{{Mark: Mark{File: path}, Found: "nothing to run", Allowed: "one of " + strings.Join(tried, ", "), Hint: cmp.Or(l.elsewhere(path), "name a file, or write a sundog.yaml")}}
		}
	} else {
		path = filepath.Dir(path)
		if isWranglerName(filepath.Base(file)) {
			return l.loadProjects(path, file, nil)
		}
	}
	src, problem := readFile(file)
	if problem != nil {
		return &World{files: []string{file}, looked: tried, dir: path}, Errors{problem}
	}
	l.folder = info.IsDir()
	return l.load(src, path, true, tried)
}

// loadProjects makes a world of the wrangler files of a folder, or of one file.
func (l Loader) loadProjects(dir, file string, looked []string) (*World, error) {
	d := newDraft(dir)
	d.disk, d.looked, d.home, d.lookup = true, looked, l.home(), l.lookup()
	if d.folder = file == ""; !d.folder {
		d.takeFound(found{file: file})
	}
	return d.world()
}

func (l Loader) lookup() func(string) (string, bool) {
	if l.Lookup == nil {
		return os.LookupEnv
	}
	return l.Lookup
}

// Parse is the function of the same name.
func (l Loader) Parse(name string, data []byte, dir string) (*World, error) {
	src, problem := newSource(name, data)
	if problem != nil {
		return nil, Errors{problem}
	}
	return l.load(src, dir, dir != "", nil)
}

func (l Loader) load(src *source, dir string, disk bool, looked []string) (*World, error) {
	d := newDraft(dir)
	d.disk, d.looked, d.home, d.folder, d.lookup = disk, looked, l.home(), l.folder, l.lookup()
	base := filepath.Base(src.name)
	if !strings.HasPrefix(base, "sundog.") && (isConfigName(base) || isConfig(src)) {
		d.parseConfig(src)
		return d.world()
	}
	d.reads(src)
	d.beside = disk
	d.read(src, d.lookup)
	return d.world()
}

func isConfigName(base string) bool { return base == "config.yml" || base == "config.yaml" }

func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// resolvePath is a file name of a world's file as seen from here.
func resolvePath(dir, name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

func orHere(dir string) string {
	if dir == "" || dir == "." {
		return "the current folder"
	}
	return fmt.Sprintf("%q", dir)
}
