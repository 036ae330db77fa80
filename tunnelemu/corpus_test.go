package tunnelemu

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// corpus makes up questions to the commands: mostly valid configurations, with a slip now and then.
type corpus struct{ *rand.Rand }

func newCorpus(seed uint64) *corpus { return &corpus{rand.New(rand.NewPCG(seed, 0))} }

// questions makes up n cases: of three, one validates a file, one asks for a URL's rule, and one validates a file and
// a JSON document by turns.
func (g *corpus) questions(n int) []question {
	list := make([]question, 0, n)
	for len(list) < n {
		config := g.config()
		list = append(list, question{config, []string{"validate"}}, question{config, []string{"rule", g.url()}})
		if g.IntN(2) == 0 {
			list = append(list, question{"tunnel: x\n", []string{"validate", "--json", g.document()}})
		} else {
			list = append(list, question{config, []string{"rule", g.url()}})
		}
	}
	return list[:n]
}

func (g *corpus) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g *corpus) config() string {
	var b strings.Builder
	if g.IntN(4) == 0 {
		b.WriteString(g.pick("tunnel: abc\n", "tunnel: 5\n", "protocol: quic\n", "protocol: 5\n", "metrics: localhost:0\n", "grace-period: 10s\n", "grace-period: 5\n", "no-autoupdate: true\n", "no-autoupdate: 'true'\n",
			"url: http://localhost\n", "Ingres: []\n", "hello-world: true\n", "warp-routing: {enabled: true}\n", "warp-routing: {tcpKeepAlive: 3s}\n", "retries: 3\n", "retries: 0x3\n", "retries: 3e0\n", "edge: [a, b]\n", "tag: [1]\n", "x: &x {service: 'http_status:418'}\n",
			"logfile: 2001-01-01\n", "label: !!str 5\n", "ha-connections: 9223372036854775808\n", "socks5: off\n", "name: ~\n"))
	}
	if g.IntN(4) == 0 {
		b.WriteString("originRequest:\n  " + g.option() + "\n")
	}
	if g.IntN(30) == 0 {
		b.WriteString("ingress:\n  " + g.pick("[]", "a: b", "x", "- x", "- []", "-", "- {}") + "\n")
		return b.String()
	}
	b.WriteString("ingress:\n")
	n := 1 + g.IntN(7)
	for i := range n {
		last := i == n-1
		b.WriteString("  - service: " + g.service() + "\n")
		if host := g.host(); host != "" && (!last || g.IntN(20) == 0) {
			fmt.Fprintf(&b, "    hostname: %s\n", host)
		} else if !last && g.IntN(20) != 0 {
			b.WriteString("    path: " + g.path() + "\n")
		}
		if g.IntN(4) == 0 && !strings.Contains(b.String()[strings.LastIndex(b.String(), "- service"):], "path:") && !last {
			b.WriteString("    path: " + g.path() + "\n")
		}
		if g.IntN(4) == 0 {
			b.WriteString("    originRequest:\n      " + g.option() + "\n")
			if g.IntN(3) == 0 {
				b.WriteString("      " + g.option() + "\n")
			}
		}
	}
	return b.String()
}

func (g *corpus) service() string {
	if g.IntN(40) == 0 {
		return g.pick("localhost:80", "http://localhost/", "http://h/x", "127.0.0.1:80", "http_status:99", "http_status:1000", "''", "~", "nonsense", "http://", "http://[::1", "http://h:x", "[a]", "socks", "'http_status:40 4'", "http://%zz", "5", "'http://h/?q'", "'#'", "http:/h", "tcp://", "'unix'", "http://a\\b", "Unix:/x", "HTTP_STATUS:404", "hello", "hello_world/", "bastion:22", "socks-proxy:1", "tcp://h/p", "ssh://", "http://u@", "http://h:-1", "http://h#/f/", "ftp://h/", "http://\ttab")
	}
	return g.pick("http://localhost:8080", "https://10.0.0.1", "http_status:404", "http_status:503", "hello_world", "hello-world", "unix:/a/b", "unix+tls:/a", "ws://h", "wss://h:1", "tcp://h", "tcp://[::1]", "ssh://h", "ssh://u@h", "rdp://h:1", "smb://h?x", "foo://h", "foo://h:9", "bastion", "socks-proxy",
		"HTTP://Host:1", "http://u:p@h", "'http://h?q=1#f'", "https://[::1]:443", "http://h_x", "http://ümlaut", "http://h.", "http_status:0200", "http_status:+404", "http_status:999", "rdp://[fe80::1]:3389", "smb://nas", "ssh://10.0.0.1:2222", "udp://h:53", "wss://h", "WSS://H", "https://h:65536", "http://127.0.0.1:3000", "unix:relative", "unix:", "unix+tls:", "'http://h:'", "\"http://h\"", "!!str http://h", "TCP://h", "tcp://h:")
}

