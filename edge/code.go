package edge

import (
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/worker/routes"
	"github.com/sundog-edge/sundog/edge/world"
)

// scripts is what of a snapshot runs code: Workers and Pages projects, and the ways in to them. Immutable.
type scripts struct {
	workers    *iradix.Tree[*world.Worker]       // by name
	projects   *iradix.Tree[*world.PagesProject] // by name
	domains    *iradix.Tree[*world.WorkerDomain] // by host
	routes     routes.Set
	vpc        *iradix.Tree[*world.VPCService] // by id
	workersDev string                          // "acme.workers.dev"; empty: none
	generation uint64                          // of the snapshot that changed any of these last
}

// any tells whether there is code at all.
func (k *scripts) any() bool {
	return k.workers != nil && k.workers.Len() > 0 || k.projects != nil && k.projects.Len() > 0
}

// pagesDev is below which Pages projects are served.
const pagesDev = "pages.dev"

// way is how a request comes to code.
type way int

const (
	wayNone         way = iota
	wayWorkersDev       // NAME.SUBDOMAIN.workers.dev
	wayPreview          // a preview host of a version or an alias
	wayDomain           // a Custom Domain
	wayRoute            // a Route
	wayPages            // NAME.pages.dev
	wayPagesPreview     // a host of one deployment or branch of a Pages project
)

func (w way) String() string {
	return [...]string{"", "workers.dev", "Preview URL", "Custom Domain", "Route", "pages.dev", "Pages preview"}[w]
}

// code is the Worker, or the Pages project, that takes a request. The zero code is none.
type code struct {
	way     way
	worker  *world.Worker
	project *world.PagesProject
	version string // of previews: eight digits, an alias, or a branch
	domain  *world.WorkerDomain
	match   routes.Match
}

func (c *code) is() bool { return c.way != wayNone }

// preview tells whether what is served is not what production is.
func (c *code) preview() bool { return c.way == wayPreview || c.way == wayPagesPreview }

// name is the name of the Worker, or of the Pages project.
func (c *code) name() string {
	if c.project != nil {
		return c.project.Name
	}
	return c.worker.Name
}

// String is the code as a person reads it: "Worker api (Preview URL, version 0a1b2c3d)".
func (c *code) String() string {
	if !c.is() {
		return ""
	}
	kind := "Worker "
	if c.project != nil {
		kind = "Pages project "
	}
	text := kind + c.name() + " by " + c.way.String()
	switch c.way {
	case wayPreview, wayPagesPreview:
		if c.version != "" {
			text += " " + c.version
		}
	case wayRoute:
		text += " " + c.match.Pattern.String()
	}
	return text
}

// owner is the host that meters count a request under: previews of one Worker or project together.
func (k *scripts) owner(c *code) string {
	switch c.way {
	case wayWorkersDev:
		return c.worker.Name + "." + k.workersDev
	case wayPreview:
		return "*-" + c.worker.Name + "." + k.workersDev
	case wayPages:
		return c.project.Name + "." + pagesDev
	case wayPagesPreview:
		return "*." + c.project.Name + "." + pagesDev
	}
	return ""
}

// owners are all of them.
func (k *scripts) owners() (hosts []string) {
	orEmpty(k.workers).Root().Walk(func(_ []byte, w *world.Worker) bool {
		if k.workersDev != "" {
			hosts = append(hosts, k.owner(&code{way: wayWorkersDev, worker: w}), k.owner(&code{way: wayPreview, worker: w}))
		}
		return false
	})
	orEmpty(k.projects).Root().Walk(func(_ []byte, p *world.PagesProject) bool {
		hosts = append(hosts, k.owner(&code{way: wayPages, project: p}), k.owner(&code{way: wayPagesPreview, project: p}))
		return false
	})
	return hosts
}

