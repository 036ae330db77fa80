package dnsemu

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// Every type is written as content and as data, and both say the same on the wire.
func TestTypes(t *testing.T) {
	ten := uint16(10)
	type data = map[string]any
	for _, tt := range []struct {
		rfc     string
		kind    string
		content string
		data    data
		want    string
	}{
		{"RFC 1035 3.4.1", "A", "203.0.113.1", nil, "203.0.113.1"},
		{"RFC 3596 2.2", "AAAA", "2001:DB8:0::1", nil, "2001:db8::1"},
		{"RFC 8659 4.1", "CAA", `0 issue "ca.example"`, data{"flags": 0.0, "tag": "issue", "value": "ca.example"}, `0 issue "ca.example"`},
		{"RFC 8659 4.1.1: nobody may issue", "CAA", `128 ISSUE ";"`, data{"flags": 128, "tag": "issue", "value": ";"}, `128 issue ";"`},
		{"RFC 4398 2", "CERT", "9 1 13 AQID BA==", data{"type": 9.0, "key_tag": 1.0, "algorithm": 13.0, "certificate": "AQIDBA=="}, "9 1 ECDSAP256SHA256 AQIDBA=="},
		{"RFC 1035 3.3.1", "CNAME", "App.Example.net.", nil, "app.example.net."},
		{"RFC 4034 2", "DNSKEY", "257 3 13 AQIDBA==", data{"flags": 257.0, "protocol": 3.0, "algorithm": 13.0, "public_key": "AQIDBA=="}, "257 3 13 AQIDBA=="},
		{"RFC 4034 5", "DS", "2371 13 2 0A0B 0C0D", data{"key_tag": 2371.0, "algorithm": 13.0, "digest_type": 2.0, "digest": "0a0b0c0d"}, "2371 13 2 0A0B0C0D"},
		{"RFC 9460 9", "HTTPS", `1 . alpn="h2,h3"  port=8443`, data{"priority": 1.0, "target": ".", "value": `alpn="h2,h3" port=8443`}, `1 . alpn="h2,h3" port="8443"`},
		{"RFC 9460 2.4.2: alias", "HTTPS", "0 svc.example.net", data{"priority": 0.0, "target": "svc.example.net", "value": ""}, "0 svc.example.net."},
		{"RFC 1876 3", "LOC", "51 30 12.748 n 0 7 39.612 w 10m 1m 100m 10m", data{
			"lat_degrees": 51.0, "lat_minutes": 30.0, "lat_seconds": 12.748, "lat_direction": "N", "long_degrees": 0.0, "long_minutes": 7.0, "long_seconds": 39.612,
			"long_direction": "W", "altitude": 10.0, "size": 1.0, "precision_horz": 100.0, "precision_vert": 10.0,
		}, "51 30 12.748 N 00 07 39.612 W 10m 1m 100m 10m"},
		{"RFC 1035 3.3.9", "MX", "Mail.example.net", nil, "10 mail.example.net."},
		{"RFC 7505 3: no mail", "MX", ".", nil, "10 ."},
		{"RFC 3403 4.1", "NAPTR", `100 20 "S" "SIP+D2U" "!^.*$!sip:a@b!" _sip._udp.example.com`, data{
			"order": 100.0, "preference": 20.0, "flags": "S", "service": "SIP+D2U", "regex": "!^.*$!sip:a@b!", "replacement": "_sip._udp.example.com",
		}, `100 20 "S" "SIP+D2U" "!^.*$!sip:a@b!" _sip._udp.example.com.`},
		{"RFC 7929 2", "OPENPGPKEY", "AQID BA==", nil, "AQIDBA=="},
		{"RFC 1035 3.3.12", "PTR", "host.example.net", nil, "host.example.net."},
		{"RFC 8162 2", "SMIMEA", "3 1 1 0a0b", data{"usage": 3.0, "selector": 1.0, "matching_type": 1.0, "certificate": "0A0B"}, "3 1 1 0a0b"},
		{"RFC 2782", "SRV", "5 5060 sip.example.net", data{"weight": 5.0, "port": 5060.0, "target": "sip.example.net"}, "10 5 5060 sip.example.net."},
		{"RFC 4255 3.1", "SSHFP", "4 2 0A0B", data{"algorithm": 4.0, "type": 2.0, "fingerprint": "0a0b"}, "4 2 0A0B"},
		{"RFC 9460 2", "SVCB", `16 svc.example.net alpn="h2" no-default-alpn`, data{"priority": 16.0, "target": "svc.example.net", "value": `alpn="h2" no-default-alpn`}, `16 svc.example.net. alpn="h2" no-default-alpn=""`},
		{"RFC 6698 2.1", "TLSA", "3 1 1 0a0b", data{"usage": "3", "selector": 1.0, "matching_type": 1.0, "certificate": "0A 0B"}, "3 1 1 0a0b"},
		{"RFC 1035 3.3.14", "TXT", `"one" "two"`, nil, `"one" "two"`},
		{"RFC 7553 4.5", "URI", `5 "https://example.net/a?b=\"c\""`, data{"weight": 5.0, "target": `https://example.net/a?b="c"`}, `10 5 "https://example.net/a?b=\"c\""`},
	} {
		t.Run(tt.kind+" "+tt.rfc, func(t *testing.T) {
			forms := []Record{{Content: tt.content}}
			if tt.data != nil {
				forms = append(forms, Record{Data: tt.data}, Record{Content: tt.content, Data: tt.data})
			}
			for _, r := range forms {
				r.Type, r.Name = tt.kind, "x"
				if tt.kind == "MX" || tt.kind == "SRV" || tt.kind == "URI" {
					r.Priority = &ten
				}
				tx := world(t, "zone example.com").Txn()
				if err := tx.PutRecord("example.com", r); err != nil {
					t.Errorf("%+v: %v", r, err)
					continue
				}
				z := tx.Commit()
				for put := range z.Records("example.com") {
					if put.Content == "" {
						t.Error("a record with data shows no content")
					}
				}
				s := New(func() *Zones { return z }, Options{})
				m := ask(t, s, overTCP, question("x.example.com.", dns.StringToType[tt.kind]))
				if len(m.Answer) != 1 {
					t.Fatalf("%v", m)
				}
				got := strings.TrimPrefix(m.Answer[0].String(), m.Answer[0].Header().String())
				diff(t, tt.want, got)
			}
		})
	}
}

