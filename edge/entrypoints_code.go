package edge

import (
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/routes"
	"github.com/sundog-edge/sundog/edge/world"
)

// appendCode adds the ways in that no record makes: hosts below workers.dev and pages.dev.
func (s *snapshot) appendCode(list []door, deep deepDomains) []door {
	k := &s.scripts
	add := func(c code, doc *world.Document) {
		host := k.owner(&c)
		list = s.appendDeep(append(list, s.door(host, "/", doc)), host, doc, deep)
	}
	if k.workersDev != "" {
		for _, doc := range s.inFileOrder(world.KindWorker) {
			w := doc.Value.(*world.Worker)
			if w.WorkersDev {
				add(code{way: wayWorkersDev, worker: w}, doc)
			}
			if w.PreviewURLs {
				add(code{way: wayPreview, worker: w, version: "*"}, doc)
			}
		}
	}
	for _, doc := range s.inFileOrder(world.KindPagesProject) {
		p := doc.Value.(*world.PagesProject)
		add(code{way: wayPages, project: p}, doc)
		add(code{way: wayPagesPreview, project: p, version: "*"}, doc)
	}
	return list
}

// codeAt is the code that takes requests for a host and path.
func (s *snapshot) codeAt(scheme, host, path string) code {
	if c, ours := s.scripts.devHost(host); ours {
		return c
	}
	return s.scripts.forZoneHost(scheme, host, path)
}

// appendRoutes adds the Routes that take some of a record's hosts or paths: behind each another Worker may stand.
func (s *snapshot) appendRoutes(list []door, rec *world.Record) []door {
	for _, doc := range s.inFileOrder(world.KindWorkerRoute) {
		v := doc.Value.(*world.WorkerRoute)
		p, err := routes.Parse(v.Pattern)
		if err != nil {
			continue
		}
		scheme, rest, ok := strings.Cut(v.Pattern, "://")
		if !ok {
			scheme, rest = "", v.Pattern
		}
		_, path, _ := strings.Cut(rest, "/")
		host, wild := p.Host()
		whole := host == rec.Name || wild && strings.HasSuffix(rec.Name, host)
		if wild {
			host = "*" + host
		}
		below := strings.HasPrefix(rec.Name, "*.") && s.zones.Route(sample(host)).Owner == rec.Name
		d := door{host: rec.Name, path: "/" + path, doc: doc, plain: strings.EqualFold(scheme, "http")}
		switch {
		case !whole && !below:
			continue
		case !whole:
			d.host = host
		case d.plain:
		case path == "*": // the record's own entrypoint is this one
			continue
		case path == "": // it is of the root alone, and this is the rest
			d.path = "/*"
		}
		if path == "*" {
			d.path = "/"
		}
		list = append(list, s.opened(d))
	}
	return list
}
