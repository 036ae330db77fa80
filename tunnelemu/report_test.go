package tunnelemu

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	valid   = ""
	warning = Class("warning")
)

// verdicts are what the real command says: the class of the error, valid, or a warning about unknown keys.
var verdicts = []struct {
	name, config string
	want         Class
}{
	{"host rule and catch-all", "ingress:\n- {hostname: a.example.com, service: http://localhost:1}\n- service: http_status:404\n", valid},
	{"no ingress key", "tunnel: x\n", ClassNoRules},
	{"empty ingress", "ingress: []\n", ClassNoRules},
	{"null ingress", "ingress:\n", ClassNoRules},
	{"null rule", "ingress: [null]\n", ClassNoRules},
	{"null document", "--- \n", ClassNoRules},
	{"empty file", "", ClassNoConfig},
	{"comment only", "# nothing\n", ClassNoConfig},
	{"list", "[]\n", ClassType},
	{"second document ignored", "ingress:\n- service: http_status:404\n---\nfoo: [\n", valid},
	{"byte order mark", "\ufeffingress:\n- service: http_status:404\n", valid},
	{"last rule has hostname", "ingress:\n- {hostname: a, service: http_status:404}\n", ClassNoCatchAll},
	{"last rule has path", "ingress:\n- {path: a, service: http_status:404}\n", ClassNoCatchAll},
	{"first is catch-all", "ingress:\n- service: http_status:404\n- service: http_status:404\n", ClassShadowing},
	{"first is star", "ingress:\n- {hostname: '*', service: http_status:404}\n- service: http_status:404\n", ClassShadowing},
	{"star with path first", "ingress:\n- {hostname: '*', path: x, service: http_status:404}\n- service: http_status:404\n", valid},
	{"single star", "ingress:\n- {hostname: '*', service: http_status:404}\n", valid},
	{"unquoted wildcard", "ingress:\n- hostname: *.example.com\n  service: http_status:404\n", ClassSyntax},
	{"broken", "ingress: [\n", ClassSyntax},
	{"duplicate ingress", "ingress: []\ningress:\n- service: http_status:404\n", ClassSyntax},
	{"duplicate below an untyped key", "x: {a: 1, a: 2}\ningress:\n- service: http_status:404\n", ClassSyntax},
	{"list as key", "x: {[a]: 1}\ningress:\n- service: http_status:404\n", ClassSyntax},
	{"ingress is a map", "ingress: {a: b}\n", ClassType},
	{"merge", "x: &r {service: http_status:404}\ningress:\n- {<<: *r, hostname: a}\n- *r\n", valid},
	{"unknown top-level key", "bar: 1\ningress:\n- service: http_status:404\n", valid},
	{"tunnel is a number", "tunnel: 5\ningress:\n- service: http_status:404\n", valid},
	{"tunnel is a list", "tunnel: [a]\ningress:\n- service: http_status:404\n", ClassType},
	{"url and ingress", "url: http://x\ningress:\n- service: http_status:404\n", ClassConflict},
	{"empty url and ingress", "url: ''\ningress:\n- service: http_status:404\n", valid},
	{"ha-connections word", "ha-connections: four\ningress:\n- service: http_status:404\n", ClassType},
	{"ha-connections quoted", "ha-connections: '4'\ningress:\n- service: http_status:404\n", ClassType},
	{"ha-connections float", "ha-connections: 4.0\ningress:\n- service: http_status:404\n", ClassType},
	{"grace-period number", "grace-period: 30\ningress:\n- service: http_status:404\n", ClassType},
	{"grace-period word", "grace-period: xx\ningress:\n- service: http_status:404\n", ClassType},
	{"grace-period", "grace-period: 10s\ningress:\n- service: http_status:404\n", valid},
	{"no-autoupdate yes", "no-autoupdate: yes\ningress:\n- service: http_status:404\n", ClassType},
	{"no-autoupdate absent value", "no-autoupdate:\ningress:\n- service: http_status:404\n", ClassType},
	{"edge scalar", "edge: a\ningress:\n- service: http_status:404\n", ClassType},
	{"edge list of numbers", "edge: [5]\ningress:\n- service: http_status:404\n", ClassType},
	{"flag alias is not read", "cred-file: 5\ningress:\n- service: http_status:404\n", valid},
	{"flag of run is not read", "max-active-flows: x\ningress:\n- service: http_status:404\n", valid},
	{"warp-routing enabled", "warp-routing: {enabled: true}\ningress:\n- service: http_status:404\n", warning},
	{"warp-routing number", "warp-routing: {connectTimeout: 5}\ningress:\n- service: http_status:404\n", ClassType},
	{"warp-routing negative", "warp-routing: {maxActiveFlows: -5}\ningress:\n- service: http_status:404\n", ClassType},
	{"warp-routing scalar", "warp-routing: true\ningress:\n- service: http_status:404\n", ClassType},
	{"unknown rule key", "ingress:\n- {service: http_status:404, foo: 1}\n", warning},
}

