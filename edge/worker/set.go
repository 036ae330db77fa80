package worker

import (
	"encoding/json"
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// Set is all Workers that are to run.
type Set struct{ Workers []Worker }

// runs says whether something of it is for the runtime, if it can be built.
func (s Set) runs() bool {
	return slices.ContainsFunc(s.Workers, func(w Worker) bool { return w.URL == "" })
}

// Worker is one of them. Where its code comes from is the first of Go, URL, Pages, Project, Version that is set.
type Worker struct {
	Name string
	ID   string // 32 hex digits; only told to others

	Go      any              // an http.Handler, or a value whose exported methods are RPC methods, or both
	URL     string           // a dev server, as "http://localhost:8787": requests for the Worker go there through Outbound
	Pages   Pages            // given to Options.BuildPages
	Project *wrangler.Config // given to Options.Build
	Version *version.Version // ready made

	Others  []*version.Version // the ten newest by Number are served as previews, by version id and alias
	Secrets []version.Binding  // over the version's own bindings of the same name
	// Crons are when its scheduled handler runs, in place of the version's own; nil: those.
	Crons []string
	// Consumers are queues that it consumes, beside the version's own and over those of the same queue.
	Consumers []version.Consumer
	// Entrypoints are named entrypoints that are served over fetch beside the default one.
	Entrypoints []string
	Zone        string // in Caller, for the CF-Worker header of its requests
}

// Call is one request's way into a Worker.
type Call struct {
	Worker     string
	Version    string // an id or the first eight digits of one; empty: production
	Alias      string // a preview alias; empty: none
	Entrypoint string // one of Worker.Entrypoints; empty and "default": the default one
	CF         []byte // request.cf as JSON; nil: it is undefined
	Access     *Access
}

// Access is what ctx.access says; nil: it is undefined.
type Access struct {
	AUD    string          `json:"app_aud"`
	Claims json.RawMessage `json:"jwt_claims,omitempty"` // what getIdentity() answers; nil: undefined
}

// Report says what became of a [Set].
type Report struct {
	Workers []Outcome // in the order of the set; versions that are only previewed follow their Worker when they failed
	// Err says why nothing was swapped, as when there is no workerd; nil: the set is in force.
	Err error
}

// Outcome is what became of one Worker.
type Outcome struct {
	Worker  string
	Version string // id of the version that serves; empty: none does, or it is a folder's
	Preview bool   // the outcome is of a version that is only previewed
	// Err is why what was given does not serve: its build or its start failed.
	Err error
	// Kept says that an older version serves in its place.
	Kept     bool
	Throwers []Thrower
	Inputs   []string
	Warnings []string
	Cached   bool // what was built is of a cache, and the next Apply builds it again
}

// Thrower is a binding that leads nowhere: the Worker starts, and what it calls on the binding throws.
type Thrower struct {
	Binding string
	Type    string // as in version.Binding
	Text    string // "AUTH -> worker-b is not in this world (wrangler.jsonc:9:14)"
	At      string // "wrangler.jsonc:9:14"; empty: unknown
}

// Status is one Worker as it runs.
type Status struct {
	Worker  string
	ID      string
	Version string
	Err     error // why it does not run; nil: it does
	Kept    bool  // an older version runs than was given
}
