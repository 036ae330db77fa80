package world

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// checkVPC checks VPC services, and leads bindings to them: a binding may name one by its name, and
// may stand under services.
func (d *draft) checkVPC() {
	services := map[string]*VPCService{}
	workers := map[string]bool{}
	for _, doc := range d.code {
		switch v := doc.Value.(type) {
		case *VPCService:
			d.checkVPCService(doc, v)
			if v.Name != "" {
				services[v.Name] = v
			}
		case *Worker:
			workers[v.Name] = true
		}
	}
	for _, doc := range d.code {
		if v, ok := doc.Value.(*VPCService); ok {
			services[v.ID] = v // an id wins over another's name
		}
	}
	lead := func(list []version.Binding) []version.Binding {
		copied := false
		for i := range list {
			b := list[i]
			switch {
			case b.Type == "service" && !workers[b.Service] && services[b.Service] != nil:
				b.Type, b.ServiceID, b.Service, b.Entrypoint = "vpc_service", services[b.Service].ID, "", ""
			case b.Type == "vpc_service" && services[b.ServiceID] != nil:
				b.ServiceID = services[b.ServiceID].ID
			case b.Type == "vpc_network" && b.TunnelID != "" && d.tunnelNamed(b.TunnelID) != nil:
				b.TunnelID = d.tunnelNamed(b.TunnelID).UUID
			default:
				continue
			}
			if !copied {
				list, copied = slices.Clone(list), true
			}
			list[i] = b
		}
		return list
	}
	for _, doc := range d.code {
		switch v := doc.Value.(type) {
		case *Worker:
			if v.Project != nil {
				c := *v.Project
				c.Version.Bindings = lead(c.Version.Bindings)
				v.Project = &c
			}
		case *PagesProject:
			v.Production.Bindings, v.Preview.Bindings = lead(v.Production.Bindings), lead(v.Preview.Bindings)
		}
	}
}

// tunnelNamed is the tunnel with that id or name; nil: there is none.
func (d *draft) tunnelNamed(ref string) *Tunnel {
	for _, doc := range d.tunnels {
		if t := doc.Value.(*Tunnel); strings.EqualFold(ref, t.UUID) || strings.EqualFold(ref, t.ID) || ref == t.Name {
			return t
		}
	}
	return nil
}

// tunnelNames are how tunnels may be called.
func (d *draft) tunnelNames() []string {
	var names []string
	for _, doc := range d.tunnels {
		t := doc.Value.(*Tunnel)
		names = append(names, cmp.Or(t.Name, t.ID))
	}
	return names
}

func (d *draft) checkVPCService(doc *Document, v *VPCService) {
	need := func(field, value, allowed string) bool {
		if value == "" {
			d.report(doc, field, "missing", allowed, "the key is required")
		}
		return value != ""
	}
	need("name", v.Name, "a text")
	if need("type", v.Type, "http or tcp") && v.Type != "http" && v.Type != "tcp" {
		d.report(doc, "type", "the text "+quote(v.Type), "http or tcp", didYouMean(v.Type, []string{"http", "tcp"}))
	}
	for _, p := range []struct {
		field string
		port  int
		typ   string
	}{{"http_port", v.HTTPPort, "http"}, {"https_port", v.HTTPSPort, "http"}, {"tcp_port", v.TCPPort, "tcp"}} {
		switch {
		case p.port < 0 || p.port > 65535:
			d.report(doc, p.field, "the port "+strconv.Itoa(p.port), "a port from 1 to 65535", "")
		case p.port != 0 && v.Type != p.typ && (v.Type == "http" || v.Type == "tcp"):
			d.report(doc, p.field, p.field+" of a service of type "+v.Type, p.field+" of one of type "+p.typ, "")
		}
	}
	if v.Type == "tcp" && v.TCPPort == 0 {
		d.report(doc, "tcp_port", "missing", "a port from 1 to 65535", "a service of type tcp needs it")
	}
	if v.AppProtocol != "" && (v.Type != "tcp" || v.AppProtocol != "postgresql" && v.AppProtocol != "mysql") {
		d.report(doc, "app_protocol", "the text "+quote(v.AppProtocol), "postgresql or mysql, of a service of type tcp", didYouMean(v.AppProtocol, []string{"postgresql", "mysql"}))
	}
	if s := v.TLSSettings; s != nil {
		modes := []string{"verify_full", "verify_ca", "disabled"}
		if s.Mode != "" && !slices.Contains(modes, s.Mode) {
			d.report(doc, "tls_settings.cert_verification_mode", "the text "+quote(s.Mode), oneOf(modes), didYouMean(s.Mode, modes))
		}
	}
	d.checkVPCHost(doc, v)
}

