package edge

import (
	"context"
	"net"
	"strings"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// dialProxy connects a client of the proxy to what the policy passed through: this machine,
// egress, DNS-only names of the world at the address that their record gives.
func (e *Edge) dialProxy(ctx context.Context, network, addr string) (net.Conn, error) {
	s := e.snap.Load()
	name, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	if s.zones == nil {
		return e.dialOut(ctx, s, network, addr, false)
	}
	for range maxChain {
		rt := s.zones.Route(name)
		if rt.Status != dnsemu.DNSOnly {
			break
		}
		name = strings.TrimSuffix(rt.Record.Content, ".")
	}
	return e.dial(ctx, network, net.JoinHostPort(name, port))
}

// names says whether the world's own files name an address as an origin: in an ingress rule
// or in the origins map.
func (s *snapshot) names(addr string) bool {
	if _, ok := find(s.origins, strings.ToLower(addr)); ok {
		return true
	}
	for doc := range s.layers.All(world.KindTunnel) {
		t, ok := doc.Value.(*world.Tunnel)
		if !ok || t.Config == nil {
			continue
		}
		for rule := range ingressRules(t.Config) {
			if at, _, ok := dialAddress(rule.Service); ok && strings.EqualFold(at, addr) {
				return true
			}
		}
	}
	return false
}

func ingressRules(c *tunnelemu.Config) func(func(*tunnelemu.Rule) bool) {
	return func(yield func(*tunnelemu.Rule) bool) {
		for i := range c.Ingress {
			if !yield(&c.Ingress[i]) {
				return
			}
		}
	}
}
