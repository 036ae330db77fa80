package edge

import (
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/tunnelemu"
)

// What cannot be reached is told with what would mend it.
func TestVPCMends(t *testing.T) {
	place := &vpcPlace{addr: "api.internal:8080"}
	for _, tt := range []struct {
		name  string
		place *vpcPlace
		err   error
		want  string
	}{
		{"no such name", place, &net.DNSError{Err: "no such host", Name: "api.internal"}, `say where it is: origins: {"http://api.internal:8080": "http://127.0.0.1:PORT"}`},
		{"nobody listens", place, syscall.ECONNREFUSED, `start what listens there, or say where else it is: origins: {"http://api.internal:8080": "http://127.0.0.1:PORT"}`},
		{"no place", nil, &vpcError{vpcNotFound, "why", "the mend"}, "the mend"},
		{"it broke", place, io.ErrUnexpectedEOF, ""},
	} {
		if got := vpcMend(tt.place, tt.err); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}

// says is an origin with one answer, and the Host that it was asked by.
func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Asked", r.Host)
		w.Write([]byte(text))
	})
}

const callsVPC = `export default { async fetch(request, env) {
	const u = new URL(request.url);
	try {
		const r = await env[u.searchParams.get("b")].fetch(u.searchParams.get("u"));
		return new Response(r.status + " " + await r.text() + " as " + r.headers.get("x-asked"));
	} catch (e) { return new Response(String(e)); }
} }`

func vpcWorld() []any {
	config, _, err := tunnelemu.ParseConfig("config.yml", []byte("ingress: [{service: \"http_status:404\"}]"))
	if err != nil {
		panic(err)
	}
	const web, far, named, lost = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b", "00000000-0000-4000-8000-00000000000c", "00000000-0000-4000-8000-00000000000d"
	behind := &world.VPCNetwork{TunnelID: "pier"}
	docs := uploaded("gate", callsVPC,
		version.Binding{Type: "vpc_service", Name: "WEB", ServiceID: web}, version.Binding{Type: "vpc_service", Name: "FAR", ServiceID: far},
		version.Binding{Type: "vpc_service", Name: "NAMED", ServiceID: named}, version.Binding{Type: "vpc_service", Name: "LOST", ServiceID: lost},
		version.Binding{Type: "vpc_service", Name: "NONE", ServiceID: "00000000-0000-4000-8000-00000000000f"}, version.Binding{Type: "vpc_network", Name: "NET", TunnelID: "pier"},
	)
	return append(docs,
		world.Tunnel{ID: "pier", Name: "pier", Config: config},
		world.Tunnel{ID: "away", Name: "away", Secret: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
		world.VPCService{ID: web, Name: "web", Type: "http", Host: world.VPCHost{IPv4: "10.0.0.5", Network: behind}, HTTPPort: 8080},
		world.VPCService{ID: far, Name: "far", Type: "http", Host: world.VPCHost{IPv4: "10.0.0.6", Network: &world.VPCNetwork{TunnelID: "away"}}},
		world.VPCService{ID: named, Name: "named", Type: "http", Host: world.VPCHost{Hostname: "db.internal", ResolverNetwork: behind}, HTTPSPort: 8443, TLSSettings: &world.VPCTLSSettings{Mode: "verify_full"}},
		world.VPCService{ID: lost, Name: "lost", Type: "http", Host: world.VPCHost{IPv4: "127.0.0.1", Network: behind}, HTTPPort: 1},
		world.Origin{From: "http://10.0.0.9:80", To: "http://10.0.0.5:8080"},
	)
}

// A service that was reached cannot say that it was not.
func TestVPCServiceSpeaksForItself(t *testing.T) {
	e := withWorkers(t, vpcWorld(), WithOrigin("http://10.0.0.5:8080", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Sundog-Proxy-Error", "dns_error")
		w.Header().Set("X-Asked", r.Host)
		io.WriteString(w, "here")
	})))
	if _, body := text(t, e, "https://gate.acme.workers.dev/?b=WEB&u=http://web.internal/"); body != "200 here as web.internal" {
		t.Error(body)
	}
}

func TestVPCBindings(t *testing.T) {
	e := withWorkers(t, vpcWorld(), WithOrigin("http://10.0.0.5:8080", says("web")), WithOrigin("https://db.internal:8443", says("db")))
	for _, tt := range []struct{ name, binding, url, want string }{
		{"the URL's host is the Host header and no address", "WEB", "http://anything.company.local:99/health", "200 web as anything.company.local:99"},
		{"one port means one scheme", "WEB", "https://anything.company.local/", "Error: ProxyError: destination_unavailable"},
		{"a name is resolved behind the tunnel", "NAMED", "https://db.internal/", "200 db as db.internal"},
		{"nobody listens", "LOST", "http://x/", "Error: ProxyError: connection_refused"},
		{"no connector has dialled in", "FAR", "http://x/", "Error: ProxyError: destination_unavailable"},
		{"no such service", "NONE", "http://x/", "Error: ProxyError: destination_not_found"},
		{"of a network the URL says where", "NET", "http://10.0.0.5:8080/x", "200 web as 10.0.0.5:8080"},
		{"origins: says where it really is", "NET", "http://10.0.0.9/x", "200 web as 10.0.0.9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, body := text(t, e, "https://gate.acme.workers.dev/?b="+tt.binding+"&u="+tt.url); !strings.HasPrefix(body, tt.want) {
				t.Errorf("got %s; want %s", body, tt.want)
			}
		})
	}
}