func (g *corpus) host() string {
	if g.IntN(40) == 0 {
		return g.pick("a.*.com", "'*.*.com'", "a.com:80", "'*a.com'", "'*.'", "'[::1]'", "'::1'", "'fe80::1%eth0'", "'*'", "''", "5", "true", "1.5", "~", "'a b'", "[a]", "'*.com:1'", "-a.com", "a..com", "xn--", ".a.com", "a.com.")
	}
	return g.pick("", "a.com", "b.a.com", "'*.a.com'", "'*.com'", "B.A.com", "môô.com", "xn--m-xgaa.com", "'*.môô.com'", "STRASSE.de", "straße.de", "c_d.com", "'*.b.a.com'", "'*.A.com'", "faß.de", "'*.straße.de'", "localhost", "10.0.0.1", "a_b.a.com", "xn--strae-oqa.de", "'*.xn--m-xgaa.com'", "日本.jp")
}

func (g *corpus) path() string {
	if g.IntN(40) == 0 {
		return g.pick("'['", "'(?=x)'", "'a**'", "'(?P<x'", "''", "5", "~", "'\\'")
	}
	return g.pick("/api", "'^/api$'", "'\\.png$'", "/x/y", "'(?i)/API'", "'[0-9]+'", "'ü'", "' '", "'/a|/b'", "'.'", "'^/$'", "'(/|^)api(/|$)'", "'\\.(css|js|png)$'", "'%2F'", "'\\d'", "'^$'", "'/x{1,2}/y'", "'[[:alpha:]]+\\.png'")
}

func (g *corpus) option() string {
	if g.IntN(12) == 0 {
		return g.pick("connectTimeout: 5", "tlsTimeout: x", "noTLSVerify: 'true'", "keepAliveConnections: x", "proxyPort: -1", "connecttimeout: 5s", "unknown: x", "access: {required: true, audTag: [a]}", "access: []", "ipRules: {a: b}", "ipRules: [{prefix: x}]", "caPool: []", "noHappyEyeballs: 2", "http2Origin: sure", "access: {required: 'true'}", "ipRules: [{prefix: 1.2.3.4/33}]", "ipRules: [{prefix: 1.2.3.4/8, ports: [a]}]", "keepAliveConnections: 99999999999999999999", "keepAliveConnections: 1e3", "proxyPort: 1.0", "tcpKeepAlive: 1d", "access: {audTag: [1, true]}")
	}
	return g.pick("connectTimeout: 5s", "tlsTimeout: 1m30s", "tcpKeepAlive: 500ms", "noHappyEyeballs: true", "keepAliveConnections: 3", "keepAliveTimeout: 1h", "httpHostHeader: x", "originServerName: y", "matchSNItoHost: yes", "caPool: /nope", "noTLSVerify: on", "disableChunkedEncoding: true", "bastionMode: true", "bastionMode: false", "proxyAddress: x", "proxyPort: 80", "proxyType: socks", "ipRules: [{prefix: 10.0.0.0/8, ports: [1, 2], allow: true}]", "http2Origin: 'on'", "access: {required: true}", "access: {required: true, teamName: t, audTag: [a]}", "access:", "ipRules:", "access: {required: false, audTag: [a]}", "access: {required: true, teamName: t}", "access: {environment: fed}", "ipRules: []", "ipRules: [{prefix: '::/0'}]", "ipRules: [{prefix: 1.2.3.4/8, ports: [0]}]", "ipRules: [{allow: true}]", "proxyType: ''", "httpHostHeader: ''", "keepAliveTimeout: 0s", "connectTimeout: -1s", "tlsTimeout: 1h2m3s4ms", "http2Origin: false", "tcpKeepAlive:")
}

func (g *corpus) url() string {
	return g.pick("https://", "http://", "//", "ftp://", "") + g.pick("a.com", "b.a.com", "c.b.a.com", "B.A.com", "A.COM", "môô.com", "xn--m-xgaa.com", "x.môô.com", "x.xn--m-xgaa.com", "straße.de", "strasse.de", "xn--strae-oqa.de", "[::1]", "a.com:8080", "[::1]:80", "c_d.com", "x.com", "com", ".a.com", "a.com.", "5", "true", "", "*a.com", "u:p@a.com", "u@b.a.com:1", "faß.de", "xn--fa-hia.de", "localhost:8080", "10.0.0.1", "日本.jp", "xn--wgv71a.jp", "x.A.com", "a_b.a.com", "a.com:", "a%2ecom", "[::1]:", "[fe80::1%25eth0]:80") +
		g.pick("", "/", "/api", "/v1/api?x", "/%61pi", "/a.png", "/API", "/x%2Fy", "/x/y", "/7", "/%C3%BC", "/ü", "/a%20b", "/?q=/api", "/#/api", "/%zz", "/b", "//x//y", "/x/../api", "/%2e%2e/api", "/A.PNG", "/a.css?v=1", "/xx/y", "/%2Fapi", "/api/", "?api", "#api", "/\u00a0")
}

