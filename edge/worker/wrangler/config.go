package wrangler

import (
	"github.com/sundog-edge/sundog/edge/mark"
	"github.com/sundog-edge/sundog/edge/worker/version"
)

// Config is what a wrangler file says about one Worker or Pages project, for one environment: defaults
// filled in, inheritance resolved, local secrets merged. It is immutable once made.
type Config struct {
	File string // wrangler.jsonc, as it was found; empty: the Worker is a module without one
	Dir  string // the folder that relative names start from
	Env  string // the environment; empty: the top level
	Name string // of the Worker; with an environment, "<name>-<env>" unless it says another
	At   Mark   `json:"-"` // where the name is written; of a module, nowhere
	Main string // path of the main module; empty: assets alone

	// Version is what an upload would say beside the code: bindings (vars and local secrets among them),
	// compatibility date and flags, classes, assets, crons, consumers. Modules, SourceMap and Exports are empty.
	Version version.Version

	// WorkersDev and PreviewURLs are as the platform would have them after a deploy.
	WorkersDev, PreviewURLs bool
	Routes                  []Route // custom domains among them

	Bundling Bundling

	// Output is pages_build_output_dir, absolute; empty: the project is no Pages project.
	Output string
	// Preview is what env.preview of a Pages project says; nil: it says nothing.
	Preview *version.Version

	Read   []string `json:"-"` // the files that were read: wrangler's, .dev.vars, .env
	Looked []string `json:"-"` // the files that would have been read
}

// Route is one entry of route or routes.
type Route struct {
	Pattern      string // "example.com/api/*"; of a custom domain, a hostname
	ZoneID       string // as written; may be empty
	ZoneName     string // as written; may be empty
	CustomDomain bool
	Enabled      bool // production is served there; true unless the file says otherwise
	Previews     bool // previews are served below it
	At           Mark `json:"-"`
}

// Bundling is how the code becomes modules.
type Bundling struct {
	NoBundle       bool
	FindAdditional bool // find_additional_modules
	BaseDir        string
	Rules          []Rule // the user's, before the default ones
	Minify         bool
	KeepNames      bool // true unless the file says otherwise
	TSConfig       string
	Alias          map[string]string
	Define         map[string]string
	External       []string
}

// Rule is one entry of rules.
type Rule struct {
	Type        string // "ESModule", "CommonJS", "CompiledWasm", "Text" or "Data"
	Globs       []string
	Fallthrough bool
}

// Mark is a place in a wrangler file.
type Mark = mark.Mark

// Problem is an error, or a finding, of a wrangler file.
type Problem struct {
	At      Mark
	Field   string // "env.staging.routes[0].pattern"
	Found   string // what is there
	Allowed string // what may be there; empty: nothing to say
	Hint    string // the mend; empty: none
}
