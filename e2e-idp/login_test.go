package e2eidp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/script/browser"
	"github.com/sundog-edge/sundog/edge/world"
)

const text = `
team: acme
zones:
  - name: example.com
    records: [{type: CNAME, name: api, content: t.cfargotunnel.com, proxied: true}]
tunnels: [{id: t, config: {ingress: [{service: "http://localhost:8080"}]}}]
access:
  identity_providers:
    - name: Corp
      type: oidc
      config:
        client_id: sundog
        client_secret: %[2]s
        auth_url: %[1]s/auth
        token_url: %[1]s/token
        certs_url: %[1]s/keys
        claims: [department]
        pkce_enabled: %[3]v
  apps:
    - domain: api.example.com
      auto_redirect_to_identity: true
      policies: [{name: admins, decision: allow, include: [{okta: {name: admins}}]}]
`

// network leads to the provider and, for all other hosts, into the edge.
type network struct{ edge, outside http.RoundTripper }

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Hostname() == "127.0.0.1" {
		return n.outside.RoundTrip(r)
	}
	return n.edge.RoundTrip(r)
}

// login goes to the application by the real provider.
func login(t *testing.T, s *server, secret string, pkce bool) (*browser.Browser, *browser.Page, error) {
	t.Helper()
	w, err := world.Parse("sundog.yaml", fmt.Appendf(nil, text, s.URL, secret, pkce), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e, err := edge.New(w, edge.WithKeys(keypool.Key), edge.WithOrigin("http://localhost:8080", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "hello "+r.Header.Get("Cf-Access-Authenticated-User-Email"))
	})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	outside := &http.Transport{}
	t.Cleanup(outside.CloseIdleConnections)
	b := &browser.Browser{Client: &http.Client{Jar: jar, Transport: network{e.Transport(), outside}}}
	page, err := b.With(context.Background(), "Corp", "alice@example.com", "https://api.example.com/")
	return b, page, err
}

func TestLogIn(t *testing.T) {
	s := serve(t)
	s.claims = map[string]any{"email": "alice@example.com", "name": "Alice", "groups": []string{"admins"}, "department": "sales"}
	b, page, err := login(t, s, "s3cret", true)
	if err != nil {
		t.Fatal(err)
	}
	if page.Text != "hello alice@example.com" {
		t.Errorf("the origin saw %q", page.Text)
	}
	identity, err := b.Get(context.Background(), "https://api.example.com/cdn-cgi/access/get-identity")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"id":"u-alice@example.com"`, `"name":"Alice"`, `"groups":["admins"]`, `"oidc_fields":{"department":"sales"}`} {
		if !strings.Contains(string(identity.Body), want) {
			t.Errorf("%s is not in %s", want, identity.Body)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		secret string
		pkce   bool
		change func(*server)
		says   string
	}{
		"wrong secret":    {"other", true, func(*server) {}, "answered 401 with error=invalid_client"},
		"PKCE is missing": {"s3cret", false, func(*server) {}, "the identity provider answered error=invalid_request"},
		"denied":          {"s3cret", true, func(s *server) { s.deny = true }, "error=access_denied"},
		"no address":      {"s3cret", true, func(s *server) { delete(s.claims, "email") }, `no claim "email"`},
		"not in a group":  {"s3cret", true, func(s *server) { delete(s.claims, "groups") }, "no policy admits"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.claims = map[string]any{"email": "alice@example.com", "groups": []string{"admins"}}
			tt.change(s)
			_, _, err := login(t, s, tt.secret, tt.pkce)
			var refused *browser.LoginError
			if !errors.As(err, &refused) || !strings.Contains(refused.Page.Header.Get("Sundog-Why"), tt.says) {
				t.Errorf("%v", err)
			}
		})
	}
}
