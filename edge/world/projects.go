package world

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// found is a wrangler file that nobody named, or why there is none to read.
type found struct {
	file   string
	looked []string
	err    error
}

// isWranglerName tells a wrangler file from others by its name.
func isWranglerName(base string) bool {
	ext := filepath.Ext(base)
	return strings.HasPrefix(base, "wrangler.") && (ext == ".json" || ext == ".jsonc" || ext == ".toml")
}

// built are the folders one level down that tools fill, with wrangler files among what they write.
func built() [4]string { return [...]string{"node_modules", "dist", "build", "out"} }

// projectsIn are the wrangler files of a folder: its own, else those one level down.
func projectsIn(dir string) (list []found, looked []string) {
	file, looked, err := wrangler.Find(dir)
	if file != "" || err != nil {
		return []found{{file, looked, err}}, looked
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, looked
	}
	skipped := built()
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || slices.Contains(skipped[:], e.Name()) {
			continue
		}
		if !e.IsDir() && e.Type()&os.ModeSymlink == 0 {
			continue
		}
		if file, looked, err := wrangler.Find(filepath.Join(dir, e.Name())); file != "" || err != nil {
			list = append(list, found{file, looked, err})
		}
	}
	return list, looked
}

// takeProjects makes the Workers and Pages projects that sundog.yaml names, and where it speaks of
// none, those that are found.
func (d *draft) takeProjects() {
	for _, e := range d.folders {
		if e.worker != nil {
			d.takeWorker(e)
		} else {
			d.takePages(e)
		}
	}
	if !d.beside && !d.folder || !d.noWorkers && !d.noPages {
		return
	}
	list, looked := projectsIn(d.dir)
	d.looked = append(d.looked, looked...)
	for _, f := range list {
		d.looked = append(d.looked, f.looked...)
		d.takeFound(f)
	}
}

// takeFound makes a Worker or a Pages project of a file that nobody named.
func (d *draft) takeFound(f found) {
	if f.err != nil {
		var es wrangler.Errors
		if errors.As(f.err, &es) && strings.HasPrefix(filepath.Base(es[0].At.File), "cloudflare.config.") {
			d.probs.find(nil, Mark(es[0].At), es[0].Found, es[0].Hint)
		} else if d.noWorkers {
			d.takeProblems(nil, f.err)
		}
		return
	}
	cfg, findings, err := wrangler.Load(f.file, wrangler.Options{Lookup: d.lookup})
	pages := err == nil && cfg.Output != ""
	if pages && !d.noPages || !pages && !d.noWorkers {
		return
	}
	d.tookFiles(cfg)
	d.takeProblems(findings, err)
	if err != nil {
		return
	}
	doc := &Document{Mark: Mark(cfg.At), src: d.texts[cfg.File]}
	if pages {
		doc.Value = pagesOf(cfg)
		d.code = append(d.code, doc)
		return
	}
	doc.Value = workerOf(cfg)
	d.addWorker(doc, nil)
}

// project reads the wrangler file of a folder that sundog.yaml names. Nil: it cannot be read, which is
// among the problems.
func (d *draft) project(doc *Document, field, name, env string) *wrangler.Config {
	if !d.disk {
		d.report(doc, field, "the folder "+quote(name)+", where no file can be read", "a world in a folder", "")
		return nil
	}
	file := resolvePath(d.dir, name)
	switch info, err := os.Stat(file); {
	case err != nil:
		d.looked = append(d.looked, file)
		d.report(doc, field, "the folder "+quote(file)+", which does not exist", "", "the name is relative to "+orHere(d.dir))
		return nil
	case info.IsDir():
		in, looked, err := wrangler.Find(file)
		d.looked = append(d.looked, looked...)
		if err != nil {
			d.takeProblems(nil, err)
			return nil
		}
		if in == "" {
			d.report(doc, field, "the folder "+quote(file)+", which has no wrangler file", "a folder with wrangler.json, wrangler.jsonc or wrangler.toml", "a module without one is {name, main}")
			return nil
		}
		file = in
	}
	cfg, findings, err := wrangler.Load(file, wrangler.Options{Env: env, Lookup: d.lookup})
	d.tookFiles(cfg)
	if err != nil && env != "" {
		// What is wrong with the choice of the environment is wrong here.
		var es, rest wrangler.Errors
		errors.As(err, &es)
		for _, e := range es {
			if e.Field == "env" && strings.HasPrefix(e.Found, "no environment") {
				d.report(doc, "env", e.Found+" in "+e.At.String(), e.Allowed, e.Hint)
			} else {
				rest = append(rest, e)
			}
		}
		if err = nil; len(rest) > 0 {
			err = rest
		}
		d.takeProblems(findings, err)
		return nil
	}
	d.takeProblems(findings, err)
	if err != nil {
		return nil
	}
	return cfg
}

// tookFiles notes the files that were read for a project.
func (d *draft) tookFiles(cfg *wrangler.Config) {
	if cfg == nil {
		return
	}
	d.looked = append(d.looked, cfg.Looked...)
	if d.texts == nil {
		d.texts = map[string]*source{}
	}
	for _, name := range cfg.Read {
		if slices.Contains(d.files, name) {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		src := &source{name, bytes.TrimPrefix(data, []byte("\ufeff"))}
		d.reads(src)
		if name == cfg.File {
			d.texts[name] = src // lines of the others hold secrets, and are not shown
		}
	}
}

// takeProblems files what the reader of wrangler files said.
func (d *draft) takeProblems(findings []wrangler.Problem, err error) {
	for _, f := range findings {
		d.probs.find(d.texts[f.At.File], Mark(f.At), labelled(f.Field, f.Found), f.Hint)
	}
	var es wrangler.Errors
	if errors.As(err, &es) {
		for _, e := range es {
			d.probs.add(d.texts[e.At.File], Error{Mark: Mark(e.At), Field: e.Field, Found: e.Found, Allowed: e.Allowed, Hint: e.Hint})
		}
	}
}
