package admin

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Reach is how a browser that reads /proxy.pac gets to the world's hosts.
type Reach struct {
	Proxy string   // "host:port" of the proxy listener; empty: there is none
	Names []string // hosts of the world, as "acme.cloudflareaccess.com", and "*.example.com" for all below a name
}

// pac serves a proxy auto-configuration. It wants no token, since whoever fetches it (the operating
// system, a browser's network service) has none to send. It tells the names of zones, not of
// hosts. A page of another site cannot run it as a script to learn them: its type is none of JavaScript's,
// nosniff makes that count, and Cross-Origin-Resource-Policy keeps the bytes back.
func (s *server) pac(w http.ResponseWriter, r *http.Request) {
	reach := s.Reach()
	if reach.Proxy == "" {
		fail(w, http.StatusNotFound, "this edge has no proxy listener", "start it without --proxy off")
		return
	}
	body, err := PAC(reachableFrom(reach.Proxy, r.Host), reach.Names)
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error(), "")
		return
	}
	w.Header().Set("Content-Type", "application/x-ns-proxy-autoconfig")
	w.Write(body) // a client that left needs no error
}

// reachableFrom is a listener's address for a client that has called this machine by authority: one that listens
// everywhere is where the client has found us.
func reachableFrom(addr, authority string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip, err := netip.ParseAddr(host); host != "" && (err != nil || !ip.IsUnspecified()) {
		return addr
	}
	name := authority
	if h, _, err := net.SplitHostPort(authority); err == nil {
		name = h
	}
	return net.JoinHostPort(strings.Trim(name, "[]"), port)
}

// pacText is in the oldest JavaScript: the system service of Windows that runs it knows no other.
// A host is looked up label by label, so that a thousand zones cost no more than one.
const pacText = `// Hosts of this edge's world, by its proxy; everything else as without it.
var hosts = %s;
var below = %s;
function FindProxyForURL(url, host) {
  var name = host.toLowerCase().replace(/\.$/, "");
  if (hosts.hasOwnProperty(name)) { return %s; }
  for (var dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".")) {
    name = name.substring(dot + 1);
    if (below.hasOwnProperty(name)) { return %[3]s; }
  }
  return "DIRECT";
}
`

// PAC is a proxy auto-configuration that sends names (as Reach has them) through a proxy, and nothing else.
func PAC(proxy string, names []string) ([]byte, error) {
	hosts, below := map[string]int{}, map[string]int{}
	for _, name := range names {
		if parent, ok := strings.CutPrefix(name, "*."); ok {
			below[parent] = 1
		} else {
			hosts[name] = 1
		}
	}
	// A real proxy line without "; DIRECT" behind it: when the edge has ended, a name of its world fails
	// instead of reaching the real one.
	var parts [3][]byte
	for i, v := range []any{hosts, below, "PROXY " + proxy} {
		var err error
		if parts[i], err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	return fmt.Appendf(nil, pacText, parts[0], parts[1], parts[2]), nil
}