func (d *draft) checkVPCHost(doc *Document, v *VPCService) {
	h := &v.Host
	network, at := &h.Network, "host.network"
	switch {
	case h.Hostname == "" && h.IPv4 == "" && h.IPv6 == "":
		d.report(doc, "host", "a host without address", "hostname, ipv4 or ipv6", "")
		return
	case h.Hostname != "" && (h.IPv4 != "" || h.IPv6 != ""):
		d.report(doc, "host", "both hostname and an address", "one of them", "")
		return
	case h.Hostname != "":
		h.Hostname = canonical(h.Hostname)
		network, at = &h.ResolverNetwork, "host.resolver_network"
		if !hostname.MatchString(h.Hostname) {
			hint := ""
			if name, port, ok := strings.Cut(h.Hostname, ":"); ok && validPort(port) {
				hint = "write " + name + ", and the port as http_port, https_port or tcp_port"
			} else if strings.Contains(h.Hostname, "://") {
				hint = "leave the scheme out"
			}
			d.report(doc, "host.hostname", "the text "+quote(h.Hostname), "a hostname, as internal-api.local", hint)
		} else if addr, err := netip.ParseAddr(h.Hostname); err == nil {
			d.report(doc, "host.hostname", "the address "+addr.String(), "a hostname, as internal-api.local", "write it as ipv4, with network in place of resolver_network")
		}
		if h.Network != nil {
			d.report(doc, "host.network", "network beside hostname", "resolver_network", "")
			return
		}
	default:
		for _, a := range []struct {
			field, text string
			six         bool
		}{{"ipv4", h.IPv4, false}, {"ipv6", h.IPv6, true}} {
			if addr, err := netip.ParseAddr(a.text); a.text != "" && (err != nil || addr.Is6() != a.six || addr.Zone() != "") {
				hint := ""
				if ap, err := netip.ParseAddrPort(a.text); err == nil {
					hint = "write " + ap.Addr().String() + ", and the port as http_port, https_port or tcp_port"
				}
				d.report(doc, "host."+a.field, "the text "+quote(a.text), "an address of that kind, without a port", hint)
			}
		}
		if h.ResolverNetwork != nil {
			d.report(doc, "host.resolver_network", "resolver_network beside an address", "network", "")
			return
		}
	}
	if *network == nil || (*network).TunnelID == "" {
		hint := ""
		if names := d.tunnelNames(); len(names) == 1 {
			hint = "write " + at[len("host."):] + ": {tunnel_id: " + names[0] + "}"
		}
		d.report(doc, at+".tunnel_id", "missing", "the id or name of a tunnel", hint)
		return
	}
	n := **network
	*network = &n
	t := d.tunnelNamed(n.TunnelID)
	if t == nil {
		names := d.tunnelNames()
		allowed := "the id or name of a tunnel of this world, which has none"
		if len(names) > 0 {
			allowed = oneOf(names)
		}
		d.report(doc, at+".tunnel_id", "the tunnel "+quote(n.TunnelID)+", which is not in this world", allowed, didYouMean(n.TunnelID, names))
		return
	}
	n.TunnelID = t.UUID
	for i, ip := range n.ResolverIPs {
		if _, err := netip.ParseAddr(ip); err != nil {
			d.report(doc, (&path{name: at + ".resolver_ips"}).item(i).String(), "the text "+quote(ip), "an IP address", "")
		}
	}
}

// bindingsOf are the bindings of a Worker or a Pages project, with the file that they stand in.
func bindingsOf(value any) (project *wrangler.Config, lists [][]version.Binding) {
	switch v := value.(type) {
	case *Worker:
		if v.Project != nil {
			return v.Project, [][]version.Binding{v.Project.Version.Bindings}
		}
	case *PagesProject:
		return v.Project, [][]version.Binding{v.Production.Bindings, v.Preview.Bindings}
	}
	return nil, nil
}
