package workerd

import "github.com/sundog-edge/sundog/edge/worker/version"

// Encode is the config as a Cap'n Proto message, as `workerd serve --binary` takes it, with the addresses of its
// sockets by their name. It says the same as [Config.Text], which says nothing of addresses, and is read without a
// compiler of schemas.
//
// Where a field is in its struct follows from the runtime's schema and can never change there: the numbers are the
// places of pointers, and of 16 bits of data.
func (c *Config) Encode(addresses map[string]string) []byte {
	m := newMessage(c.size())
	o := m.object(root, 1, 7)
	objects(m, o.pointer(0), c.Services, 1, 2, encodeService)
	objects(m, o.pointer(1), c.Sockets, 2, 5, func(o object, s Socket) {
		o.text(o.pointer(0), s.Name)
		o.some(o.pointer(1), addresses[s.Name])
		encodeHTTP(m, o.pointer(2), s.HTTP)
		encodeDesignator(m, o.pointer(4), &s.Service)
	})
	if len(c.Extensions) > 0 {
		objects(m, o.pointer(3), []int{0}, 0, 1, func(o object, _ int) {
			objects(m, o.pointer(0), c.Extensions, 1, 2, func(o object, e Extension) {
				o.text(o.pointer(0), e.Name)
				o.set(0, 1) // internal
				o.text(o.pointer(1), e.Content)
			})
		})
	}
	return m.end()
}

// size is about what the config takes as a message or as text, so that its buffer need not grow.
func (c *Config) size() int {
	n := 8192
	for i := range c.Services {
		n += 512
		if w := c.Services[i].Worker; w != nil {
			for j := range w.Modules {
				n += len(w.Modules[j].Content) + len(w.Modules[j].Content)/8
			}
		}
	}
	return n
}

func encodeService(o object, s Service) {
	o.text(o.pointer(0), s.Name)
	switch {
	case s.Worker != nil:
		o.set(0, 1)
		encodeWorker(o.message.object(o.pointer(1), 1, 16), s.Worker)
	case s.External != nil:
		o.set(0, 3)
		e := o.message.object(o.pointer(1), 1, 4)
		e.text(e.pointer(0), s.External.Address)
		encodeHTTP(e.message, e.pointer(1), s.External.HTTP)
	case s.Disk != nil:
		o.set(0, 4)
		d := o.message.object(o.pointer(1), 1, 1)
		d.text(d.pointer(0), s.Disk.Path)
		d.set(0, 1) // writable
	case s.Assets != nil:
		o.set(0, 6)
		a := o.message.object(o.pointer(1), 0, 5)
		a.text(a.pointer(0), s.Assets.Path)
		a.some(a.pointer(1), s.Assets.Config)
		if s.Assets.User != "" {
			encodeDesignator(a.message, a.pointer(2), &Designator{Service: s.Assets.User})
			return
		}
		a.some(a.pointer(3), s.Assets.Date)
		a.texts(a.pointer(4), s.Assets.Flags)
	}
}

func encodeWorker(o object, w *Worker) {
	m := o.message
	objects(m, o.pointer(0), w.Modules, 1, 3, encodeModule)
	o.text(o.pointer(1), w.Date)
	o.texts(o.pointer(2), w.Flags)
	if len(w.Bindings) > 0 {
		objects(m, o.pointer(3), w.Bindings, 1, 6, encodeBinding)
	}
	if w.Outbound != "" {
		encodeDesignator(m, o.pointer(4), &Designator{Service: w.Outbound})
	}
	if len(w.Namespaces) > 0 {
		objects(m, o.pointer(5), w.Namespaces, 1, 3, func(o object, n Namespace) {
			o.text(o.pointer(0), n.Class)
			o.text(o.pointer(1), n.Key)
			if n.SQL {
				o.set(1, 2)
			}
		})
	}
	if w.Storage != "" {
		o.set(1, 2) // localDisk
		o.text(o.pointer(8), w.Storage)
	}
	if len(w.Tails) > 0 {
		objects(m, o.pointer(10), w.Tails, 1, 3, func(o object, d Designator) { o.designates(&d) })
	}
	o.some(o.pointer(13), w.AccessHeader)
	encodeDesignator(m, o.pointer(14), w.AccessIdentity)
}

// moduleUnion is which member of its union a module's content is.
var moduleUnion = map[version.Kind]uint16{
	version.ESModule: 0,
	version.CommonJS: 1,
	version.Text:     2,
	version.Data:     3,
	version.Wasm:     4,
	version.JSON:     5,
	version.Python:   7,
	Bundled:          9,
}

func encodeModule(o object, m Module) {
	o.text(o.pointer(0), m.Name)
	o.set(0, moduleUnion[m.Kind])
	if m.Kind == version.Data || m.Kind == version.Wasm {
		o.bytes(o.pointer(1), m.Content)
		return
	}
	o.text(o.pointer(1), string(m.Content))
}

func encodeBinding(o object, b Binding) {
	m := o.message
	o.text(o.pointer(0), b.Name)
	switch {
	case b.Text != nil:
		o.set(0, 2)
		o.text(o.pointer(1), *b.Text)
	case b.JSON != "":
		o.set(0, 4)
		o.text(o.pointer(1), b.JSON)
	case b.Service != nil:
		o.set(0, 7)
		encodeDesignator(m, o.pointer(1), b.Service)
	case b.KV != nil:
		o.set(0, 9)
		encodeDesignator(m, o.pointer(1), b.KV)
	case b.Queue != nil:
		o.set(0, 13)
		encodeDesignator(m, o.pointer(1), b.Queue)
	case b.Object != nil:
		o.set(0, 8)
		d := m.object(o.pointer(1), 0, 3)
		d.text(d.pointer(0), b.Object.Class)
		d.some(d.pointer(1), b.Object.Service)
	case b.Wrapped != nil:
		o.set(0, 12)
		w := m.object(o.pointer(1), 0, 3)
		w.text(w.pointer(0), b.Wrapped.Module)
		objects(m, w.pointer(2), b.Wrapped.Inner, 1, 6, encodeBinding)
	}
}

func encodeDesignator(m *message, at int, d *Designator) {
	if d != nil {
		m.object(at, 1, 3).designates(d)
	}
}

func (o object) designates(d *Designator) {
	o.text(o.pointer(0), d.Service)
	o.some(o.pointer(1), d.Entrypoint)
	if d.Props != "" {
		o.set(0, 1)
		o.text(o.pointer(2), d.Props)
	}
}

func encodeHTTP(m *message, at int, h HTTP) {
	o := m.object(at, 1, 5)
	o.some(o.pointer(0), h.SchemeHeader)
	o.some(o.pointer(1), h.CFHeader)
	encodeHeaders(m, o.pointer(2), h.Inject)
	encodeHeaders(m, o.pointer(3), h.InjectResponse)
}

func encodeHeaders(m *message, at int, headers []Header) {
	if len(headers) == 0 {
		return
	}
	objects(m, at, headers, 0, 2, func(o object, h Header) {
		o.text(o.pointer(0), h.Name)
		if !h.Remove {
			o.text(o.pointer(1), h.Value)
		}
	})
}
