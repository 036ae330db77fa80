package dnsemu

import (
	"net"
	"testing"

	"github.com/miekg/dns"
)

// FuzzPacket feeds raw packets the way dns.Server does, and holds what every answer
// must keep to.
func FuzzPacket(f *testing.F) {
	z := world(f, rfcWorld)
	s := New(func() *Zones { return z }, Options{Queries: NewQueryLog(8, nil)})
	resolvers := []Answerer{NewResolver(s, ResolverOptions{}), NewResolver(s, ResolverOptions{Cache: true, CacheSize: 50})}
	add := func(edit func(*dns.Msg)) {
		q := question("app.example.com.", dns.TypeA)
		edit(q)
		raw, err := q.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, name := range []string{"app.example.com.", "loop1.example.com.", "x.wild.example.com.", "example.net.", "flat.test.", `a\.b\000.wild.example.com.`, "U.cfargotunnel.com.", "."} {
		for _, qtype := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeTXT, dns.TypeSOA, dns.TypeNS, dns.TypeANY, dns.TypeAXFR, dns.TypeOPT, 1000} {
			add(func(m *dns.Msg) { m.Question[0].Name, m.Question[0].Qtype = name, qtype })
		}
	}
	add(func(m *dns.Msg) { m.SetEdns0(100, true) })
	add(func(m *dns.Msg) { m.SetEdns0(65535, true); m.IsEdns0().SetVersion(1) })
	add(func(m *dns.Msg) { m.SetEdns0(1232, false); m.Extra = append(m.Extra, m.Extra[0]) })
	add(func(m *dns.Msg) { m.Opcode = 15 })
	add(func(m *dns.Msg) { m.Question = nil })
	add(func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) })
	add(func(m *dns.Msg) {
		m.Question[0] = dns.Question{Name: "myip.cloudflare.", Qtype: dns.TypeTXT, Qclass: dns.ClassCHAOS}
	})
	f.Add([]byte("\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01")) // a pointer to itself
	f.Add([]byte("\x00\x01\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"))

	f.Fuzz(func(t *testing.T, packet []byte) {
		r := new(dns.Msg)
		if r.Unpack(packet) != nil {
			return
		}
		for _, resolver := range resolvers {
			m := resolver.Answer(r, overUDP)
			if m == nil {
				continue
			}
			if raw, err := m.Pack(); err != nil || len(raw) > 1232 || m.Authoritative || !m.RecursionAvailable {
				t.Fatalf("a resolver: %v\n%v", err, m)
			}
		}
		for _, client := range []net.Addr{overUDP, overTCP, nil} {
			m := s.Answer(r, client)
			if r.Response {
				if m != nil {
					t.Fatal("a response was answered")
				}
				return
			}
			raw, err := m.Pack()
			if err != nil {
				t.Fatalf("%v\n%v", err, m)
			}
			opt := r.IsEdns0()
			limit := dns.MinMsgSize
			switch {
			case client != overUDP:
				limit = dns.MaxMsgSize
			case opt != nil:
				limit = 1232
			}
			if len(raw) > limit {
				t.Fatalf("%d bytes for a limit of %d", len(raw), limit)
			}
			if !m.Response || m.Id != r.Id || m.RecursionAvailable || m.Zero || m.AuthenticatedData {
				t.Fatalf("header %+v", m.MsgHdr)
			}
			if opt == nil && m.IsEdns0() != nil {
				t.Fatal("OPT in the answer to a query without")
			}
			if got := m.IsEdns0(); got != nil && (got.Version() != 0 || got.Hdr.Ttl&0x7fff != 0) {
				t.Fatalf("OPT %v", got)
			}
			if len(r.Question) == 1 && (len(m.Question) != 1 || m.Question[0] != r.Question[0]) {
				t.Fatalf("question %v became %v", r.Question, m.Question)
			}
			if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError && len(m.Answer) > 0 {
				t.Fatalf("%s with records", dns.RcodeToString[m.Rcode])
			}
		}
	})
}

// FuzzKey holds the two ways to a name's key together.
func FuzzKey(f *testing.F) {
	for _, s := range []string{"example.com", "a.b", "A\x00.b", `a\.b.c`, "..", "a.", "xn--bcher-kva.example", "*.*.x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		plain, ok := appendKey(nil, name)
		if ok {
			if len(plain) > maxKey || plain[len(plain)-1] != labelEnd || len(plain) != len(name)+1 {
				t.Fatalf("key %q of %q", plain, name)
			}
			for p := parentKey(plain); p != nil; p = parentKey(p) {
				if len(p) >= len(plain) || string(plain[:len(p)]) != string(p) {
					t.Fatalf("parent %q of %q", p, plain)
				}
			}
		}
		wire := make([]byte, 300)
		end, err := dns.PackDomainName(dns.Fqdn(name), wire, 0, nil, false)
		if err != nil || name == "" {
			return
		}
		escaped, _, err := dns.UnpackDomainName(wire[:end], 0)
		if err != nil {
			return
		}
		var buf [maxKey]byte
		key, ok := appendQuestionKey(buf[:0], escaped)
		if !ok || len(key) != end-1 || len(key) > maxKey {
			t.Fatalf("name %q of %d octets has key %q, %v", escaped, end, key, ok)
		}
	})
}

func FuzzRecord(f *testing.F) {
	f.Add("A", "www", "203.0.113.1", 1, true)
	f.Add("TXT", "@", `"a\065" "b"`, 60, false)
	f.Add("TXT", "x", "back\\", 0, false)
	f.Add("CNAME", "*", "App.Example.NET.", 300, true)
	f.Add("AAAA", "bücher", "::ffff:1.2.3.4", 86400, false)
	f.Fuzz(func(t *testing.T, kind, name, content string, ttl int, proxied bool) {
		tx := world(t, "zone example.com").Txn()
		err := tx.PutRecord("example.com", Record{ID: "r", Type: kind, Name: name, Content: content, TTL: ttl, Proxied: proxied})
		if err != nil {
			if len(FieldErrors(err)) == 0 {
				t.Fatalf("an error of another type: %v", err)
			}
			return
		}
		z := tx.Commit()
		owner, _ := ownerName(name, "example.com")
		if r := z.Route(owner); r.Owner != owner {
			t.Fatalf("%q is not found: %+v", owner, r)
		}
		s := New(func() *Zones { return z }, Options{})
		m := ask(t, s, overTCP, question(dns.Fqdn(owner), dns.StringToType[kind]))
		if m.Rcode != dns.RcodeSuccess {
			t.Fatalf("%v", m)
		}
	})
}