// hostVerdicts are hostnames of a rule that is not the last.
var hostVerdicts = map[string]Class{
	"a.*.example.com": ClassWildcard, "*.*.example.com": ClassWildcard, "example.*": ClassWildcard, "**": ClassWildcard, "a*": ClassWildcard,
	"*a.example.com": valid, "*.": valid, "a.example.com:443": ClassHostPort, "a:": ClassHostPort, ":80": ClassHostPort,
	"[::1]:443": ClassHostPort, "*:80": ClassHostPort, "http://x": ClassHostPort, "[]:1": ClassHostPort,
	"[::1]": valid, "::1": valid, "a:b:c": valid, "a/b": valid, "[a": valid, "a]:1": valid, "a[b:1": valid, "[::1]x:80": valid,
	"môô.cloudflare.com": valid, " ": valid, "": ClassShadowing,
}

// serviceVerdicts are services of a lone rule.
var serviceVerdicts = map[string]Class{
	"http://localhost:8000/api": ClassServicePath, "http://localhost:8000/": ClassServicePath, "ws://h/": ClassServicePath,
	"http://localhost:8000?x=1": valid, "http://u:p@localhost:1": valid, "http://h#f": valid, "http://h:99999": valid, "http://h:": valid,
	"localhost:8000": ClassAddress, "": ClassAddress, "warp-routing": ClassAddress, "http://": ClassAddress, "//h": ClassAddress, "http:h": ClassAddress, "http://:80": ClassAddress, "http:///": ClassAddress, "Hello-World": ClassAddress, "http_status": ClassAddress,
	"127.0.0.1:8000": ClassUnparsable, "http://localhost:abc": ClassUnparsable, "http://h h": ClassUnparsable, "https://h%41": ClassUnparsable, "HTTP_STATUS:200": ClassUnparsable,
	"foo://localhost:1": valid, "udp://localhost:1": valid, "rdp://127.0.0.1": valid, "ws://h": valid, "wss://h": valid, "HTTP://h": valid,
	"unix:/x.sock": valid, "unix+tls:/x.sock": valid, "unix:": valid, "hello_world": valid, "hello-world": valid, "bastion": valid, "socks-proxy": valid,
	"http_status:99": ClassStatus, "http_status:1000": ClassStatus, "http_status:abc": ClassStatus, "http_status: 404": ClassStatus, "http_status:": ClassStatus,
	"http_status:100": valid, "http_status:999": valid, "http_status:0404": valid, "http_status:+200": valid,
}

// originVerdicts are originRequest blocks of a rule with an http service, or with socks-proxy when they hold ipRules.
var originVerdicts = map[string]Class{
	"connectTimeout: 10s": valid, "connectTimeout: 10": ClassType, "connectTimeout: ten": ClassType, "connectTimeout: '10'": ClassType, "connectTimeout: '0'": valid, "connectTimeout: -5s": valid, "connectTimeout: 1.5h": valid, "connectTimeout: 1.5": ClassType, "connectTimeout: ''": ClassType, "connectTimeout: ": valid, "connectTimeout: [1]": ClassType,
	"keepAliveConnections: many": ClassType, "keepAliveConnections: '5'": ClassType, "keepAliveConnections: 1.5": valid, "keepAliveConnections: 0x10": valid, "keepAliveConnections: -1": valid,
	"noTLSVerify: 'yes'": valid, "noTLSVerify: yes": valid, "noTLSVerify: 'Yes'": valid, "noTLSVerify: 'on'": valid, "noTLSVerify: y": valid, "noTLSVerify: 'true'": ClassType, "noTLSVerify: 1": ClassType, "noTLSVerify: ": valid,
	"proxyPort: -1": ClassType, "proxyPort: 70000": valid, "proxyType: foo": valid, "httpHostHeader: 5": valid, "httpHostHeader: [a]": ClassType,
	"connecttimeout: 3s": warning, "foo: 1": warning, "caPool: /does/not/exist.pem": valid,
	"access: {required: true, audTag: [x]}": ClassAccess, "access: {required: true}": valid, "access: {audTag: [x]}": valid, "access: {audtag: [x]}": warning, "access: {required: true, audTag: x}": ClassType, "access: {required: true, audTag: [x], teamName: t}": valid,
	"ipRules: [{prefix: 10.0.0.0}]": ClassIPRule, "ipRules: [{prefix: 10.0.0.0/8, ports: [70000]}]": ClassIPRule, "ipRules: [{ports: [80]}]": ClassIPRule, "ipRules: [{prefix: 10.0.0.1/8, ports: [80], allow: true}]": valid, "ipRules: [null]": valid, "ipRules: [{prefix: '::/0', ports: 80}]": ClassType, "ipRules: [{prefix: '::/0', foo: 80}]": warning,
}

