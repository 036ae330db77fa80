package tunnelemu

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the golden files anew; those of the real command's verdicts need it on PATH or in SUNDOG_CLOUDFLARED")

func ptr[T any](v T) *T { return &v }

func seconds(n int) *Duration { return ptr(Duration(time.Duration(n) * time.Second)) }

var ignorePrivate = cmpopts.IgnoreUnexported(Config{})

const everyKey = `tunnel: web
credentials-file: /nope.json
protocol: quic
originRequest:
  connectTimeout: 30s
  tlsTimeout: 1m
  tcpKeepAlive: 5s
  noHappyEyeballs: yes
  keepAliveConnections: 7
  keepAliveTimeout: 2m
  httpHostHeader: host
  originServerName: name
  matchSNItoHost: 'on'
  caPool: /ca.pem
  noTLSVerify: true
  disableChunkedEncoding: false
  bastionMode: false
  proxyAddress: 127.0.0.1
  proxyPort: 1080
  proxyType: ""
  http2Origin: n
  access: {required: false, teamName: acme, audTag: [x, 5], environment: fed}
warp-routing: {connectTimeout: 1s, maxActiveFlows: 5, tcpKeepAlive: 2s}
ingress:
- &first
  hostname: a.example.com
  path: /api
  service: http://localhost:8080
  originRequest:
    ipRules:
    - {prefix: 10.0.0.0/8, ports: [80, 443], allow: true}
- <<: *first
  hostname: b.example.com
- service: http_status:404
`

func TestParseConfigEveryKey(t *testing.T) {
	got, _, err := ParseConfig("config.yml", []byte(everyKey))
	if err != nil {
		t.Fatal(err)
	}
	ip := OriginRequest{IPRules: []IPRule{{Prefix: ptr("10.0.0.0/8"), Ports: []int{80, 443}, Allow: true}}}
	want := &Config{
		File: "config.yml", Tunnel: "web",
		Settings: map[string]any{"credentials-file": "/nope.json", "protocol": "quic"},
		OriginRequest: OriginRequest{
			ConnectTimeout: seconds(30), TLSTimeout: seconds(60), TCPKeepAlive: seconds(5), NoHappyEyeballs: ptr(true),
			KeepAliveConnections: ptr(7), KeepAliveTimeout: seconds(120), HTTPHostHeader: ptr("host"), OriginServerName: ptr("name"),
			MatchSNIToHost: ptr(true), CAPool: ptr("/ca.pem"), NoTLSVerify: ptr(true), DisableChunkedEncoding: ptr(false), BastionMode: ptr(false),
			ProxyAddress: ptr("127.0.0.1"), ProxyPort: ptr(uint(1080)), ProxyType: ptr(""), HTTP2Origin: ptr(false),
			Access: &Access{TeamName: "acme", AudTag: []string{"x", "5"}, Environment: "fed"},
		},
		WarpRouting: WarpRouting{ConnectTimeout: seconds(1), MaxActiveFlows: ptr(uint64(5)), TCPKeepAlive: seconds(2)},
		Ingress: []Rule{
			{Hostname: "a.example.com", Path: "/api", Service: "http://localhost:8080", OriginRequest: ip, Line: 25, Column: 3},
			{Hostname: "b.example.com", Path: "/api", Service: "http://localhost:8080", OriginRequest: ip, Line: 32, Column: 3},
			{Service: "http_status:404", Line: 34, Column: 3},
		},
	}
	if diff := cmp.Diff(want, got, ignorePrivate); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	for field, want := range map[string]Position{
		"protocol":                            {3, 1},
		"originRequest.proxyPort":             {19, 3},
		"originRequest.access.audTag[1]":      {22, 57},
		"ingress[0].service":                  {28, 3},
		"ingress[0].originRequest.ipRules[0]": {31, 7},
		"ingress[1].hostname":                 {33, 3},
		"ingress[2].originRequest.proxyType":  {34, 3},
		"nothing":                             {1, 1},
	} {
		if got := got.At(field); got != want {
			t.Errorf("At(%s) = %v, want %v", field, got, want)
		}
	}
}

// The JSON form of a Config is the API's object, and reads back as the same.
func TestConfigJSON(t *testing.T) {
	want, _, err := ParseConfig("x", []byte(everyKey))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), `"connectTimeout":30,"tlsTimeout":60`) {
		t.Errorf("durations are not seconds: %s", doc)
	}
	got, _, err := ParseJSON("x", doc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, ignorePrivate, cmpopts.IgnoreFields(Rule{}, "Line", "Column"), cmpopts.IgnoreFields(Config{}, "Tunnel", "Settings")); diff != "" {
		t.Errorf("through JSON (-want +got):\n%s", diff)
	}
	var direct Config
	if err := json.Unmarshal(doc, &direct); err != nil || *direct.OriginRequest.TLSTimeout != *seconds(60) {
		t.Errorf("%v %v", direct.OriginRequest.TLSTimeout, err)
	}
}

