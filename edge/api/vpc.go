package api

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/world"
)

func vpcObject(v *world.VPCService) any {
	return struct {
		*world.VPCService
		Created *time.Time `json:"created_at"`
		Updated *time.Time `json:"updated_at"`
	}{v, stamp(v.Created), stamp(v.Updated)}
}

func (c *call) vpcServices() (any, error) {
	kind := c.query.Get("type")
	services := all(c.layers, world.KindVPCService, func(v *world.VPCService) bool { return kind == "" || v.Type == kind })
	l := paged(c.query, services, 20, 1000)
	items := []any{}
	for _, v := range l.items.([]*world.VPCService) {
		items = append(items, vpcObject(v))
	}
	return list{items, l.info}, nil
}

// vpcService is the one that the path names; nil: there is none.
func (c *call) vpcService() *world.VPCService {
	return get[world.VPCService](c.layers, world.KindVPCService, c.arg("service"))
}

func (c *call) noVPCService() *failure {
	return fail(http.StatusNotFound, 5104, "Connectivity service %q not found", c.arg("service"))
}

func (c *call) oneVPCService() (any, error) {
	if v := c.vpcService(); v != nil {
		return vpcObject(v), nil
	}
	return nil, c.noVPCService()
}

func (c *call) postVPCService() (any, error) {
	v, err := c.sentVPCService(nil)
	if err != nil {
		return nil, err
	}
	if v.ID, err = c.newUUID(); err != nil {
		return nil, err
	}
	v.Created = v.Updated
	return vpcObject(v), c.edit(put(v))
}

// putVPCService replaces a service whole.
func (c *call) putVPCService() (any, error) {
	had := c.vpcService()
	if had == nil {
		return nil, c.noVPCService()
	}
	v, err := c.sentVPCService(had)
	if err != nil {
		return nil, err
	}
	v.ID, v.Created = had.ID, had.Created
	return vpcObject(v), c.edit(put(v))
}

func (c *call) deleteVPCService() (any, error) {
	v := c.vpcService()
	if v == nil {
		return nil, c.noVPCService()
	}
	return object{}, c.edit(remove(world.KindVPCService, v.ID))
}

// sentVPCService reads and checks the body; all that is wrong is one failure.
func (c *call) sentVPCService(had *world.VPCService) (*world.VPCService, error) {
	v := new(world.VPCService)
	if err := c.decode(v); err != nil {
		return nil, err
	}
	v.Updated = c.Now().UTC()
	f := &failure{status: http.StatusBadRequest}
	bad := func(field, format string, args ...any) {
		f.errs = append(f.errs, apiError{Code: 5101, Message: fmt.Sprintf(format, args...), Source: &source{Pointer: field}})
	}
	if v.Name == "" {
		bad("/name", "name is empty")
	} else if first(c.layers, world.KindVPCService, func(x *world.VPCService) bool {
		return x.Name == v.Name && (had == nil || x.ID != had.ID)
	}) != nil {
		bad("/name", "a service named %q exists already", v.Name)
	}
	if v.Type != "http" && v.Type != "tcp" {
		bad("/type", `type is %q, and should be "http" or "tcp"`, v.Type)
	}
	for _, port := range []struct {
		field string
		n     int
		of    string
	}{{"http_port", v.HTTPPort, "http"}, {"https_port", v.HTTPSPort, "http"}, {"tcp_port", v.TCPPort, "tcp"}} {
		if port.n < 0 || port.n > 65535 {
			bad("/"+port.field, "%s is %d, and should be from 1 to 65535", port.field, port.n)
		} else if port.n != 0 && v.Type != port.of {
			bad("/"+port.field, "%s is for a service of type %s", port.field, port.of)
		}
	}
	if v.Type == "tcp" && v.TCPPort == 0 {
		bad("/tcp_port", "tcp_port is missing")
	}
	if p := v.AppProtocol; p != "" && p != "postgresql" && p != "mysql" {
		bad("/app_protocol", `app_protocol is %q, and should be "postgresql" or "mysql"`, p)
	}
	if v.TLSSettings != nil && !slices.Contains([]string{"", "verify_full", "verify_ca", "disabled"}, v.TLSSettings.Mode) {
		bad("/tls_settings/cert_verification_mode", `it is %q, and should be "verify_full", "verify_ca" or "disabled"`, v.TLSSettings.Mode)
	}
	c.checkHost(v.Host, bad)
	if len(f.errs) > 0 {
		return nil, f
	}
	return v, nil
}

// checkHost reports what is wrong with where a service is.
func (c *call) checkHost(h world.VPCHost, bad func(field, format string, args ...any)) {
	network, field := h.Network, "/host/network"
	switch {
	case h.Hostname != "" && h.IPv4+h.IPv6 != "":
		bad("/host", "host has a hostname and an address: one of them")
	case h.Hostname != "":
		network, field = h.ResolverNetwork, "/host/resolver_network"
	case h.IPv4+h.IPv6 == "":
		bad("/host", "host has neither hostname nor ipv4 nor ipv6")
	}
	if a, err := netip.ParseAddr(h.IPv4); h.IPv4 != "" && (err != nil || !a.Is4()) {
		bad("/host/ipv4", "%q is no IPv4 address", h.IPv4)
	}
	if a, err := netip.ParseAddr(h.IPv6); h.IPv6 != "" && (err != nil || !a.Is6()) {
		bad("/host/ipv6", "%q is no IPv6 address", h.IPv6)
	}
	if network == nil || network.TunnelID == "" {
		bad(field+"/tunnel_id", "the tunnel is missing")
		return
	}
	id := network.TunnelID
	if first(c.layers, world.KindTunnel, func(t *world.Tunnel) bool {
		return strings.EqualFold(t.UUID, id) || t.ID == id || t.Name == id
	}) == nil {
		bad(field+"/tunnel_id", "tunnel %q not found", id)
	}
}