// document is a configuration in the API's form.
func (g *corpus) document() string {
	if g.IntN(20) == 0 {
		return g.pick("", "{}", "[]", "null", "{", `{"ingress":null}`, `{"ingress":[null]}`, `{"ingress":{}}`, `{"ingress":["x"]}`, `"x"`, "5", `{"ingress":[]}`, `{"ingress":[{}]}`)
	}
	key := func(s string) string {
		switch g.IntN(8) {
		case 0:
			s = strings.ToUpper(s)
		case 1:
			s = strings.ToLower(s)
		}
		return s
	}
	text := func(yaml string) string {
		b, _ := json.Marshal(strings.Trim(yaml, "'\""))
		return string(b)
	}
	var rules []string
	n := 1 + g.IntN(4)
	for i := range n {
		rule := fmt.Sprintf("%q:%s", key("service"), text(g.service()))
		if last := i == n-1; !last || g.IntN(20) == 0 {
			rule += fmt.Sprintf(",%q:%s", key("hostname"), text(g.host()))
			if g.IntN(3) == 0 {
				rule += fmt.Sprintf(",%q:%s", key("path"), text(g.path()))
			}
		}
		if g.IntN(2) == 0 {
			rule += fmt.Sprintf(",%q:{%s}", key("originRequest"), g.member(key))
		}
		rules = append(rules, "{"+rule+"}")
	}
	doc := fmt.Sprintf("%q:[%s]", key("ingress"), strings.Join(rules, ","))
	if g.IntN(3) == 0 {
		doc += fmt.Sprintf(",%q:{%s}", key("originRequest"), g.member(key))
	}
	if g.IntN(6) == 0 {
		doc += g.pick(`,"warp-routing":{"enabled":true}`, `,"warp-routing":{"connectTimeout":5}`, `,"warp-routing":{"connectTimeout":"5s"}`, `,"foo":1`, `,"url":"http://x"`, `,"tunnel":5`)
	}
	return "{" + doc + "}"
}

// member is a key of originRequest in the API's form.
func (g *corpus) member(key func(string) string) string {
	number := func() string {
		return g.pick("5", "0", "-1", "90", "null", `"5s"`, "5.0", "1.5", "1e2", "true", `"5"`, "[]")
	}
	truth := func() string { return g.pick("true", "false", "true", "false", "null", `"yes"`, "1", `"true"`) }
	word := func() string { return g.pick(`"x"`, `""`, `"host.example.com"`, "null", "5", "true") }
	switch name := g.pick("connectTimeout", "tlsTimeout", "tcpKeepAlive", "keepAliveTimeout", "keepAliveConnections", "proxyPort", "noHappyEyeballs", "matchSNItoHost", "noTLSVerify", "disableChunkedEncoding", "bastionMode", "http2Origin", "httpHostHeader", "originServerName", "caPool", "proxyAddress", "proxyType", "ipRules", "access", "unknown"); name {
	case "connectTimeout", "tlsTimeout", "tcpKeepAlive", "keepAliveTimeout", "keepAliveConnections", "proxyPort":
		return fmt.Sprintf("%q:%s", key(name), number())
	case "httpHostHeader", "originServerName", "caPool", "proxyAddress", "proxyType":
		return fmt.Sprintf("%q:%s", key(name), word())
	case "ipRules":
		return fmt.Sprintf("%q:%s", key(name), g.pick("[]", "null", `[{"prefix":"10.0.0.0/8","ports":[80],"allow":true}]`, `[{"prefix":"10.0.0.0"}]`, `[{"prefix":"::/0","ports":[70000]}]`, `[{"Prefix":"1.2.3.4/8","PORTS":null}]`, `[{"ports":[1]}]`, "{}", `[{"prefix":"1.2.3.4/8","ports":["80"]}]`))
	case "access":
		return fmt.Sprintf("%q:%s", key(name), g.pick("null", "{}", `{"required":true}`, `{"required":true,"audTag":["a"]}`, `{"required":true,"audTag":["a"],"teamName":"t"}`, `{"REQUIRED":true,"audtag":["a"],"TEAMNAME":"t","environment":"fed"}`, `{"audTag":"a"}`, `[]`, `{"required":"true"}`))
	case "unknown":
		return fmt.Sprintf("%q:%s", name, word())
	default:
		return fmt.Sprintf("%q:%s", key(name), truth())
	}
}
