package wrangler

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

var (
	workerName = lazyregexp.New(`^[a-z0-9_][a-z0-9-_]*$`)
	date       = lazyregexp.New(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)
)

// runtime reads the date, the flags, and what starts the Worker beside requests.
func (l *loader) runtime() {
	d := l.inherited("compatibility_date")
	l.version.CompatibilityDate = d.text()
	switch {
	case d.given() && d.n.kind == text && !date.MatchString(d.n.text):
		d.fail("the text "+quote(d.n.text), "a date, as 2026-03-22", "")
	case !d.given():
		l.top.find("without compatibility_date wrangler deploys nothing", `add "compatibility_date"`)
		if !l.pages {
			l.version.CompatibilityDate = ModuleDate // as wrangler dev takes a late one, not the oldest
		}
	}
	l.version.CompatibilityFlags = l.inherited("compatibility_flags").texts()
	if t := l.inherited("triggers"); t.given() && t.only("crons", "events") {
		for _, c := range t.key("crons").items() {
			if s := c.text(); s != "" {
				if len(strings.Fields(s)) != 5 {
					c.fail("the text "+quote(s), "five fields, as */5 * * * *", "")
				}
				l.version.Crons = append(l.version.Crons, s)
			}
		}
	}
	if q := l.own("queues"); q.given() && q.only("producers", "consumers") {
		for _, c := range q.key("consumers").items() {
			l.consumer(c)
		}
	}
	if b := l.inherited("build"); b.given() && b.key("command").text() != "" {
		b.key("command").find("sundog does not run the build command", "run it yourself before, and again after a change")
	}
	if s := l.top.key("site"); s.given() {
		s.find("Workers Sites are not modelled, so the files of the bucket are not served", "use assets")
	}
}

func (l *loader) consumer(v value) {
	if !v.only("queue", "type", "max_batch_size", "max_batch_timeout", "max_retries", "dead_letter_queue", "max_concurrency", "visibility_timeout_ms", "retry_delay") {
		return
	}
	c := version.Consumer{Queue: v.need("queue"), DeadLetterQueue: v.key("dead_letter_queue").text()}
	c.MaxBatchSize, _ = v.key("max_batch_size").whole()
	c.MaxBatchTimeout, _ = v.key("max_batch_timeout").whole()
	c.RetryDelay, _ = v.key("retry_delay").whole()
	if n, ok := v.key("max_retries").whole(); ok {
		if c.MaxRetries = n; n == 0 {
			c.MaxRetries = -1
		}
	}
	l.version.Consumers = append(l.version.Consumers, c)
}

// assets reads the static files, which an environment inherits, the binding to them too.
func (l *loader) assets() {
	v := l.inherited("assets")
	if !v.given() || !v.only("directory", "binding", "html_handling", "not_found_handling", "base_path", "run_worker_first") {
		return
	}
	v.key("html_handling").word("auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none")
	v.key("not_found_handling").word("single-page-application", "404-page", "none")
	if first := v.key("run_worker_first"); first.given() && first.n.kind != truth {
		if first.n.kind != list {
			first.fail(first.describe(), "true, false or a list of patterns", "")
		} else {
			first.texts()
		}
	}
	config := &node{kind: mapping}
	for _, e := range v.n.entries {
		if e.name != "directory" && e.name != "binding" && e.value.kind != null {
			config.entries = append(config.entries, e)
		}
	}
	a := &version.Assets{}
	if len(config.entries) > 0 {
		a.Config = config.json()
	}
	if d := v.key("directory"); d.text() != "" {
		a.Dir = l.path(d.n.text)
		if info, err := os.Stat(a.Dir); !l.memory && (err != nil || !info.IsDir()) {
			d.find("there is no folder "+quote(d.n.text), "build the project, or name the folder that has the files")
			l.cfg.Looked = append(l.cfg.Looked, a.Dir)
		}
	}
	l.version.Assets = a
	if b := v.key("binding"); b.text() != "" {
		if l.cfg.Main == "" && !l.pages {
			b.fail("a binding to assets where there is no code", "main, beside it", "")
		}
		l.bind(b, version.Binding{Type: "assets", Name: b.n.text, At: b.at()})
	}
}

// main is the path of the main module, as the file names it.
func (l *loader) main() {
	v := l.inherited("main")
	name := v.text()
	if name == "" {
		if !v.given() && !l.inherited("assets").given() && !l.top.key("site").given() {
			l.top.fail("no main", "main, or assets", `add "main": "src/index.ts"`)
		}
		return
	}
	l.cfg.Main = l.path(name)
	if l.memory || exists(l.cfg.Main) {
		return
	}
	l.cfg.Looked = append(l.cfg.Looked, l.cfg.Main)
	if !l.inherited("build").key("command").given() {
		v.find("there is no file "+quote(name), "it is looked for at "+l.cfg.Main)
	}
}

func (l *loader) bundling() Bundling {
	b := Bundling{
		NoBundle:       l.inherited("no_bundle").truth(false),
		FindAdditional: l.inherited("find_additional_modules").truth(false),
		Minify:         l.inherited("minify").truth(false),
		KeepNames:      l.inherited("keep_names").truth(true),
		Alias:          l.top.key("alias").textMap(),
		Define:         l.own("define").textMap(),
	}
	if dir := l.inherited("base_dir").text(); dir != "" {
		b.BaseDir = l.path(dir)
	}
	if file := l.inherited("tsconfig").text(); file != "" {
		b.TSConfig = l.path(file)
	}
	for _, v := range l.inherited("rules").items() {
		if !v.only("type", "globs", "fallthrough") {
			continue
		}
		r := Rule{Type: v.need("type"), Globs: v.key("globs").texts(), Fallthrough: v.key("fallthrough").truth(false)}
		switch t := v.key("type"); r.Type {
		case "ESModule", "CommonJS", "CompiledWasm", "Text", "Data", "":
		case "PythonModule", "PythonRequirement":
			t.fail(r.Type, "", "Python Workers are not supported yet")
		default:
			t.word("ESModule", "CommonJS", "CompiledWasm", "Text", "Data")
		}
		b.Rules = append(b.Rules, r)
	}
	return b
}

// path is a name of the file as seen from its folder.
func (l *loader) path(name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(l.cfg.Dir, name)
}