func TestParseJSONPositions(t *testing.T) {
	_, _, err := ParseJSON("api", []byte("{\n  \"Ingress\": [\n    {\"service\": \"http_status:404\",\n     \"originRequest\": {\"ConnectTimeout\": \"5s\",\n      \"noTLSVerify\": 1}}]}"))
	want := "api:4:42: ingress[0].originRequest.connectTimeout: found the string \"5s\"; allowed: a whole number of seconds; write 5\n" +
		"api:5:22: ingress[0].originRequest.noTLSVerify: found the number 1; allowed: true or false"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_, _, err = ParseJSON("api", []byte("{\n  \"ingress\": [,]}"))
	var e *Error
	if !errors.As(err, &e) || e.Class != ClassSyntax || e.Line != 2 {
		t.Errorf("%v", err)
	}
}

// An inline object keeps the positions of the file around it.
func TestParseObject(t *testing.T) {
	var doc struct{ Config yaml.Node }
	if err := yaml.Unmarshal([]byte("other: 1\nconfig:\n  ingress:\n  - service: localhost:80\n"), &doc); err != nil {
		t.Fatal(err)
	}
	_, _, err := ParseObject("sundog.yaml", &doc.Config)
	if err == nil || !strings.HasPrefix(err.Error(), "sundog.yaml:4:5: ingress[0].service: ") || !strings.Contains(err.Error(), "did you mean http://localhost:80?") {
		t.Errorf("%v", err)
	}
	cfg, _, err := ParseObject("sundog.yaml", &yaml.Node{Kind: yaml.MappingNode})
	if err != nil {
		t.Fatal(err)
	}
	tunnel, err := New(cfg, Options{})
	if err != nil || tunnel.Decide("a", "/").Match != MatchDefault {
		t.Errorf("an API object without rules: %v", err)
	}
}

