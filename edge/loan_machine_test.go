package edge_test

import (
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge"
)

const machines = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: api, content: t.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: both, content: t.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: people, content: t.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: open, content: t.cfargotunnel.com, proxied: true}
tunnels: [{id: t, config: {ingress: [{service: "http://localhost:8080"}]}}]
access:
  service_tokens: [{name: ci}, {name: other}]
  policies:
    - {name: robots, decision: non_identity, include: [{service_token: {token_id: ci}}]}
    - {name: staff, decision: allow, include: [{email_domain: {domain: example.com}}]}
  apps:
    - {name: API, domain: api.example.com, policies: [robots]}
    - {name: Both, domain: both.example.com, policies: [robots, staff]}
    - {name: People, domain: people.example.com, policies: [staff]}
`

func TestTheProxyAddsAServiceToken(t *testing.T) {
	r := startWorld(t, machines, originOption(seen))
	lent := lend(t, r.edge, edge.Loan{ServiceToken: "ci"})
	if lent.Holder != "the service token ci" {
		t.Errorf("%+v", lent)
	}
	c := r.proxied(t, lent.User)
	for _, tt := range []struct {
		name, method, url string
		header            [2]string
		status            int
	}{
		{"Service Auth alone, which is 403 without", "GET", "https://api.example.com/", [2]string{}, 200},
		{"beside an allow policy, which is a login without", "GET", "https://both.example.com/", [2]string{}, 200},
		{"an allow policy alone", "GET", "https://people.example.com/", [2]string{}, 302},
		{"not guarded", "GET", "https://open.example.com/", [2]string{}, 200},
		{"a preflight", "OPTIONS", "https://api.example.com/", [2]string{}, 403},
		{"own pair, which is none", "GET", "https://api.example.com/", [2]string{"Cf-Access-Client-Id", "x"}, 403},
		{"plain HTTP", "GET", "http://api.example.com/", [2]string{}, 301},
	} {
		q := newRequest(t, tt.method, tt.url, nil)
		if tt.header[0] != "" {
			q.Header.Set(tt.header[0], tt.header[1])
		}
		resp, body := do(t, c, q)
		if resp.StatusCode != tt.status {
			t.Errorf("%s: %d %s", tt.name, resp.StatusCode, body)
		}
		if resp.StatusCode == 200 && strings.Contains(body, "Cf-Access-Client-Secret") || tt.name == "not guarded" && strings.Contains(body, "Cf-Access") {
			t.Errorf("%s: the origin sees the credential: %s", tt.name, body)
		}
	}
	if resp, body := do(t, r.proxied(t, lend(t, r.edge, edge.Loan{ServiceToken: "other"}).User), newRequest(t, "GET", "https://api.example.com/", nil)); resp.StatusCode != 403 {
		t.Errorf("a token that no policy names: %d %s", resp.StatusCode, body)
	}
	r.edge.EndLoan(lent.User)
	if _, err := r.proxied(t, lent.User).Do(newRequest(t, "GET", "https://api.example.com/", nil)); err == nil {
		t.Error("a loan that has ended is still known")
	}
	if _, err := r.edge.Lend(edge.Loan{ServiceToken: "none"}); err == nil || !strings.Contains(err.Error(), "ci") {
		t.Errorf("a token that is none: %v", err)
	}
}
