package world

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

const (
	apiWorker = `{"name": "api", "main": "a.js", "compatibility_date": "2026-03-22"`
	code      = "\n-- a.js --\nexport default {}\n-- api/a.js --\nexport default {}\n-- auth/a.js --\nexport default {}\n"
)

// codeSummary says what a world holds of Workers, Pages and VPC, and the zones and records that came
// with it, a line each.
func codeSummary(w *World) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	zones := map[string]string{}
	for d := range w.All("") {
		inferred := ""
		if d.Inferred {
			inferred = " (inferred)"
		}
		switch v := d.Value.(type) {
		case *Settings:
			add("team %s, subdomain %s", v.Team, v.WorkersSubdomain)
		case *Worker:
			line := "worker " + v.Name
			if v.Project != nil {
				line += " from " + filepath.Base(v.Project.File)
				if v.Project.Env != "" {
					line += " env " + v.Project.Env
				}
			}
			if v.URL != "" {
				line += " at " + v.URL
			}
			if v.WorkersDev {
				line += ", workers.dev"
			}
			if v.PreviewURLs {
				line += ", previews"
			}
			add("%s", line)
		case *WorkerDomain:
			add("domain %s -> %s pages=%v previews=%v", v.Hostname, v.Service, v.Pages, v.Previews)
		case *WorkerRoute:
			add("route %s -> %s", v.Pattern, v.Script)
		case *PagesProject:
			line := "pages " + v.Name + " " + v.ProductionBranch + " " + filepath.Base(v.Output)
			for _, b := range v.Production.Bindings {
				line += " " + b.Name + "=" + b.Text
			}
			line += " |"
			for _, b := range v.Preview.Bindings {
				line += " " + b.Name + "=" + b.Text
			}
			add("%s", line)
		case *VPCService:
			add("vpc %s %s", v.Name, v.Type)
		case *Accepted:
			add("accepted %s: %s until %s", v.Host, v.Reason, v.Until)
		case *Record:
			add("%s %s %s proxied=%v%s", v.Type, v.Name, v.Content, v.Proxied, inferred)
		default:
			if d.Key.Kind == KindZone {
				zones[d.Key.ID] = d.Title()
				add("%s%s", d.Title(), inferred)
			}
		}
	}
	return all
}

