package dnsemu

import (
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const rfcWorld = `
zone example.com
  example.com           A     203.0.113.1
  example.com           TXT   "hello"
  app.example.com       CNAME abc123.cfargotunnel.com proxied
  both.example.com      A     203.0.113.2 proxied
  both.example.com      A     203.0.113.3
  both.example.com      TXT   beside
  plain.example.com     A     203.0.113.4 ttl=60
  plain.example.com     AAAA  2001:db8::4 ttl=60
  text.example.com      TXT   "one"
  alias.example.com     CNAME plain.example.com
  toproxied.example.com CNAME app.example.com
  out.example.com       CNAME www.unheld.test
  chain.example.com     CNAME out.example.com ttl=60
  cross.example.com     CNAME there.example.net
  gone.example.com      CNAME nobody.example.net
  dangling.example.com  CNAME nobody.sub1.example.com
  tunnel.example.com    CNAME abc123.cfargotunnel.com
  loop1.example.com     CNAME loop2.example.com
  loop2.example.com     CNAME loop1.example.com
  a.b.c.example.com     A     203.0.113.5
  *.wild.example.com    A     203.0.113.6
  *.wild.example.com    TXT   wildtext
  sub1.wild.example.com TXT   stands-between
  *.cw.example.com      CNAME plain.example.com
  x.*.lit.example.com   A     203.0.113.7
zone example.net
  example.net           CNAME plain.example.com ttl=60
  there.example.net     A     198.51.100.1
  proxied.example.net   A     198.51.100.2 proxied
zone flat.test
  flat.test             CNAME host.elsewhere.test
zone deep.example.com
  x.deep.example.com    A     203.0.113.9
zone dead.test
  dead.test             CNAME nobody.example.net
`

const (
	soaCom  = "example.com. 2 IN SOA ada.ns.cloudflare.com. dns.cloudflare.com. 2350000001 10000 2400 604800 2"
	soaNet  = "example.net. 2 IN SOA ada.ns.cloudflare.com. dns.cloudflare.com. 2350000001 10000 2400 604800 2"
	soaDeep = "deep.example.com. 2 IN SOA ada.ns.cloudflare.com. dns.cloudflare.com. 2350000001 10000 2400 604800 2"
)

func TestRFC(t *testing.T) {
	s := New(func() *Zones { return world(t, rfcWorld) }, Options{
		EdgeIPv4: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")},
	})
	for _, tt := range []struct {
		rule  string
		name  string
		qtype uint16
		want  []string
	}{
		{"RFC 1034 4.3.2: address", "plain.example.com.", dns.TypeA, []string{"NOERROR aa", "plain.example.com. 60 IN A 203.0.113.4"}},
		{"RFC 3596 2: AAAA", "plain.example.com.", dns.TypeAAAA, []string{"NOERROR aa", "plain.example.com. 60 IN AAAA 2001:db8::4"}},
		{"RFC 1035 3.3.14: TXT", "text.example.com.", dns.TypeTXT, []string{"NOERROR aa", `text.example.com. 300 IN TXT "one"`}},
		{"RFC 1035 3.3.13: SOA of the apex", "example.com.", dns.TypeSOA, []string{"NOERROR aa", "example.com. 3600 IN SOA ada.ns.cloudflare.com. dns.cloudflare.com. 2350000001 10000 2400 604800 2"}},
		{"RFC 1035 3.3.11: NS of the apex", "example.com.", dns.TypeNS, []string{"NOERROR aa", "example.com. 86400 IN NS ada.ns.cloudflare.com.", "example.com. 86400 IN NS bob.ns.cloudflare.com."}},
		{"RFC 1035 3.3.11: NS below the apex", "plain.example.com.", dns.TypeNS, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 2308 2.1: NXDOMAIN", "nobody.example.com.", dns.TypeA, []string{"NXDOMAIN aa", "; " + soaCom}},
		{"RFC 2308 2.2: NODATA", "text.example.com.", dns.TypeA, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 8020 2: empty non-terminal", "b.c.example.com.", dns.TypeA, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 8020 2: below what does not exist", "x.a.b.c.example.com.", dns.TypeA, []string{"NXDOMAIN aa", "; " + soaCom}},
		{"RFC 1034 4.3.2: outside", "example.org.", dns.TypeA, []string{"REFUSED"}},
		{"RFC 1034 4.3.2: the root", ".", dns.TypeNS, []string{"REFUSED"}},
		{"RFC 1034 4.2.1: the zone nearest to the name", "y.deep.example.com.", dns.TypeA, []string{"NXDOMAIN aa", "; " + soaDeep}},

		{"RFC 4592 2.2.1: wildcard", "x.wild.example.com.", dns.TypeA, []string{"NOERROR aa", "x.wild.example.com. 300 IN A 203.0.113.6"}},
		{"RFC 4592 2.2.1: wildcard of any depth", "z.y.x.wild.example.com.", dns.TypeA, []string{"NOERROR aa", "z.y.x.wild.example.com. 300 IN A 203.0.113.6"}},
		{"RFC 4592 2.2.1: the type is missing at the wildcard", "x.wild.example.com.", dns.TypeAAAA, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 4592 2.2.1: a name stands between", "x.sub1.wild.example.com.", dns.TypeA, []string{"NXDOMAIN aa", "; " + soaCom}},
		{"RFC 4592 2.2.1: an existing name is not covered", "sub1.wild.example.com.", dns.TypeA, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 4592 2.1.2: the closest encloser is not covered", "wild.example.com.", dns.TypeA, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 4592 2.1.1: the star itself", "*.wild.example.com.", dns.TypeTXT, []string{"NOERROR aa", `*.wild.example.com. 300 IN TXT "wildtext"`}},
		{"RFC 4592 2.3: a star in the middle is a label", "x.y.lit.example.com.", dns.TypeA, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 4592 2.3: a star in the middle, literally", "x.*.lit.example.com.", dns.TypeA, []string{"NOERROR aa", "x.*.lit.example.com. 300 IN A 203.0.113.7"}},
		{"RFC 4592 3.3.3: CNAME at a wildcard", "q.cw.example.com.", dns.TypeA, []string{"NOERROR aa", "q.cw.example.com. 60 IN A 203.0.113.4"}},

		{"RFC 4343 3: case is kept", "PlAiN.eXample.COM.", dns.TypeA, []string{"NOERROR aa", "PlAiN.eXample.COM. 60 IN A 203.0.113.4"}},
		{"RFC 4343 2.1: a dot inside a label", `a\.b.wild.example.com.`, dns.TypeA, []string{"NOERROR aa", `a\.b.wild.example.com. 300 IN A 203.0.113.6`}},
		{"RFC 4343 2.1: a zero inside a label divides nothing", `wild\000sub1.example.com.`, dns.TypeTXT, []string{"NXDOMAIN aa", "; " + soaCom}},

		{"proxied: the edge's addresses", "app.example.com.", dns.TypeA, []string{"NOERROR aa", "app.example.com. 300 IN A 192.0.2.1", "app.example.com. 300 IN A 192.0.2.2"}},
		{"proxied: no IPv6 at the edge", "app.example.com.", dns.TypeAAAA, []string{"NOERROR aa", "; " + soaCom}},
		{"proxied: the CNAME is hidden", "app.example.com.", dns.TypeCNAME, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 9460 9.1: HTTPS of a proxied name", "app.example.com.", dns.TypeHTTPS, []string{"NOERROR aa", `app.example.com. 300 IN HTTPS 1 . alpn="h2" ipv4hint="192.0.2.1,192.0.2.2"`}},
		{"RFC 9460 9.1: HTTPS of a DNS-only name", "plain.example.com.", dns.TypeHTTPS, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 9460 2.2: SVCB of a proxied name", "app.example.com.", dns.TypeSVCB, []string{"NOERROR aa", "; " + soaCom}},
		{"proxied: nothing is fetched from the target", "app.example.com.", dns.TypeTXT, []string{"NOERROR aa", "; " + soaCom}},
		{"proxied beside DNS-only: all proxied", "both.example.com.", dns.TypeA, []string{"NOERROR aa", "both.example.com. 300 IN A 192.0.2.1", "both.example.com. 300 IN A 192.0.2.2"}},
		{"proxied: other types beside", "both.example.com.", dns.TypeTXT, []string{"NOERROR aa", `both.example.com. 300 IN TXT "beside"`}},
		{"proxied: behind a DNS-only CNAME", "toproxied.example.com.", dns.TypeA, []string{"NOERROR aa", "toproxied.example.com. 300 IN A 192.0.2.1", "toproxied.example.com. 300 IN A 192.0.2.2"}},

		{"flattening: target in the same zone", "alias.example.com.", dns.TypeA, []string{"NOERROR aa", "alias.example.com. 60 IN A 203.0.113.4"}},
		{"flattening: the CNAME is hidden", "alias.example.com.", dns.TypeCNAME, []string{"NOERROR aa", "; " + soaCom}},
		{"flattening: nothing behind it is NODATA", "dangling.example.com.", dns.TypeA, []string{"NOERROR aa", "; " + soaCom}},
		{"flattening: up to the link that leaves the zone", "chain.example.com.", dns.TypeA, []string{"NOERROR aa", "chain.example.com. 60 IN CNAME www.unheld.test."}},
		{"flattening: apex", "example.net.", dns.TypeA, []string{"NOERROR aa", "example.net. 60 IN A 203.0.113.4"}},
		{"flattening: apex, addresses only", "example.net.", dns.TypeTXT, []string{"NOERROR aa", "; " + soaNet}},
		{"flattening: apex, the CNAME is hidden", "example.net.", dns.TypeCNAME, []string{"NOERROR aa", "; " + soaNet}},
		{"flattening: apex, SOA is its own", "example.net.", dns.TypeSOA, []string{"NOERROR aa", "example.net. 3600 IN SOA ada.ns.cloudflare.com. dns.cloudflare.com. 2350000001 10000 2400 604800 2"}},
		{"flattening: apex, target gone, the SOA is the apex's own", "dead.test.", dns.TypeA, []string{"NOERROR aa", "; dead.test. 2 IN SOA ada.ns.cloudflare.com. dns.cloudflare.com. 2350000001 10000 2400 604800 2"}},
		{"flattening: apex, target held by nobody", "flat.test.", dns.TypeA, []string{"SERVFAIL"}},

		{"RFC 1034 3.6.2: CNAME to a zone that is held", "cross.example.com.", dns.TypeA, []string{"NOERROR aa", "cross.example.com. 300 IN CNAME there.example.net.", "there.example.net. 300 IN A 198.51.100.1"}},
		{"RFC 1034 3.6.2: CNAME to elsewhere", "out.example.com.", dns.TypeA, []string{"NOERROR aa", "out.example.com. 300 IN CNAME www.unheld.test."}},
		{"RFC 1034 3.6.2: the CNAME itself", "cross.example.com.", dns.TypeCNAME, []string{"NOERROR aa", "cross.example.com. 300 IN CNAME there.example.net."}},
		{"RFC 6604 2.1: NXDOMAIN of the last name", "gone.example.com.", dns.TypeA, []string{"NXDOMAIN aa", "gone.example.com. 300 IN CNAME nobody.example.net.", "; " + soaNet}},
		{"RFC 1034 3.6.2: a loop ends", "loop1.example.com.", dns.TypeA, []string{"SERVFAIL"}},

		{"RFC 8482 4.2: ANY", "plain.example.com.", dns.TypeANY, []string{"NOERROR aa", `plain.example.com. 3789 IN HINFO "RFC8482" ""`}},
		{"RFC 8482 4.2: ANY at a CNAME that is shown", "cross.example.com.", dns.TypeANY, []string{"NOERROR aa", "cross.example.com. 300 IN CNAME there.example.net."}},
		{"RFC 8482 4.2: ANY of a missing name", "nobody.example.com.", dns.TypeANY, []string{"NXDOMAIN aa", "; " + soaCom}},
		{"RFC 8482 4.2: ANY of an empty non-terminal", "c.example.com.", dns.TypeANY, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 3597 3: a type nobody knows", "plain.example.com.", 1000, []string{"NOERROR aa", "; " + soaCom}},
		{"RFC 5936 2.2: AXFR", "example.com.", dns.TypeAXFR, []string{"REFUSED"}},
		{"RFC 1995 2: IXFR", "example.com.", dns.TypeIXFR, []string{"REFUSED"}},
		{"RFC 6895 3.1: OPT is no question", "example.com.", dns.TypeOPT, []string{"FORMERR"}},

		{"tunnel names: AAAA", "anything.cfargotunnel.com.", dns.TypeAAAA, []string{"NOERROR aa", "anything.cfargotunnel.com. 86400 IN AAAA fd10:aec2:5dae::"}},
		{"tunnel names: no A", "anything.cfargotunnel.com.", dns.TypeA, []string{"NOERROR aa", "; cfargotunnel.com. 2 IN SOA tess.ns.cloudflare.com. dns.cloudflare.com. 2350000001 10000 2400 604800 2"}},
		{"tunnel names: behind a DNS-only CNAME", "tunnel.example.com.", dns.TypeAAAA, []string{"NOERROR aa", "tunnel.example.com. 300 IN CNAME abc123.cfargotunnel.com.", "abc123.cfargotunnel.com. 86400 IN AAAA fd10:aec2:5dae::"}},
		{"name servers are at the edge", "dana.ns.cloudflare.com.", dns.TypeA, []string{"NOERROR aa", "dana.ns.cloudflare.com. 300 IN A 192.0.2.1", "dana.ns.cloudflare.com. 300 IN A 192.0.2.2"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			diff(t, tt.want, shown(ask(t, s, overTCP, question(tt.name, tt.qtype))))
		})
	}
}

func TestProxiedIPv6(t *testing.T) {
	z := world(t, rfcWorld)
	s := New(func() *Zones { return z }, Options{EdgeIPv4: []netip.Addr{}, EdgeIPv6: []netip.Addr{netip.MustParseAddr("2001:db8::1")}})
	diff(t, []string{"NOERROR aa", "app.example.com. 300 IN AAAA 2001:db8::1"}, shown(ask(t, s, overUDP, question("app.example.com.", dns.TypeAAAA))))
	diff(t, []string{"NOERROR aa", "; " + soaCom}, shown(ask(t, s, overUDP, question("app.example.com.", dns.TypeA))))
}

// RFC 2308 section 3: the SOA of a negative answer lives min(its TTL, minimum).
func TestNegativeTTL(t *testing.T) {
	for _, tt := range []struct {
		set          time.Duration
		ttl, minimum uint32
	}{
		{0, 2, 2},
		{-1, 0, 0},
		{FaithfulNegativeTTL, 1800, 1800},
		{2 * time.Hour, 3600, 7200},
	} {
		z := world(t, "zone example.com")
		s := New(func() *Zones { return z }, Options{NegativeTTL: tt.set})
		soa := ask(t, s, overUDP, question("x.example.com.", dns.TypeA)).Ns[0].(*dns.SOA)
		diff(t, [2]uint32{tt.ttl, tt.minimum}, [2]uint32{soa.Hdr.Ttl, soa.Minttl})
	}
}

func TestHeader(t *testing.T) {
	z := world(t, rfcWorld)
	s := New(func() *Zones { return z }, Options{})
	for _, tt := range []struct {
		rule string
		edit func(*dns.Msg)
		want []string
	}{
		{"RFC 1035 4.1.1: RD is copied, RA is clear", func(m *dns.Msg) { m.RecursionDesired = true }, []string{"NOERROR aa rd", "text.example.com. 300 IN TXT \"one\""}},
		{"RFC 1035 4.1.1: bits that are not the client's", func(m *dns.Msg) {
			m.RecursionAvailable, m.Authoritative, m.Zero, m.AuthenticatedData = true, true, true, true
		}, []string{"NOERROR aa", "text.example.com. 300 IN TXT \"one\""}},
		{"RFC 9619 3: no question", func(m *dns.Msg) { m.Question = nil }, []string{"FORMERR"}},
		{"RFC 9619 3: two questions", func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }, []string{"FORMERR"}},
		{"RFC 1996 3.4: NOTIFY", func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify }, []string{"NOTIMP"}},
		{"RFC 2136 2.2: UPDATE", func(m *dns.Msg) { m.Opcode = dns.OpcodeUpdate }, []string{"NOTIMP"}},
		{"RFC 8906 3.1.4: an opcode nobody knows", func(m *dns.Msg) { m.Opcode = 15 }, []string{"NOTIMP"}},
		{"RFC 1035 3.2.4: class HS", func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassHESIOD }, []string{"REFUSED"}},
		{"RFC 1035 3.2.5: class ANY", func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassANY }, []string{"REFUSED"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			q := question("text.example.com.", dns.TypeTXT)
			tt.edit(q)
			m := ask(t, s, overUDP, q)
			diff(t, tt.want, shown(m))
			if m.Id != q.Id || !m.Response || m.Opcode != q.Opcode {
				t.Errorf("id %d, response %v, opcode %d; want %d, true, %d", m.Id, m.Response, m.Opcode, q.Id, q.Opcode)
			}
		})
	}
	t.Run("RFC 1035 4.1.1: a response is not answered", func(t *testing.T) {
		q := question("text.example.com.", dns.TypeTXT)
		q.Response = true
		if m := s.Answer(q, overUDP); m != nil {
			t.Errorf("answered: %v", m)
		}
	})
}

// RFC 4892: a server tells about itself in class CH.
func TestChaos(t *testing.T) {
	s := New(nil, Options{DataCentre: "LAB"})
	for _, tt := range []struct {
		name  string
		qtype uint16
		want  []string
	}{
		{"id.server.", dns.TypeTXT, []string{"NOERROR aa", `id.server. 0 CH TXT "LAB"`}},
		{"Version.Bind.", dns.TypeTXT, []string{"NOERROR aa", `Version.Bind. 0 CH TXT "sundog"`}},
		{"myip.cloudflare.", dns.TypeTXT, []string{"NOERROR aa", `myip.cloudflare. 0 CH TXT "192.0.2.53"`}},
		{"id.server.", dns.TypeA, []string{"NOERROR aa"}},
		{"example.com.", dns.TypeTXT, []string{"REFUSED"}},
	} {
		q := question(tt.name, tt.qtype)
		q.Question[0].Qclass = dns.ClassCHAOS
		diff(t, tt.want, shown(ask(t, s, overUDP, q)))
	}
}
