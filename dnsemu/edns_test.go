package dnsemu

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// The eleven checks of ISC's EDNS compliance tester, against the SOA of a zone.
func TestEDNS(t *testing.T) {
	z := world(t, rfcWorld)
	s := New(func() *Zones { return z }, Options{})
	soa := "example.com. 3600 IN SOA ada.ns.cloudflare.com. dns.cloudflare.com. 2350000001 10000 2400 604800 2"
	cookie := &dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: "0123456789abcdef"}
	unknown := &dns.EDNS0_LOCAL{Code: 100, Data: []byte{1, 2, 3}}

	type opt struct {
		Version uint8
		Size    uint16
		DO      bool
		Flags   uint16 // all but DO
		Options int
	}
	ours := &opt{Size: 1232}
	withDO := &opt{Size: 1232, DO: true}
	for _, tt := range []struct {
		name    string
		tcp     bool
		version uint8
		size    uint16
		do      bool
		flags   uint32
		options []dns.EDNS0
		noOPT   bool
		rcode   int
		want    *opt
	}{
		{name: "dns", noOPT: true, want: nil},
		{name: "edns", want: ours},
		{name: "edns1", version: 1, rcode: dns.RcodeBadVers, want: ours},
		{name: "edns@512", size: 512, want: ours},
		{name: "ednsopt", options: []dns.EDNS0{unknown}, want: ours},
		{name: "edns1opt", version: 1, options: []dns.EDNS0{unknown}, rcode: dns.RcodeBadVers, want: ours},
		{name: "do", do: true, want: withDO},
		{name: "ednsflags", flags: 0x0080, want: ours},
		{name: "docookie", do: true, options: []dns.EDNS0{cookie}, want: withDO},
		{name: "edns512tcp", tcp: true, size: 512, want: ours},
		{name: "optlist", options: []dns.EDNS0{
			&dns.EDNS0_NSID{Code: dns.EDNS0NSID}, &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 0, Address: []byte{0, 0, 0, 0}},
			cookie, &dns.EDNS0_EXPIRE{Code: dns.EDNS0EXPIRE, Empty: true},
		}, want: ours},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := question("example.com.", dns.TypeSOA)
			if !tt.noOPT {
				o := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT, Ttl: tt.flags}, Option: tt.options}
				o.SetVersion(tt.version)
				o.SetUDPSize(4096)
				if tt.size != 0 {
					o.SetUDPSize(tt.size)
				}
				if tt.do {
					o.SetDo()
				}
				q.Extra = append(q.Extra, o)
			}
			var client net.Addr = overUDP
			if tt.tcp {
				client = overTCP
			}
			m := ask(t, s, client, q)
			if tt.rcode == dns.RcodeSuccess {
				diff(t, []string{"NOERROR aa", soa}, shown(m))
			} else {
				diff(t, tt.rcode, m.Rcode)
				diff(t, 0, len(m.Answer)+len(m.Ns))
			}
			var got *opt
			if o := m.IsEdns0(); o != nil {
				got = &opt{Version: o.Version(), Size: o.UDPSize(), DO: o.Do(), Flags: uint16(o.Hdr.Ttl) &^ 0x8000, Options: len(o.Option)}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("OPT (-want +got)\n%s", d)
			}
		})
	}
}

// RFC 6891 section 6.1.1: one OPT record, owned by the root; an answer has one
// whenever the query had, errors included.
func TestEDNSRefusals(t *testing.T) {
	z := world(t, rfcWorld)
	s := New(func() *Zones { return z }, Options{})
	opt := func(name string) dns.RR {
		return &dns.OPT{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeOPT, Class: 1232}}
	}
	for _, tt := range []struct {
		name  string
		edit  func(*dns.Msg)
		extra []dns.RR
		rcode int
		opt   bool
	}{
		{"two", nil, []dns.RR{opt("."), opt(".")}, dns.RcodeFormatError, true},
		{"owned by a name", nil, []dns.RR{opt("example.com.")}, dns.RcodeFormatError, false},
		{"with a refusal", func(m *dns.Msg) { m.Question[0].Name = "example.org." }, []dns.RR{opt(".")}, dns.RcodeRefused, true},
		{"with NOTIMP", func(m *dns.Msg) { m.Opcode = 15 }, []dns.RR{opt(".")}, dns.RcodeNotImplemented, true},
		{"with FORMERR", func(m *dns.Msg) { m.Question = nil }, []dns.RR{opt(".")}, dns.RcodeFormatError, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := question("example.com.", dns.TypeSOA)
			if tt.edit != nil {
				tt.edit(q)
			}
			q.Extra = tt.extra
			m := ask(t, s, overUDP, q)
			diff(t, tt.rcode, m.Rcode)
			diff(t, tt.opt, m.IsEdns0() != nil)
		})
	}
}

// RFC 8914: the person who asks is told why, if the client knows EDNS.
func TestExtendedError(t *testing.T) {
	z := world(t, rfcWorld)
	s := New(func() *Zones { return z }, Options{})
	for name, want := range map[string]string{
		"flat.test.":         "the CNAME at the apex flat.test points to host.elsewhere.test., which is in no zone here, so it cannot be flattened offline",
		"loop2.example.com.": "the CNAME records behind loop2.example.com. form a loop or a chain of more than 16",
		"example.org.":       "no zone here holds this name",
	} {
		q := question(name, dns.TypeA)
		q.SetEdns0(1232, false)
		m := ask(t, s, overUDP, q)
		ede, ok := m.IsEdns0().Option[0].(*dns.EDNS0_EDE)
		if !ok || ede.ExtraText != want {
			t.Errorf("%s: %v, want %q", name, ede, want)
		}
	}
}

func TestTruncation(t *testing.T) {
	tx := new(Zones).Txn()
	if err := tx.PutZone(Zone{ID: "z", Name: "example.com"}); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if err := tx.PutRecord("z", Record{Type: "TXT", Name: "big", Content: fmt.Sprintf("%d %s", i, strings.Repeat("x", 300))}); err != nil {
			t.Fatal(err)
		}
	}
	z := tx.Commit()
	s := New(func() *Zones { return z }, Options{})
	for _, tt := range []struct {
		rule      string
		size      uint16 // 0: no EDNS
		tcp       bool
		most      int
		truncated bool
	}{
		{"RFC 1035 4.2.1: 512 without EDNS", 0, false, 512, true},
		{"RFC 6891 6.2.3: less than 512 is 512", 100, false, 512, true},
		{"RFC 6891 6.2.3: what the client takes", 700, false, 700, true},
		{"RFC 9715 3: no fragments", 65535, false, 1232, true},
		{"RFC 7766 5: whole over TCP", 512, true, 65535, false},
		{"RFC 7766 5: whole over TCP without EDNS", 0, true, 65535, false},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			q := question("big.example.com.", dns.TypeTXT)
			if tt.size > 0 {
				q.SetEdns0(tt.size, false)
			}
			var m *dns.Msg
			if tt.tcp {
				m = ask(t, s, overTCP, q)
			} else {
				m = ask(t, s, overUDP, q)
			}
			raw, err := m.Pack()
			if err != nil {
				t.Fatal(err)
			}
			if len(raw) > tt.most || m.Truncated != tt.truncated || (len(m.Answer) == 20) == tt.truncated {
				t.Errorf("%d bytes, TC %v, %d records; want at most %d, %v", len(raw), m.Truncated, len(m.Answer), tt.most, tt.truncated)
			}
			diff(t, tt.size > 0, m.IsEdns0() != nil)
		})
	}
}