// The priority of SRV, MX and URI stands in data or beside it.
func TestPriority(t *testing.T) {
	five, six := uint16(5), uint16(6)
	data := func(more map[string]any) map[string]any {
		d := map[string]any{"weight": 1.0, "port": 2.0, "target": "a.example.net"}
		maps.Copy(d, more)
		return d
	}
	for _, tt := range []struct {
		r    Record
		want string
	}{
		{Record{Data: data(map[string]any{"priority": 5.0})}, ""},
		{Record{Data: data(map[string]any{"priority": 5.0}), Priority: &five}, ""},
		{Record{Data: data(map[string]any{"priority": 5.0}), Priority: &six}, "priority: found 6, while data.priority is 5, allowed: two that agree (give one of the two)"},
		{Record{Data: data(map[string]any{"priority": "x"})}, "data.priority: found x, allowed: a whole number from 0 to 65535"},
		{Record{Data: data(nil)}, "priority: found nothing, allowed: a whole number from 0 to 65535"},
	} {
		tt.r.Type, tt.r.Name = "SRV", "_a._tcp"
		tx := world(t, "zone example.com").Txn()
		err := tx.PutRecord("example.com", tt.r)
		if fmt.Sprint(err) != tt.want && (err != nil || tt.want != "") {
			t.Errorf("%+v: %v, want %s", tt.r, err, tt.want)
		}
	}
}

