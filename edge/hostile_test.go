package edge_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// seen answers with the request as the origin got it: host, path and sorted headers.
var seen = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "host %s\npath %s\n", r.Host, r.RequestURI)
	r.Header.Write(w)
})

// rawTLS sends bytes on a TLS connection for serverName and reads one answer.
func (r *running) rawTLS(t *testing.T, serverName, request string) (*http.Response, string) {
	t.Helper()
	conn := r.openTLS(t, serverName)
	defer conn.Close()
	return exchange(t, conn, request)
}

// tryTLS is rawTLS for a request that may be cut off.
func (r *running) tryTLS(t *testing.T, serverName, request string) (status int, body string, err error) {
	t.Helper()
	conn := r.openTLS(t, serverName)
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		return 0, "", err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

func (r *running) openTLS(t *testing.T, serverName string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", r.server.Addrs().HTTPS)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{RootCAs: r.roots, ServerName: serverName}
	if serverName == "" {
		config.InsecureSkipVerify = true // a hello without SNI
	}
	secure := tls.Client(conn, config)
	if err := secure.Handshake(); err != nil {
		t.Fatal(err)
	}
	return secure
}

func peer(conn net.Conn) *x509.Certificate {
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
}

func exchange(t *testing.T, conn net.Conn, request string) (*http.Response, string) {
	t.Helper()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// connect opens a CONNECT through the proxy.
func (r *running) connect(t *testing.T, target string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", r.server.Addrs().Proxy)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("CONNECT %s: %s", target, resp.Status)
	}
	return conn
}

func TestHostTricks(t *testing.T) {
	r := start(t, seen)
	for _, tt := range []struct {
		name, serverName, request string
		status                    int
		why                       string
	}{
		{"a host that the certificate does not cover", "tunnel.example.com",
			"GET / HTTP/1.1\r\nHost: direct.example.com\r\nConnection: close\r\n\r\n", 421, "does not cover direct.example.com"},
		{"no server name", "",
			"GET / HTTP/1.1\r\nHost: tunnel.example.com\r\nConnection: close\r\n\r\n", 421, "no SNI"},
		{"absolute form decides over Host", "tunnel.example.com",
			"GET https://direct.example.com/ HTTP/1.1\r\nHost: tunnel.example.com\r\nConnection: close\r\n\r\n", 421, "direct.example.com"},
		{"absolute form of the host shown", "tunnel.example.com",
			"GET https://tunnel.example.com/x HTTP/1.1\r\nHost: direct.example.com\r\nConnection: close\r\n\r\n", 200, ""},
		{"two Host headers", "tunnel.example.com",
			"GET / HTTP/1.1\r\nHost: tunnel.example.com\r\nHost: direct.example.com\r\nConnection: close\r\n\r\n", 400, ""},
		{"no Host header", "tunnel.example.com",
			"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, ""},
		{"a host with a path in it", "tunnel.example.com",
			"GET / HTTP/1.1\r\nHost: tunnel.example.com/x\r\nConnection: close\r\n\r\n", 400, ""},
		{"an address as host", "tunnel.example.com",
			"GET / HTTP/1.1\r\nHost: 192.0.2.10\r\nConnection: close\r\n\r\n", 403, "address 192.0.2.10"},
		{"upper case and a trailing dot are the same host", "tunnel.example.com",
			"GET / HTTP/1.1\r\nHost: TUNNEL.Example.COM.\r\nConnection: close\r\n\r\n", 200, ""},
		{"an unknown host in the zone", "nothing.example.com",
			"GET / HTTP/1.1\r\nHost: nothing.example.com\r\nConnection: close\r\n\r\n", 530, "no record"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := r.rawTLS(t, tt.serverName, tt.request)
			if resp.StatusCode != tt.status {
				t.Errorf("status %d %q, want %d", resp.StatusCode, body, tt.status)
			}
			if why := resp.Header.Get("Sundog-Why"); !strings.Contains(why, tt.why) {
				t.Errorf("Sundog-Why %q does not say %q", why, tt.why)
			}
			if tt.status == 200 && strings.Contains(body, "host direct") {
				t.Errorf("the origin saw\n%s", body)
			}
		})
	}
}

func TestInsideCONNECTOnlyItsHostIsServed(t *testing.T) {
	r := start(t, seen)
	for _, tt := range []struct {
		serverName, host string
		status           int
		why              string
	}{
		{"tunnel.example.com", "tunnel.example.com", 200, ""},
		{"tunnel.example.com", "direct.example.com", 421, "inside a CONNECT to tunnel.example.com"},
		{"direct.example.com", "direct.example.com", 421, "inside a CONNECT to tunnel.example.com"},
		{"acme.cloudflareaccess.com", "acme.cloudflareaccess.com", 421, "inside a CONNECT to tunnel.example.com"},
	} {
		conn := tls.Client(r.connect(t, "tunnel.example.com:443"), &tls.Config{RootCAs: r.roots, ServerName: tt.serverName})
		resp, _ := exchange(t, conn, "GET / HTTP/1.1\r\nHost: "+tt.host+"\r\nConnection: close\r\n\r\n")
		if resp.StatusCode != tt.status || !strings.Contains(resp.Header.Get("Sundog-Why"), tt.why) {
			t.Errorf("%s inside a CONNECT to tunnel.example.com: status %d %q, want %d", tt.host, resp.StatusCode, resp.Header.Get("Sundog-Why"), tt.status)
		}
	}
	// Plain HTTP inside a CONNECT has no certificate that could tell.
	resp, _ := exchange(t, r.connect(t, "tunnel.example.com:80"), "GET / HTTP/1.1\r\nHost: direct.example.com\r\nConnection: close\r\n\r\n")
	if resp.StatusCode != 421 {
		t.Errorf("another host in plain HTTP inside a CONNECT: status %d", resp.StatusCode)
	}
}

// What only the edge may say is the edge's, however a client tries to say it.
func TestClientsDoNotSpeakForTheEdge(t *testing.T) {
	r := start(t, seen)
	forged := []string{
		"Cf-Connecting-Ip: 6.6.6.6", "Cf-Ray: forged", "Cf-Visitor: forged", "Cf-Ipcountry: ZZ", "Cf-Ew-Via: forged",
		"Cf-Worker: forged", "Cf-Warp-Tag-Id: forged", "Sundog-Why: forged", "Cf-Access-Jwt-Assertion: forged",
		"Cf-Access-Authenticated-User-Email: forged@example.com", "Cf-Access-Anything: forged", "cf_access_authenticated_user_email: forged@example.com",
		"Cf-Connecting_Ip: 6.6.6.6", "X_Forwarded_Proto: forged",
	}
	_, body := r.rawTLS(t, "tunnel.example.com",
		"GET / HTTP/1.1\r\nHost: tunnel.example.com\r\nConnection: close\r\nX-Keep: kept\r\nCf-Access-Jump-Destination: 10.0.0.1:22\r\n"+strings.Join(forged, "\r\n")+"\r\n\r\n")
	for _, never := range []string{"forged", "6.6.6.6", "ZZ"} {
		if strings.Contains(body, never) {
			t.Errorf("the origin saw %q:\n%s", never, body)
		}
	}
	for _, want := range []string{"X-Keep: kept", "Cf-Access-Jump-Destination: 10.0.0.1:22", "Cf-Connecting-Ip: 127.0.0.1", "Cf-Ray: ", `Cf-Visitor: {"scheme":"https"}`, "X-Forwarded-Proto: https"} {
		if !strings.Contains(body, want) {
			t.Errorf("the origin did not see %q:\n%s", want, body)
		}
	}
}

// Connection names headers that end at the edge; it has no power over those that the edge sets.
func TestConnectionRemovesOnlyTheClientsHeaders(t *testing.T) {
	r := start(t, seen)
	_, body := r.rawTLS(t, "tunnel.example.com",
		"GET / HTTP/1.1\r\nHost: tunnel.example.com\r\nX-Hop: 1\r\nConnection: close, x-hop, cf-connecting-ip, cf-ray, x-forwarded-for, cf-access-jwt-assertion\r\n\r\n")
	if strings.Contains(body, "X-Hop") {
		t.Errorf("a hop-by-hop header passed:\n%s", body)
	}
	for _, want := range []string{"Cf-Connecting-Ip: 127.0.0.1", "Cf-Ray: ", "X-Forwarded-For: 127.0.0.1"} {
		if !strings.Contains(body, want) {
			t.Errorf("Connection took away %q:\n%s", want, body)
		}
	}
}

func TestForwardedForIsAppended(t *testing.T) {
	r := start(t, seen)
	_, body := r.rawTLS(t, "tunnel.example.com", "GET / HTTP/1.1\r\nHost: tunnel.example.com\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: http\r\nConnection: close\r\n\r\n")
	if !strings.Contains(body, "X-Forwarded-For: 1.2.3.4,127.0.0.1\r\n") || !strings.Contains(body, "X-Forwarded-Proto: https\r\n") {
		t.Errorf("the origin saw\n%s", body)
	}
}

// Requests that two parsers could cut in different places get no further than the edge.
func TestSmugglingIsRefused(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		fmt.Fprintf(w, "%s %s %q", req.Method, req.RequestURI, body)
	}))
	const head = "POST / HTTP/1.1\r\nHost: tunnel.example.com\r\nConnection: close\r\n"
	// What net/http reads in the one safe way is not refused; the origin then gets the edge's own framing.
	const refused, harmless = false, true
	for _, tt := range []struct {
		name, request string
		passes        bool
	}{
		{"two lengths", head + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", refused},
		{"a signed length", head + "Content-Length: +4\r\n\r\nabcd", refused},
		{"two transfer encodings", head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", refused},
		{"an unknown transfer encoding", head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", refused},
		{"a space before the colon", head + "Content-Length : 4\r\n\r\nabcd", refused},
		{"a folded header", head + "X-A: 1\r\n Content-Length: 2\r\n\r\n", harmless},
		{"a bare line feed in a chunk", head + "Transfer-Encoding: chunked\r\n\r\n1;x\n\r\na\r\n0\r\n\r\n", refused},
		{"a NUL in a header", head + "X-A: \x00\r\n\r\n", refused},
		{"a length and chunks", head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: tunnel.example.com\r\n\r\n", harmless},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, body, err := r.tryTLS(t, "tunnel.example.com", tt.request)
			switch {
			case strings.Contains(body, "smuggled"):
				t.Errorf("a second request came out of the first: %s", body)
			case tt.passes && (err != nil || status != 200 || body != `POST / ""`):
				t.Errorf("status %d %q, %v", status, body, err)
			case !tt.passes && err == nil && status == 200:
				t.Errorf("status %d %q", status, body)
			}
		})
	}
}

// A request that keeps coming back ends.
func TestLoopEnds(t *testing.T) {
	r := startWorld(t, strings.ReplaceAll(twoTargets, `"http://localhost:8080"`, `"http://tunnel.example.com"`))
	resp, _ := r.rawTLS(t, "tunnel.example.com", "GET / HTTP/1.1\r\nHost: tunnel.example.com\r\nConnection: close\r\n\r\n")
	if resp.StatusCode != 403 || resp.Header.Get("Cf-Error-Type") != "1000" {
		t.Errorf("status %d, error %s, %s", resp.StatusCode, resp.Header.Get("Cf-Error-Type"), resp.Header.Get("Sundog-Why"))
	}
}

// What a client may not say in a header it may not say in a trailer.
func TestTrailersCarryNothingOfOurs(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		req.Trailer.Write(w)
	}))
	for _, host := range []string{"tunnel.example.com", "direct.example.com"} {
		_, body := r.rawTLS(t, host, "POST / HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"+
			"Trailer: X-Sum, Cf-Access-Jwt-Assertion, Cf-Connecting-Ip, Cf_Ray, X-Forwarded-For\r\n\r\n1\r\na\r\n0\r\n"+
			"X-Sum: 42\r\nCf-Access-Jwt-Assertion: forged\r\nCf-Connecting-Ip: 6.6.6.6\r\nCf_ray: forged\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")
		if strings.Contains(body, "forged") || strings.Contains(body, "6.6.6.6") || strings.Contains(body, "Cf-") {
			t.Errorf("%s saw\n%s", host, body)
		}
		if host == "tunnel.example.com" && !strings.Contains(body, "X-Sum: 42") {
			t.Errorf("%s lost the client's own trailer:\n%s", host, body)
		}
	}
}

