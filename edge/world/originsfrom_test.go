package world

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

// composed loads a folder and lists its origins, a line each: what is dialled, where
// that is, and which line says so.
func composed(t *testing.T, archive string, environ ...string) (origins []string, w *World, err error) {
	t.Helper()
	dir := fixtures.Folder(t, archive)
	w, err = Loader{Lookup: func(name string) (string, bool) {
		for _, kv := range environ {
			if k, v, _ := strings.Cut(kv, "="); k == name {
				return v, true
			}
		}
		return "", false
	}}.Load(dir)
	for d := range w.All(KindOrigin) {
		o := d.Value.(*Origin)
		origins = append(origins, strings.ReplaceAll(filepath.ToSlash(d.Key.ID+" → "+o.To+" "+d.Mark.String()), filepath.ToSlash(dir)+"/", ""))
	}
	return origins, w, err
}

const composeWorld = "-- sundog.yaml --\norigins_from: docker-compose.yml\n-- docker-compose.yml --\nservices:\n"

func TestOriginsFromPorts(t *testing.T) {
	for _, tt := range []struct {
		name, service string
		want          []string
	}{
		{"short", "ports: ['8080:80']", []string{"app:80 → tcp://127.0.0.1:8080"}},
		{"unquoted", "ports: [22:22]", []string{"app:22 → tcp://127.0.0.1:22"}},
		{"with protocol", "ports: [8080:80/tcp, 8081:81/TCP]", []string{"app:80 → tcp://127.0.0.1:8080", "app:81 → tcp://127.0.0.1:8081"}},
		{"udp is none", "ports: ['53:53/udp', '53:53/sctp', '53:53']", []string{"app:53 → tcp://127.0.0.1:53"}},
		{"with address", "ports: ['127.0.0.2:8080:80', '0.0.0.0:81:81', '[::1]:82:82', '[::]:83:83', '::1:84:84']", []string{
			"app:80 → tcp://127.0.0.2:8080", "app:81 → tcp://127.0.0.1:81", "app:82 → tcp://[::1]:82", "app:83 → tcp://127.0.0.1:83", "app:84 → tcp://[::1]:84"}},
		{"ranges", "ports: ['3000-3002:4000-4002']", []string{"app:4000 → tcp://127.0.0.1:3000", "app:4001 → tcp://127.0.0.1:3001", "app:4002 → tcp://127.0.0.1:3002"}},
		{"Docker chooses", "ports: ['80', 81, '127.0.0.1::82', '9000-9009:83', '84-85', '0:86']", nil},
		{"long", "ports: [{target: 80, published: 8080}, {target: '81', published: '8081', host_ip: 127.0.0.3, protocol: tcp, mode: host, name: web, app_protocol: http, x-note: y}, {target: 82}, {target: 83, published: 83, protocol: udp}]", []string{
			"app:80 → tcp://127.0.0.1:8080", "app:81 → tcp://127.0.0.3:8081"}},
		{"long range", "ports: [{target: 80-81, published: 90-91}]", []string{"app:80 → tcp://127.0.0.1:90", "app:81 → tcp://127.0.0.1:91"}},
		{"names", "container_name: Box\n    hostname: ${HOST_NAME:-host}\n    networks: {front: {aliases: [web, www.local]}, back: null, side: {ipv4_address: 10.0.0.1}}\n    ports: ['8080:80']", []string{
			"app:80 → tcp://127.0.0.1:8080", "box:80 → tcp://127.0.0.1:8080", "host:80 → tcp://127.0.0.1:8080", "web:80 → tcp://127.0.0.1:8080", "www.local:80 → tcp://127.0.0.1:8080"}},
		{"networks as a list", "networks: [front]\n    ports: ['8080:80']", []string{"app:80 → tcp://127.0.0.1:8080"}},
		{"variables", "ports: ['${PORT:-8080}:80', '$PORT2:81', '${PORT2-1}:82', '${EMPTY:-83}:83', '${PORT2:+84}:84', '${NONE:-${PORT2}}:85']", []string{
			"app:80 → tcp://127.0.0.1:8080", "app:81 → tcp://127.0.0.1:9002", "app:82 → tcp://127.0.0.1:9002", "app:83 → tcp://127.0.0.1:83", "app:84 → tcp://127.0.0.1:84", "app:85 → tcp://127.0.0.1:9002"}},
		{"nothing", "image: x", nil},
		{"null", "ports:", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := composed(t, composeWorld+"  app:\n    "+tt.service+"\n", "PORT2=9002", "EMPTY=")
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				got[i], _, _ = strings.Cut(got[i], " docker")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Explicit origins win, whatever their scheme, and only for the port they mean.
func TestOriginsFromFiles(t *testing.T) {
	for _, tt := range []struct {
		name, archive string
		want          []string
	}{
		{"origins win", `-- sundog.yaml --
origins: {"https://app:80": "http://127.0.0.1:1", "https://app": "http://127.0.0.1:2", "ssh://other": "tcp://127.0.0.1:3"}
origins_from: [compose.yaml]
-- compose.yaml --
services:
  app: {ports: ["8080:80"]}
  other: {ports: ["2222:22"]}
`, []string{"app:443 → http://127.0.0.1:2 sundog.yaml:1:66", "app:80 → http://127.0.0.1:1 sundog.yaml:1:29", "other:22 → tcp://127.0.0.1:3 sundog.yaml:1:103"}},
		{"two files", `-- sundog.yaml --
origins_from: [a/compose.yaml, b.yaml]
-- a/compose.yaml --
services:
  one: {ports: ["1:1"]}
  two: {ports: ["2:2"]}
  three: {ports: ["3:3"]}
-- b.yaml --
services:
  one: {ports: ["11:11"]}
  two: {ports: !override ["22:22"]}
  three: {ports: !reset null}
`, []string{"one:1 → tcp://127.0.0.1:1 a/compose.yaml:2:17", "one:11 → tcp://127.0.0.1:11 b.yaml:2:17", "two:22 → tcp://127.0.0.1:22 b.yaml:3:27"}},
		{"a name of two services", composeWorld + `  b: {networks: {n: {aliases: [api]}}, ports: ["1:80"]}
  a: {networks: {n: {aliases: [api]}}, ports: ["2:80"]}
`, []string{"a:80 → tcp://127.0.0.1:2 docker-compose.yml:3:48", "api:80 → tcp://127.0.0.1:1 docker-compose.yml:2:48", "b:80 → tcp://127.0.0.1:1 docker-compose.yml:2:48"}},
		{"anchors and extends", `-- sundog.yaml --
origins_from: c.yml
-- c.yml --
x-base: &base
  ports: &ports ["1:80"]
services:
  a: {<<: *base}
  b: {ports: *ports}
  c: {extends: {service: a}, ports: ["2:81"]}
  d: {extends: c}
`, []string{
			"a:80 → tcp://127.0.0.1:1 c.yml:2:18", "b:80 → tcp://127.0.0.1:1 c.yml:2:18", "c:80 → tcp://127.0.0.1:1 c.yml:2:18", "c:81 → tcp://127.0.0.1:2 c.yml:6:38",
			"d:80 → tcp://127.0.0.1:1 c.yml:2:18", "d:81 → tcp://127.0.0.1:2 c.yml:6:38"}},
		{".env", composeWorld + `  a: {ports: ["$A:80", "$B:81", "$C:82", "${D}:83", "$E:84"]}
-- .env --
# comment
A=1001 # one
TWO=02
export B = "10${TWO}"
C='1003'
D=4
not a line
E="${A}"
`, []string{
			"a:80 → tcp://127.0.0.1:1001 docker-compose.yml:2:15", "a:81 → tcp://127.0.0.1:1002 docker-compose.yml:2:24", "a:82 → tcp://127.0.0.1:1003 docker-compose.yml:2:33",
			"a:83 → tcp://127.0.0.1:1004 docker-compose.yml:2:42", "a:84 → tcp://127.0.0.1:1001 docker-compose.yml:2:53"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := composed(t, tt.archive, "D=1004")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOriginsFromErrors(t *testing.T) {
	for _, tt := range []struct {
		name, archive string
		want          []string
	}{
		{"no file", "-- sundog.yaml --\norigins_from: docker-compose.yml\n", []string{
			`sundog.yaml:1:15: origins_from: the file "docker-compose.yml", which cannot be read: `}},
		{"no services", "-- sundog.yaml --\norigins_from: [c.yml]\n-- c.yml --\nservice: {}\n", []string{
			`c.yml:1:1: no services; allowed: a compose file: a mapping with services (did you mean "service"?)`}},
		{"bad ports", composeWorld + `  a:
    ports:
      - "80a:80"
      - "8080:0"
      - "1-2:1-3"
      - "300.1.1.1:1:1"
      - "1:1/quic"
      - {target: 80, publishd: 81}
      - {published: 81}
      - "${X:?set it}:80"
      - "${X"
      - [80]
      - "$OFF:80"
      - "${HIGH}:80"
`, []string{
			`docker-compose.yml:4:9: services.a.ports[0]: the text "80a:80", whose published port is none; allowed: "8080:80",`,
			`docker-compose.yml:5:9: services.a.ports[1]: the text "8080:0", whose container port is none; allowed`,
			`docker-compose.yml:6:9: services.a.ports[2]: the text "1-2:1-3", whose ranges differ in length; allowed`,
			`docker-compose.yml:7:9: services.a.ports[3]: the text "300.1.1.1:1:1", whose address is no IP address; allowed`,
			`docker-compose.yml:8:9: services.a.ports[4]: the text "1:1/quic", whose protocol is none of tcp, udp, sctp; allowed`,
			`docker-compose.yml:9:22: services.a.ports[5].publishd: the unknown key "publishd"; allowed: one of name, target, published, host_ip, protocol, app_protocol, mode (did you mean "published"?)`,
			`docker-compose.yml:10:9: services.a.ports[6]: a mapping, whose container port is none; allowed`,
			`docker-compose.yml:11:9: services.a.ports[7]: the variable X, which must be set, in "${X:?set it}:80"; allowed: $NAME,`,
			`docker-compose.yml:12:9: services.a.ports[8]: a $ that begins no variable in "${X"; allowed`,
			`docker-compose.yml:13:9: services.a.ports[9]: a list; allowed: a text`,
			`docker-compose.yml:15:9: services.a.ports[11]: the text "${HIGH}:80", whose published port is none; allowed`,
		}},
		{"bad shapes", composeWorld + `  a: []
  "b c": {}
  d: {ports: {80: 80}, container_name: [x], hostname: a b}
  e: {port: ["80:80"]}
  f: {extends: ff}
  g: {extends: h}
  h: {extends: g}
  i: {networks: {n: {aliases: web}}}
`, []string{
			`docker-compose.yml:2:6: services.a: a list; allowed: a mapping`,
			`docker-compose.yml:3:3: services.b c: the service "b c"; allowed: letters, digits, dots, hyphens and underscores`,
			`docker-compose.yml:4:14: services.d.ports: a mapping; allowed: a list of ports (start each entry with a dash)`,
			`docker-compose.yml:4:40: services.d.container_name: a list; allowed: a text`,
			`docker-compose.yml:4:55: services.d.hostname: the name "a b"; allowed: letters`,
			`docker-compose.yml:5:7: services.e.port: the unknown key "port"; allowed: a key of a compose service (did you mean "ports"?)`,
			`docker-compose.yml:6:16: services.f.extends: the service "ff", which is not in this file; allowed: the name of a service`,
			`the service "h", which extends itself; allowed: another service`,
			`the service "g", which extends itself; allowed: another service`,
			`docker-compose.yml:9:31: services.i.networks.n.aliases: the text "web"; allowed: a list of names`,
		}},
		{"too many", composeWorld + "  a: {ports: [1-20000:1-20000]}\n  b: {ports: [2-3:2-3]}\n  c: {ports: [4-5:4-5]}\n", []string{
			"docker-compose.yml:3:15: services.b.ports[0]: ranges that make more than 20000 ports; allowed: fewer"}},
		{"no YAML", composeWorld + "\t- x", []string{"docker-compose.yml:2:1: a tab; allowed: spaces"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, w, err := composed(t, tt.archive, "HIGH=123456")
			var es Errors
			if !errors.As(err, &es) {
				t.Fatalf("error %v", err)
			}
			var got []string
			for _, e := range es {
				got = append(got, strings.TrimPrefix(filepath.ToSlash(strings.Replace(e.Error(), w.Dir(), "", 1)), "/"))
			}
			for i, want := range tt.want {
				if i >= len(got) || !strings.Contains(got[i], want) {
					t.Errorf("error %d is\n%q, want\n%q", i, got, want)
					break
				}
			}
			if len(got) != len(tt.want) {
				t.Errorf("%d errors, want %d: %q", len(got), len(tt.want), got)
			}
			if strings.Contains(es.Pretty(), "123456") {
				t.Error("an error shows a variable's value")
			}
		})
	}
}

const composeRules = `
-- config.yml --
tunnel: t
ingress:
  - {hostname: a.example.com, service: http://grafana:3000}
  - {hostname: b.example.com, service: https://grafana}
  - {hostname: c.example.com, service: ssh://git}
  - {hostname: d.example.com, service: http://mailer:8025}
  - {hostname: e.example.com, service: http://grafan:3000}
  - {hostname: f.example.com, service: http://hosted:1}
  - {hostname: g.example.com, service: http://localhost:1}
  - {hostname: h.example.com, service: http://grafana:3000}
  - {hostname: i.example.com, service: unix:/run/grafana}
  - {hostname: j.example.com, service: http://known:1}
  - {service: http_status:404}
`

// A rule that dials what is not published has the line to add; one that is reached has
// no finding.
func TestUnpublishedServices(t *testing.T) {
	_, w, err := composed(t, `-- sundog.yaml --
origins_from: docker-compose.yml
origins: {"http://known:1": "http://127.0.0.1:1"}
tunnels: [{id: t, config_file: config.yml}]
-- docker-compose.yml --
include: [more.yml]
services:
  grafana:
    ports:
      - 8443:443
  git: {image: gitea}
  mailer: {ports: ["${MAILER}:8025"]}
  hosted: {network_mode: host}
  known: {}
  taken: {ports: ["3000:1", "22:2"], extends: {file: base.yml, service: x}}
`+composeRules)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(filepath.ToSlash(strings.Join(lines(w.Findings()), "\n")), filepath.ToSlash(w.Dir())+"/", "")
	want := strings.Join([]string{
		`config.yml:7:31: no service of docker-compose.yml is called "grafan" (did you mean "grafana"?)`,
		`docker-compose.yml:1:1: files of include are not read (name them in origins_from too)`,
		`docker-compose.yml:5:7: the service "grafana" publishes no port 3000, so http://grafana:3000 of the rule at config.yml:3:31 cannot be reached from here (add "127.0.0.1:13000:3000" to its ports)`,
		`docker-compose.yml:6:3: the service "git" publishes no port 22, so ssh://git of the rule at config.yml:5:31 cannot be reached from here (add ports: ["127.0.0.1:10022:22"] to the service)`,
		`docker-compose.yml:7:20: the service "mailer" publishes 8025 on a port that no variable says, so http://mailer:8025 of the rule at config.yml:6:31 cannot be reached from here (set MAILER, or write "127.0.0.1:8025:8025")`,
		`docker-compose.yml:10:48: ports that "taken" takes from another file are not seen (write them in origins:)`,
	}, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A compose file is watched, and so is its .env, and a file that is not there yet.
func TestComposeFilesAreRead(t *testing.T) {
	_, w, err := composed(t, "-- sundog.yaml --\norigins_from: [c.yml, later.yml]\n-- c.yml --\nservices:\n-- .env --\nA=1\n")
	if err == nil {
		t.Fatal("a missing file is no error")
	}
	var got []string
	for _, f := range w.Files() {
		got = append(got, filepath.Base(f))
	}
	if diff := cmp.Diff([]string{"sundog.yaml", "c.yml", ".env", "later.yml"}, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever a compose file says, it gives origins that can be dialled, with a place in
// the file, or errors that have one.
func FuzzCompose(f *testing.F) {
	for _, text := range []string{
		"services:\n  a: {ports: ['8080:80', '127.0.0.1:3000-3002:3000-3002/tcp', {target: 80, published: '81', host_ip: '::1'}]}",
		"services: {a: {container_name: ${A:-b}, ports: [$A:80, '${B:?}:1', '$$:1']}, b: {extends: a}}",
		"x: &x {ports: &p ['1:1']}\nservices: {a: {<<: *x}, b: {ports: *p, networks: {n: {aliases: [c, d.e]}}}}",
		"services: {a: {ports: !override ['1-65535:1-65535']}, b: {ports: !reset null}}",
		"services:\n", "", "services: {a: {extends: a}}", "a: &a [*a]\nservices: *a", "services: {a: {ports: ['${A:-${A:-${A", "services: {'': }",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		src, bad := newSource("f", []byte(text))
		if bad != nil {
			checkErrors(t, text, Errors{bad})
			return
		}
		d := newDraft("")
		c := &compose{services: map[string]*composeService{}}
		d.compose = c
		d.decodeCompose(c, src, func(name string) (string, bool) { return "80", name == "A" })
		d.fillOrigins()
		for _, o := range d.origins {
			d.checkOrigin(o)
			if o.Mark.Line == 0 {
				t.Errorf("%+v has no place", o.Value)
			}
		}
		d.reviewCompose()
		if err := d.probs.err(); err != nil {
			checkErrors(t, text, err)
			if strings.Contains(err.Error(), "as an origin") || strings.Contains(err.Error(), "as where an origin") {
				t.Error(err)
			}
		}
	})
}