func TestWorkerFolders(t *testing.T) {
	for _, test := range []struct {
		name, files string
		want        []string
	}{
		{"a wrangler file alone", "-- wrangler.jsonc --\n" + apiWorker + `, "vars": {"TEAM_DOMAIN": "https://acme.cloudflareaccess.com"}}` + code, []string{
			"team acme, subdomain acme", "worker api from wrangler.jsonc, workers.dev, previews",
		}},
		{"one level down", "-- api/wrangler.jsonc --\n" + apiWorker + "}\n-- auth/wrangler.toml --\nname = \"auth\"\nmain = \"a.js\"\ncompatibility_date = \"2026-03-22\"\n-- dist/wrangler.json --\n{\"name\": \"api\"}\n-- node_modules/wrangler.json --\n{}" + code, []string{
			"team sundog, subdomain sundog", "worker api from wrangler.jsonc, workers.dev, previews", "worker auth from wrangler.toml, workers.dev, previews",
		}},
		{"its own comes before those below", "-- wrangler.json --\n" + apiWorker + "}\n-- auth/wrangler.toml --\nname = \"auth\"\n" + code, []string{
			"team sundog, subdomain sundog", "worker api from wrangler.json, workers.dev, previews",
		}},
		{"beside cloudflared's file", "-- config.yml --\ntunnel: t\ningress: [{hostname: a.example.com, service: http://localhost:1}, {service: http_status:404}]\n-- api/wrangler.jsonc --\n" + apiWorker + "}" + code, []string{
			"team example, subdomain example", "the zone example.com (inferred)", "CNAME a.example.com t.cfargotunnel.com proxied=true (inferred)", "worker api from wrangler.jsonc, workers.dev, previews",
		}},
		{"beside a sundog.yaml that is silent", "-- sundog.yaml --\nteam: acme\n-- api/wrangler.jsonc --\n" + apiWorker + "}" + code, []string{
			"team acme, subdomain acme", "worker api from wrangler.jsonc, workers.dev, previews",
		}},
		{"none on purpose", "-- sundog.yaml --\nteam: acme\nworkers: []\n-- api/wrangler.jsonc --\n" + apiWorker + "}" + code, []string{"team acme, subdomain acme"}},
		{"all forms", `-- sundog.yaml --
team: acme
workers_subdomain: acme-dev
zones: [{name: example.com, records: [{type: AAAA, name: www, content: "100::", proxied: true}]}]
workers:
  - ./api
  - {dir: api, env: staging, domains: [api.example.com], routes: [www.example.com/api/*]}
  - {name: stub, main: auth/a.js, workers_dev: false}
  - {name: dev, url: "http://localhost:8787", routes: ["*.example.com/x"]}
  - {name: go-worker, id: 0123456789ABCDEF0123456789abcdef}
-- api/wrangler.jsonc --
` + apiWorker + `, "env": {"staging": {}}}` + code, []string{
			"team acme, subdomain acme-dev", "the zone example.com", "AAAA www.example.com 100:: proxied=true", "AAAA api.example.com 100:: proxied=true (inferred)",
			"worker api from wrangler.jsonc, workers.dev, previews", "worker api-staging from wrangler.jsonc env staging, workers.dev, previews",
			"worker dev at http://localhost:8787", "worker go-worker, workers.dev, previews", "worker stub from .",
			"domain api.example.com -> api-staging pages=false previews=false",
			"route *.example.com/x -> dev", "route www.example.com/api/* -> api-staging",
		}},
		{"domains and routes without zones", "-- wrangler.jsonc --\n" + apiWorker + `, "routes": [{"pattern": "API.example.com", "custom_domain": true, "previews_enabled": true}, "*example.org/x/*", {"pattern": "shop.example.net/*", "zone_id": "0123456789abcdef0123456789abcdef"}]}` + code, []string{
			"team example, subdomain example", "the zone example.net (inferred)", "the zone example.org (inferred)", "the zone example.com (inferred)",
			"AAAA *.example.org 100:: proxied=true (inferred)", "AAAA api.example.com 100:: proxied=true (inferred)", "AAAA example.org 100:: proxied=true (inferred)", "AAAA shop.example.net 100:: proxied=true (inferred)",
			"worker api from wrangler.jsonc", "domain api.example.com -> api pages=false previews=true", "route *example.org/x/* -> api", "route shop.example.net/* -> api",
		}},
		{"pages", `-- sundog.yaml --
team: acme
zones: [{name: example.com}]
pages:
  - dir: site
    domains: [www.example.com]
    production_branch: trunk
    deployment_configs:
      production: {env_vars: {MYSERVICE_URL: https://myservice.example.com, KEY: {type: secret_text, value: s}}}
  - ./plain
workers: []
-- site/wrangler.toml --
name = "site"
pages_build_output_dir = "out"
compatibility_date = "2026-03-22"
vars = { MYSERVICE_URL = "file" }
-- site/out/index.html --
-- plain/public/index.html --
`, []string{
			"team acme, subdomain acme", "the zone example.com", "AAAA www.example.com 100:: proxied=true (inferred)",
			"pages plain  public |", "pages site trunk out KEY=s MYSERVICE_URL=https://myservice.example.com | MYSERVICE_URL=file",
			"domain www.example.com -> site pages=true previews=false",
		}},
		{"pages are found", "-- site/wrangler.toml --\nname = \"site\"\npages_build_output_dir = \"out\"\ncompatibility_date = \"2026-03-22\"\n", []string{"team sundog, subdomain sundog", "pages site  out |"}},
		{"vpc and audit", `-- sundog.yaml --
team: acme
tunnels: [{name: lab, config: {ingress: [{service: "http_status:404"}]}}]
vpc_services:
  - {name: my-private-api, type: http, host: {hostname: internal-api.local, resolver_network: {tunnel_id: lab}}, http_port: 8080}
  - {name: db, type: tcp, host: {ipv4: 10.0.0.5, network: {tunnel_id: lab}}, tcp_port: 5432, app_protocol: postgresql}
audit: {accept: [{host: Status.example.com/health, reason: a probe, until: 2027-01-31}]}
`, []string{"team acme, subdomain acme", "vpc db tcp", "vpc my-private-api http", "accepted status.example.com/health: a probe until 2027-01-31"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixtures.Folder(t, test.files)
			w, err := Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(w.Findings()) > 0 {
				t.Errorf("findings: %v", w.Findings())
			}
			got := codeSummary(w)
			slices.Sort(got)
			slices.Sort(test.want)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			var l Layers
			l, _, _ = l.SetFiles(w)
			again, err := Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			if _, changes, _ := l.SetFiles(again); len(changes) > 0 {
				t.Errorf("the same files twice differ: %v", changes)
			}
		})
	}
}