// allVerdicts are the tables above as whole files.
func allVerdicts() map[string]struct {
	config string
	want   Class
} {
	all := map[string]struct {
		config string
		want   Class
	}{}
	add := func(name, config string, want Class) {
		all[name] = struct {
			config string
			want   Class
		}{config, want}
	}
	for _, v := range verdicts {
		add(v.name, v.config, v.want)
	}
	for host, want := range hostVerdicts {
		add("hostname "+host, "ingress:\n- {hostname: '"+host+"', service: http_status:404}\n- service: http_status:404\n", want)
	}
	for service, want := range serviceVerdicts {
		add("service "+service, "ingress:\n- service: '"+service+"'\n", want)
	}
	for option, want := range originVerdicts {
		service := "http://localhost:1"
		if strings.HasPrefix(option, "ipRules") {
			service = "socks-proxy"
		}
		add("option "+option, "ingress:\n- service: "+service+"\n  originRequest:\n    "+option+"\n", want)
	}
	for path, want := range map[string]Class{"[": ClassRegexp, "(?=x)": ClassRegexp, "^/a$": valid, "5": valid} {
		add("path "+path, "ingress:\n- {path: '"+path+"', service: http_status:404}\n- service: http_status:404\n", want)
	}
	add("top-level bastionMode", "originRequest: {bastionMode: true}\ningress:\n- service: http://h/ignored/path\n", valid)
	add("bastionMode off in the rule", "originRequest: {bastionMode: true}\ningress:\n- {service: junk, originRequest: {bastionMode: false}}\n", ClassAddress)
	add("top-level access", "originRequest: {access: {required: true, audTag: [x]}}\ningress:\n- service: http_status:404\n", valid)
	add("top-level ipRules", "originRequest: {ipRules: [{prefix: 10.0.0.0}]}\ningress:\n- service: socks-proxy\n", valid)
	return all
}

func TestValidateReport(t *testing.T) {
	for name, v := range allVerdicts() {
		t.Run(name, func(t *testing.T) {
			got := ValidateReport("t.yml", []byte(v.config))
			switch v.want {
			case valid:
				want := Report{Stdout: "Validating rules from t.yml\nOK\n"}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("report (-want +got):\n%s", diff)
				}
			case warning:
				if got.Code != 0 || strings.Contains(got.Stdout, "OK") || !strings.Contains(got.Stdout, "unknown key") || got.Stderr != "" {
					t.Errorf("want a warning, got %+v", got)
				}
			default:
				if got.Code != 1 || got.Stderr == "" || strings.Contains(got.Stdout, "OK") {
					t.Errorf("want class %s, got %+v", v.want, got)
				}
			}
		})
	}
}

