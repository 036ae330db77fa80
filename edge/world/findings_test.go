package world

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

func TestFindings(t *testing.T) {
	const head = `zones:
  - name: example.com
    records:
`
	const tunnel = `
tunnels:
  - id: abc123
    config:
      ingress:
        - {hostname: app.example.com, service: "http://localhost:1"}
        - {service: "http_status:404"}
`
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"all is well", head + "      - {type: CNAME, name: app, content: abc123.cfargotunnel.com, proxied: true}" + tunnel, nil},
		{"upper case and dots", head + "      - {type: CNAME, name: APP.example.com., content: ABC123.cfargotunnel.com., proxied: true}" + tunnel, nil},
		{"wildcard record", head + "      - {type: CNAME, name: '*', content: abc123.cfargotunnel.com, proxied: true}" + strings.Replace(tunnel, `"http://localhost:1"}`, "http://localhost:1}\n        - {hostname: '*.example.com', service: http://localhost:2}", 1), nil},
		{"a rule for a host below a wildcard record", head + "      - {type: CNAME, name: '*', content: abc123.cfargotunnel.com, proxied: true}" + tunnel, nil},
		{"no rule for a host below a wildcard record", head + "      - {type: CNAME, name: app, content: abc123.cfargotunnel.com, proxied: true}\n      - {type: CNAME, name: '*.lab', content: abc123.cfargotunnel.com, proxied: true}" + tunnel, []string{
			`f:5:29: no ingress rule of the tunnel "abc123" is for "*.lab.example.com", so its catch-all answers http_status:404 (add a rule with hostname: *.lab.example.com)`}},
		{"unknown tunnel", head + "      - {type: CNAME, name: app, content: abc132.cfargotunnel.com, proxied: true}" + tunnel, []string{
			`f:4:43: the record "app.example.com" leads to the tunnel "abc132", which is not in this world (did you mean "abc123.cfargotunnel.com"?)`}},
		{"unknown tunnel, far from the one there is", head + "      - {type: CNAME, name: app, content: xyz.cfargotunnel.com, proxied: true}" + tunnel, []string{
			`f:4:43: the record "app.example.com" leads to the tunnel "xyz", which is not in this world (add the tunnel with the id xyz, or write abc123.cfargotunnel.com)`}},
		{"not proxied", head + "      - {type: CNAME, name: app, content: abc123.cfargotunnel.com}" + tunnel, []string{
			`f:4:9: the record "app.example.com" leads to a tunnel but is not proxied, so nobody can reach it (add proxied: true)`}},
		{"no rule for the host", head + "      - {type: CNAME, name: app, content: abc123.cfargotunnel.com, proxied: true}\n      - {type: CNAME, name: other, content: abc123.cfargotunnel.com, proxied: true}" + tunnel, []string{
			`f:5:29: no ingress rule of the tunnel "abc123" is for "other.example.com", so its catch-all answers http_status:404 (add a rule with hostname: other.example.com)`}},
		{"a catch-all that serves", head + "      - {type: CNAME, name: app, content: abc123.cfargotunnel.com, proxied: true}\n      - {type: CNAME, name: other, content: abc123.cfargotunnel.com, proxied: true}" + strings.Replace(tunnel, "http_status:404", "http://localhost:2", 1), nil},
		{"no record for a host", head + "      - {type: A, name: www, content: 192.0.2.1}" + tunnel, []string{
			`f:9:11: no record leads "app.example.com" here, so no request reaches this rule (add a proxied CNAME record to abc123.cfargotunnel.com)`}},
		{"the record leads elsewhere", head + "      - {type: A, name: app, content: 192.0.2.1, proxied: true}" + tunnel, []string{
			`f:9:11: the record of "app.example.com" leads elsewhere, so no request reaches this rule (it is at f:4:9; make it a proxied CNAME record to abc123.cfargotunnel.com)`}},
		{"no zone for a host", strings.Replace(head, "example.com", "example.org", 1) + "      - {type: A, name: www, content: 192.0.2.1}" + tunnel, []string{
			`f:9:11: the host "app.example.com" lies in no zone, so no request reaches this rule (add its zone and a proxied CNAME record to abc123.cfargotunnel.com)`}},
		{"a record twice", head + "      - {type: A, name: www, content: 192.0.2.1}\n      - {type: A, name: www.example.com, content: 192.0.2.1, ttl: 60}", []string{
			`f:5:25: the A record "www.example.com" is written twice (remove it here or at f:4:9)`}},
		{"an application in no zone", head + "      - {type: A, name: www, content: 192.0.2.1, proxied: true}\naccess:\n  apps:\n    - name: A\n      destinations: [{type: public, uri: www.example.com/x}, {type: public, uri: www.example.org}]\n    - {domain: '*.example.com'}\n    - {domain: '*x.example.net/y'}\n    - {domain: api.acme.workers.dev}\n    - {domain: site.pages.dev}", []string{
			`f:8:82: the application's host "www.example.org" lies in no zone of this world (add the zone, or write a host of one)`,
			`f:10:16: the application's host "*x.example.net" lies in no zone of this world (add the zone, or write a host of one)`}},
		{"two teams", "team: acme\naccess: {organization: {auth_domain: other.cloudflareaccess.com}}", []string{
			`f:2:38: auth_domain says "other", team says "acme" at f:1:7 (make them agree)`}},
		{"wildcard rule with a record below it", head + "      - {type: CNAME, name: x.app, content: abc123.cfargotunnel.com, proxied: true}" + strings.Replace(tunnel, "app.example.com", "'*.app.example.com'", 1), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, err := Parse("f", []byte(test.text), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, lines(w.Findings())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What the parser of cloudflared's files has to say is passed on.
func TestFindingsOfConfigs(t *testing.T) {
	dir := fixtures.Folder(t, "-- config.yml --\ntunnel: t\ningress:\n  - {hostname: a.example.com, servce: x, service: http://localhost:1}\n  - {hostname: a.example.com, service: http://localhost:2}\n  - {service: http_status:404}\n")
	w, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := lines(w.Findings())
	if len(got) != 2 || !strings.Contains(got[0], "config.yml:3:31: ") || !strings.Contains(got[0], "servce") || !strings.Contains(got[1], "config.yml:4:") {
		t.Errorf("got %q", got)
	}
}