func TestTypeFaults(t *testing.T) {
	ten := uint16(10)
	for _, tt := range []struct {
		name string
		r    Record
		want []string
	}{
		{"CAA: words", Record{Type: "CAA", Content: "x is-sue a b"}, []string{
			`content: found "x" as flags in "x is-sue a b", allowed: a whole number from 0 to 255 (the whole is written as in 0 issue "ca.example")`,
			`content: found "is-sue" as tag in "x is-sue a b", allowed: a tag of letters and digits, such as "issue", "issuewild" or "iodef" (the whole is written as in 0 issue "ca.example")`,
			`content: found "x is-sue a b", allowed: as in 0 issue "ca.example" (there is more than belongs to the type)`,
		}},
		{"CAA: data", Record{Type: "CAA", Data: map[string]any{"flag": 0.0, "tag": true, "value": "x"}}, []string{
			"data.flags: found nothing, allowed: a whole number from 0 to 255",
			`data.tag: found true, allowed: a tag of letters and digits, such as "issue", "issuewild" or "iodef"`,
			`data.flag: found the unknown key "flag", allowed: flags, tag, value`,
		}},
		{"nothing", Record{Type: "SSHFP"}, []string{`content: found nothing, allowed: as in "4 2 123456…" (algorithm, type, fingerprint in hexadecimal) (or give data: algorithm, type, fingerprint)`}},
		{"both, and they differ", Record{Type: "SSHFP", Content: "4 2 aa", Data: map[string]any{"algorithm": 4.0, "type": 2.0, "fingerprint": "bb"}}, []string{`content: found "4 2 aa", while data says "4 2 bb", allowed: content and data that agree (give one of the two)`}},
		{"data of a type without", Record{Type: "A", Content: "203.0.113.1", Data: map[string]any{"x": 1}}, []string{"data: found data, allowed: no such field: an A record has content alone"}},
		{"MX without priority", Record{Type: "MX", Content: "mail.example.net"}, []string{"priority: found nothing, allowed: a whole number from 0 to 65535"}},
		{"MX with the priority inside", Record{Type: "MX", Content: "10 mail.example.net", Priority: &ten}, []string{`content: found "10 mail.example.net", allowed: as in "mail.example.com", with priority: 10 (the priority is a field of its own, beside content)`}},
		{"a quote that does not close", Record{Type: "CAA", Content: `0 issue "x`}, []string{`content: found "0 issue \"x", allowed: as in 0 issue "ca.example" (the closing quote is missing)`}},
		{"SVCB: a comment", Record{Type: "SVCB", Content: "1 . alpn=h2 ; x"}, []string{`content: found "alpn=h2 ; x" as value in "1 . alpn=h2 ; x", allowed: parameters as key=value with blanks between them, such as alpn="h2" port=8443 (the whole is written as in 1 svc.example.com alpn="h2" (priority, target, value))`}},
		{"SVCB: another line", Record{Type: "SVCB", Data: map[string]any{"priority": 1.0, "target": ".", "value": "alpn=h2\nx A 1.2.3.4"}}, []string{`data.value: found "alpn=h2\nx A 1.2.3.4", allowed: parameters as key=value with blanks between them, such as alpn="h2" port=8443`}},
		{"LOC: words", Record{Type: "LOC", Content: "here; there"}, []string{`content: found "here; there", allowed: as in "51 30 12.748 N 0 7 39.612 W 10m 1m 100m 10m" (or give data: lat_degrees, lat_minutes, lat_seconds, lat_direction, long_degrees, long_minutes, long_seconds, long_direction, altitude, size, precision_horz, precision_vert)`}},
		{"half a byte", Record{Type: "TLSA", Content: "3 1 1 abc"}, []string{`content: found "abc" as certificate in "3 1 1 abc", allowed: hexadecimal digits, two for each byte (the whole is written as in "3 1 1 0c72…" (usage, selector, matching_type, certificate in hexadecimal))`}},
		{"proxied", Record{Type: "SRV", Content: "1 2 a.example.net", Priority: &ten, Proxied: true}, []string{"proxied: found true, allowed: false: only A, AAAA and CNAME records can be proxied"}},
		{"settings", Record{Type: "A", Content: "203.0.113.1", Settings: &RecordSettings{IPv4Only: true, FlattenCNAME: true}}, []string{
			"settings.ipv4_only: found true, allowed: false: it is about the addresses of a proxied name, and this record is not proxied",
			"settings.flatten_cname: found true, allowed: false: only CNAME records are flattened",
		}},
		{"settings that leave nothing", Record{Type: "CNAME", Content: "a.example.net", Proxied: true, Settings: &RecordSettings{IPv4Only: true, IPv6Only: true, FlattenCNAME: true}}, []string{
			"settings.ipv6_only: found true, allowed: one of ipv4_only and ipv6_only: with both the name has no address",
			"settings.flatten_cname: found true, allowed: false: a proxied CNAME is hidden in any case",
		}},
		{"NS beside another", Record{Type: "NS", Name: "www", Content: "ns.example.net"}, []string{"name: found an NS record beside the A record of www.example.com, allowed: NS and DS records alone at a name below the zone's own (record ID is in the way)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := world(t, "zone example.com\n www.example.com A 203.0.113.9")
			if tt.r.Name == "" {
				tt.r.Name = "x"
			}
			var got []string
			for _, e := range FieldErrors(z.Txn().PutRecord("example.com", tt.r)) {
				for r := range z.Records("example.com") {
					e.Hint = strings.ReplaceAll(e.Hint, r.ID, "ID")
				}
				got = append(got, e.Error())
			}
			diff(t, tt.want, got)
		})
	}
}

