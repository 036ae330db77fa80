package dnsemu

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// edited is a world with more records in the zone example.com.
func edited(t *testing.T, text string, records ...Record) *Zones {
	t.Helper()
	tx := world(t, text).Txn()
	for _, r := range records {
		if err := tx.PutRecord("example.com", r); err != nil {
			t.Fatalf("%+v: %v", r, err)
		}
	}
	return tx.Commit()
}

func TestRecordSettings(t *testing.T) {
	flatten := &RecordSettings{FlattenCNAME: true}
	z := edited(t, "zone example.com\nzone example.net\n www.example.net A 198.51.100.7 ttl=60\n www.example.net TXT there\n edge.example.net CNAME u.cfargotunnel.com proxied",
		Record{Type: "CNAME", Name: "both", Content: "u.cfargotunnel.com", Proxied: true},
		Record{Type: "CNAME", Name: "four", Content: "u.cfargotunnel.com", Proxied: true, Settings: &RecordSettings{IPv4Only: true}},
		Record{Type: "CNAME", Name: "six", Content: "u.cfargotunnel.com", Proxied: true, Settings: &RecordSettings{IPv6Only: true}},
		Record{Type: "CNAME", Name: "flat", Content: "www.example.net", Settings: flatten},
		Record{Type: "CNAME", Name: "flatedge", Content: "edge.example.net", Settings: flatten},
		Record{Type: "CNAME", Name: "flatout", Content: "www.unheld.test", Settings: flatten},
		Record{Type: "CNAME", Name: "shown", Content: "www.example.net"},
		Record{Type: "CNAME", Name: "own", Content: "u.cfargotunnel.com", Proxied: true},
		Record{Type: "HTTPS", Name: "own", Content: `1 . alpn="h2,h3"`},
	)
	s := New(func() *Zones { return z }, Options{EdgeIPv6: []netip.Addr{netip.MustParseAddr("2001:db8::e")}})
	soa := soaCom
	for _, tt := range []struct {
		rule  string
		name  string
		qtype uint16
		want  []string
	}{
		{"both families", "both", dns.TypeAAAA, []string{"NOERROR aa", "both.example.com. 300 IN AAAA 2001:db8::e"}},
		{"RFC 9460 7.3: hints are the addresses", "both", dns.TypeHTTPS, []string{"NOERROR aa", `both.example.com. 300 IN HTTPS 1 . alpn="h2" ipv4hint="127.0.0.1" ipv6hint="2001:db8::e"`}},
		{"ipv4_only: A", "four", dns.TypeA, []string{"NOERROR aa", "four.example.com. 300 IN A 127.0.0.1"}},
		{"ipv4_only: no AAAA", "four", dns.TypeAAAA, []string{"NOERROR aa", "; " + soa}},
		{"ipv4_only: no hint", "four", dns.TypeHTTPS, []string{"NOERROR aa", `four.example.com. 300 IN HTTPS 1 . alpn="h2" ipv4hint="127.0.0.1"`}},
		{"ipv6_only: no A", "six", dns.TypeA, []string{"NOERROR aa", "; " + soa}},
		{"ipv6_only: AAAA", "six", dns.TypeAAAA, []string{"NOERROR aa", "six.example.com. 300 IN AAAA 2001:db8::e"}},
		{"flatten_cname: another zone's address", "flat", dns.TypeA, []string{"NOERROR aa", "flat.example.com. 60 IN A 198.51.100.7"}},
		{"flatten_cname: the CNAME is hidden", "flat", dns.TypeCNAME, []string{"NOERROR aa", "; " + soa}},
		{"flatten_cname: addresses only", "flat", dns.TypeTXT, []string{"NOERROR aa", "; " + soa}},
		{"flatten_cname: to a proxied name", "flatedge", dns.TypeHTTPS, []string{"NOERROR aa", `flatedge.example.com. 300 IN HTTPS 1 . alpn="h2" ipv4hint="127.0.0.1" ipv6hint="2001:db8::e"`}},
		{"flatten_cname: a target that is not held", "flatout", dns.TypeA, []string{"SERVFAIL"}},
		{"without it the CNAME is shown", "shown", dns.TypeTXT, []string{"NOERROR aa", "shown.example.com. 300 IN CNAME www.example.net.", `www.example.net. 300 IN TXT "there"`}},
		{"an HTTPS record of one's own wins", "own", dns.TypeHTTPS, []string{"NOERROR aa", `own.example.com. 300 IN HTTPS 1 . alpn="h2,h3"`}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			diff(t, tt.want, shown(ask(t, s, overTCP, question(tt.name+".example.com.", tt.qtype))))
		})
	}

	tx := z.Txn()
	doc, _ := z.Zone("example.com")
	all := *doc
	all.DNSSettings = &DNSSettings{FlattenAllCNAMEs: true}
	if err := tx.PutZone(all); err != nil {
		t.Fatal(err)
	}
	z = tx.Commit()
	diff(t, []string{"NOERROR aa", "shown.example.com. 60 IN A 198.51.100.7"}, shown(ask(t, s, overTCP, question("shown.example.com.", dns.TypeA))))

	plain := New(func() *Zones { return z }, Options{ALPN: []string{}})
	if m := ask(t, plain, overTCP, question("both.example.com.", dns.TypeHTTPS)); len(m.Answer) != 0 {
		t.Errorf("without a protocol to promise: %v", m.Answer)
	}
}