// A wrangler file named by itself is a world, too.
func TestWranglerFileNamed(t *testing.T) {
	dir := fixtures.Folder(t, "-- wrangler.staging.jsonc --\n"+apiWorker+"}"+code)
	w, err := Load(filepath.Join(dir, "wrangler.staging.jsonc"))
	if err != nil || len(w.Findings()) > 0 {
		t.Fatal(err, w.Findings())
	}
	if _, ok := w.Get(Key{KindWorker, "api"}); !ok {
		t.Error("its Worker is not there")
	}
}

func TestWorkerErrors(t *testing.T) {
	const zones = "zones: [{name: example.com, records: [{type: CNAME, name: www, content: abc123.cfargotunnel.com, proxied: true}]}]\n"
	for _, test := range []struct {
		name, files string
		want        []string
	}{
		{"two of one name", "-- api/wrangler.jsonc --\n" + apiWorker + "}\n-- auth/wrangler.toml --\n\nname = \"api\"\nmain = \"a.js\"\n" + code, []string{
			`auth/wrangler.toml:2:8: worker/api.name: the Worker "api", which there is another of, at api/wrangler.jsonc:1:10; allowed: a name of its own (an environment has its own: dir and env, or name the folders in workers of a sundog.yaml)`,
		}},
		{"two of one name that are named", "-- sundog.yaml --\nworkers: [api, ./auth, {name: api, main: a.js}]\n-- api/wrangler.jsonc --\n" + apiWorker + "}\n-- auth/wrangler.json --\n" + apiWorker + "}" + code, []string{
			`sundog.yaml:1:16: workers[1].name: the Worker "api" of auth/wrangler.json:1:10, which there is another of, at api/wrangler.jsonc:1:10; allowed: a name of its own (an environment has its own: dir and env, or name the folders in workers of a sundog.yaml)`,
			`sundog.yaml:1:31: workers[2].name: the Worker "api", which there is another of, at api/wrangler.jsonc:1:10; allowed: a name of its own (an environment has its own: dir and env, or name the folders in workers of a sundog.yaml)`,
		}},
		{"entries", `-- sundog.yaml --
workers:
  - {dir: api, main: a.js}
  - {}
  - {dir: api, name: other, env: nope, workers_dev: true}
  - {name: Up, url: "localhost:8787", env: x, id: abc}
  - {name: m, main: nope.js}
  - nowhere
  - auth
  - site
pages: [{}, api, {name: A B}, {name: c, output: dist}]
-- api/wrangler.jsonc --
` + apiWorker + `, "env": {"none": {}}}
-- site/wrangler.json --
{"name": "site", "pages_build_output_dir": "."}` + code, []string{
			`sundog.yaml:2:22: workers[0].main: both dir and main; allowed: one of them`,
			`sundog.yaml:3:5: workers[1]: neither dir nor name; allowed: a folder with a wrangler file, or a name with main, url, or nothing beside it`,
			`sundog.yaml:4:22: workers[2].name: name beside dir (the wrangler file says it)`,
			`sundog.yaml:4:34: workers[2].env: no environment "nope" in api/wrangler.jsonc:1:76; allowed: none (did you mean "none"?)`,
			`sundog.yaml:4:53: workers[2].workers_dev: workers_dev beside dir (the wrangler file says it)`,
			`sundog.yaml:5:12: workers[3].name: the name "Up"; allowed: lower-case letters, digits, dashes and underscores, with no dash in front`,
			`sundog.yaml:5:21: workers[3].url: the text "localhost:8787"; allowed: http://host:port of a dev server`,
			`sundog.yaml:5:44: workers[3].env: an environment without a wrangler file; allowed: env beside dir`,
			`sundog.yaml:5:51: workers[3].id: the text "abc"; allowed: 32 hexadecimal digits (leave it out to have one made)`,
			`sundog.yaml:6:21: workers[4].main: the file "nope.js", which does not exist (the name is relative to DIR)`,
			`sundog.yaml:7:5: workers[5].dir: the folder "nowhere", which does not exist (the name is relative to DIR)`,
			`sundog.yaml:8:5: workers[6].dir: the folder "auth", which has no wrangler file; allowed: a folder with wrangler.json, wrangler.jsonc or wrangler.toml (a module without one is {name, main})`,
			`sundog.yaml:9:5: workers[7].dir: the folder of a Pages project; allowed: the folder of a Worker (write it under pages)`,
			`sundog.yaml:10:9: pages[0]: neither dir nor name; allowed: a folder, or a name, or both`,
			`sundog.yaml:10:13: pages[1].dir: the folder of a Worker; allowed: the folder of a Pages project (write it under workers, or pages_build_output_dir in its wrangler file)`,
			`sundog.yaml:10:25: pages[2].name: the name "A B"; allowed: lower-case letters, digits and hyphens`,
			`sundog.yaml:10:49: pages[3].output: output without dir; allowed: both`,
		}},
		{"hosts", "-- sundog.yaml --\n" + zones + `workers:
  - {name: a, domains: [www.example.com, api.exmaple.com, "*.example.com", b.example.com], routes: ["x.example.com/a*b"]}
  - {name: b, domains: [B.example.com]}
  - ./api
-- api/wrangler.jsonc --
` + apiWorker + `,
 "routes": [{"pattern": "x.example.com/*", "zone_name": "example.cm"}, {"pattern": "y.example.org/*", "zone_name": "example.com"}, "example.net/*"]}` + code, []string{
			`api/wrangler.jsonc:2:13: routes: the zone "example.cm", which is not in this world; allowed: a name in example.com (did you mean "example.com"?)`,
			`api/wrangler.jsonc:2:72: routes: the host "y.example.org", which does not lie in the zone "example.com"; allowed: a name in it`,
			`api/wrangler.jsonc:2:132: routes: the host "example.net", which lies in no zone; allowed: a name in example.com (did you mean "example.com"?)`,
			`sundog.yaml:3:25: workers[0].domains[0]: the Custom Domain "www.example.com", which has a CNAME record at sundog.yaml:1:39; allowed: a name without one (remove the record: a Custom Domain brings its own)`,
			`sundog.yaml:3:42: workers[0].domains[1]: the host "api.exmaple.com", which lies in no zone; allowed: a name in example.com (did you mean "api.example.com"?)`,
			`sundog.yaml:3:59: workers[0].domains[2]: the text "*.example.com"; allowed: a hostname, as api.example.com`,
			`sundog.yaml:3:101: workers[0].routes[0]: the pattern "x.example.com/a*b"; allowed: a pattern, as example.com/api/* (* may only stand at the start of the host and at the end of the path)`,
			`sundog.yaml:4:25: workers[1].domains[0]: "b.example.com", which "a" has too, at sundog.yaml:3:76; allowed: a Custom Domain of its own`,
		}},
		{"a tunnel at a Custom Domain", "-- config.yml --\ntunnel: t\ningress: [{hostname: api.example.com, service: http://localhost:1}, {service: http_status:404}]\n-- wrangler.jsonc --\n" + apiWorker + `, "route": {"pattern": "api.example.com", "custom_domain": true}}` + code, []string{
			`wrangler.jsonc:1:78: routes: the Custom Domain "api.example.com", which has a CNAME record at config.yml:2:11; allowed: a name without one (an ingress rule is for the host, too; a Route in place of the Custom Domain would leave it its origin)`,
		}},
		{"vpc services", `-- sundog.yaml --
tunnels: [{name: lab, config: {ingress: [{service: "http_status:404"}]}}]
vpc_services:
  - {type: htpp, host: {hostname: "http://x", resolver_network: {tunnel_id: lab}}}
  - {name: a, type: http, tcp_port: 1, http_port: 70000, host: {ipv4: "10.0.0.5:80", network: {tunnel_id: lba}}}
  - {name: b, type: tcp, app_protocol: postgres, host: {hostname: 10.0.0.5, network: {tunnel_id: lab}}}
  - {name: a, type: http, service_id: x, host: {hostname: a.local}, tls_settings: {cert_verification_mode: verify-full}}
  - {name: c, type: http, host: {}}
`, []string{
			`sundog.yaml:3:5: vpc_services[0].name: missing; allowed: a text (the key is required)`,
			`sundog.yaml:3:12: vpc_services[0].type: the text "htpp"; allowed: http or tcp (did you mean "http"?)`,
			`sundog.yaml:3:35: vpc_services[0].host.hostname: the text "http://x"; allowed: a hostname, as internal-api.local (leave the scheme out)`,
			`sundog.yaml:4:37: vpc_services[1].tcp_port: tcp_port of a service of type http; allowed: tcp_port of one of type tcp`,
			`sundog.yaml:4:51: vpc_services[1].http_port: the port 70000; allowed: a port from 1 to 65535`,
			`sundog.yaml:4:71: vpc_services[1].host.ipv4: the text "10.0.0.5:80"; allowed: an address of that kind, without a port (write 10.0.0.5, and the port as http_port, https_port or tcp_port)`,
			`sundog.yaml:4:107: vpc_services[1].host.network.tunnel_id: the tunnel "lba", which is not in this world; allowed: lab (did you mean "lab"?)`,
			`sundog.yaml:5:5: vpc_services[2].tcp_port: missing; allowed: a port from 1 to 65535 (a service of type tcp needs it)`,
			`sundog.yaml:5:40: vpc_services[2].app_protocol: the text "postgres"; allowed: postgresql or mysql, of a service of type tcp (did you mean "postgresql"?)`,
			`sundog.yaml:5:67: vpc_services[2].host.hostname: the address 10.0.0.5; allowed: a hostname, as internal-api.local (write it as ipv4, with network in place of resolver_network)`,
			`sundog.yaml:5:86: vpc_services[2].host.network: network beside hostname; allowed: resolver_network`,
			`sundog.yaml:6:12: vpc_services[3].name: the same name as at sundog.yaml:4:12; allowed: one of its own`,
			`sundog.yaml:6:48: vpc_services[3].host.resolver_network.tunnel_id: missing; allowed: the id or name of a tunnel (write resolver_network: {tunnel_id: lab})`,
			`sundog.yaml:6:108: vpc_services[3].tls_settings.cert_verification_mode: the text "verify-full"; allowed: one of verify_full, verify_ca, disabled (did you mean "verify_full"?)`,
			`sundog.yaml:7:33: vpc_services[4].host: a host without address; allowed: hostname, ipv4 or ipv6`,
		}},
		{"audit", "-- sundog.yaml --\naudit: {accept: [{host: a.example.com}, {reason: x}, {host: 'https://a', reason: x, until: soon}, {host: b.example.com, reason: x}, {host: B.example.com, reason: y}], acept: []}\n", []string{
			`sundog.yaml:1:18: audit.accept[0].reason: missing; allowed: why it may be public (the key is required)`,
			`sundog.yaml:1:41: audit.accept[1].host: missing; allowed: a host, or host/path (the key is required)`,
			`sundog.yaml:1:61: audit.accept[2].host: the text "https://a"; allowed: a host, or host/path`,
			`sundog.yaml:1:92: audit.accept[2].until: the text "soon"; allowed: a date, as 2027-01-31`,
			`sundog.yaml:1:140: audit.accept[4].host: the same host as at sundog.yaml:1:106; allowed: one of its own`,
			`sundog.yaml:1:168: audit.acept: the unknown key "acept"; allowed: accept (did you mean "accept"?)`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixtures.Folder(t, test.files)
			_, err := Load(dir)
			var es Errors
			if !errors.As(err, &es) {
				t.Fatalf("got %v", err)
			}
			_ = es.Pretty()
			var got []string
			for _, e := range es {
				line := strings.ReplaceAll(filepath.ToSlash(e.Error()), fmt.Sprintf("%q", filepath.ToSlash(dir)), "DIR")
				got = append(got, strings.ReplaceAll(line, filepath.ToSlash(dir)+"/", ""))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWorkerFindings(t *testing.T) {
	const team = "-- sundog.yaml --\nteam: acme\n"
	aud := strings.Repeat("a", 64)
	for _, test := range []struct {
		name, files string
		want        []string
	}{
		{"bindings to nobody", team + "workers: [api, {dir: auth, env: staging}]\n-- api/wrangler.jsonc --\n" + apiWorker + `,
"services": [{"binding": "A", "service": "auth"}, {"binding": "B", "service": "ap"}, {"binding": "C", "service": "far-away"}, {"binding": "OWN", "service": "api"}],
"vpc_services": [{"binding": "V", "service_id": "x"}],
"vpc_networks": [{"binding": "N", "tunnel_id": "lab"}, {"binding": "M", "network_id": "cf1:network"}],
"durable_objects": {"bindings": [{"name": "D", "class_name": "D", "script_name": "rooms"}]}}
-- auth/wrangler.json --
{"name": "auth", "main": "a.js", "compatibility_date": "2026-03-22", "env": {"staging": {}}}` + code, []string{
			`api/wrangler.jsonc:2:14: A -> auth is not in this world, so what uses the binding throws (an environment is deployed as a Worker of its own: write "auth-staging")`,
			`api/wrangler.jsonc:2:51: B -> ap is not in this world, so what uses the binding throws (did you mean "api"?)`,
			`api/wrangler.jsonc:2:86: C -> far-away is not in this world, so what uses the binding throws (add its folder to workers, or a stand-in: {name: far-away, main: far-away.js}; a VPC service: to vpc_services)`,
			`api/wrangler.jsonc:3:18: V: there is no VPC service "x" in this world, so what uses the binding throws (add it to vpc_services, with service_id: x)`,
			`api/wrangler.jsonc:4:18: N: there is no tunnel "lab" in this world, so what uses the binding throws (add it to tunnels)`,
			`api/wrangler.jsonc:5:34: D -> rooms is not in this world, so what uses the binding throws (add its folder to workers, or a stand-in: {name: rooms, main: rooms.js})`,
		}},
		{"another team's domain, no application", team + "-- api/wrangler.jsonc --\n" + apiWorker + `,
"vars": {
"TEAM_DOMAIN": "https://your-team.cloudflareaccess.com",
"POLICY_AUD": "paste-your-aud-tag-here",
"ISSUER": "other.cloudflareaccess.com",
"CF_ACCESS_TEAM_DOMAIN": "https://acme.cloudflareaccess.com/",
"TARGET_AUDIENCE": "x"}}
-- api/.dev.vars --
ACCESS_AUD=` + aud + code, []string{
			`api/.dev.vars:1:1: ACCESS_AUD is not right: no application of this world has that audience tag, so no token passes (sundog protect api.acme.workers.dev --allow EMAIL makes one that has it)`,
			`api/wrangler.jsonc:3:16: TEAM_DOMAIN says "https://your-team.cloudflareaccess.com", and the team of this world is "acme" at sundog.yaml:1:7, so no token passes (write https://acme.cloudflareaccess.com)`,
			`api/wrangler.jsonc:4:15: POLICY_AUD says "paste-your-aud-tag-here", and no application of this world has that audience tag, so no token passes (sundog protect api.acme.workers.dev --allow EMAIL makes one)`,
			`api/wrangler.jsonc:5:11: ISSUER says "other.cloudflareaccess.com", and the team of this world is "acme" at sundog.yaml:1:7, so no token passes (write acme.cloudflareaccess.com)`,
			`api/wrangler.jsonc:6:26: CF_ACCESS_TEAM_DOMAIN says "https://acme.cloudflareaccess.com/", and the issuer of tokens is "https://acme.cloudflareaccess.com", letter for letter (write https://acme.cloudflareaccess.com)`,
		}},
		{"the application's audience", team + "access: {apps: [{name: Api, domain: api.acme.workers.dev, aud: " + aud + "}, {name: Other, domain: apy.acme.workers.dev}, {domain: api.other.workers.dev}, {domain: 12345678-api.acme.workers.dev}]}\n-- api/wrangler.jsonc --\n" + apiWorker + `, "vars": {"POLICY_AUD": "` + strings.Repeat("b", 64) + `"}}` + code, []string{
			`api/wrangler.jsonc:1:92: POLICY_AUD says "` + strings.Repeat("b", 60) + `…", and no application of this world has that audience tag, so no token passes (write ` + aud + ` of the Access application "Api")`,
			`sundog.yaml:2:153: the application's host "apy.acme.workers.dev" is of no Worker of this world (did you mean "api.acme.workers.dev"?)`,
			`sundog.yaml:2:185: the application's host "api.other.workers.dev" is not below acme.workers.dev, where the Workers of this world are (write workers_subdomain: other, or a host below acme.workers.dev)`,
		}},
		{"they agree", team + "access: {apps: [{name: Api, domain: api.acme.workers.dev, aud: " + aud + "}]}\n-- api/wrangler.jsonc --\n" + apiWorker + `, "vars": {"POLICY_AUD": "` + aud + `", "TEAM_DOMAIN": "https://acme.cloudflareaccess.com", "TEAM": "acme.cloudflareaccess.com"}}` + code, nil},
		{"routes without a record", team + "zones: [{name: example.com, records: [{type: A, name: www, content: 192.0.2.1}, {type: A, name: '*.ok', content: 192.0.2.1, proxied: true}]}]\nworkers: [{name: w, routes: [api.example.com/*, www.example.com/*, a.ok.example.com/*, '*.example.com/*', '*.no.example.com/*'], domains: [www.example.com]}]\n", []string{
			`sundog.yaml:3:30: no proxied record is for "api.example.com", so no request reaches the route "api.example.com/*" (add {type: AAAA, name: "api.example.com", content: "100::", proxied: true} to the zone, or a Custom Domain)`,
			`sundog.yaml:3:49: the record of "www.example.com" at sundog.yaml:2:39 is not proxied, so no request reaches the route "www.example.com/*" (add proxied: true)`,
			`sundog.yaml:3:107: no proxied record is for "*.no.example.com", so no request reaches the route "*.no.example.com/*" (add {type: AAAA, name: "*.no.example.com", content: "100::", proxied: true} to the zone, or a Custom Domain)`,
			`sundog.yaml:3:140: the record of the Custom Domain "www.example.com" at sundog.yaml:2:39 is not proxied, so no request reaches the Worker there (add proxied: true to it, or remove it)`,
		}},
		{"an application of a Worker", team + "workers: [{name: api, id: 0123456789abcdef0123456789abcdef}, {name: b}]\naccess:\n  apps:\n    - {name: A, destinations: [{type: worker, worker_id: 0123456789abcdef0123456789abcdef}, {type: all_workers}]}\n    - {name: B, destinations: [{type: preview_worker, worker_id: 1123456789abcdef0123456789abcdef}]}\n", []string{
			`sundog.yaml:6:66: no Worker of this world has the id "1123456789abcdef0123456789abcdef", so the application guards nothing there (give the Worker id: 1123456789abcdef0123456789abcdef in workers)`,
		}},
		{"another zone's id", team + "zones: [{name: example.com, id: 0123456789abcdef0123456789abcdef, records: [{type: A, name: www, content: 192.0.2.1, proxied: true}]}]\n-- api/wrangler.jsonc --\n" + apiWorker + `, "routes": [{"pattern": "www.example.com/*", "zone_id": "f"}]}` + code, []string{
			`api/wrangler.jsonc:1:80: zone_id is "f", and the zone example.com has the id "0123456789abcdef0123456789abcdef" here (write id: f to the zone, or zone_name)`,
		}},
		{"what wrangler warns of", "-- wrangler.toml --\nname = \"api\"\nmain = \"a.js\"\ncompatibility_date = \"2026-03-22\"\nworker_dev = true\n-- .dev.vars --\nA=1\nrubbish\n" + code, []string{
			`.dev.vars:2:1: the line is no NAME=value, so it does nothing`,
			`wrangler.toml:4:1: worker_dev: the key "worker_dev" is unknown, so it does nothing (did you mean "workers_dev"?)`,
		}},
		{"a program", team + "-- cloudflare.config.ts --\n", []string{
			`cloudflare.config.ts: a configuration that is a program, which is not supported yet (write one beside it)`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixtures.Folder(t, test.files)
			w, err := Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range w.Findings() {
				_ = f.Pretty()
				got = append(got, strings.ReplaceAll(filepath.ToSlash(f.String()), filepath.ToSlash(dir)+"/", ""))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The guide binds a VPC service under services; and a binding may name one, or its tunnel, by name.
func TestVPCBindings(t *testing.T) {
	dir := fixtures.Folder(t, `-- sundog.yaml --
tunnels: [{name: lab, config: {ingress: [{service: "http_status:404"}]}}]
vpc_services: [{name: my-private-api, type: http, host: {ipv4: 10.0.1.50, network: {tunnel_id: lab}}, http_port: 8080}]
-- wrangler.jsonc --
`+apiWorker+`, "services": [{"binding": "PRIVATE_API", "service": "my-private-api"}], "vpc_services": [{"binding": "V", "service_id": "my-private-api"}], "vpc_networks": [{"binding": "N", "tunnel_id": "lab"}]}`+code)
	w, err := Load(dir)
	if err != nil || len(w.Findings()) > 0 {
		t.Fatal(err, w.Findings())
	}
	var service *VPCService
	for d := range w.All(KindVPCService) {
		service = d.Value.(*VPCService)
	}
	doc, _ := w.Get(Key{KindWorker, "api"})
	for d := range w.All(KindTunnel) {
		uuid := d.Value.(*Tunnel).UUID
		want := []version.Binding{
			{Type: "vpc_service", Name: "PRIVATE_API", ServiceID: service.ID, At: "wrangler.jsonc:1:82"},
			{Type: "vpc_service", Name: "V", ServiceID: service.ID, At: "wrangler.jsonc:1:157"},
			{Type: "vpc_network", Name: "N", TunnelID: uuid, At: "wrangler.jsonc:1:225"},
		}
		if diff := cmp.Diff(want, doc.Value.(*Worker).Project.Version.Bindings); diff != "" {
			t.Error(diff)
		}
		if service.Host.Network.TunnelID != uuid {
			t.Errorf("the service's tunnel is %s, want %s", service.Host.Network.TunnelID, uuid)
		}
	}
}

// A comment above everything moves what a wrangler file says, and changes nothing; another variable does.
func TestWorkerMovedIsNotChanged(t *testing.T) {
	var l Layers
	for _, step := range []struct {
		text  string
		moved bool
		says  []string
	}{
		{apiWorker + `, "vars": {"A": "1"}, "routes": []}`, false, nil},
		{"// moved\n" + apiWorker + `, "vars": {"A": "1"}, "routes": []}`, true, nil},
		{apiWorker + `, "vars": {"A": "2"}, "routes": []}`, false, []string{`changed the Worker "api": project`}},
		{apiWorker + `, "vars": {"A": "2"}, "workers_dev": false}`, false, []string{`changed the Worker "api": project, workers_dev, preview_urls`}},
	} {
		w, err := Load(filepath.Join(fixtures.Folder(t, "-- api/wrangler.jsonc --\n"+step.text+code), "api"))
		if err != nil {
			t.Fatal(err)
		}
		for d := range w.All(KindWorker) {
			v := d.Value.(*Worker)
			v.Project.File, v.Project.Dir, v.Project.Main = "", "", "" // of a new folder each time
		}
		first := l.Files() == nil
		next, changes, _ := l.SetFiles(w)
		l = next
		if first {
			continue
		}
		var says []string
		for _, c := range changes {
			if c.Moved() != step.moved {
				t.Errorf("%v moved: %v", c, c.Moved())
			}
			if text, _, _ := strings.Cut(c.String(), " ("); !step.moved {
				says = append(says, text)
			}
		}
		if diff := cmp.Diff(step.says, says); diff != "" {
			t.Error(diff)
		}
	}
}

// Documents made in Go are completed as those of files are.
func TestWorkersInGo(t *testing.T) {
	cfg, _, err := wrangler.Load(fixtures.Folder(t, "-- wrangler.json --\n"+apiWorker+`, "services": [{"binding": "P", "service": "p"}]}`+code), wrangler.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := MustParse("zones: [{name: example.com}]")
	w, err = New(*w.zone(t), Worker{Name: "api", Project: cfg, WorkersDev: true}, WorkerDomain{Hostname: "API.example.com", Service: "api"}, WorkerRoute{Pattern: "www.example.com/*", Script: "api"},
		Tunnel{Name: "lab"}, VPCService{Name: "p", Type: "http", Host: VPCHost{Hostname: "p.local", ResolverNetwork: &VPCNetwork{TunnelID: "lab"}}})
	if err != nil {
		t.Fatal(err)
	}
	got := codeSummary(w)
	want := []string{
		"team example, subdomain example", "the zone example.com", "AAAA api.example.com 100:: proxied=true (inferred)", "vpc p http",
		"worker api from wrangler.json, workers.dev", "domain api.example.com -> api pages=false previews=false", "route www.example.com/* -> api",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if cfg.Version.Bindings[0].Type != "service" {
		t.Error("the caller's configuration was changed")
	}
}

func (w *World) zone(t *testing.T) *any {
	t.Helper()
	for d := range w.All(KindZone) {
		return &d.Value
	}
	t.Fatal("no zone")
	return nil
}

// What was read, and what would have been, is watched; and only what a file says makes a change.
func TestWorkerFilesWatched(t *testing.T) {
	dir := fixtures.Folder(t, "-- sundog.yaml --\nworkers: [api]\n-- api/wrangler.jsonc --\n"+apiWorker+"}\n-- api/.dev.vars --\nA=1"+code)
	w, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sundog.yaml", "api/wrangler.jsonc", "api/.dev.vars", "api/wrangler.json", "api/.wrangler/deploy/config.json"} {
		if path := filepath.Join(dir, filepath.FromSlash(name)); !slices.Contains(w.Watched(), path) {
			t.Errorf("%s is not watched: %v", name, w.Watched())
		}
	}
	if w.Unended() != nil {
		t.Errorf("unended %v", w.Unended())
	}
}
