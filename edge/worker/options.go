package worker

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// Options are what an Engine is made with. Outbound is required; the zero value of the rest is the default
// that its comment says.
type Options struct {
	// Workerd is the path of the runtime's binary; empty: found, as workerd.Find does, from the folders of the
	// projects and from Folder.
	Workerd string
	// Folder is where a search for the binary begins beside the projects' folders; empty: nowhere.
	Folder string
	// Outbound takes every fetch() and connect() (as CONNECT) of every Worker, and what goes to a VPC binding or
	// to a dev server; [CallerOf] says whose it is. The URL of a request is absolute.
	Outbound http.Handler
	// Build makes a version of a project's files; nil: projects are refused.
	Build func(context.Context, *wrangler.Config) (*Built, error)
	// BuildPages does so for Pages projects; nil: they are refused.
	BuildPages func(context.Context, Pages) (*Built, error)
	// Log takes what the runtime itself has to say; nil: nothing does.
	Log *slog.Logger
	// Now is the clock; nil: time.Now. The compatibility date is never later.
	Now func() time.Time
	// Rand makes what Workers must not guess; nil: crypto/rand.
	Rand io.Reader
	// Dir keeps KV, D1, Durable Objects and queues; empty: a private folder that Close removes.
	Dir string
	// OnEvent takes what happens: logs, exceptions, starts, swaps. It is called in order, and must not block or
	// call the engine; nil: events are only kept for [Engine.Logs].
	OnEvent func(Event)
	// OnTail takes every invocation of a Worker as the runtime's tail has it; those that neither logged nor threw
	// only as [Engine.TailAll] says, which is yes at first. Nil: nothing does, and the runtime does not send them.
	OnTail func(worker, version string, trace json.RawMessage)
	// Stall is how long the runtime's thread may be held by one piece of code, a half more or less, before the
	// process is killed; zero: 10 s.
	Stall time.Duration
	// Drain bounds how long a process that was replaced may go on with its open requests; zero: 10 s. Where the
	// world stores something, it is two seconds at most, as the new process waits for it.
	Drain time.Duration
}

// Pages is a Pages project as the engine takes it: nothing of it is looked into.
type Pages = any

// Built is what was made of a project.
type Built struct {
	Version  *version.Version
	Inputs   []string // the files that went in, to be watched; also when the build failed
	Warnings []string
	// Cached says that it may be out of date: the next Apply asks for it again, whether its inputs changed or not.
	Cached bool
}

func (o *Options) defaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Stall <= 0 {
		o.Stall = 10 * time.Second
	}
	if o.Drain <= 0 {
		o.Drain = 10 * time.Second
	}
	if o.Build == nil {
		o.Build = func(context.Context, *wrangler.Config) (*Built, error) {
			return nil, errors.New("this engine was made without a bundler")
		}
	}
	if o.BuildPages == nil {
		o.BuildPages = func(context.Context, Pages) (*Built, error) {
			return nil, errors.New("this engine was made without a builder of Pages projects")
		}
	}
}
