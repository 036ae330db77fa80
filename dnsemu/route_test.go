package dnsemu

import (
	"strings"
	"testing"
)

func TestRoute(t *testing.T) {
	z := world(t, rfcWorld+`
zone proxied.test
  proxied.test        CNAME abc.cfargotunnel.com proxied
  *.proxied.test      CNAME abc.cfargotunnel.com proxied
  hole.proxied.test   TXT   x
  only.proxied.test   A     203.0.113.1
  a.ent.proxied.test  A     203.0.113.1 proxied
  hop1.proxied.test   CNAME hop2.proxied.test
  hop2.proxied.test   CNAME proxied.example.net
  six.proxied.test    AAAA  100:: proxied
`)
	type route struct {
		Status RouteStatus
		Zone   string
		Record string
		Owner  string
	}
	long := strings.Repeat("a.", 130) + "proxied.test"
	for _, tt := range []struct {
		host string
		want route
	}{
		{"app.example.com", route{Proxied, "example.com", "abc123.cfargotunnel.com", "app.example.com"}},
		{"both.example.com", route{Proxied, "example.com", "203.0.113.2", "both.example.com"}},
		{"six.proxied.test", route{Proxied, "proxied.test", "100::", "six.proxied.test"}},
		{"proxied.test", route{Proxied, "proxied.test", "abc.cfargotunnel.com", "proxied.test"}},
		{"x.proxied.test", route{Proxied, "proxied.test", "abc.cfargotunnel.com", "*.proxied.test"}},
		{"y.x.proxied.test", route{Proxied, "proxied.test", "abc.cfargotunnel.com", "*.proxied.test"}},
		{"hole.proxied.test", route{NoAddress, "proxied.test", "", "hole.proxied.test"}},
		{"x.hole.proxied.test", route{NoName, "proxied.test", "", ""}},
		{"ent.proxied.test", route{NoAddress, "proxied.test", "", "ent.proxied.test"}},
		{"b.ent.proxied.test", route{NoName, "proxied.test", "", ""}},
		{"only.proxied.test", route{DNSOnly, "proxied.test", "203.0.113.1", "only.proxied.test"}},
		{"hop1.proxied.test", route{Proxied, "proxied.test", "198.51.100.2", "hop1.proxied.test"}},
		{"toproxied.example.com", route{Proxied, "example.com", "abc123.cfargotunnel.com", "toproxied.example.com"}},
		{"alias.example.com", route{DNSOnly, "example.com", "plain.example.com", "alias.example.com"}},
		{"out.example.com", route{DNSOnly, "example.com", "www.unheld.test", "out.example.com"}},
		{"gone.example.com", route{DNSOnly, "example.com", "nobody.example.net", "gone.example.com"}},
		{"loop1.example.com", route{DNSOnly, "example.com", "loop2.example.com", "loop1.example.com"}},
		{"deep.example.com", route{NoAddress, "deep.example.com", "", "deep.example.com"}},
		{"nobody.example.com", route{NoName, "example.com", "", ""}},
		{"notexample.com", route{}},
		{"com", route{}},
		{"", route{}},
		{".", route{}},
		{"a..proxied.test", route{}},
		{".proxied.test", route{}},
		{long, route{}},
		{strings.Repeat("a", 64) + ".proxied.test", route{}},
		{"hole\x00proxied.test", route{}},
		{"x\x00hole.proxied.test", route{Proxied, "proxied.test", "abc.cfargotunnel.com", "*.proxied.test"}},
	} {
		r := z.Route(tt.host)
		got := route{Status: r.Status, Owner: r.Owner}
		if r.Zone != nil {
			got.Zone = r.Zone.Name
		}
		if r.Record != nil {
			got.Record = r.Record.Content
			if r.Record.ID == "" {
				t.Errorf("%s: the record has no id", tt.host)
			}
		}
		if got != tt.want {
			t.Errorf("%.40q: %+v, want %+v", tt.host, got, tt.want)
		}
		if n := testing.AllocsPerRun(10, func() { z.Route(tt.host) }); n != 0 {
			t.Errorf("%.40q: %v allocations", tt.host, n)
		}
	}
	var none *Zones
	if r := none.Route("example.com"); r != (Route{}) {
		t.Errorf("no zones: %+v", r)
	}
	if r := new(Zones).Route("example.com"); r != (Route{}) {
		t.Errorf("zero value: %+v", r)
	}
}

func TestRouteStatusString(t *testing.T) {
	for s, want := range map[RouteStatus]string{NoZone: "NoZone", NoName: "NoName", NoAddress: "NoAddress", DNSOnly: "DNSOnly", Proxied: "Proxied", 7: "RouteStatus(7)", -1: "RouteStatus(-1)"} {
		diff(t, want, s.String())
	}
}
