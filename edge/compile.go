package edge

import (
	"fmt"
	"slices"
	"strings"

	iradix "github.com/hashicorp/go-immutable-radix/v2"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// compiler turns changes of documents into the next snapshot. It costs what
// the changes touch; what they do not touch is shared with the old one.
type compiler struct {
	edge    *Edge
	old     *snapshot
	next    *snapshot
	zones   *dnsemu.Txn
	access  *accessemu.Txn
	tunnels *iradix.Txn[*tunnel]
	named   *iradix.Txn[int]
	clients *iradix.Txn[*world.Client]
	origins *iradix.Txn[place]
	scripts codeTxn
	made    []*tunnel // to close when the compilation fails
	gone    []*tunnel // to close when it succeeds
	version int       // of configurations that this compilation changes; 0: none so far
	renew   bool      // tunnels that did not change themselves are to be compiled anew
	errs    world.Errors
}

func (e *Edge) compile(old *snapshot, layers world.Layers, changes []world.Change) (*compiler, error) {
	c := &compiler{edge: e, old: old}
	c.next = &snapshot{
		generation: old.generation + 1, layers: layers, settings: old.settings, egress: old.egress, quirks: old.quirks, sites: old.sites, siteZones: old.siteZones,
		connectors: e.connectors,
	}
	c.zones = orNew(old.zones).Txn()
	c.tunnels = orEmpty(old.tunnels).Txn()
	c.named = orEmpty(old.named).Txn()
	c.clients = orEmpty(old.clients).Txn()
	c.origins = orEmpty(old.origins).Txn()
	c.scripts = old.scripts.txn()
	if err := c.settings(changes); err != nil {
		return nil, err
	}
	c.quirks(changes)
	for _, change := range slices.Backward(changes) {
		if change.Old != nil && (change.New == nil || replacedWhole(change.Key.Kind)) {
			c.remove(change.Old)
		}
	}
	for _, change := range changes {
		if change.New != nil {
			c.put(change.New)
		}
	}
	if c.renew {
		c.renewTunnels(changes)
	}
	c.next.scripts = c.scripts.commit(c.next.generation)
	if err := c.siteZones(); err != nil {
		return nil, err
	}
	c.meter(changes)
	if len(c.errs) == 0 {
		c.commit()
	}
	if len(c.errs) > 0 {
		for _, t := range c.made {
			t.close()
		}
		return nil, c.errs
	}
	return c, nil
}

func orNew(z *dnsemu.Zones) *dnsemu.Zones {
	if z == nil {
		return new(dnsemu.Zones)
	}
	return z
}

func orEmpty[T any](t *iradix.Tree[T]) *iradix.Tree[T] {
	if t == nil {
		return iradix.New[T]()
	}
	return t
}

// replacedWhole are the kinds whose compiled form has keys that the document's key does not
// tell, so that the old ones are taken out first.
func replacedWhole(k world.Kind) bool {
	switch k {
	case world.KindTunnel, world.KindOrigin, world.KindWorkerDomain, world.KindWorkerRoute, world.KindPagesProject:
		return true
	}
	return false
}

// settings begins the Access transaction, from nothing when the team or the account changed.
func (c *compiler) settings(changes []world.Change) error {
	fresh := c.old.access == nil
	for _, change := range changes {
		if change.Key.Kind != world.KindSettings {
			continue
		}
		c.next.settings = world.Settings{}
		if change.New != nil {
			c.next.settings = *change.New.Value.(*world.Settings)
		}
		fresh = true
	}
	if !fresh {
		c.access = c.old.access.Txn()
		return nil
	}
	c.next.sites = sitesOf(c.next.settings)
	c.scripts.setSubdomain(c.next.settings.WorkersSubdomain)
	config, err := accessemu.NewConfig(accessemu.Settings{Team: c.next.settings.Team, AccountID: c.next.settings.AccountID})
	if err != nil {
		return err
	}
	c.access = config.Txn()
	if c.old.access == nil {
		return nil
	}
	changed := make(map[world.Key]bool, len(changes))
	for _, change := range changes {
		changed[change.Key] = true
	}
	for _, kind := range []world.Kind{
		world.KindOrganization, world.KindServiceToken, world.KindList, world.KindGroup, world.KindCustomPage, world.KindIdentityProvider, world.KindPolicy, world.KindApp, world.KindPerson,
	} {
		for doc := range c.next.layers.All(kind) {
			if !changed[doc.Key] {
				c.put(doc)
			}
		}
	}
	return nil
}

func (c *compiler) remove(doc *world.Document) {
	if c.scripts.remove(doc) {
		return
	}
	switch v := doc.Value.(type) {
	case *dnsemu.Zone:
		c.zones.DeleteZone(v.ID)
	case *world.Record:
		c.zones.DeleteRecord(v.ZoneID, v.ID)
	case *world.Tunnel:
		if t, ok := c.tunnels.Delete([]byte(v.UUID)); ok {
			c.name(t.def, -1)
			c.gone = append(c.gone, t)
		}
		c.tunnels.Delete([]byte(strings.ToLower(v.ID)))
	case *accessemu.Organization:
		c.access.SetOrganization(accessemu.Organization{})
	case *accessemu.Policy:
		c.access.DeletePolicy(v.ID)
	case *accessemu.Application:
		c.access.DeleteApp(v.ID)
	case *accessemu.Person:
		c.access.DeletePerson(v.Email)
	case *accessemu.Group:
		c.access.DeleteGroup(v.ID)
	case *accessemu.List:
		c.access.DeleteList(v.ID)
	case *accessemu.ServiceToken:
		c.access.DeleteServiceToken(v.ID)
	case *accessemu.CustomPage:
		c.access.DeleteCustomPage(v.ID)
	case *accessemu.IdentityProvider:
		c.access.DeleteIdentityProvider(v.ID)
	case *world.Client:
		c.clients.Delete([]byte(v.Name))
	case *world.Origin:
		if from, _, ok := dialAddress(v.From); ok {
			c.origins.Delete([]byte(strings.ToLower(from)))
		}
	case *world.Egress:
		c.next.egress = slices.DeleteFunc(slices.Clone(c.next.egress), func(r egressRule) bool { return r.pattern == v.Pattern })
	}
}

func (c *compiler) put(doc *world.Document) {
	if err, ok := c.scripts.put(doc); ok {
		c.check(doc, err)
		return
	}
	switch v := doc.Value.(type) {
	case *dnsemu.Zone:
		c.check(doc, c.zones.PutZone(*v))
	case *world.Record:
		c.check(doc, c.zones.PutRecord(v.ZoneID, v.Record))
	case *world.Tunnel:
		c.putTunnel(doc, v)
	case *accessemu.Organization:
		c.check(doc, c.access.SetOrganization(*v))
	case *accessemu.Policy:
		c.check(doc, c.access.PutPolicy(*v))
	case *accessemu.Application:
		c.check(doc, c.access.PutApp(*v))
	case *accessemu.Person:
		c.check(doc, c.access.PutPerson(*v))
	case *accessemu.Group:
		c.check(doc, c.access.PutGroup(*v))
	case *accessemu.List:
		c.check(doc, c.access.PutList(*v))
	case *accessemu.ServiceToken:
		c.check(doc, c.access.PutServiceToken(c.edge.withSecret(*v)))
	case *accessemu.CustomPage:
		c.check(doc, c.access.PutCustomPage(*v))
	case *accessemu.IdentityProvider:
		c.check(doc, c.access.PutIdentityProvider(*v))
	case *world.Client:
		c.clients.Insert([]byte(v.Name), v)
	case *world.Origin:
		c.putOrigin(doc, v)
	case *world.Egress:
		rule, err := parseEgress(v.Pattern)
		c.check(doc, err)
		c.next.egress = append(slices.Clip(c.next.egress), rule)
	}
}

func (c *compiler) putTunnel(doc *world.Document, def *world.Tunnel) {
	t := &tunnel{key: doc.Key, def: def}
	var err error
	if t.secret, err = c.edge.tunnelSecret(def); err != nil {
		c.check(doc, err)
		return
	}
	if def.Config != nil {
		rules, err := tunnelemu.New(def.Config, tunnelemu.Options{
			Dial: c.edge.dial, Resolve: c.edge.resolve, HTTP: c.edge.inside, Now: c.edge.clock.Now, Log: c.edge.log,
			Transport: def.Transport, Quirks: c.next.quirks,
		})
		if c.check(doc, err); err != nil {
			return
		}
		t.rules = rules
		if !def.DialledIn() {
			t.embedded = rules
		}
		c.made = append(c.made, t)
	}
	c.check(doc, c.configure(t))
	c.tunnels.Insert([]byte(def.UUID), t)
	c.name(def, 1)
	c.tunnels.Insert([]byte(strings.ToLower(def.ID)), t)
}

func (c *compiler) putOrigin(doc *world.Document, o *world.Origin) {
	from, _, ok := dialAddress(o.From)
	to, ok2 := placeOf(o.To)
	if !ok || !ok2 {
		c.check(doc, fmt.Errorf("an entry of origins: leads from one scheme://host:port to another, or to unix:/path"))
		return
	}
	c.origins.Insert([]byte(strings.ToLower(from)), to)
}

func (c *compiler) commit() {
	access, err := c.access.Commit()
	if err != nil {
		c.errs = append(c.errs, c.next.layers.Errors(err)...)
		return
	}
	c.next.access = access
	c.next.zones = c.zones.Commit()
	c.next.tunnels = c.tunnels.Commit()
	c.next.named = c.named.Commit()
	c.next.clients = c.clients.Commit()
	c.next.origins = c.origins.Commit()
	if c.next.clients.Len() == 0 {
		c.next.clients = nil
	}
}

// check keeps what a fake says of a document, with its place in the file.
func (c *compiler) check(doc *world.Document, err error) {
	if err != nil {
		c.errs = append(c.errs, doc.Errors(err)...)
	}
}
