package edge

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
)

// ctx.access says who Access let in, and of nobody else anything.
func TestWorkerKnowsWhoAccessLetIn(t *testing.T) {
	const code = `export default { async fetch(request, env, ctx) {
		return Response.json({ aud: ctx.access?.aud ?? "", email: (await ctx.access?.getIdentity())?.email ?? "", header: request.headers.get("cf-access-authenticated-user-email") ?? "" });
	} }`
	const aud = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	docs := append(uploaded("who", code), uploaded("open", code)...)
	docs = append(docs, accessemu.Application{
		Name: "who", AUD: aud, Domain: "who.acme.workers.dev",
		Policies: []accessemu.PolicyRef{{Policy: accessemu.Policy{Name: "p", Decision: "allow", Include: []accessemu.Rule{{Selector: "everyone", Value: json.RawMessage("{}")}}}}},
	})
	e := withWorkers(t, docs)
	login, err := e.SignIn(SignIn{Email: "alice@example.com", URL: "https://who.acme.workers.dev/"})
	if err != nil {
		t.Fatal(err)
	}
	type told struct{ AUD, Email, Header string }
	for url, want := range map[string]told{
		"https://who.acme.workers.dev/":  {aud, "alice@example.com", "alice@example.com"},
		"https://open.acme.workers.dev/": {},
	} {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cf-Access-Authenticated-User-Email", "mallory@example.com")
		for _, c := range login.Cookies {
			if c.Host == r.URL.Host {
				r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
			}
		}
		resp, err := e.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var got told
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s:\n%s", url, d)
		}
	}
}
