package edge_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/sundog-edge/sundog/edge"
)

// noResolver fails the test when anybody asks the machine's resolver.
func noResolver(t *testing.T) {
	t.Helper()
	before := net.DefaultResolver
	var mu sync.Mutex
	asked := 0
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		asked++
		return nil, fmt.Errorf("the test has no name server")
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		mu.Lock()
		defer mu.Unlock()
		if asked > 0 {
			t.Errorf("the machine's resolver was asked %d times", asked)
		}
	})
}

const ownNames = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: missing-origin, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: private-origin, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: other-port, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: answered, content: abc123.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: outside, content: stranger.test, proxied: true}
      - {type: A, name: db, content: 127.0.0.1}
tunnels:
  - id: abc123
    config:
      ingress:
        - {hostname: missing-origin.example.com, service: "http://typo.example.com:80"}
        - {hostname: private-origin.example.com, service: "http://db.example.com:PORT"}
        - {hostname: other-port.example.com, service: "http://answered.example.com:8080", originRequest: {httpHostHeader: answered.example.com}}
        - {hostname: answered.example.com, service: "http_status:204"}
        - {service: "http_status:404"}
EGRESS
`

// A name of the world is the world's: neither the machine's resolver nor an egress pattern gets it.
func TestWorldNamesStayInside(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "here") }))
	t.Cleanup(origin.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(origin.URL, "http://"), ":")
	for _, egress := range []string{"", "egress: ['*:443', '*:80', '*:8080', '*:8443']"} {
		t.Run("egress="+egress, func(t *testing.T) {
			noResolver(t)
			r := startWorld(t, strings.NewReplacer("PORT", port, "EGRESS", egress).Replace(ownNames))
			c := &http.Client{Transport: r.edge.Transport()}
			for host, want := range map[string]struct {
				status int
				why    string
			}{
				"missing-origin.example.com": {502, "does not resolve"},
				"private-origin.example.com": {200, ""},
				"other-port.example.com":     {204, ""},
			} {
				resp, _ := do(t, c, newRequest(t, "GET", "https://"+host+"/", nil))
				if resp.StatusCode != want.status || !strings.Contains(resp.Header.Get("Sundog-Why"), want.why) {
					t.Errorf("%s: %d %q", host, resp.StatusCode, resp.Header.Get("Sundog-Why"))
				}
			}
			for target, want := range map[string]string{
				"typo.example.com:443":           "502",
				"answered.example.com:8443":      "200",
				"acme.cloudflareaccess.com:8443": "200",
			} {
				if got := r.connectStatus(t, target); got != want {
					t.Errorf("CONNECT %s: %s, want %s", target, got, want)
				}
			}
		})
	}
}

// Who is no name of the world and is named by nobody is refused before a name server hears of it.
func TestStrangersAreNotAskedFor(t *testing.T) {
	noResolver(t)
	e := newEdge(t, strings.NewReplacer("PORT", "1", "EGRESS", "").Replace(ownNames))
	resp, _ := do(t, &http.Client{Transport: e.Transport()}, newRequest(t, "GET", "https://outside.example.com/", nil))
	if resp.StatusCode != 523 || !strings.Contains(resp.Header.Get("Sundog-Why"), `"stranger.test:443"`) {
		t.Errorf("%d %q", resp.StatusCode, resp.Header.Get("Sundog-Why"))
	}
}

func (r *running) connectStatus(t *testing.T, target string) string {
	t.Helper()
	conn, err := net.Dial("tcp", r.server.Addrs().Proxy)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(line)[1]
}

// A name that no record has gets the zone's wildcard leaf, not one of its own.
func TestMadeUpNamesShareALeaf(t *testing.T) {
	r := start(t, seen)
	for _, name := range []string{"aaa.example.com", "bbb.example.com"} {
		conn := r.openTLS(t, name)
		if leaf := peer(conn); len(leaf.DNSNames) != 1 || leaf.DNSNames[0] != "*.example.com" {
			t.Errorf("%s is shown a leaf for %v", name, leaf.DNSNames)
		}
		conn.Close()
	}
}

// An in-process https origin has names of its own, and they do not change which hosts the edge's leaves cover.
func TestHTTPSOriginLeavesCoverageAlone(t *testing.T) {
	const wild = `
team: acme
zones: [{name: example.com, records: [{type: CNAME, name: "*", content: abc123.cfargotunnel.com, proxied: true}]}]
tunnels: [{id: abc123, config: {ingress: [{hostname: x.example.com, service: "https://localhost:9443", originRequest: {noTLSVerify: true}}, {service: "http_status:404"}]}}]
`
	r := startWorld(t, wild, edge.WithOrigin("https://localhost:9443", seen))
	for range 2 {
		resp, _ := r.rawTLS(t, "a.example.com", "GET / HTTP/1.1\r\nHost: b.example.com\r\nConnection: close\r\n\r\n")
		if resp.StatusCode != 404 {
			t.Errorf("status %d under the wildcard's leaf", resp.StatusCode)
		}
		if resp, _ := r.rawTLS(t, "x.example.com", "GET / HTTP/1.1\r\nHost: x.example.com\r\nConnection: close\r\n\r\n"); resp.StatusCode != 200 {
			t.Errorf("status %d from the https origin", resp.StatusCode)
		}
	}
}
