package tunnelemu

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/internal/nearest"
)

type serviceKind string

const (
	kindHTTP   serviceKind = "http"   // http, https, ws, wss
	kindUnix   serviceKind = "unix"   // unix, unix+tls
	kindStatus serviceKind = "status" // http_status
	kindHello  serviceKind = "hello"  // hello_world
	kindSocks  serviceKind = "socks"  // socks-proxy
	kindStream serviceKind = "stream" // bastion, tcp, ssh, rdp, smb and every other scheme
)

// service is a parsed service text.
type service struct {
	kind   serviceKind
	name   string   // what a message calls it: "tcp", "http_status"
	text   string   // as `ingress rule` prints it
	url    *url.URL // kindHTTP, and kindStream with an address
	socket string   // kindUnix
	tls    bool     // https, wss, unix+tls
	status int      // kindStatus
}

// serviceForm is one way to write a service. They are asked in order; the last takes what the others leave.
type serviceForm struct {
	takes func(text string, o *OriginRequest) bool
	parse func(text string, r *Rule) (service, *Error)
}

var serviceForms = []serviceForm{
	{prefixed("unix:"), socketService("unix", "unix:", false)},
	{prefixed("unix+tls:"), socketService("unix+tls", "unix+tls:", true)},
	{prefixed("http_status:"), statusService},
	{word("hello_world", "hello-world"), plainService(service{kind: kindHello, name: "hello_world", text: "hello_world"})},
	{word("socks-proxy"), socksService},
	{func(text string, o *OriginRequest) bool { return text == "bastion" || isTrue(o.BastionMode) },
		plainService(service{kind: kindStream, name: "bastion", text: "bastion"})},
	{func(string, *OriginRequest) bool { return true }, urlService},
}

// parseService reads a rule's service. o is the rule's effective originRequest; errors carry no place yet.
func parseService(r *Rule, o *OriginRequest) (service, *Error) {
	for _, form := range serviceForms {
		if form.takes(r.Service, o) {
			return form.parse(r.Service, r)
		}
	}
	panic("unreachable: the last form takes everything")
}

func prefixed(prefix string) func(string, *OriginRequest) bool {
	return func(text string, _ *OriginRequest) bool { return strings.HasPrefix(text, prefix) }
}

func word(words ...string) func(string, *OriginRequest) bool {
	return func(text string, _ *OriginRequest) bool {
		for _, w := range words {
			if text == w {
				return true
			}
		}
		return false
	}
}

func plainService(s service) func(string, *Rule) (service, *Error) {
	return func(string, *Rule) (service, *Error) { return s, nil }
}

func socketService(name, prefix string, tls bool) func(string, *Rule) (service, *Error) {
	return func(text string, _ *Rule) (service, *Error) {
		return service{kind: kindUnix, name: name, text: text, socket: strings.TrimPrefix(text, prefix), tls: tls}, nil
	}
}

func statusService(text string, _ *Rule) (service, *Error) {
	code, err := strconv.Atoi(strings.TrimPrefix(text, "http_status:"))
	if err != nil || code < 100 || code > 999 {
		return service{}, &Error{Class: ClassStatus, Found: quoted(text), Allowed: "http_status: and a number from 100 to 999, without spaces"}
	}
	return service{kind: kindStatus, name: "http_status", text: "http_status:" + strconv.Itoa(code), status: code}, nil
}

// socksService checks the rule's own ipRules; those at top level are not read for it.
func socksService(_ string, r *Rule) (service, *Error) {
	for i, ip := range r.OriginRequest.IPRules {
		at := "originRequest.ipRules[" + strconv.Itoa(i) + "]"
		if ip.Prefix == nil {
			return service{}, &Error{Class: ClassIPRule, Field: at, Found: "no prefix", Allowed: "a prefix such as 10.0.0.0/8"}
		}
		if _, _, err := net.ParseCIDR(*ip.Prefix); err != nil {
			e := &Error{Class: ClassIPRule, Field: at + ".prefix", Found: quoted(*ip.Prefix), Allowed: "an address and a length, such as 10.0.0.0/8"}
			if addr, err := netip.ParseAddr(*ip.Prefix); err == nil {
				e.Hint = "did you mean " + addr.String() + "/" + strconv.Itoa(addr.BitLen()) + "?"
			}
			return service{}, e
		}
		for j, port := range ip.Ports {
			if port < 1 || port > 65535 {
				return service{}, &Error{Class: ClassIPRule, Field: at + ".ports[" + strconv.Itoa(j) + "]", Found: strconv.Itoa(port), Allowed: "ports from 1 to 65535"}
			}
		}
	}
	return service{kind: kindSocks, name: "socks-proxy", text: "socks-proxy"}, nil
}

var (
	serviceWords   = []string{"hello_world", "bastion", "socks-proxy", "http_status:404"}
	serviceAllowed = "scheme://host:port (http, https, ws, wss, tcp, ssh, rdp, smb), unix:/path, unix+tls:/path, http_status:NNN, hello_world, bastion, socks-proxy"
	streamPorts    = map[string]string{"tcp": "7864", "ssh": "22", "rdp": "3389", "smb": "445"}
)

func urlService(text string, _ *Rule) (service, *Error) {
	u, err := url.Parse(text)
	if err != nil {
		return service{}, &Error{Class: ClassUnparsable, Found: quoted(text) + " cannot be parsed as a URL", Allowed: serviceAllowed, Hint: schemeHint(text)}
	}
	if u.Scheme == "" || u.Hostname() == "" {
		return service{}, &Error{Class: ClassAddress, Found: quoted(text) + " has no scheme or no host", Allowed: serviceAllowed, Hint: schemeHint(text)}
	}
	if u.Path != "" {
		bare := *u
		bare.Path, bare.RawPath = "", ""
		return service{}, &Error{Class: ClassServicePath, Found: quoted(text) + " has a path", Allowed: "no path, not even a slash: the request's own path goes to the origin", Hint: "write " + bare.String()}
	}
	s := service{kind: kindHTTP, name: u.Scheme, text: u.String(), url: u}
	switch u.Scheme {
	case "http", "ws":
	case "https", "wss":
		s.tls = true
	default:
		s.kind = kindStream
		if port := streamPorts[u.Scheme]; port != "" && u.Port() == "" {
			u.Host = net.JoinHostPort(u.Hostname(), port)
		}
		s.text = u.Scheme + "://" + u.Host
	}
	return s, nil
}

// schemeHint guesses what a text without a usable scheme meant.
func schemeHint(text string) string {
	if near := nearest.Word(text, serviceWords); near != "" {
		return "did you mean " + near + "?"
	}
	if text == "" || strings.Contains(text, "://") {
		return ""
	}
	text = strings.TrimPrefix(text, "//")
	if host, port, err := net.SplitHostPort(text); err == nil && host != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err == nil {
			return "did you mean http://" + text + "?"
		}
	}
	if strings.HasPrefix(text, "/") {
		return "did you mean unix:" + text + "?"
	}
	return ""
}

func quoted(s string) string { return strconv.Quote(clip(s)) }

func isTrue(b *bool) bool { return b != nil && *b }
