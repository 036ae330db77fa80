package wrangler

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// Options are what a file does not say.
type Options struct {
	Env string // the environment to read; empty: the top level. Of a Pages project it is not used
	// Lookup is the environment of the process, for the switches of local secrets. Nil: os.LookupEnv.
	Lookup func(name string) (string, bool)
}

// Load reads a wrangler file, or that of a folder. The error is of type [Errors]; the Config that comes
// with one has only the names of the files, to be watched until they are mended, and may be nil.
func Load(path string, o Options) (*Config, []Problem, error) {
	var looked []string
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		file, near, err := Find(path)
		looked = near
		if err != nil {
			return &Config{Dir: path, Looked: looked}, nil, err
		}
		if file == "" {
			all := names()
			return &Config{Dir: path, Looked: looked}, nil, Errors{{At: Mark{File: path}, Found: "a folder without a wrangler file", Allowed: oneOf(all[:])}}
		}
		path = file
	}
	src, problem := read(path)
	if src == nil && problem == nil {
		problem = &Problem{At: Mark{File: path}, Found: "no such file"}
	}
	if problem != nil {
		return &Config{File: path, Looked: append(looked, path)}, nil, Errors{*problem}
	}
	l := newLoader(src, o)
	l.cfg.Looked = looked
	l.load()
	return l.done()
}

// parseText is Load of a text, whose name says its format. No file is read.
func parseText(name string, data []byte, o Options) (*Config, []Problem, error) {
	src, problem := newSource(name, data)
	if problem != nil {
		return nil, nil, Errors{*problem}
	}
	l := newLoader(src, o)
	l.memory = true
	l.load()
	return l.done()
}

// loader reads one file for one environment.
type loader struct {
	o      Options
	src    *source
	probs  *problems
	cfg    *Config
	toml   bool
	built  bool // a build tool wrote the file
	memory bool // no other file is looked at
	pages  bool

	top, env value // env has no node: the top level is read
	name     string
	version  *version.Version
	bound    map[string]string // names of bindings, and their places
}

func newLoader(src *source, o Options) *loader {
	if o.Lookup == nil {
		o.Lookup = os.LookupEnv
	}
	dir := filepath.Dir(src.name)
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return &loader{
		o: o, src: src, probs: &problems{}, toml: strings.HasSuffix(src.name, ".toml"),
		cfg: &Config{File: src.name, Dir: dir, Env: o.Env, Read: []string{src.name}},
	}
}

func (l *loader) done() (*Config, []Problem, error) {
	findings := ordered(l.probs.findings)
	if err := l.probs.err(); err != nil {
		return &Config{File: l.cfg.File, Dir: l.cfg.Dir, Env: l.cfg.Env, Read: l.cfg.Read, Looked: l.cfg.Looked}, findings, err
	}
	return l.cfg, findings, nil
}

func (l *loader) load() {
	if at := l.src.tooDeep(); at >= 0 {
		l.probs.fail(Problem{At: l.src.mark(at), Found: "too many levels inside each other", Allowed: "fewer"})
		return
	}
	parse := parseJSON
	if l.toml {
		parse = parseTOML
	}
	root, problem := parse(l.src)
	if problem != nil {
		l.probs.fail(*problem)
		return
	}
	l.top = value{r: &reader{l.src, l.probs}, n: root}
	if !l.top.is(mapping, "a mapping of keys") {
		return
	}
	l.built = slices.ContainsFunc(builtKeys(), func(key string) bool { return l.top.key(key).given() })
	l.checkKeys(l.top, true)
	if output := l.top.key("pages_build_output_dir"); output.given() {
		l.pages = true
		if dir := output.text(); dir != "" {
			l.cfg.Output = l.path(dir)
		}
	}
	environments := map[string]value{}
	for _, e := range l.top.key("env").pairs() {
		if name := e.field[len("env."):]; e.is(mapping, "a mapping") {
			environments[name] = e
			if name == l.o.Env || l.pages {
				l.checkKeys(e, false)
			}
		}
	}
	if l.pages {
		l.loadPages(environments)
		return
	}
	if l.o.Env != "" {
		if !l.choose(environments) {
			return
		}
	}
	l.cfg.Name = l.workerName()
	l.cfg.Version = l.one()
	l.cfg.Routes = l.routes()
	l.cfg.WorkersDev = l.inherited("workers_dev").truth(len(l.cfg.Routes) == 0)
	l.cfg.PreviewURLs = l.inherited("preview_urls").truth(l.cfg.WorkersDev)
	l.cfg.Bundling = l.bundling()
}

