package api

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
)

// A variable of a Pages project, in the form of the real API and in that of the guide.
func TestVariables(t *testing.T) {
	m := newMemory(t)
	var log bytes.Buffer
	o := options(m)
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	c := client{t, New(o)}
	c.ok("POST", "A/pages/projects", object{"name": "shop", "production_branch": "main", "deployment_configs": object{"production": object{}, "preview": object{}}})
	vars := func() map[string]string {
		out := map[string]string{}
		p := first(m.Layers(), world.KindPagesProject, func(*world.PagesProject) bool { return true })
		for _, b := range p.Production.Bindings {
			out[b.Name] = b.Type + " " + b.Text + b.Service
		}
		return out
	}
	nested := func(env object) object {
		return object{"deployment_configs": object{"production": env}}
	}
	c.ok("PATCH", "A/pages/projects/shop", nested(object{
		"env_vars": object{"MYSERVICE_URL": object{"type": "plain_text", "value": "https://x"}, "KEY": object{"type": "secret_text", "value": "hush"}},
		"services": object{"AUTH": object{"service": "auth", "environment": "production"}},
	}))
	if log.Len() > 0 {
		t.Errorf("the real form is remarked upon: %s", &log)
	}
	const flat = "A/pages/projects/shop/environments/production"
	c.ok("PATCH", flat, `{"MYSERVICE_URL":"https://y","B":{"type":"secret_text","value":"hush"},"C":"c"}`)
	if !strings.Contains(log.String(), "the real API has no such route") || strings.Contains(log.String(), "hush") {
		t.Errorf("logged: %s", &log)
	}
	c.ok("PATCH", flat, `{"env_vars":{"C":null,"D":{"value":"d"}}}`)
	a := c.ok("PATCH", flat, `{"vars":{"E":"e"}}`)
	want := map[string]string{"MYSERVICE_URL": "plain_text https://y", "KEY": "secret_text hush", "AUTH": "service auth", "B": "secret_text hush", "D": "plain_text d", "E": "plain_text e"}
	if diff := cmp.Diff(want, vars()); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(a.text, "hush") || a.field("deployment_configs.production.env_vars.KEY.type") != "secret_text" {
		t.Error(a.text)
	}
	// What was read may be sent back: the secret stays.
	c.ok("PATCH", "A/pages/projects/shop", nested(object{"env_vars": a.field("deployment_configs.production.env_vars")}))
	c.ok("PATCH", "A/pages/projects/shop", nested(object{"env_vars": object{"B": nil}}))
	delete(want, "B")
	if diff := cmp.Diff(want, vars()); diff != "" {
		t.Error(diff)
	}
	if a := c.ok("GET", flat, nil); a.field("MYSERVICE_URL.value") != "https://y" {
		t.Error(a.text)
	}
	c.refused("PATCH", "A/pages/projects/shop/environments/staging", "{}", 404, 7003)
	c.refused("PATCH", "A/pages/projects/none/environments/production", "{}", 404, 8000007)
	c.refused("PATCH", "A/pages/projects/none", "{}", 404, 8000007)
	c.refused("PATCH", "A/pages/projects/shop", object{"deployment_configs": object{"staging": object{}}}, 400, 8000000)
	c.refused("PATCH", flat, `{"X":5}`, 400, 8000000)
	c.refused("PATCH", "A/pages/projects/shop", nested(object{"env_vars": object{"X": object{"type": "json", "value": "1"}}}), 400, 8000000)
	c.refused("POST", "A/pages/projects", object{"name": "shop"}, 409, 8000002)
	c.refused("POST", "A/pages/projects", object{"name": "no name"}, 400, 8000000)
	c.ok("DELETE", "A/pages/projects/shop", nil)
	c.refused("GET", "A/pages/projects/shop", nil, 404, 8000007)
}

// The part _worker.bundle is an upload inside the upload, and comes without its boundary.
func TestPagesUpload(t *testing.T) {
	m := newMemory(t)
	o := options(m)
	var got PagesUpload
	o.Pages = func(in PagesUpload) (*version.Version, error) { got = in; return plainPages(in) }
	c := client{t, New(o)}
	c.ok("POST", "A/pages/projects", object{"name": "shop"})
	_, bundle := form(t, worker("code", `{"main_module":"index.js","bindings":[{"type":"plain_text","name":"A","text":"a"}]}`)...)
	parts := []sent{{name: "manifest", content: "{}"}, {"_worker.bundle", "_worker.bundle", "application/octet-stream", strings.ReplaceAll(string(bundle), "xxxx", "inner")},
		{"_routes.json", "_routes.json", "", `{"version":1}`}, {"_headers", "_headers", "", "/*\n  A: b"}}
	a := c.upload("POST", "A/pages/projects/shop/deployments", parts...)
	if a.Status != 200 || a.field("environment") != "production" || a.field("latest_stage.status") != "success" {
		t.Fatal(a.text)
	}
	if string(got.Routes) != `{"version":1}` || got.Redirects != nil || string(got.Code.Modules[0].Content) != "code" {
		t.Errorf("%+v", got)
	}
	p := first(m.Layers(), world.KindPagesProject, func(*world.PagesProject) bool { return true })
	if v := p.Deployments[0].Version; string(v.Assets.Config) != `{"_headers":"/*\n  A: b"}` || named(v.Bindings, "A") == nil || v.ID != p.Deployments[0].ID {
		t.Errorf("%+v", v)
	}
	for name, one := range map[string]sent{
		"manifest":       {name: "manifest", content: `{"/index.html":"nothere"}`},
		"_worker.bundle": {name: "_worker.bundle", content: "junk"},
		"_routes.json":   {name: "_routes.json", content: "junk"},
	} {
		bad := append([]sent{}, parts...)
		for i := range bad {
			if bad[i].name == name {
				bad[i] = one
			}
		}
		if a := c.upload("POST", "A/pages/projects/shop/deployments", bad...); a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.text)
		}
	}
	id := p.Deployments[0].ID
	if a := c.call("DELETE", "A/pages/projects/shop/deployments/"+id, nil); a.Status != 400 {
		t.Errorf("what is live is deleted: %s", a.text)
	}
	for range 12 {
		c.upload("POST", "A/pages/projects/shop/deployments", append(parts, sent{name: "branch", content: "feature"})...)
	}
	if p := first(m.Layers(), world.KindPagesProject, func(*world.PagesProject) bool { return true }); len(p.Deployments) != keptDeployments+1 || p.Deployments[keptDeployments].ID != id {
		t.Errorf("%d deployments are kept", len(p.Deployments))
	}
}

func TestUploadTokens(t *testing.T) {
	c := newClient(t, newMemory(t))
	for _, path := range []string{"/pages/assets/check-missing", "/pages/assets/upload", "/pages/assets/upsert-hashes", "A/workers/assets/upload"} {
		c.refused("POST", path, "{}", 401, 8000013) // the API token is none for these
	}
	c.ok("POST", "A/pages/projects", object{"name": "shop"})
	token := c.ok("GET", "A/pages/projects/shop/upload-token", nil).field("jwt").(string)
	if strings.Count(token, ".") != 2 {
		t.Errorf("%q is no JWT", token)
	}
}