// RFC 1034 section 4.3.2 step 3b, RFC 4035 section 3.1.4.1.
func TestDelegation(t *testing.T) {
	z := edited(t, "zone example.com",
		Record{Type: "NS", Name: "sub", Content: "ns1.sub.example.com"},
		Record{Type: "NS", Name: "sub", Content: "ns.example.net"},
		Record{Type: "DS", Name: "sub", Content: "1 13 2 aa"},
		Record{Type: "A", Name: "ns1.sub", Content: "203.0.113.53"},
		Record{Type: "CNAME", Name: "app.sub", Content: "u.cfargotunnel.com", Proxied: true},
		Record{Type: "CNAME", Name: "to", Content: "app.sub.example.com"},
		Record{Type: "NS", Name: "@", Content: "ns.example.net"},
	)
	s := New(func() *Zones { return z }, Options{})
	refer := []string{"NOERROR", "; sub.example.com. 300 IN NS ns1.sub.example.com.", "; sub.example.com. 300 IN NS ns.example.net."}
	for _, tt := range []struct {
		rule  string
		name  string
		qtype uint16
		want  []string
	}{
		{"below the cut", "app.sub.example.com.", dns.TypeA, refer},
		{"at the cut", "Sub.example.com.", dns.TypeNS, refer},
		{"DS is the parent's", "sub.example.com.", dns.TypeDS, []string{"NOERROR aa", "sub.example.com. 300 IN DS 1 13 2 AA"}},
		{"NS at the apex without multi_provider", "example.com.", dns.TypeNS, []string{"NOERROR aa", "example.com. 86400 IN NS ada.ns.cloudflare.com.", "example.com. 86400 IN NS bob.ns.cloudflare.com."}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			m := ask(t, s, overTCP, question(tt.name, tt.qtype))
			diff(t, tt.want, shown(m))
			if len(m.Ns) > 0 && (len(m.Extra) != 1 || m.Extra[0].Header().Name != "ns1.sub.example.com.") {
				t.Errorf("glue %v", m.Extra)
			}
		})
	}
	for _, host := range []string{"app.sub.example.com", "sub.example.com", "to.example.com"} {
		if r := z.Route(host); r.Status == Proxied {
			t.Errorf("%s is routed to %v although other name servers have it", host, r.Record)
		}
	}
	tx := z.Txn()
	for r := range z.Records("example.com") {
		if r.Type == "NS" && r.Name == "sub" {
			tx.DeleteRecord("example.com", r.ID)
		}
	}
	z = tx.Commit()
	if r := z.Route("app.sub.example.com"); r.Status != Proxied {
		t.Errorf("the cut is gone, and the name is %v", r.Status)
	}
}

// RFC 1035 section 2.3.4: 255 octets for a name, 63 for a label.
func TestLongestNames(t *testing.T) {
	label := strings.Repeat("a", 63)
	longest := strings.Join([]string{label, label, label, strings.Repeat("a", 49)}, ".") + ".example.com" // 253 characters
	z := edited(t, "zone example.com", Record{Type: "A", Name: longest, Content: "203.0.113.1"}, Record{Type: "TXT", Name: "*", Content: "any"})
	s := New(func() *Zones { return z }, Options{})
	if len(longest) != 253 {
		t.Fatal(len(longest))
	}
	m := ask(t, s, overUDP, question(longest+".", dns.TypeA))
	if len(m.Answer) != 1 || m.Answer[0].Header().Name != longest+"." {
		t.Errorf("%v", m)
	}
	under := longest[:len(longest)-len("a.example.com")] + "b.example.com"
	if m := ask(t, s, overUDP, question(under+".", dns.TypeTXT)); len(m.Answer) != 1 {
		t.Errorf("a wildcard does not cover the longest name: %v", m)
	}
	if _, err := question("x"+longest+".", dns.TypeA).Pack(); err == nil {
		t.Error("254 characters are packed")
	}
}
