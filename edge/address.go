package edge

import (
	"net"
	"net/url"
	"strings"
)

// place is what is dialled.
type place struct{ network, addr string }

// defaultPorts are those of the schemes that a service may have.
var defaultPorts = map[string]string{
	"http": "80", "ws": "80", "https": "443", "wss": "443", "tcp": "7864", "ssh": "22", "rdp": "3389", "smb": "445",
}

// dialAddress is the address that a dial to an origin's URL uses: host:port with
// the scheme's port when none is written.
func dialAddress(origin string) (addr string, secure, ok bool) {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return "", false, false
	}
	port := u.Port()
	if port == "" {
		port = defaultPorts[u.Scheme]
	}
	if port == "" {
		return "", false, false
	}
	return net.JoinHostPort(u.Hostname(), port), u.Scheme == "https" || u.Scheme == "wss", true
}

// placeOf is where an origin's text leads: unix:/path and unix+tls:/path too.
func placeOf(origin string) (place, bool) {
	for _, prefix := range []string{"unix:", "unix+tls:"} {
		if path, ok := strings.CutPrefix(origin, prefix); ok {
			return place{"unix", path}, path != ""
		}
	}
	addr, _, ok := dialAddress(origin)
	return place{"tcp", addr}, ok
}
