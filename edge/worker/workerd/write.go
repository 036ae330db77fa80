package workerd

import (
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// Text is the config in Cap'n Proto's text format, as `workerd serve` takes it.
func (c *Config) Text() string {
	w := writer{}
	w.Grow(c.size())
	w.WriteString("using Workerd = import \"/workerd/workerd.capnp\";\nconst config :Workerd.Config = ")
	w.object(func() {
		list(&w, "services", c.Services, w.service)
		list(&w, "sockets", c.Sockets, w.socket)
		if len(c.Extensions) > 0 {
			list(&w, "extensions", []int{0}, func(int) { list(&w, "modules", c.Extensions, w.extension) })
		}
	})
	w.WriteString(";\n")
	return w.String()
}

// writer writes objects, lists and scalars; first says that no field of the object was written yet.
type writer struct {
	strings.Builder
	first bool
}

func (w *writer) object(fields func()) {
	w.WriteByte('(')
	w.first = true
	fields()
	w.first = false
	w.WriteByte(')')
}

func (w *writer) field(name string) {
	if !w.first {
		w.WriteString(", ")
	}
	w.first = false
	w.WriteString(name)
	w.WriteString(" = ")
}

func (w *writer) text(name, value string) {
	w.field(name)
	quote(&w.Builder, value)
}

func (w *writer) optional(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

func list[T any](w *writer, name string, items []T, fields func(T)) {
	w.field(name)
	w.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			w.WriteString(",\n  ")
		}
		w.object(func() { fields(item) })
	}
	w.WriteByte(']')
}

func (w *writer) texts(name string, values []string) {
	if len(values) == 0 {
		return
	}
	w.field(name)
	w.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			w.WriteString(", ")
		}
		quote(&w.Builder, v)
	}
	w.WriteByte(']')
}

func (w *writer) designator(name string, d *Designator) {
	if d == nil {
		return
	}
	w.field(name)
	w.object(func() { w.points(*d) })
}

func (w *writer) points(d Designator) {
	w.text("name", d.Service)
	w.optional("entrypoint", d.Entrypoint)
	if d.Props != "" {
		w.field("props")
		w.object(func() { w.text("json", d.Props) })
	}
}

func (w *writer) service(s Service) {
	w.text("name", s.Name)
	switch {
	case s.Worker != nil:
		w.field("worker")
		w.object(func() { w.worker(s.Worker) })
	case s.External != nil:
		w.field("external")
		w.object(func() {
			w.text("address", s.External.Address)
			w.http(s.External.HTTP)
		})
	case s.Disk != nil:
		w.field("disk")
		w.object(func() {
			w.text("path", s.Disk.Path)
			w.field("writable")
			w.WriteString("true")
		})
	case s.Assets != nil:
		w.field("assets")
		w.object(func() { w.assets(s.Assets) })
	}
}

func (w *writer) assets(a *Assets) {
	w.text("path", a.Path)
	w.optional("config", a.Config)
	if a.User != "" {
		w.text("userWorker", a.User)
		return
	}
	w.optional("compatibilityDate", a.Date)
	w.texts("compatibilityFlags", a.Flags)
}

func (w *writer) worker(k *Worker) {
	list(w, "modules", k.Modules, w.module)
	w.text("compatibilityDate", k.Date)
	w.texts("compatibilityFlags", k.Flags)
	if len(k.Bindings) > 0 {
		list(w, "bindings", k.Bindings, w.binding)
	}
	w.optional("globalOutbound", k.Outbound)
	if len(k.Namespaces) > 0 {
		list(w, "durableObjectNamespaces", k.Namespaces, w.namespace)
	}
	if k.Storage != "" {
		w.field("durableObjectStorage")
		w.object(func() { w.text("localDisk", k.Storage) })
	}
	if len(k.Tails) > 0 {
		list(w, "tails", k.Tails, w.points)
	}
	w.optional("accessBlobHeader", k.AccessHeader)
	w.designator("accessBindingService", k.AccessIdentity)
}

var moduleField = map[version.Kind]string{
	version.ESModule: "esModule",
	version.CommonJS: "commonJsModule",
	version.Text:     "text",
	version.Data:     "data",
	version.Wasm:     "wasm",
	version.JSON:     "json",
	version.Python:   "pythonModule",
	Bundled:          "bundled",
}

// Runs says whether modules of the kind can be given to the runtime.
func Runs(kind version.Kind) bool { return moduleField[kind] != "" && kind != Bundled }

func (w *writer) module(m Module) {
	w.text("name", m.Name)
	w.field(moduleField[m.Kind])
	if m.Kind == version.Data || m.Kind == version.Wasm {
		data(&w.Builder, m.Content)
		return
	}
	quote(&w.Builder, string(m.Content))
}

func (w *writer) namespace(n Namespace) {
	w.text("className", n.Class)
	w.text("uniqueKey", n.Key)
	if n.SQL {
		w.field("enableSql")
		w.WriteString("true")
	}
}

func (w *writer) binding(b Binding) {
	w.text("name", b.Name)
	switch {
	case b.Text != nil:
		w.text("text", *b.Text)
	case b.JSON != "":
		w.text("json", b.JSON)
	case b.Service != nil:
		w.designator("service", b.Service)
	case b.KV != nil:
		w.designator("kvNamespace", b.KV)
	case b.Queue != nil:
		w.designator("queue", b.Queue)
	case b.Object != nil:
		w.field("durableObjectNamespace")
		w.object(func() {
			w.text("className", b.Object.Class)
			w.optional("serviceName", b.Object.Service)
		})
	case b.Wrapped != nil:
		w.field("wrapped")
		w.object(func() {
			w.text("moduleName", b.Wrapped.Module)
			list(w, "innerBindings", b.Wrapped.Inner, w.binding)
		})
	}
}

func (w *writer) http(h HTTP) {
	w.field("http")
	w.object(func() {
		w.optional("forwardedProtoHeader", h.SchemeHeader)
		w.optional("cfBlobHeader", h.CFHeader)
		w.headers("injectRequestHeaders", h.Inject)
		w.headers("injectResponseHeaders", h.InjectResponse)
	})
}

func (w *writer) headers(name string, headers []Header) {
	if len(headers) == 0 {
		return
	}
	list(w, name, headers, func(h Header) {
		w.text("name", h.Name)
		if !h.Remove {
			w.text("value", h.Value)
		}
	})
}

func (w *writer) socket(s Socket) {
	w.text("name", s.Name)
	w.field("service")
	w.object(func() { w.points(s.Service) })
	w.http(s.HTTP)
}

func (w *writer) extension(e Extension) {
	w.text("name", e.Name)
	w.field("internal")
	w.WriteString("true")
	w.text("esModule", e.Content)
}
