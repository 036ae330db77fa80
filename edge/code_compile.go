package edge

import (
	"fmt"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// codeTxn is a change of scripts in the making.
type codeTxn struct {
	next     scripts
	workers  *iradix.Txn[*world.Worker]
	projects *iradix.Txn[*world.PagesProject]
	domains  *iradix.Txn[*world.WorkerDomain]
	vpc      *iradix.Txn[*world.VPCService]
	changed  bool
}

func (k *scripts) txn() codeTxn {
	return codeTxn{
		next:    *k,
		workers: orEmpty(k.workers).Txn(), projects: orEmpty(k.projects).Txn(), domains: orEmpty(k.domains).Txn(), vpc: orEmpty(k.vpc).Txn(),
	}
}

// setSubdomain says below which subdomain of workers.dev Workers are served; empty: none.
func (t *codeTxn) setSubdomain(name string) {
	host := ""
	if name != "" {
		host = name + ".workers.dev"
	}
	if host != t.next.workersDev {
		t.next.workersDev, t.changed = host, true
	}
}

func (t *codeTxn) commit(generation uint64) scripts {
	if !t.changed {
		return t.next
	}
	t.next.workers, t.next.projects, t.next.domains, t.next.vpc = t.workers.Commit(), t.projects.Commit(), t.domains.Commit(), t.vpc.Commit()
	t.next.generation = generation
	return t.next
}

// remove takes a document out; false: it is none of code.
func (t *codeTxn) remove(doc *world.Document) bool {
	switch v := doc.Value.(type) {
	case *world.Worker:
		t.workers.Delete([]byte(v.Name))
	case *world.PagesProject:
		t.projects.Delete([]byte(v.Name))
	case *world.WorkerDomain:
		t.domains.Delete([]byte(v.Hostname))
	case *world.WorkerRoute:
		t.next.routes = t.next.routes.Without(v.ID, v.Pattern)
	case *world.VPCService:
		t.vpc.Delete([]byte(v.ID))
	case *version.Version:
	default:
		return false
	}
	t.changed = true
	return true
}

// put takes a document in; ok is false when it is none of code.
func (t *codeTxn) put(doc *world.Document) (err error, ok bool) {
	switch v := doc.Value.(type) {
	case *world.Worker:
		t.workers.Insert([]byte(v.Name), v)
	case *world.PagesProject:
		t.projects.Insert([]byte(v.Name), v)
	case *world.WorkerDomain:
		if v.Hostname == "" || strings.ContainsAny(v.Hostname, "*/") {
			return fmt.Errorf("hostname: %q, which is no Custom Domain: one is a host without wildcards and paths", v.Hostname), true
		}
		t.domains.Insert([]byte(v.Hostname), v)
	case *world.WorkerRoute:
		t.next.routes, err = t.next.routes.With(v.ID, v.Pattern, v.Script)
	case *world.VPCService:
		t.vpc.Insert([]byte(v.ID), v)
	case *version.Version:
	default:
		return nil, false
	}
	t.changed = true
	return err, true
}

// putSites adds the names below workers.dev and pages.dev to those that DNS answers for.
func (k *scripts) putSites(t *dnsemu.Txn) (err error) {
	if k.workersDev != "" {
		if err := putSite(t, k.workersDev, "*"); err != nil {
			return err
		}
	}
	orEmpty(k.projects).Root().Walk(func(name []byte, _ *world.PagesProject) bool {
		err = putSite(t, string(name)+"."+pagesDev, "@", "*")
		return err != nil
	})
	return err
}
