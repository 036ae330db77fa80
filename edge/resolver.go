package edge

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/sundog-edge/sundog/dnsemu"
)

// resolverHosts are the names and addresses under which the public resolver speaks DNS over HTTPS.
var resolverHosts = []string{"1.1.1.1", "1.0.0.1", "one.one.one.one", "cloudflare-dns.com"}

// ResolverHosts are the hosts of the public resolver, which every world has.
func ResolverHosts() []string { return slices.Clone(resolverHosts) }

// startDNS makes the edge's name server and its resolvers.
func (e *Edge) startDNS() {
	e.queries = dnsemu.NewQueryLog(0, e.clock.Now)
	e.dns = dnsemu.New(func() *dnsemu.Zones { return e.snap.Load().zones }, dnsemu.Options{
		Sites: func() *dnsemu.Zones { return e.snap.Load().siteZones }, Queries: e.queries, Log: e.log,
	})
	e.resolver = dnsemu.NewResolver(e.dns, dnsemu.ResolverOptions{Now: e.clock.Now})
	e.system = dnsemu.NewResolver(e.dns, dnsemu.ResolverOptions{Cache: true, Now: func() time.Time {
		return e.clock.Now().Add(time.Duration(e.aged.Load()))
	}})
	e.doh = dnsemu.DoH(e.resolver)
}

// Resolver answers as 1.1.1.1 does, and by DNS over HTTPS. It keeps nothing: what was changed is answered at once.
func (e *Edge) Resolver() *dnsemu.Resolver { return e.resolver }

// SystemResolver answers as the resolver of a machine or a router does: it keeps what it was told, that a name does not
// exist too, for as long as TTLs say. Its time is the edge's, and Age makes what it keeps older. Nothing asks it
// but who means it.
func (e *Edge) SystemResolver() *dnsemu.Resolver { return e.system }

// Queries are the newest questions that the edge's name servers answered.
func (e *Edge) Queries() *dnsemu.QueryLog { return e.queries }

// siteZones are zones for the names of sites, and for those below workers.dev and pages.dev, so that DNS leads to them:
// one each, since what else the real zones hold is not ours to say.
func (c *compiler) siteZones() error {
	if c.next.siteZones = c.old.siteZones; c.old.siteZones != nil && maps.Equal(c.next.sites, c.old.sites) && c.next.scripts.generation == c.old.scripts.generation {
		return nil
	}
	t := new(dnsemu.Zones).Txn()
	for name := range c.next.sites {
		if _, err := netip.ParseAddr(name); err == nil {
			continue
		}
		if err := putSite(t, name, "@"); err != nil {
			return err
		}
	}
	if err := c.next.scripts.putSites(t); err != nil {
		return err
	}
	c.next.siteZones = t.Commit()
	return nil
}

// putSite adds a zone whose names lead to the edge.
func putSite(t *dnsemu.Txn, zone string, names ...string) error {
	if err := t.PutZone(dnsemu.Zone{ID: zone, Name: zone}); err != nil {
		return fmt.Errorf("the host %s: %w", zone, err)
	}
	for _, name := range names {
		if err := t.PutRecord(zone, dnsemu.Record{Type: "A", Name: name, Content: "192.0.2.0", Proxied: true}); err != nil {
			return fmt.Errorf("the host %s: %w", zone, err)
		}
	}
	return nil
}

func serveDoH(q *request, w http.ResponseWriter, r *http.Request) {
	if !q.admission.tls {
		authority := q.admission.host.Name
		if q.admission.urlPort != "" {
			authority += ":" + q.admission.urlPort
		}
		w.Header().Set("Sundog-Why", "DNS over HTTPS is not spoken without TLS")
		w.Header().Set("Location", "https://"+authority+r.URL.RequestURI())
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	// The asker is who the edge takes the client for, not the proxy's connection.
	asked := *r
	asked.RemoteAddr = netip.AddrPortFrom(q.admission.client.IP, 0).String()
	q.edge.doh.ServeHTTP(w, &asked)
}
