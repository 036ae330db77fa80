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

// routeDoor is a Route as a way in.
type routeDoor struct {
	doc   *world.Document
	host  string // as a pattern
	tail  string // what hosts have to end in; empty: host has no wildcard
	path  string // without its first slash
	plain bool
}

// routeDoors are the Routes in the order of the files: those of one record by its name, and those that may be of any.
type routeDoors struct {
	byRecord map[string][]routeDoor
	wild     []routeDoor
}

func (s *snapshot) routeDoors() routeDoors {
	all := routeDoors{byRecord: map[string][]routeDoor{}}
	for _, doc := range s.inFileOrder(world.KindWorkerRoute) {
		pattern := doc.Value.(*world.WorkerRoute).Pattern
		p, err := routes.Parse(pattern)
		if err != nil {
			continue
		}
		scheme, rest, ok := strings.Cut(pattern, "://")
		if !ok {
			scheme, rest = "", pattern
		}
		d := routeDoor{doc: doc, plain: strings.EqualFold(scheme, "http")}
		_, d.path, _ = strings.Cut(rest, "/")
		host, wild := p.Host()
		if d.host = host; wild {
			d.host, d.tail = "*"+host, host
			all.wild = append(all.wild, d)
		} else if s.zones != nil {
			owner := s.zones.Route(host).Owner
			all.byRecord[owner] = append(all.byRecord[owner], d)
		}
	}
	return all
}

// appendRoutes adds the Routes that take some of a record's hosts or paths: behind each another Worker may stand.
func (s *snapshot) appendRoutes(list []door, rec *world.Record, all routeDoors) []door {
	for _, r := range all.byRecord[rec.Name] {
		list = s.appendRoute(list, rec, r, r.host == rec.Name)
	}
	for _, r := range all.wild {
		if strings.HasSuffix(rec.Name, r.tail) {
			list = s.appendRoute(list, rec, r, true)
		} else if strings.HasPrefix(rec.Name, "*.") && s.zones.Route(sample(r.host)).Owner == rec.Name {
			list = s.appendRoute(list, rec, r, false)
		}
	}
	return list
}

// appendRoute adds a Route of all hosts of a record, or of some.
func (s *snapshot) appendRoute(list []door, rec *world.Record, r routeDoor, whole bool) []door {
	d := door{host: rec.Name, path: "/" + r.path, doc: r.doc, plain: r.plain}
	switch {
	case !whole:
		d.host = r.host
	case d.plain:
	case r.path == "*": // the record's own entrypoint is this one
		return list
	case r.path == "": // it is of the root alone, and this is the rest
		d.path = "/*"
	}
	if r.path == "*" {
		d.path = "/"
	}
	return append(list, s.opened(d))
}
