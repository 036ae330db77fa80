package edge

import "github.com/sundog-edge/sundog/edge/worker"

// WithWorker runs a Worker in Go: an http.Handler takes fetch, the exported methods of any other value are called by RPC
// through service bindings, and a value may be both. A Worker of that name in the world has the entrypoints that the world
// gives it; without one it is reached by service bindings alone.
func WithWorker(name string, w any) Option {
	return func(o *options) {
		if o.workers == nil {
			o.workers = make(map[string]any)
		}
		o.workers[name] = w
	}
}

// WithWorkerd sets the path of the Workers runtime; empty looks for it: SUNDOG_WORKERD, node_modules of the Workers'
// folders and of folder upward, PATH.
func WithWorkerd(path, folder string) Option {
	return func(o *options) { o.workerd, o.folder = path, folder }
}

// WithHeadStart starts the Workers runtime before the world is compiled, if the world has code: it is then loaded by the
// time that there is something to run.
func WithHeadStart() Option {
	return func(o *options) { o.headStart = true }
}

// WithState keeps what Workers store (KV, D1, Durable Objects, queues) in a folder; empty keeps it for the edge's life.
func WithState(dir string) Option {
	return func(o *options) { o.state = dir }
}

// WithCache keeps what is built of folders of code for the next edge of this user, in a folder fit as bundle.CheckCache
// has it; empty keeps nothing. What comes from there serves at once; a moment later it is built again, and the new
// build serves where it differs.
func WithCache(dir string) Option {
	return func(o *options) { o.cache = dir }
}

// WithBuilt is called whenever Workers were built and started, or were not; nil calls nobody. It must not call the edge.
func WithBuilt(f func(worker.Report)) Option {
	return func(o *options) { o.built = f }
}
