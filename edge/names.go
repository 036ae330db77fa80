package edge

import (
	"iter"
	"net"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// standing is what a name is to a world. A name that is anything but a stranger is never asked of
// the machine's resolver, and no egress pattern sends it out.
type standing int

const (
	stranger standing = iota // in no zone of the world
	served                   // the edge answers for it
	dnsOnly                  // its record leads past the edge
	missing                  // in a zone, and leads nowhere
)

// stands says what a canonical name is here. target is where a DNS-only record leads; zone is the one
// that a missing name is missing from.
func (s *snapshot) stands(name string) (standing standing, target, zone string) {
	if _, ok := s.sites[name]; ok {
		return served, "", ""
	}
	if _, ok := s.scripts.devHost(name); ok {
		return served, "", ""
	}
	if s.zones == nil {
		return stranger, "", ""
	}
	switch rt := s.zones.Route(name); rt.Status {
	case dnsemu.NoZone:
		return stranger, "", ""
	case dnsemu.Proxied:
		return served, "", ""
	case dnsemu.DNSOnly:
		return dnsOnly, strings.TrimSuffix(rt.Record.Content, "."), rt.Zone.Name
	default:
		return missing, "", rt.Zone.Name
	}
}

// locate follows the DNS-only records of the world to the name or address that a dial to name really
// means. A name that the world lacks does not resolve, as its name servers would say.
func (s *snapshot) locate(name string) (at string, where standing, err error) {
	at = name
	for range maxChain {
		h, err := canonicalHost(at)
		if err != nil || h.Addr.IsValid() {
			return at, stranger, nil
		}
		where, target, _ := s.stands(h.Name)
		switch where {
		case dnsOnly:
			at = target
			continue
		case missing:
			return "", missing, &net.DNSError{Err: "no such host", Name: h.Name, Server: "the world's zones", IsNotFound: true}
		}
		return h.Name, where, nil
	}
	return "", missing, &net.DNSError{Err: "records lead in a circle", Name: name, Server: "the world's zones"}
}

// names says whether the world's own files name an address as an origin: in an ingress rule
// or in the origins map.
func (s *snapshot) names(addr string) bool {
	addr = strings.ToLower(addr)
	if _, ok := find(s.origins, addr); ok {
		return true
	}
	_, ok := find(s.named, addr)
	return ok
}

// name counts the addresses that a tunnel's rules name, by one more or one less.
func (c *compiler) name(def *world.Tunnel, by int) {
	if def.Config == nil {
		return
	}
	for rule := range ingressRules(def.Config) {
		at, _, ok := dialAddress(rule.Service)
		if !ok {
			continue
		}
		key := []byte(strings.ToLower(at))
		n, _ := c.named.Get(key)
		if n += by; n > 0 {
			c.named.Insert(key, n)
		} else {
			c.named.Delete(key)
		}
	}
}

func ingressRules(c *tunnelemu.Config) iter.Seq[*tunnelemu.Rule] {
	return func(yield func(*tunnelemu.Rule) bool) {
		for i := range c.Ingress {
			if !yield(&c.Ingress[i]) {
				return
			}
		}
	}
}

// plainPorts and securePorts are those on which the real edge takes requests.
var (
	plainPorts  = map[string]bool{"80": true, "8080": true, "8880": true, "2052": true, "2082": true, "2086": true, "2095": true}
	securePorts = map[string]bool{"443": true, "8443": true, "2053": true, "2083": true, "2087": true, "2096": true}
)
