package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// Result is what a project became.
type Result struct {
	// Version is the config's, with Modules, SourceMap and Exports; nil beside Errors.
	Version *version.Version
	// Inputs are the files that it was made of, absolute and sorted: code, the package.json and
	// tsconfig.json that have a say. Beside Errors they are those that were reached, and the folders
	// in which a file that is imported is not.
	Inputs   []string
	Warnings []Problem
	// Cached says that the result is of [Builder.Cache]. Its inputs are as they were, but what lies elsewhere was not
	// looked at: a new file may have come before one of them.
	Cached bool
}

// Entry is code to start from in place of the config's main module, which it may import.
type Entry struct {
	Name     string // as errors show it, and where relative imports start: "functions/entry.js" in the config's folder
	Contents string // JavaScript
}

// Build makes the modules of a project, afresh. An error is Errors, or that of ctx; the Result
// beside Errors has Inputs and Warnings.
func Build(ctx context.Context, c *wrangler.Config) (*Result, error) {
	var b Builder
	defer b.Close()
	return b.Build(ctx, c)
}

// Builder remembers what it parsed, so that building a project again takes only what changed. The
// zero value is ready for use, by several goroutines. Close it.
type Builder struct {
	// NodeEnv is process.env.NODE_ENV; empty: "production".
	NodeEnv string
	// Conditions are those of package exports; nil: workerd, worker, browser.
	Conditions []string
	// Cache is a folder that keeps what is built for the next process of this user, fit as [CheckCache] has it; empty:
	// none does. Until Afresh is called, results may come from there. Secrets are not kept: values of bindings are no
	// part of a build.
	Cache string
	// Now is the clock that files are dated by; nil: time.Now.
	Now func() time.Time

	afresh   atomic.Bool
	saves    sync.WaitGroup
	mu       sync.Mutex
	projects map[string]*project // guarded by mu
}

// project is one that was built.
type project struct {
	mu    sync.Mutex // held while it is built
	print string     // what the build context depends on
	job   *job
	build api.BuildContext // nil: not yet
}

// Build is like the function of that name.
func (b *Builder) Build(ctx context.Context, c *wrangler.Config) (*Result, error) {
	return b.BuildEntry(ctx, c, nil)
}

// BuildEntry is Build with other code in place of the config's main module; nil: with that.
func (b *Builder) BuildEntry(ctx context.Context, c *wrangler.Config, entry *Entry) (*Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.Main == "" && entry == nil {
		v := c.Version
		return &Result{Version: &v}, nil
	}
	j := newJob(c, entry)
	if entry == nil {
		if refused := j.refuse(); refused != nil {
			return &Result{Inputs: j.inputs()}, refused
		}
		if c.Bundling.NoBundle {
			return j.withoutBundling()
		}
	}
	p := b.project(c, entry)
	p.mu.Lock()
	defer p.mu.Unlock()
	if b.Cache == "" || c.Bundling.FindAdditional { // which goes by what is in a folder
		return p.run(ctx, b, j)
	}
	return p.runCached(ctx, b, j)
}

// runCached is run with the builder's cache.
func (p *project) runCached(ctx context.Context, b *Builder, j *job) (*Result, error) {
	key := b.cacheKey(j)
	if !b.afresh.Load() {
		if r := b.load(j, key); r != nil {
			return r, nil
		}
	}
	now := b.Now
	if now == nil {
		now = time.Now
	}
	begun := now()
	r, err := p.run(ctx, b, j)
	if err == nil {
		kept, v := *r, *r.Version // the caller may go on with its own
		kept.Version = &v
		b.saves.Go(func() { b.save(key, &kept, begun) })
	}
	return r, err
}

