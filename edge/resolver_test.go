package edge_test

import (
	"crypto/tls"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/world"
)

// The public resolver has three names and two addresses; in process and through the proxy's CONNECT
// they answer alike, and what they tell of the asker is the client of the world.
func TestDNSOverHTTPS(t *testing.T) {
	r := startWorld(t, twoTargets)
	q := new(dns.Msg).SetQuestion("tunnel.example.com.", dns.TypeA)
	q.Id = 0
	raw, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	wire := "?dns=" + base64.RawURLEncoding.EncodeToString(raw)
	proxy := &http.Transport{
		Proxy:           http.ProxyURL(&url.URL{Scheme: "http", Host: r.server.Addrs().Proxy}),
		TLSClientConfig: &tls.Config{RootCAs: r.roots}, ForceAttemptHTTP2: true,
	}
	t.Cleanup(proxy.CloseIdleConnections)
	proxied := &http.Client{Transport: proxy}
	for name, client := range map[string]*http.Client{"in process": r.edge.Client(), "through the proxy": proxied, "by h2": r.overTLS(t, true)} {
		t.Run(name, func(t *testing.T) {
			for _, host := range edge.ResolverHosts() {
				resp, err := client.Get("https://" + host + "/dns-query" + wire)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil {
					t.Fatal(err)
				}
				m := new(dns.Msg)
				if err := m.Unpack(body); err != nil {
					t.Fatalf("%s: %s %q", host, resp.Status, body)
				}
				if m.Authoritative || !m.RecursionAvailable || len(m.Answer) != 1 || resp.Header.Get("Cache-Control") != "max-age=300" || resp.Header.Get("Sundog-Answered-By") != "edge" {
					t.Errorf("%s: %v\n%v", host, resp.Header, m)
				}
			}
			resp, err := client.Get("https://1.1.1.1/dns-query?name=whoami.cloudflare.net&type=TXT&ct=application/dns-json")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if body, _ := io.ReadAll(resp.Body); !strings.Contains(string(body), `"data":"\"127.0.0.1\""`) {
				t.Errorf("whoami: %s", body)
			}
		})
	}
	for _, tt := range []struct {
		url    string
		status int
		has    string
	}{
		{"https://9.9.9.9/dns-query" + wire, 403, "1003"},
		{"https://cloudflare-dns.com/", 404, ""},
		{"http://cloudflare-dns.com/dns-query" + wire, 301, ""},
	} {
		req, err := http.NewRequest("GET", tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := r.edge.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != tt.status || !strings.Contains(string(body), tt.has) {
			t.Errorf("%s: %s %s", tt.url, resp.Status, body)
		}
	}
	if got := r.edge.Queries().Last(1, "tunnel.example.com"); len(got) != 1 || got[0].Transport != "https" || got[0].Role != dnsemu.RoleResolver {
		t.Errorf("the log: %+v", got)
	}
}

func TestDigWhy(t *testing.T) {
	e, err := edge.New(world.Of(
		dnsemu.Zone{Name: "example.com"},
		dnsemu.Record{Type: "CNAME", Name: "app.example.com", Content: "abc.cfargotunnel.com", Proxied: true},
		dnsemu.Record{Type: "CNAME", Name: "four.example.com", Content: "abc.cfargotunnel.com", Proxied: true, Settings: &dnsemu.RecordSettings{IPv4Only: true}},
		dnsemu.Record{Type: "CNAME", Name: "to.example.com", Content: "app.example.com"},
		dnsemu.Record{Type: "TXT", Name: "text.example.com", Content: "x"},
		dnsemu.Record{Type: "NS", Name: "sub.example.com", Content: "ns.example.net"},
	))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, tt := range []struct {
		name, qtype, server string
		status, why, mend   string
	}{
		{"app.example.com", "", "", "NOERROR", "it is proxied: the edge's own address, whatever the record says", ""},
		{"to.example.com.", "A", "", "NOERROR", "it leads to app.example.com, which is proxied: the edge's own address, whatever the record says", ""},
		{"four.example.com", "AAAA", "", "NOERROR", "the name is proxied, and the record's settings leave this family out", ""},
		{"text.example.com", "TXT", "", "NOERROR", "the zone's record", ""},
		{"text.example.com", "28", "", "NOERROR", "the name exists, and has no AAAA record (NODATA)", "add {type: AAAA, name: text, …} to the records of zone example.com"},
		{"example.com", "soa", "", "NOERROR", "made by the name server of zone example.com", ""},
		{"x.sub.example.com", "", "", "NOERROR", "NS records of zone example.com hand it to other name servers", "remove them to let the zone answer"},
		{"x.sub.example.com", "", "1.1.1.1", "SERVFAIL", "the name is delegated to other name servers, and this resolver asks nobody else", ""},
		{"example.org", "", "", "REFUSED", "no zone of this world holds example.org", "add its zone to zones:, or ask a real name server for it"},
		{"example.com", "AXFR", "", "REFUSED", "zone transfers and transaction keys are not offered", ""},
		{"1.1.1.1", "", "", "REFUSED", "no zone of this world holds 1.1.1.1", "add its zone to zones:, or ask a real name server for it"},
		{"cloudflare-dns.com", "", "@one.one.one.one", "NOERROR", "the edge serves this host in every world, whatever its zones say", ""},
		{"app.example.com", "", "system", "NOERROR", "it is proxied: the edge's own address, whatever the record says", ""},
		{"app.example.com", "", "system", "NOERROR", "this resolver keeps the answer for another 300 s; the zones still say the same", ""},
	} {
		d, err := e.Dig(admin.DigQuestion{Name: tt.name, Type: tt.qtype, Server: tt.server})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff([]string{tt.status, tt.why, tt.mend}, []string{d.Status, d.Why, d.Mend}); diff != "" {
			t.Errorf("%s %s %s (-want +got)\n%s", tt.name, tt.qtype, tt.server, diff)
		}
	}
	for _, q := range []admin.DigQuestion{{}, {Name: "a..b"}, {Name: "x", Type: "NOPE"}, {Name: "x", Server: "8.8.8.8"}, {Name: "https://x/"}, {Name: strings.Repeat("a", 64) + ".com"}} {
		if d, err := e.Dig(q); err == nil {
			t.Errorf("%+v is answered: %+v", q, d)
		}
	}
}