// The origin sees the host that was decided about, however the client wrote it.
func TestOriginSeesTheCanonicalHost(t *testing.T) {
	r := start(t, seen)
	for _, host := range []string{"TUNNEL.Example.COM", "tunnel.example.com.", "Tunnel.example.com:443"} {
		_, body := r.rawTLS(t, "tunnel.example.com", "GET / HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		got, _, _ := strings.Cut(strings.TrimPrefix(body, "host "), "\n")
		if name, _, _ := strings.Cut(got, ":"); name != "tunnel.example.com" {
			t.Errorf("Host %s reached the origin as %q", host, got)
		}
	}
}

// A trace is read by people and printed in CI: what opens doors is not in it.
func TestTracesHoldNoSecrets(t *testing.T) {
	r := start(t, seen)
	r.rawTLS(t, "tunnel.example.com", "GET /x?a=1&code=123456&Access_Token=SECRET&nonce=OPEN&b=2 HTTP/1.1\r\nHost: tunnel.example.com\r\nCookie: c=SECRET\r\nConnection: close\r\n\r\n")
	r.rawTLS(t, "tunnel.example.com", "GET /y?next=https://bank.example/ HTTP/1.1\r\nHost: tunnel.example.com\r\nConnection: close\r\n\r\n")
	traces := r.edge.Traces().Last(0)
	if got := traces[1].URL; got != "https://tunnel.example.com/x?a=1&code=***&Access_Token=***&nonce=***&b=2" {
		t.Errorf("the trace shows %s", got)
	}
	if got := traces[0].URL; got != "https://tunnel.example.com/y?next=https://bank.example/" {
		t.Errorf("the trace shows %s", got)
	}
}
