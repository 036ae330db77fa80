package bundle

import (
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// job is one build.
type job struct {
	config   *wrangler.Config
	entry    *Entry
	dir      string // the config's, absolute, without symbolic links, as esbuild names files
	main     string // absolute; empty: there is none, but an entry
	node     node
	rules    []rule
	found    map[string]string // modules of find_additional_modules: absolute path to name
	warnings []Problem

	mu      *sync.Mutex               // guards what follows, which esbuild's goroutines fill
	modules map[string]version.Module // beside the main one, by name
	seen    map[string]bool           // files, absolute
	warned  map[string]bool
}

func newJob(c *wrangler.Config, entry *Entry) *job {
	j := &job{
		config: c, entry: entry, dir: c.Dir,
		node:    node{date: c.Version.CompatibilityDate, flags: c.Version.CompatibilityFlags},
		mu:      new(sync.Mutex),
		modules: map[string]version.Module{}, seen: map[string]bool{}, warned: map[string]bool{},
	}
	if abs, err := filepath.Abs(j.dir); err == nil {
		j.dir = abs
	}
	if real, err := filepath.EvalSymlinks(j.dir); err == nil {
		j.dir = real
	}
	if c.Main == "" {
		return j
	}
	j.main = filepath.FromSlash(c.Main)
	if !filepath.IsAbs(j.main) {
		j.main = filepath.Join(j.dir, j.main)
	}
	if real, err := filepath.EvalSymlinks(j.main); err == nil {
		j.main = real
	}
	j.see(j.main)
	return j
}

// reset makes j, which a build context calls back, the job next.
func (j *job) reset(next *job) { *j = *next }

// prepare reads what is decided before esbuild runs.
func (j *job) prepare() (problems []Problem) {
	j.rules, problems = compileRules(j.config.Bundling.Rules)
	if problems != nil {
		return problems
	}
	if j.config.Bundling.FindAdditional && j.main != "" {
		return j.findAdditional()
	}
	return nil
}

func (j *job) see(path string) {
	j.mu.Lock()
	j.seen[path] = true
	j.mu.Unlock()
}

// mainName is what the bundle is called among the modules.
func (j *job) mainName() string {
	from := j.main
	if j.entry != nil {
		from = j.entry.Name
	}
	base := filepath.Base(from)
	return strings.TrimSuffix(base, filepath.Ext(base)) + ".js"
}

// options are wrangler's.
func (j *job) options(nodeEnv string, conditions []string) api.BuildOptions {
	if nodeEnv == "" {
		nodeEnv = "production"
	}
	if conditions == nil {
		conditions = []string{"workerd", "worker", "browser"}
	}
	c := j.config.Bundling
	define := map[string]string{}
	for _, name := range []string{"process.env.NODE_ENV", "global.process.env.NODE_ENV", "globalThis.process.env.NODE_ENV"} {
		define[name] = strconv.Quote(nodeEnv)
	}
	if j.navigator() {
		define["navigator.userAgent"] = `"Cloudflare-Workers"`
	}
	maps.Copy(define, c.Define)
	o := api.BuildOptions{
		AbsWorkingDir:     j.dir,
		Outfile:           filepath.Join(j.dir, j.mainName()),
		AllowOverwrite:    true, // nothing is written
		Bundle:            true,
		Format:            api.FormatESModule,
		Target:            api.ES2024,
		Supported:         map[string]bool{"import-source": true, "using": true},
		Conditions:        conditions,
		Loader:            map[string]api.Loader{".js": api.LoaderJSX, ".mjs": api.LoaderJSX, ".cjs": api.LoaderJSX},
		Metafile:          true,
		Sourcemap:         api.SourceMapExternal,
		KeepNames:         c.KeepNames,
		MinifyWhitespace:  c.Minify,
		MinifyIdentifiers: c.Minify,
		MinifySyntax:      c.Minify,
		Define:            define,
		External:          append([]string{"__STATIC_CONTENT_MANIFEST"}, c.External...),
		LogLevel:          api.LogLevelSilent,
	}
	if c.TSConfig != "" {
		o.Tsconfig = j.absolute(c.TSConfig)
	}
	if j.entry != nil {
		o.Stdin = &api.StdinOptions{
			Contents: j.entry.Contents, Loader: api.LoaderJS,
			Sourcefile: filepath.Base(filepath.FromSlash(j.entry.Name)), ResolveDir: filepath.Dir(j.absolute(j.entry.Name)),
		}
	} else {
		o.EntryPoints = []string{j.main}
	}
	return o
}

// navigator is whether the runtime has the global of that name.
func (j *job) navigator() bool {
	if j.node.has("global_navigator") || j.node.has("no_global_navigator") {
		return !j.node.has("no_global_navigator")
	}
	return j.node.date >= "2022-03-21"
}