// Golden files: every error, or finding, of a broken file at once.
func TestGolden(t *testing.T) {
	for _, name := range []string{"six-mistakes", "findings"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", name+".yml"))
			if err != nil {
				t.Fatal(err)
			}
			_, findings, err := ParseConfig(name+".yml", data)
			var b strings.Builder
			for _, f := range findings {
				b.WriteString(f.String() + "\n")
			}
			if err != nil {
				b.WriteString(err.Error() + "\n")
			}
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSyntaxErrors(t *testing.T) {
	for config, want := range map[string]string{
		"ingress:\n- hostname: *example.com # \"*\"\n":         `f:2:13: *example.com without quotes, which YAML takes for a reference to an anchor; allowed: YAML; write "*example.com"`,
		"ingress:\n- hostname: a\n- hostname: *.example.com\n": `f:3:13: *.example.com without quotes, which YAML takes for a reference to an anchor; allowed: YAML; write "*.example.com"`,
		"a: 1\nb: 2\na: 3\n":                                   "f:3:1: a: the key a a second time, after line 1; allowed: each key once",
		"ingress:\n\t- service: x\n":                           "f:2: found character that cannot start any token; allowed: YAML; tabs cannot indent; a value that begins with @, ` or % needs quotes",
		"a: *b\n":                                              `f:1:4: *b without quotes, which YAML takes for a reference to an anchor; allowed: YAML; write "*b"`,
		"x: {[a]: 1}\n":                                        "f:1:5: x: found a list as a key; allowed: a plain word as a key",
		"- 1\n":                                                "f:1:1: found a list; allowed: a mapping with keys such as tunnel and ingress",
		"x: &x [1]\n<<: *x\n":                                  "f:1:8: found the number 1; allowed: a mapping to merge",
	} {
		_, _, err := ParseConfig("f", []byte(config))
		if err == nil || err.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %s", config, err, want)
		}
	}
}

func TestSingleOrigin(t *testing.T) {
	for config, want := range map[string]string{
		"url: http://localhost:8080":               "http://localhost:8080",
		"url: localhost:8080":                      "http://localhost:8080",
		"url: http://localhost:8080/foo/":          "http://localhost:8080",
		"url: localhost":                           "http://localhost",
		"url: 'https://u:p@h:1?x#y'":               "https://h:1",
		"unix-socket: /x.sock":                     "unix:/x.sock",
		"{hello-world: true, url: 'http://x'}":     "hello_world",
		"{url: 'http://x', unix-socket: /x}":       "http://x",
		"":                                         "http_status:503",
		"{hello-world: false, tunnel: x, url: ''}": "http_status:503",
		"originRequest: {connectTimeout: 5s}":      "http_status:503",
	} {
		if got := parse(t, config).Decide("a", "/").Rule.Service; got != want {
			t.Errorf("%s: %s, want %s", config, got, want)
		}
	}
	cfg, _, err := ParseConfig("x", []byte("url: http://h\noriginRequest: {noTLSVerify: true}\nproxy-connect-timeout: 5s\nproxy-keepalive-connections: 7\nhttp-host-header: x\n"))
	if err != nil {
		t.Fatal(err)
	}
	rules, _ := cfg.compile()
	got := rules[0].origin.settings()
	if got.connectTimeout != 5*time.Second || got.keepAliveConnections != 7 || got.hostHeader != "x" || got.noTLSVerify {
		t.Errorf("%+v", got)
	}
	if got := parse(t, "bastion: true").Decide("a", "/").Rule.Service; got != "bastion" {
		t.Errorf("bastion: %s", got)
	}
}

func TestSettingsDefaultsAndInheritance(t *testing.T) {
	cfg, _, err := ParseConfig("x", []byte("originRequest: {connectTimeout: 1s, noTLSVerify: true}\ningress:\n- {hostname: a, service: http://h, originRequest: {noTLSVerify: false, httpHostHeader: x}}\n- service: http://h\n"))
	if err != nil {
		t.Fatal(err)
	}
	rules, _ := cfg.compile()
	base := settings{connectTimeout: time.Second, tlsTimeout: 10 * time.Second, tcpKeepAlive: 30 * time.Second, keepAliveTimeout: 90 * time.Second, keepAliveConnections: 100}
	first, second := base, base
	first.hostHeader, second.noTLSVerify = "x", true
	for i, want := range []settings{first, second} {
		if got := rules[i].origin.settings(); got != want {
			t.Errorf("rule %d: %+v, want %+v", i, got, want)
		}
	}
}

// New also judges what was filled by hand.
func TestNewChecks(t *testing.T) {
	_, err := New(&Config{File: "f", Ingress: []Rule{{Hostname: "a", Service: "http_status:404"}}}, Options{})
	var e *Error
	if !errors.As(err, &e) || e.Class != ClassNoCatchAll || e.File != "f" {
		t.Errorf("%v", err)
	}
	if err := (&Config{Ingress: []Rule{{Service: "x"}}}).Validate(); err == nil {
		t.Error("no error")
	}
}

// A top-level access block is never enforced, and is a finding.
func TestTopLevelAccessIsIgnored(t *testing.T) {
	config := "originRequest: {access: {required: true, teamName: t, audTag: [x]}}\ningress:\n- service: http_status:204\n"
	_, findings, err := ParseConfig("f", []byte(config))
	if err != nil || len(findings) != 1 || findings[0].Field != "originRequest.access" || findings[0].Line != 1 {
		t.Fatalf("%v %v", findings, err)
	}
	if got, oe := ask(t, parse(t, config), "a"); oe != nil || got != "" {
		t.Errorf("%q %v", got, oe)
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, v := range allVerdicts() {
		f.Add([]byte(v.config))
	}
	f.Add([]byte(everyKey))
	f.Add([]byte("a: &a {<<: *a}\ningress: [*a]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, _, err := ParseConfig("f", data)
		if report := ValidateReport("f", data); report.Code == 0 && err != nil {
			t.Errorf("valid for the command, but %v", err)
		}
		if err != nil {
			var e *Error
			if cfg != nil || !errors.As(err, &e) || err.Error() == "" {
				t.Errorf("%v %v", cfg, err)
			}
			return
		}
		for i := range cfg.Ingress {
			if cfg.Ingress[i].Line == 0 {
				t.Errorf("rule %d has no place", i)
			}
		}
		doc, err := json.Marshal(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := ParseJSON("f", doc); err != nil {
			t.Errorf("through JSON: %v", err)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"ingress":[{"service":"http_status:404","originRequest":{"connectTimeout":5}}]}`))
	f.Add([]byte(`{"INGRESS":[null,{"Service":"x"}],"warp-routing":{"maxActiveFlows":-1}}`))
	f.Add([]byte(`[{]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		_, _, err := ParseJSON("f", data)
		if bad := json.Unmarshal(data, &v); bad != nil && err == nil {
			t.Errorf("no JSON, but accepted: %v", bad)
		}
	})
}