// What ParseConfig itself refuses has the class that the table says. The commands alone refuse to have no rules, and
// url beside ingress.
func TestParseConfigClasses(t *testing.T) {
	for name, v := range allVerdicts() {
		t.Run(name, func(t *testing.T) {
			_, findings, err := ParseConfig("t.yml", []byte(v.config))
			switch v.want {
			case valid, warning, ClassNoRules, ClassNoConfig, ClassConflict:
				if err != nil {
					t.Fatalf("unexpected error: %v", err)
				}
				if v.want != valid && len(findings) == 0 {
					t.Error("no finding")
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error is %v, want class %s", err, v.want)
			}
			if e.Class != v.want || e.File != "t.yml" || e.Line == 0 || e.Found == "" || e.Allowed == "" {
				t.Errorf("got %#v, want class %s with a place", e, v.want)
			}
		})
	}
}

func TestValidateJSONReport(t *testing.T) {
	for doc, want := range map[string]int{
		`{"ingress":[{"service":"http_status:404"}]}`:                                                                           0,
		`{"INGRESS":[{"SERVICE":"http_status:404","foo":1}],"bar":1}`:                                                           0,
		`{"ingress":[{"service":"http_status:404","originRequest":{"connectTimeout":7}}]}`:                                      0,
		`{"ingress":[{"service":"http_status:404","originRequest":{"connectTimeout":7.0}}]}`:                                    1,
		`{"ingress":[{"service":"http_status:404","originRequest":{"connectTimeout":"7s"}}]}`:                                   1,
		`{"ingress":[{"service":"http_status:404","originRequest":{"connectTimeout":null,"noTLSVerify":null,"ipRules":null}}]}`: 0,
		`{"ingress":[{"service":"http_status:404","originRequest":{"connectTimeout":7e1}}]}`:                                    1,
		`{"ingress":[{"service":"http_status:404","originRequest":{"noTLSVerify":"yes"}}]}`:                                     1,
		`{"ingress":[{"service":"http_status:404","originRequest":{"httpHostHeader":5}}]}`:                                      1,
		`{"ingress":[{"service":"http_status:404","originRequest":{"keepAliveConnections":5.0}}]}`:                              1,
		`{"ingress":[{"service":"http_status:404","originRequest":{"proxyPort":-5}}]}`:                                          1,
		`{"originRequest":{"connectTimeout":99999999999999},"ingress":[{"service":"http_status:404"}]}`:                         0,
		`{"ingress":[]}`:     1,
		`{}`:                 1,
		``:                   1,
		`[]`:                 1,
		`null`:               1,
		`{"ingress":[null]}`: 1,
		`{"ingress":[{"service":"http_status:404"}],"ingress":[{"service":"x"}]}`:                                 1,
		`{"ingress":[{"service":"x"}],"Ingress":[{"service":"http_status:404"}]}`:                                 0,
		`{"ingress":[{"service":"http_status:404"}]} x`:                                                           1,
		`{"ingress":[{"service":"http_status:404"}],}`:                                                            1,
		`{"url":"x","ingress":[{"service":"http_status:404"}]}`:                                                   0,
		`{"tunnel":5,"ingress":[{"service":"http_status:404"}]}`:                                                  0,
		`{"ha-connections":"x","ingress":[{"service":"http_status:404"}]}`:                                        0,
		`{"warp-routing":{"enabled":true},"ingress":[{"service":"http_status:404"}]}`:                             0,
		`{"warp-routing":{"maxActiveFlows":-5},"ingress":[{"service":"http_status:404"}]}`:                        0,
		`{"warp-routing":{"maxActiveFlows":-5}}`:                                                                  1,
		`{"ingress":[{"hostname":"a","service":"http_status:404"}]}`:                                              1,
		`{"ingress":[{"service":"http_status:404","originrequest":{"ACCESS":{"required":true,"AUDTAG":["x"]}}}]}`: 1,
		`{"ingress":{"a":1}}`: 1,
		`{"ingress":[{"service":"socks-proxy","originRequest":{"ipRules":[null]}}]}`: 1,
	} {
		got := ValidateJSONReport([]byte(doc))
		wantOut := "Validating rules from cmdline flag --json\n"
		if want == 0 {
			wantOut += "OK\n"
		}
		if got.Code != want || got.Stdout != wantOut {
			t.Errorf("%s: %+v, want exit code %d", doc, got, want)
		}
	}
}

const elevenRules = `ingress:
- {hostname: app.example.com, path: /api, service: "http://localhost:1"}
- {hostname: app.example.com, path: '^/static/.*\.css$', service: "http://localhost:2"}
- {hostname: app.example.com, service: "http://localhost:3"}
- {hostname: "*.example.com", service: "http://localhost:4"}
- {hostname: "*a.test", service: "http://localhost:5"}
- {hostname: môô.cloudflare.com, service: "http://localhost:6"}
- {hostname: xn--bcher-kva.example.org, service: "http://localhost:7"}
- {hostname: Upper.Example.net, service: "http://localhost:8"}
- {path: '\.(jpg|png)$', service: "tcp://localhost"}
- {hostname: "*.ümlaut.de", service: "http://u:p@localhost:10?x=1"}
- service: http_status:0404
`

var ruleVerdicts = map[string]int{
	"https://app.example.com/api": 0, "https://app.example.com/v1/api2": 0, "https://app.example.com:8443/api": 0, "https://app.example.com/%61pi": 0,
	"https://app.example.com/static/x.css": 1, "https://app.example.com/static/x.css?q": 1,
	"https://app.example.com/": 2, "https://app.example.com/API": 2, "https://app.example.com": 2,
	"https://b.example.com/": 3, "https://a.b.example.com/": 3, "https://APP.example.com/": 3, "https://.example.com": 3,
	"https://example.com/": 10, "https://xa.test/": 10, "https://a.test/": 10, "https://*a.test/": 4,
	"https://môô.cloudflare.com/": 5, "https://xn--m-xgaa.cloudflare.com/": 5,
	"https://xn--bcher-kva.example.org/": 6, "https://bücher.example.org/": 10,
	"https://upper.example.net/": 7, "https://Upper.Example.net/": 7, "https://UPPER.example.net/": 10,
	"https://other.test/x.png": 8, "https://a.xn--mlaut-jva.de/": 10, "https://a.ümlaut.de/": 9,
	"//app.example.com/api": 0, "https:///x": 10, "app.example.com:80": 10, "ftp://app.example.com/api": 0, "https://u:p@app.example.com/api": 0,
	"https://management.argotunnel.com/ping": 10,
	"":                                       -1, "/x": -1, "app.example.com": -1, "https://app.example.com:x/": -1, "https://a b/": -1, "https://foo/%zz": -1,
}

func TestRuleReport(t *testing.T) {
	for url, want := range ruleVerdicts {
		t.Run(url, func(t *testing.T) {
			got := RuleReport("t.yml", []byte(elevenRules), url)
			if want < 0 {
				if got.Code != 1 || got.Stdout != "" || got.Stderr == "" {
					t.Fatalf("want an error, got %+v", got)
				}
				return
			}
			out := map[int]string{
				0:  "Matched rule #0\n\thostname: app.example.com\n\tpath: /api\n\tservice: http://localhost:1\n",
				1:  "Matched rule #1\n\thostname: app.example.com\n\tpath: ^/static/.*\\.css$\n\tservice: http://localhost:2\n",
				2:  "Matched rule #2\n\thostname: app.example.com\n\tservice: http://localhost:3\n",
				3:  "Matched rule #3\n\thostname: *.example.com\n\tservice: http://localhost:4\n",
				4:  "Matched rule #4\n\thostname: *a.test\n\tservice: http://localhost:5\n",
				5:  "Matched rule #5\n\thostname: môô.cloudflare.com\n\tservice: http://localhost:6\n",
				6:  "Matched rule #6\n\thostname: xn--bcher-kva.example.org\n\tservice: http://localhost:7\n",
				7:  "Matched rule #7\n\thostname: Upper.Example.net\n\tservice: http://localhost:8\n",
				8:  "Matched rule #8\n\tpath: \\.(jpg|png)$\n\tservice: tcp://localhost:7864\n",
				9:  "Matched rule #9\n\thostname: *.ümlaut.de\n\tservice: http://u:p@localhost:10?x=1\n",
				10: "Matched rule #10\n\tservice: http_status:404\n",
			}[want]
			if diff := cmp.Diff(Report{Stdout: "Using rules from t.yml\n" + out}, got); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

// The rule command asks for a URL's host without brackets; a request keeps them when it names no port.
func TestRuleReportBrackets(t *testing.T) {
	config := "ingress:\n- {hostname: '::1', service: http_status:201}\n- {hostname: '[::1]', service: http_status:202}\n- {hostname: 'fe80::1%eth0', service: http_status:203}\n- service: http_status:404\n"
	for url, want := range map[string]string{"http://[::1]/": "#0", "http://[::1]:80/": "#0", "http://a:b@[::1]:/": "#0", "http://[fe80::1%25eth0]/": "#2"} {
		if got := RuleReport("t.yml", []byte(config), url); !strings.Contains(got.Stdout, "Matched rule "+want+"\n") {
			t.Errorf("%s: %+v", url, got)
		}
	}
	tunnel := parse(t, config)
	for host, want := range map[string]int{"[::1]": 1, "[::1]:80": 0, "::1": 0} {
		if got := tunnel.Decide(host, "/").Index; got != want {
			t.Errorf("%s: rule %d, want %d", host, got, want)
		}
	}
}

func TestRuleReportBrokenFile(t *testing.T) {
	for config, stdout := range map[string]string{
		"ingress: [":               "",
		"ingress:\n- {service: x}": "Using rules from t.yml\n",
		"ingress: []":              "Using rules from t.yml\n",
		"":                         "Using rules from \n",
	} {
		got := RuleReport("t.yml", []byte(config), "https://x/")
		if got.Code != 1 || got.Stdout != stdout || got.Stderr == "" {
			t.Errorf("%q: %+v", config, got)
		}
	}
	// The rule command does not mind url beside ingress.
	if got := RuleReport("t.yml", []byte("url: x\ningress:\n- service: hello-world\n"), "https://x/"); got.Code != 0 || got.Stdout != "Using rules from t.yml\nMatched rule #0\n\tservice: hello_world\n" {
		t.Errorf("%+v", got)
	}
}
