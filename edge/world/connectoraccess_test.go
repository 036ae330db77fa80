package world

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConnectorAccessFindings(t *testing.T) {
	const zone = "team: acme\nzones: [{name: example.com, records: [{type: CNAME, name: a, content: t.cfargotunnel.com, proxied: true}]}]\n"
	rule := func(access string) string {
		return "tunnels: [{id: t, config: {ingress: [{hostname: a.example.com, service: http://localhost:1, originRequest: {access: " + access + "}}, {service: http_status:404}]}}]\n"
	}
	app := func(domain string) string {
		return "access: {apps: [{domain: " + domain + ", aud: " + strings.Repeat("a", 64) + ", policies: [{decision: allow, include: [{everyone: {}}]}]}]}\n"
	}
	good := "{required: true, teamName: acme, audTag: [b, " + strings.Repeat("a", 64) + "]}"
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"all agree", zone + rule(good) + app("a.example.com"), nil},
		{"not required", zone + rule("{teamName: other, audTag: [b]}") + app("a.example.com"), nil},
		{"a wildcard application", zone + rule("{required: true, teamName: acme, audTag: [b]}") + app("'*.example.com'"), nil},
		{"a path of the host", zone + rule(good) + app("a.example.com/admin"), nil},
		{"another team", zone + rule(strings.Replace(good, "acme", "acne", 1)) + app("a.example.com"), []string{
			`f:3:144: teamName says "acne", and the team of this world is "acme" at f:1:7, so no token passes (make them agree)`}},
		{"another audience", zone + rule("{required: true, teamName: acme, audTag: [b]}") + app("a.example.com"), []string{
			`f:3:158: audTag has no audience of the Access application "a.example.com" at f:4:46, which guards "a.example.com", so the connector refuses every request (add ` + strings.Repeat("a", 64) + ` to audTag, or aud: b to the application)`}},
		{"no application", zone + rule(good), []string{
			`f:3:38: no Access application guards "a.example.com", so no request has the token that the connector wants (add an application for the host, or take the access block out)`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, err := Parse("f", []byte(tt.text), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, lines(w.Findings())); diff != "" {
				t.Error(diff)
			}
		})
	}
}
