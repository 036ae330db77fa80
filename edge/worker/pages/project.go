package pages

import (
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// DefaultCompatibilityDate is that of a project that says none.
const DefaultCompatibilityDate = "2026-11-01"

// Project is a Pages project. Its fields may be set until Build is called.
type Project struct {
	Name      string // of the project: its host is <name>.pages.dev
	Dir       string // absolute; relative imports and node_modules are looked up from here
	Output    string // the folder of static files, absolute
	Functions string // the folder of functions, absolute; it need not be there

	// Deployment is what the code is told of itself.
	Deployment Deployment

	// Builder keeps what was parsed between builds; nil: every build is afresh.
	Builder *bundle.Builder

	config *wrangler.Config

	mu     sync.Mutex
	routes *Routes // guarded by mu
}

// Deployment is in the environment of the code, as CF_PAGES_BRANCH and so on.
type Deployment struct {
	Branch  string // empty: "main"
	Commit  string // 40 hex digits; empty: they follow from the code
	URL     string // empty: https://<eight digits of Commit>.<name>.pages.dev
	Preview bool   // the variables of the environment preview are the code's, not those of production
}

// Load is the project of a wrangler file that has pages_build_output_dir.
func Load(c *wrangler.Config) (*Project, error) {
	if c.Output == "" {
		return nil, bundle.Errors{{File: c.File, Text: "pages_build_output_dir is missing, so this is no Pages project"}}
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	output := c.Output
	if !filepath.IsAbs(output) {
		output = filepath.Join(dir, output)
	}
	return &Project{Name: c.Name, Dir: dir, Output: output, Functions: filepath.Join(dir, "functions"), config: c}, nil
}

// Open is the project in a folder without a wrangler file. Output is the folder of static files, from
// dir; empty: dir itself. The project is called like the folder.
func Open(dir, output string) (*Project, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if !filepath.IsAbs(output) {
		output = filepath.Join(dir, output)
	}
	name := strings.ToLower(filepath.Base(dir))
	return Load(&wrangler.Config{
		Dir: dir, Name: name, Output: output,
		Version:  version.Version{Worker: name},
		Bundling: wrangler.Bundling{KeepNames: true},
	})
}

// Routes are the rules that say which requests run code, as of the last Build that succeeded; nil:
// all do, or there is none. What Build makes asks them by itself.
func (p *Project) Routes() *Routes {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.routes
}

func (p *Project) setRoutes(r *Routes) {
	p.mu.Lock()
	p.routes = r
	p.mu.Unlock()
}

// base is the version without its code.
func (p *Project) base() version.Version {
	v := p.config.Version
	if p.Deployment.Preview && p.config.Preview != nil {
		v = *p.config.Preview
	}
	v.Worker = p.Name
	if v.CompatibilityDate == "" {
		v.CompatibilityDate = DefaultCompatibilityDate
	}
	return v
}

// relative is how a file of the project is shown.
func (p *Project) relative(file string) string {
	if rel, err := filepath.Rel(p.Dir, file); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(file)
}

// read is a file of rules in the folder of static files; absent: nil.
func (p *Project) read(name string) (text, error) {
	file := filepath.Join(p.Output, name)
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return text{}, nil
	}
	if data == nil {
		data = []byte{}
	}
	return text{name: p.relative(file), path: file, data: data}, err
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