func TestZoneSettings(t *testing.T) {
	tx := new(Zones).Txn()
	bad := Zone{Name: "example.com", DNSSettings: &DNSSettings{NSTTL: 1, SOA: &SOA{MName: "a b", Refresh: 1, Retry: 1, Expire: 1, MinTTL: 1, TTL: 1}}}
	var got []string
	for _, e := range FieldErrors(tx.PutZone(bad)) {
		got = append(got, e.Error())
	}
	diff(t, []string{
		"dns_settings.ns_ttl: found 1, allowed: 30 to 86400 seconds",
		"dns_settings.soa.refresh: found 1, allowed: 600 to 86400 seconds",
		"dns_settings.soa.retry: found 1, allowed: 600 to 3600 seconds",
		"dns_settings.soa.expire: found 1, allowed: 86400 to 2419200 seconds",
		"dns_settings.soa.min_ttl: found 1, allowed: 60 to 86400 seconds",
		"dns_settings.soa.ttl: found 1, allowed: 1800 to 3600 seconds",
		`dns_settings.soa.mname: found "a b", allowed: a host name, such as "ns1.example.net"`,
	}, got)
	good := Zone{ID: "z", Name: "example.com", DNSSettings: &DNSSettings{NSTTL: 60, MultiProvider: true, SOA: &SOA{MName: "NS1.example.net", RName: "me.example.net", Refresh: 600, MinTTL: 1800, TTL: 1800}}}
	if err := tx.PutZone(good); err != nil {
		t.Fatal(err)
	}
	if err := tx.PutRecord("z", Record{Type: "NS", Name: "@", Content: "ns1.example.net"}); err != nil {
		t.Fatal(err)
	}
	z := tx.Commit()
	s := New(func() *Zones { return z }, Options{})
	soa := "SOA ns1.example.net. me.example.net. 2350000001 600 2400 604800 1800"
	diff(t, []string{"NOERROR aa", "example.com. 1800 IN " + soa}, shown(ask(t, s, overUDP, question("example.com.", dns.TypeSOA))))
	diff(t, []string{"NXDOMAIN aa", "; example.com. 1800 IN " + soa}, shown(ask(t, s, overUDP, question("x.example.com.", dns.TypeA))))
	ns := shown(ask(t, s, overUDP, question("example.com.", dns.TypeNS)))
	if len(ns) != 4 || !slices.Contains(ns, "example.com. 300 IN NS ns1.example.net.") || !strings.HasPrefix(ns[1], "example.com. 60 IN NS ") {
		t.Errorf("%q", ns)
	}
	if d := cmp.Diff(&good, func() *Zone { doc, _ := z.Zone("z"); doc.NameServers = nil; return doc }()); d != "" {
		t.Error(d)
	}
}