// choose takes the environment that was asked for.
func (l *loader) choose(environments map[string]value) bool {
	if env, ok := environments[l.o.Env]; ok {
		l.env = env
		return true
	}
	if target := l.top.key("targetEnvironment"); l.built && (!target.given() || target.text() == l.o.Env) {
		return true // it was built for one environment
	}
	var known []string
	for name := range environments {
		known = append(known, name)
	}
	slices.Sort(known)
	e := Problem{At: Mark{File: l.src.name}, Field: "env", Found: "no environment " + quote(l.o.Env), Allowed: oneOf(known), Hint: didYouMean(l.o.Env, known)}
	if v := l.top.key("env"); v.given() {
		e.At = l.src.mark(v.n.at)
	}
	if len(known) == 0 {
		e.Allowed, e.Hint = "", "the file has none"
	}
	l.probs.fail(e)
	return false
}

// workerName is the deployed name: an environment's is the Worker's with the environment behind it,
// unless it says another.
func (l *loader) workerName() string {
	own, top := l.env.key("name"), l.top.key("name")
	v, name := top, top.text()
	if own.given() {
		v, name = own, own.text()
	}
	switch {
	case !v.given():
		l.top.fail("no name", "name", `add "name": "my-api"`)
	case name != "" && !workerName.MatchString(name):
		v.fail("the name "+quote(name), "lower-case letters, digits, dashes and underscores, with no dash in front", "")
	case l.env.n != nil && !own.given() && name != "":
		name += "-" + l.o.Env
	}
	if v.given() {
		l.cfg.At = l.src.mark(v.n.at)
	}
	l.name = name
	return name
}

// one reads what an upload says beside the code.
func (l *loader) one() version.Version {
	v := version.Version{Worker: l.name}
	l.version, l.bound = &v, map[string]string{}
	if !l.pages {
		l.main()
	}
	l.runtime()
	l.assets()
	l.vars()
	l.bindings()
	l.classes()
	return v
}

// inherited is what the environment says, else the top level.
func (l *loader) inherited(name string) value {
	if own := l.env.key(name); own.given() {
		return own
	}
	return l.top.key(name)
}

// own is what the environment says, when there is one, and else the top level.
func (l *loader) own(name string) value {
	if l.env.n == nil {
		return l.top.key(name)
	}
	own, top := l.env.key(name), l.top.key(name)
	if own.n == nil && top.given() {
		l.env.find(l.env.field+" has no "+name+", and that of the top level is not inherited", "write "+name+" in the environment too, if it is to have it")
	}
	return own
}

// Module is a Worker that is one module, without a wrangler file. Its compatibility date is
// [ModuleDate], with nodejs_compat.
func Module(name, main string) *Config {
	if abs, err := filepath.Abs(main); err == nil {
		main = abs
	}
	return &Config{
		Dir: filepath.Dir(main), Name: name, Main: main,
		Version:    version.Version{Worker: name, CompatibilityDate: ModuleDate, CompatibilityFlags: []string{"nodejs_compat"}},
		WorkersDev: true, PreviewURLs: true,
		Bundling: Bundling{KeepNames: true},
	}
}

// ModuleDate is the compatibility date of a Worker of files that give none.
const ModuleDate = "2025-09-15"

func sortedNames[V any](m map[string]V) []string {
	var all []string
	for name := range m {
		all = append(all, name)
	}
	slices.SortFunc(all, cmp.Compare[string])
	return all
}
