package workerd

import "github.com/sundog-edge/sundog/edge/worker/version"

// Config is what one process runs.
type Config struct {
	Services []Service
	// Sockets listen where [Command].Sockets says; the text has no addresses, so that it is the same for
	// every process of the same code.
	Sockets    []Socket
	Extensions []Extension
}

// Service is one named service; exactly one of its fields beside the name is set.
type Service struct {
	Name     string
	Worker   *Worker
	External *External
	Disk     *Disk
	Assets   *Assets
}

// Designator points at a service.
type Designator struct {
	Service    string
	Entrypoint string // empty: the default one; the runtime refuses "default"
	Props      string // an object as JSON; empty: none
}

// Worker is code.
type Worker struct {
	Modules    []Module // the first is the main one
	Date       string   // compatibility date, required
	Flags      []string
	Bindings   []Binding
	Outbound   string // service that takes fetch() and connect(); empty: the runtime's own network
	Namespaces []Namespace
	Storage    string // a disk service that holds the Durable Objects; empty: none can be stored
	Tails      []Designator

	AccessHeader   string // the header that makes ctx.access; empty: there is none
	AccessIdentity *Designator
}

// Module is one file of the code.
type Module struct {
	Name    string
	Kind    version.Kind // or [Bundled]
	Content []byte
}

// Bundled is the kind of a module that the runtime brings along; its content is the name.
const Bundled version.Kind = "bundled"

// Namespace is a Durable Object class and where its objects are.
type Namespace struct {
	Class string
	Key   string // names the objects' folder on disk
	SQL   bool
}

// Binding is one name in env; the field that is set besides Name says which kind it is.
type Binding struct {
	Name    string
	Text    *string
	JSON    string
	Service *Designator
	KV      *Designator
	Queue   *Designator
	Object  *Object
	Wrapped *Wrapped
}

// Object binds a Durable Object class.
type Object struct {
	Class   string
	Service string // the Worker that has the class; empty: this one
}

// Wrapped binds what a module of the runtime or of an [Extension] makes of inner bindings.
type Wrapped struct {
	Module string
	Inner  []Binding
}

// External is a server that a service binding or fetch() leads to.
type External struct {
	Address string // "unix:/path" or "127.0.0.1:8080"
	HTTP    HTTP
}

// HTTP is how requests are carried.
type HTTP struct {
	SchemeHeader string   // carries the URL's scheme
	CFHeader     string   // carries request.cf as JSON
	Inject       []Header // on requests

	// InjectResponse is set on what a Worker answers. What the runtime answers of a Worker that threw has none of it.
	InjectResponse []Header
}

// Header is set on every request, or answer, over what is there.
type Header struct {
	Name, Value string
	Remove      bool // it is taken away instead
}

// Disk is a folder that can be written to.
type Disk struct{ Path string }

// Assets are static files.
type Assets struct {
	Path   string
	Config string // JSON; empty: {}
	User   string // the Worker's service; empty: files alone
	Date   string // of files alone
	Flags  []string
}

// Socket is where requests come in.
type Socket struct {
	Name    string
	Service Designator
	HTTP    HTTP
}

// Extension is a module that a [Wrapped] binding names.
type Extension struct {
	Name    string // "sundog:missing"
	Content string
}
