package dnsemu

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func overDoH(t testing.TB, method, target string, header map[string]string, body io.Reader) *http.Response {
	t.Helper()
	z := world(t, rfcWorld)
	h := DoH(NewResolver(New(func() *Zones { return z }, Options{}), ResolverOptions{}))
	r := httptest.NewRequest(method, target, body)
	r.RemoteAddr = "192.0.2.53:999"
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestDoHWire(t *testing.T) {
	pack := func(name string, qtype uint16) []byte {
		q := question(name, qtype)
		q.Id = 0
		raw, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	message := map[string]string{"Content-Type": "application/dns-message"}
	get := func(raw []byte) string { return "/dns-query?dns=" + base64.RawURLEncoding.EncodeToString(raw) }
	response := pack("plain.example.com.", dns.TypeA)
	response[2] |= 0x80
	for _, tt := range []struct {
		rule, method, target string
		header               map[string]string
		body                 []byte
		status               int
		cache                string
		want                 []string // the answer, or the text
	}{
		{"RFC 8484 4.1: GET", "GET", get(pack("plain.example.com.", dns.TypeA)), nil, nil, 200, "max-age=60", []string{"NOERROR ra", "plain.example.com. 60 IN A 203.0.113.4"}},
		{"RFC 8484 4.1: POST", "POST", "/dns-query", message, pack("plain.example.com.", dns.TypeA), 200, "max-age=60", []string{"NOERROR ra", "plain.example.com. 60 IN A 203.0.113.4"}},
		{"RFC 8484 5.1: a negative answer's freshness", "GET", get(pack("nobody.example.com.", dns.TypeA)), nil, nil, 200, "max-age=2", []string{"NXDOMAIN ra", "; " + soaCom}},
		{"RFC 8484 4.2.1: a DNS failure is no HTTP failure", "GET", get(pack("example.org.", dns.TypeA)), nil, nil, 200, "no-store", []string{"SERVFAIL ra"}},
		{"RFC 8484 4.1: no padding", "GET", get(pack("plain.example.com.", dns.TypeA)) + "=", nil, nil, 400, "no-store", []string{"dns: found a value that is no base64url without padding"}},
		{"no message", "GET", get([]byte("short")), nil, nil, 400, "no-store", []string{"the message cannot be read"}},
		{"a response", "GET", get(response), nil, nil, 400, "no-store", []string{"the message is a response, not a query"}},
		{"nothing", "GET", "/dns-query", nil, nil, 400, "no-store", []string{"the parameter dns is missing: a message in base64url without padding"}},
		{"a name without JSON", "GET", "/dns-query?name=example.com", nil, nil, 400, "no-store", []string{"the parameter name is for JSON: send accept: application/dns-json"}},
		{"RFC 9110 15.5.16: another type", "POST", "/dns-query", map[string]string{"Content-Type": "text/plain"}, pack(".", dns.TypeA), 415, "no-store", []string{`content-type: found "text/plain", allowed: application/dns-message`}},
		{"RFC 9110 15.5.14: too long", "POST", "/dns-query", message, make([]byte, 65536), 413, "no-store", []string{"a message has at most 65535 bytes"}},
		{"RFC 9110 15.5.14: too long in a URL", "GET", get(make([]byte, 65536)), nil, nil, 413, "no-store", []string{"a message has at most 65535 bytes"}},
		{"a bomb of compressed names", "GET", get(nameBomb(4096)), nil, nil, 400, "no-store", []string{"the message cannot be read"}},
		{"RFC 9110 15.5.6: another method", "PUT", "/dns-query", message, nil, 405, "no-store", []string{"the methods are GET and POST"}},
		{"another path", "GET", "/", nil, nil, 404, "", []string{"404 page not found"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			resp := overDoH(t, tt.method, tt.target, tt.header, bytes.NewReader(tt.body))
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, tt.status, resp.StatusCode)
			diff(t, tt.cache, resp.Header.Get("Cache-Control"))
			if tt.status != 200 {
				diff(t, tt.want, []string{strings.TrimSpace(string(body))})
				return
			}
			diff(t, "application/dns-message", resp.Header.Get("Content-Type"))
			m := new(dns.Msg)
			if err := m.Unpack(body); err != nil {
				t.Fatal(err)
			}
			diff(t, tt.want, shown(m))
		})
	}
}

func TestDoHJSON(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		status      int
		want        string
	}{
		{"A by default", "name=plain.example.com", 200, `{"Status":0,"TC":false,"RD":true,"RA":true,"AD":false,"CD":false,"Question":[{"name":"plain.example.com.","type":1}],"Answer":[{"name":"plain.example.com.","type":1,"TTL":60,"data":"203.0.113.4"}]}`},
		{"a type by number", "name=plain.example.com.&type=28&cd=1", 200, `{"Status":0,"TC":false,"RD":true,"RA":true,"AD":false,"CD":true,"Question":[{"name":"plain.example.com.","type":28}],"Answer":[{"name":"plain.example.com.","type":28,"TTL":60,"data":"2001:db8::4"}]}`},
		{"text is quoted", "name=text.example.com&type=txt&do=true", 200, `{"Status":0,"TC":false,"RD":true,"RA":true,"AD":false,"CD":false,"Question":[{"name":"text.example.com.","type":16}],"Answer":[{"name":"text.example.com.","type":16,"TTL":300,"data":"\"one\""}]}`},
		{"HTTPS", "name=app.example.com&type=HTTPS", 200, `{"Status":0,"TC":false,"RD":true,"RA":true,"AD":false,"CD":false,"Question":[{"name":"app.example.com.","type":65}],"Answer":[{"name":"app.example.com.","type":65,"TTL":300,"data":"1 . alpn=\"h2\" ipv4hint=\"127.0.0.1\""}]}`},
		{"NXDOMAIN", "name=nobody.example.com", 200, `{"Status":3,"TC":false,"RD":true,"RA":true,"AD":false,"CD":false,"Question":[{"name":"nobody.example.com.","type":1}],"Authority":[{"name":"example.com.","type":6,"TTL":2,"data":"ada.ns.cloudflare.com. dns.cloudflare.com. 2350000001 10000 2400 604800 2"}]}`},
		{"why it failed", "name=example.org", 200, `{"Status":2,"TC":false,"RD":true,"RA":true,"AD":false,"CD":false,"Question":[{"name":"example.org.","type":1}],"Comment":["EDE(22): No Reachable Authority (no zone here holds this name, and this resolver asks nobody else)"]}`},
		{"a name in letters", "name=b%C3%BCcher.wild.example.com", 200, `{"Status":0,"TC":false,"RD":true,"RA":true,"AD":false,"CD":false,"Question":[{"name":"xn--bcher-kva.wild.example.com.","type":1}],"Answer":[{"name":"xn--bcher-kva.wild.example.com.","type":1,"TTL":300,"data":"203.0.113.6"}]}`},
		{"no name", "type=A", 400, `{"error":"name: found \"\", allowed: a domain name, such as \"example.com\""}`},
		{"no domain name", "name=a..b", 400, `{"error":"name: found \"a..b\", allowed: a domain name, such as \"example.com\""}`},
		{"no type", "name=example.com&type=AAAAA", 400, `{"error":"type: found \"AAAAA\", allowed: a record type by name or number, such as AAAA or 28"}`},
		{"a type too large", "name=example.com&type=65536", 400, `{"error":"type: found \"65536\", allowed: a record type by name or number, such as AAAA or 28"}`},
		{"no flag", "name=example.com&do=yes", 400, `{"error":"do: found \"yes\", allowed: empty, 0, 1, false or true"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, way := range []struct {
				query  string
				header map[string]string
			}{{tt.query, map[string]string{"Accept": "application/dns-json"}}, {tt.query + "&ct=application/dns-json", nil}} {
				resp := overDoH(t, "GET", "/dns-query?"+way.query, way.header, nil)
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				diff(t, tt.status, resp.StatusCode)
				diff(t, "application/dns-json", resp.Header.Get("Content-Type"))
				diff(t, tt.want, strings.TrimSpace(string(body)))
			}
		})
	}
}

func FuzzDoH(f *testing.F) {
	f.Add("GET", "dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB", "", "")
	f.Add("GET", "name=a%00b&type=TYPE65535&do=&cd=1", "application/dns-json;q=0.9", "")
	f.Add("GET", "name="+strings.Repeat("a.", 128)+"&type=-1&ct=application/dns-json", "", "")
	f.Add("POST", "", "application/dns-message", "\x00\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01")
	z := world(f, rfcWorld)
	h := DoH(NewResolver(New(func() *Zones { return z }, Options{}), ResolverOptions{Cache: true}))
	f.Fuzz(func(t *testing.T, method, query, kind, body string) {
		r := httptest.NewRequest("GET", "/dns-query", strings.NewReader(body))
		r.Method, r.URL.RawQuery = method, query
		r.Header.Set("Accept", kind)
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch w.Code {
		case 200, 400, 405, 413, 415:
		default:
			t.Fatalf("%s ?%s: %d %s", method, query, w.Code, w.Body)
		}
	})
}