// ref is the Worker as Access knows it; of a Pages project and of none, nothing.
func (c *code) ref() accessemu.WorkerRef {
	if c.worker == nil {
		return accessemu.WorkerRef{}
	}
	return accessemu.WorkerRef{ID: c.worker.ID, Preview: c.preview()}
}

// workersOn are the Workers that a host leads to, by whatever path.
func (k *scripts) workersOn(host string) (list []accessemu.WorkerRef) {
	if c, ours := k.devHost(host); ours {
		if ref := c.ref(); ref.ID != "" {
			list = append(list, ref)
		}
		return list
	}
	for _, m := range k.routes.On(host) {
		if w, ok := find(k.workers, m.Script); ok {
			list = append(list, accessemu.WorkerRef{ID: w.ID})
		}
	}
	if c := k.forDomain(host); c.worker != nil {
		list = append(list, c.ref())
	}
	return list
}

// forZoneHost is the code that takes a request for a host of a zone: that of the most specific Route, else of the
// Custom Domain. A Route without a script leads past both, to the origin.
func (k *scripts) forZoneHost(scheme, host, uri string) (c code) {
	if m, ok := k.routes.Find(scheme, host, uri); ok {
		if m.Script == "" {
			return code{}
		}
		if w, ok := find(k.workers, m.Script); ok {
			return code{way: wayRoute, worker: w, match: m}
		}
	}
	return k.forDomain(host)
}

// forDomain is the code of a Custom Domain.
func (k *scripts) forDomain(host string) (c code) {
	d, ok := find(k.domains, host)
	if !ok || d.Disabled {
		return code{}
	}
	c = code{way: wayDomain, domain: d}
	if d.Pages {
		c.project, ok = find(k.projects, d.Service)
	} else {
		c.worker, ok = find(k.workers, d.Service)
	}
	if !ok {
		return code{}
	}
	return c
}

// devHost is where a host below workers.dev or pages.dev leads, when it is the world's. Every host of the world's own
// subdomain of workers.dev is, whether there is a Worker or not.
func (k *scripts) devHost(host string) (c code, ours bool) {
	label, rest, ok := strings.Cut(host, ".")
	switch {
	case !ok:
	case k.workersDev != "" && rest == k.workersDev:
		return k.worker(label), true
	case rest == pagesDev:
		if p, ok := find(k.projects, label); ok {
			return code{way: wayPages, project: p}, true
		}
	case strings.HasSuffix(rest, "."+pagesDev):
		if p, ok := find(k.projects, strings.TrimSuffix(rest, "."+pagesDev)); ok {
			return code{way: wayPagesPreview, project: p, version: label}, true
		}
	}
	return code{}, false
}

// worker reads a label below workers.dev: a Worker's name, or a version or an alias before one. A name that has a dash
// can be read in more than one way; the longest name that a Worker has wins.
func (k *scripts) worker(label string) code {
	if w, ok := find(k.workers, label); ok {
		return code{way: wayWorkersDev, worker: w}
	}
	for i := 1; i < len(label)-1; i++ {
		if label[i] != '-' {
			continue
		}
		if w, ok := find(k.workers, label[i+1:]); ok {
			return code{way: wayPreview, worker: w, version: label[:i]}
		}
	}
	return code{}
}

// key is the document of the code: the Worker's, or the Pages project's.
func (c *code) key() world.Key {
	if c.project != nil {
		return world.Key{Kind: world.KindPagesProject, ID: c.project.ID}
	}
	return world.Key{Kind: world.KindWorker, ID: c.worker.Name}
}

// codeMark is where the way to the code was written, else the code itself.
func (s *snapshot) codeMark(c *code) string {
	switch c.way {
	case wayDomain:
		if at := s.mark(world.Key{Kind: world.KindWorkerDomain, ID: c.domain.ID}, ""); at != "" {
			return at
		}
	case wayRoute:
		if at := s.mark(world.Key{Kind: world.KindWorkerRoute, ID: c.match.ID}, ""); at != "" {
			return at
		}
	}
	return s.mark(c.key(), "")
}
