package world

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValues(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"team with its domain", "team: acme.cloudflareaccess.com", `f:1:7: team: the text "acme.cloudflareaccess.com"; allowed: lower-case letters, digits and hyphens (write "acme")`},
		{"team in capitals", "team: Acme", `f:1:7: team: the text "Acme"; allowed: lower-case letters, digits and hyphens (write it in lower case)`},
		{"workers subdomain", "workers_subdomain: acme.workers.dev", `f:1:20: workers_subdomain: the text "acme.workers.dev"; allowed: lower-case letters, digits and hyphens (write "acme")`},
		{"account id", "account: {id: ACCOUNT_ID}", `f:1:15: account.id: the text "ACCOUNT_ID"; allowed: 32 hexadecimal digits (leave it out to have one made)`},
		{"nameless tunnel", "tunnels: [{}]", `f:1:11: tunnels[0]: a tunnel without id and name; allowed: at least one of them`},
		{"two configurations", "tunnels: [{id: a, config_file: x, config: {ingress: [{service: 'http_status:404'}]}}]", `f:1:43: tunnels[0].config: both config and config_file; allowed: one of them`},
		{"client name", "clients: {'a b': {}}", `f:1:18: clients.a b: the client name "a b"; allowed: letters, digits, dots, hyphens and underscores`},
		{"client address with a zone", "clients: {a: {ip: 'fe80::1%eth0'}}", `f:1:19: clients.a.ip: the address fe80::1%eth0; allowed: an IP address without a zone`},
		{"client country", "clients: {a: {country: Germany}}", `f:1:24: clients.a.country: the text "Germany"; allowed: two capital letters, as DE, or T1`},
		{"origin without a scheme", "origins: {'grafana:3000': 'http://127.0.0.1:1'}", `f:1:27: origins.grafana:3000: "grafana:3000" as an origin, which has no scheme; allowed: scheme://host:port, with http, https, ws, wss, tcp, ssh, rdp or smb`},
		{"origin to a path", "origins: {'http://a': 'http://127.0.0.1:1/'}", `f:1:23: origins.http://a: "http://127.0.0.1:1/" as where an origin is, which has a path or more; allowed: scheme://host:port, with http, https, ws, wss, tcp, ssh, rdp or smb, or unix:/path`},
		{"origin with a bad port", "origins: {'http://a:0': 'http://127.0.0.1:1'}", `f:1:25: origins.http://a:0: "http://a:0" as an origin, whose port is none; allowed: scheme://host:port, with http, https, ws, wss, tcp, ssh, rdp or smb`},
		{"origin of another scheme", "origins: {'ftp://a': 'http://127.0.0.1:1'}", `f:1:22: origins.ftp://a: "ftp://a" as an origin, whose scheme is unknown; allowed: scheme://host:port, with http, https, ws, wss, tcp, ssh, rdp or smb`},
		{"egress without a port", "egress: [api.github.com]", `f:1:10: egress[0]: the text "api.github.com"; allowed: host:port, where host may be *, or start with "*.", and port may be * (write "api.github.com:443")`},
		{"egress with a scheme", "egress: ['https://api.github.com']", `f:1:10: egress[0]: the text "https://api.github.com"; allowed: host:port, where host may be *, or start with "*.", and port may be * (write "api.github.com:443")`},
		{"egress with a bad port", "egress: ['a.com:99999']", `f:1:10: egress[0]: the port "99999"; allowed: host:port, where host may be *, or start with "*.", and port may be *`},
		{"origin twice", "origins: {'http://a': 'http://b', 'http://A:80': 'http://c'}", `f:1:23: origins.http://a: the same origin as at f:1:50; allowed: one of its own`},
		{"egress twice", "egress: ['a.com:443', 'A.com:443']", `f:1:23: egress[1]: the same egress as at f:1:10; allowed: one of its own`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.Join(problemsOf(t, test.text), "\n")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestValuesAccepted(t *testing.T) {
	w := MustParse(`
clients: {default: {ip: "::ffff:203.0.113.10", country: DE, asn: 64496}, tor: {country: T1}, v6: {ip: "2001:db8::1"}}
origins: {"http://grafana:3000": "http://127.0.0.1:13000", "tcp://db:5432": "unix:/run/db.sock", "https://[2001:db8::2]": "https://localhost"}
egress: ["*:443", "*.npmjs.org:443", "127.0.0.1:*", "[::1]:8080", "Registry.example:443"]
`)
	count := map[Kind]int{}
	for d := range w.All("") {
		count[d.Key.Kind]++
	}
	if diff := cmp.Diff(map[Kind]int{KindSettings: 1, KindClient: 3, KindOrigin: 3, KindEgress: 5}, count); diff != "" {
		t.Error(diff)
	}
	d, ok := w.Get(Key{KindClient, "default"})
	if c, _ := d.Value.(*Client); !ok || c.IP.String() != "203.0.113.10" || c.Name != "default" {
		t.Errorf("client: %+v", d)
	}
	if _, ok := w.Get(Key{KindEgress, "registry.example:443"}); !ok {
		t.Error("egress patterns are not in lower case")
	}
}

func TestAbsoluteNames(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"@", "example.com"}, {"example.com", "example.com"}, {"Example.COM.", "example.com"}, {"www", "www.example.com"},
		{"www.example.com", "www.example.com"}, {"*", "*.example.com"}, {"a.b", "a.b.example.com"}, {"xexample.com", "xexample.com.example.com"},
		{"ümlaut", "xn--mlaut-jva.example.com"}, {"_dmarc", "_dmarc.example.com"}, {"www.example.org.", "www.example.org"},
	} {
		if got := absolute(test.name, "example.com"); got != test.want {
			t.Errorf("absolute(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}