func (b *Builder) project(c *wrangler.Config, entry *Entry) *project {
	key := c.Dir + "\x00" + c.Main + "\x00" + c.Env
	if entry != nil {
		key += "\x00" + entry.Name
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.projects[key]
	if p == nil {
		if b.projects == nil {
			b.projects = map[string]*project{}
		}
		p = new(project)
		b.projects[key] = p
	}
	return p
}

// Afresh makes every build from now on one of the files, and none of the cache, which keeps them still.
func (b *Builder) Afresh() { b.afresh.Store(true) }

// Close forgets everything. It waits for builds that run, and for what the cache is to keep.
func (b *Builder) Close() error {
	defer b.saves.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.projects {
		p.mu.Lock()
		if p.build != nil {
			p.build.Dispose()
			p.build = nil
		}
		p.mu.Unlock()
	}
	b.projects = nil
	return nil
}

// run builds j, in the build context of the last time where that fits.
func (p *project) run(ctx context.Context, b *Builder, j *job) (*Result, error) {
	if problems := j.prepare(); problems != nil {
		return &Result{Inputs: j.inputs()}, Errors(problems)
	}
	options := j.options(b.NodeEnv, b.Conditions)
	if print := fingerprint(options, j); p.build == nil || p.print != print {
		if p.build != nil {
			p.build.Dispose()
			p.build = nil
		}
		keeper := *j
		options.Plugins = []api.Plugin{keeper.plugin()}
		build, err := api.Context(options)
		if err != nil {
			return &Result{Inputs: j.inputs()}, Errors(j.problems(err.Errors))
		}
		p.job, p.build, p.print = &keeper, build, print
	} else {
		p.job.reset(j)
	}
	j = p.job

	cancelled := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(cancelled)
		p.build.Cancel()
	})
	built := p.build.Rebuild()
	if !stop() {
		<-cancelled // or it would cancel the next build
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return j.result(built)
}

// fingerprint is equal for jobs that may share a build context.
func fingerprint(o api.BuildOptions, j *job) string {
	var entry api.StdinOptions
	if o.Stdin != nil {
		entry, o.Stdin = *o.Stdin, nil
	}
	return fmt.Sprintf("%q", []any{o, entry, j.config.Bundling, j.node.date, j.node.flags})
}

// result makes ours of esbuild's.
func (j *job) result(built api.BuildResult) (*Result, error) {
	r := &Result{Warnings: append(j.warnings, j.problems(built.Warnings)...)}
	var meta metafile
	if built.Metafile != "" {
		if err := json.Unmarshal([]byte(built.Metafile), &meta); err != nil {
			return nil, err
		}
	}
	for name := range meta.Inputs {
		made := j.entry != nil && j.absolute(name) == j.absolute(j.entry.Name)
		if !made && (!strings.Contains(name, ":") || filepath.IsAbs(name)) {
			j.see(j.absolute(name))
		}
	}
	errs := Errors(j.problems(built.Errors))
	j.seeWhereMissing(errs)
	r.Inputs = j.inputs()
	var main, sourceMap []byte
	for _, f := range built.OutputFiles {
		switch {
		case strings.HasSuffix(f.Path, ".js"):
			main = f.Contents
		case strings.HasSuffix(f.Path, ".js.map"):
			sourceMap = f.Contents
		case strings.HasSuffix(f.Path, ".css"):
			r.Warnings = append(r.Warnings, Problem{Text: "style sheets that code imports are in no Worker: " + filepath.Base(f.Path) + " is dropped"})
		}
	}
	exports, format := meta.entry()
	if len(errs) == 0 {
		errs = append(errs, j.check(exports, format)...)
	}
	if len(errs) > 0 {
		return r, errs
	}
	v := j.config.Version
	v.Modules = append([]version.Module{{Name: j.mainName(), Kind: version.ESModule, Content: main}}, j.extra()...)
	v.SourceMap, v.Exports = sourceMap, exports
	r.Version = &v
	return r, nil
}

// extra are the modules beside the main one, by name.
func (j *job) extra() []version.Module {
	all := make([]version.Module, 0, len(j.modules))
	for _, m := range j.modules {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b version.Module) int { return strings.Compare(a.Name, b.Name) })
	return all
}
