package edge

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/edge/world"
)

const machinesWorld = `
team: acme
zones:
  - name: example.com
    records: [{type: CNAME, name: app, content: t.cfargotunnel.com, proxied: true}]
tunnels: [{id: t, config: {ingress: [{service: "http://localhost:8080"}]}}]
access:
  service_tokens: [{name: ci}, {name: given, client_secret: given-secret}, {name: hashed, client_secret_hash: "` + emptyHash + `"}]
  apps:
    - domain: app.example.com
      policies: [{name: robots, decision: non_identity, include: [{any_valid_service_token: {}}]}]
`

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestServiceTokensOfAWorld(t *testing.T) {
	e, err := New(world.MustParse(machinesWorld), WithKeys(keypool.Key), WithOrigin("http://localhost:8080", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "own=1")
		io.WriteString(w, r.Header.Get("Cf-Access-Jwt-Assertion")+" "+r.Header.Get("Cookie")+" "+r.Header.Get("Cf-Access-Client-Secret"))
	})))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ask := func(h http.Header) (int, string, http.Header) {
		t.Helper()
		r, err := http.NewRequest("GET", "https://app.example.com/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if h != nil {
			r.Header = h
		}
		resp, err := e.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body), resp.Header
	}
	made, err := e.ServiceTokenHeaders("ci")
	if err != nil {
		t.Fatal(err)
	}
	status, body, h := ask(made.Clone())
	if status != 200 || !strings.HasPrefix(body, "ey") || !strings.Contains(body, "CF_Authorization=ey") || strings.Contains(body, "cfast_") {
		t.Errorf("%d %s", status, body)
	}
	if set := h.Values("Set-Cookie"); len(set) != 2 || !strings.HasPrefix(set[1], "CF_Authorization=ey") {
		t.Errorf("cookies %q", set)
	}
	// A secret that was made for this run outlives a reload.
	if err := e.Apply(world.MustParse(machinesWorld + "egress: [\"a.test:443\"]\n")); err != nil {
		t.Fatal(err)
	}
	if again, _ := e.ServiceTokenHeaders("ci"); again.Get("Cf-Access-Client-Secret") != made.Get("Cf-Access-Client-Secret") {
		t.Error("a reload made another secret")
	}
	if status, _, h := ask(nil); status != 403 || !strings.Contains(h.Get("Sundog-Why"), `policy "robots" includes only any valid service token`) {
		t.Errorf("%d %s", status, h.Get("Sundog-Why"))
	}
	if _, err := e.ServiceTokenHeaders("hashed"); err == nil || !strings.Contains(err.Error(), "only the hash") {
		t.Error(err)
	}
	if _, err := e.ServiceTokenHeaders("c"); err == nil || !strings.Contains(err.Error(), "it has ci, given") {
		t.Error(err)
	}
	pairs := e.ServiceTokenPairs()
	if len(pairs) != 2 || !pairs[0].Made || pairs[1].Made || pairs[1].ClientSecret != "given-secret" {
		t.Errorf("%+v", pairs)
	}
	if sum := e.Summary(); len(sum.ServiceTokens) != 3 || sum.Entrypoints[0].Note != "machines only, with a service token: no policy lets people log in" {
		t.Errorf("%+v", sum)
	}
}
