package world

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const portForms = `"8080:80", "127.0.0.1:8080:80", "3000-3002:3000-3002", or a mapping with target and published`

// ports reads a service's list of ports. An earlier file's are kept, as compose does,
// unless the list says !override.
func (r *composeReader) ports(s *composeService, n *yaml.Node, p *path) {
	m, ok := r.resolve(n, p)
	if !ok {
		return
	}
	switch m.Tag {
	case "!reset", "!override":
		s.ports = nil
		if m.Tag == "!reset" {
			return
		}
	}
	if null(m) {
		return
	}
	if m.Kind != yaml.SequenceNode {
		r.fail(n, p, r.describe(m), "a list of ports", "start each entry with a dash")
		return
	}
	defer r.enter(n)()
	s.list = placed{r.src, n, p}
	for i, item := range m.Content {
		r.port(s, item, p.item(i))
	}
}

func (r *composeReader) port(s *composeService, n *yaml.Node, p *path) {
	m, ok := r.resolve(n, p)
	if !ok {
		return
	}
	var spec portSpec
	before := len(r.probs.errs) + r.probs.dropped
	if m.Kind == yaml.MappingNode {
		defer r.enter(n)()
		spec = r.longPort(m, p)
	} else {
		text, unset := r.value(m, p)
		spec = shortPort(text)
		spec.unset = unset
	}
	if len(r.probs.errs)+r.probs.dropped > before {
		return
	}
	at := placed{r.src, n, p}
	ports, bad := spec.ports()
	if bad != "" {
		hint := ""
		if len(spec.unset) > 0 {
			hint = "not set: " + strings.Join(spec.unset, ", ")
		}
		r.fail(n, p, r.describe(m)+", "+bad, portForms, hint)
		return
	}
	for _, port := range ports {
		if r.into.made++; r.into.made > maxComposed {
			r.once(&r.into.full, n, p, Error{Found: "ranges that make more than " + strconv.Itoa(maxComposed) + " ports", Allowed: "fewer", Hint: "publish the ports that are needed"})
			return
		}
		port.at, port.unset = at, spec.unset
		s.ports = append(s.ports, port)
	}
}

// portSpec is an entry of ports, taken apart and not yet read.
type portSpec struct {
	ip, published, target, protocol string
	unset                           []string
}

// shortPort takes [[IP:][PUBLISHED]:]TARGET[/PROTOCOL] apart.
func shortPort(text string) (s portSpec) {
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		text, s.protocol = text[:i], text[i+1:]
		if s.protocol == "" {
			s.protocol = "/"
		}
	}
	s.target = text
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return s
	}
	s.published, s.target = text[:i], text[i+1:]
	if i = strings.LastIndexByte(s.published, ':'); i >= 0 {
		s.ip, s.published = s.published[:i], s.published[i+1:]
		if s.ip == "" {
			s.ip = ":"
		}
	}
	return s
}

var longPortKeys = []string{"name", "target", "published", "host_ip", "protocol", "app_protocol", "mode"}

func (r *composeReader) longPort(n *yaml.Node, p *path) (s portSpec) {
	text := func(kv pair) string {
		value, unset := r.value(kv.value, p.key(kv.key.Value))
		s.unset = append(s.unset, unset...)
		return value
	}
	for _, kv := range r.pairs(n, p) {
		switch name := kv.key.Value; name {
		case "target":
			s.target = text(kv)
		case "published":
			s.published = text(kv)
		case "host_ip":
			s.ip = text(kv)
		case "protocol":
			s.protocol = text(kv)
		case "name", "app_protocol", "mode":
		default: // what a later compose may know is let be
			if near := didYouMean(name, longPortKeys); near != "" {
				r.fail(kv.key, p.key(name), "the unknown key "+quote(name), oneOf(longPortKeys), near)
			}
		}
	}
	return s
}

// ports reads the parts. Other protocols than TCP have none; bad says what is wrong.
func (s portSpec) ports() (ports []composePort, bad string) {
	switch strings.ToLower(s.protocol) {
	case "", "tcp":
	case "udp", "sctp":
		return nil, ""
	default:
		return nil, "whose protocol is none of tcp, udp, sctp"
	}
	ip := strings.TrimSuffix(strings.TrimPrefix(s.ip, "["), "]")
	if ip != "" {
		addr, err := netip.ParseAddr(ip)
		if err != nil || addr.Zone() != "" {
			return nil, "whose address is no IP address"
		}
		if ip = addr.String(); addr.IsUnspecified() {
			ip = ""
		}
	}
	first, last, ok := portRange(s.target)
	if !ok {
		return nil, "whose container port is none"
	}
	if s.published == "" || s.published == "0" {
		for port := first; port <= last; port++ {
			ports = append(ports, composePort{ip: ip, target: uint16(port)})
		}
		return ports, ""
	}
	from, to, ok := portRange(s.published)
	switch {
	case !ok:
		return nil, "whose published port is none"
	case first == last && from != to: // Docker takes a free one of the range
		return []composePort{{ip: ip, target: uint16(first)}}, ""
	case last-first != to-from:
		return nil, "whose ranges differ in length"
	}
	for i := 0; i <= last-first; i++ {
		ports = append(ports, composePort{ip: ip, published: uint16(from + i), target: uint16(first + i)})
	}
	return ports, ""
}

// portRange reads "80" and "80-82".
func portRange(s string) (first, last int, ok bool) {
	a, b, isRange := strings.Cut(s, "-")
	if !isRange {
		b = a
	}
	x, err := strconv.ParseUint(a, 10, 16)
	y, err2 := strconv.ParseUint(b, 10, 16)
	return int(x), int(y), err == nil && err2 == nil && x > 0 && x <= y
}

// address is where the port is on this machine.
func (p composePort) address() string {
	ip := p.ip
	if ip == "" {
		ip = "127.0.0.1"
	}
	return net.JoinHostPort(ip, strconv.Itoa(int(p.published)))
}
