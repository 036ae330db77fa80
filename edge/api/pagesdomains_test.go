package api

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
)

func TestPagesDomains(t *testing.T) {
	m := newMemory(t, world.Record{ZoneID: testZone, Record: dnsemu.Record{ID: "r", Type: "CNAME", Name: "has.example.com", Content: "p.pages.dev", Proxied: true}})
	c := newClient(t, m)
	c.ok("POST", "A/pages/projects", object{"name": "p", "production_branch": "main"})
	c.ok("POST", "A/pages/projects", object{"name": "q", "production_branch": "main"})
	records := func() (names []string) {
		for _, r := range all[world.Record](m.Layers(), world.KindRecord, nil) {
			names = append(names, r.Type+" "+r.Name)
		}
		slices.Sort(names)
		return names
	}
	a := c.ok("POST", "A/pages/projects/p/domains", object{"name": "WWW.example.com"})
	if a.field("name") != "www.example.com" || a.field("status") != "active" || a.field("zone_tag") != testZone || a.field("validation_data.status") != "active" {
		t.Error(a.text)
	}
	c.ok("POST", "A/pages/projects/p/domains", object{"name": "has.example.com"})
	if diff := cmp.Diff([]string{"AAAA www.example.com", "CNAME has.example.com"}, records()); diff != "" {
		t.Error(diff)
	}
	c.refused("POST", "A/pages/projects/p/domains", object{"name": "www.example.com"}, 409, 8000018)
	c.refused("POST", "A/pages/projects/q/domains", object{"name": "www.example.com"}, 409, 8000000)
	c.refused("POST", "A/pages/projects/none/domains", object{"name": "x.example.com"}, 404, 8000007)
	if a := c.call("POST", "A/pages/projects/p/domains", object{"name": "www.elsewhere.org"}); a.Status < 400 || a.Status >= 500 {
		t.Error(a.text)
	}
	if a := c.ok("GET", "A/pages/projects/p/domains", nil); len(a.Result.([]any)) != 2 {
		t.Error(a.text)
	}
	if a := c.ok("GET", "A/pages/projects/p", nil); len(a.field("domains").([]any)) != 3 {
		t.Error(a.text)
	}
	c.ok("PATCH", "A/pages/projects/p/domains/www.example.com", nil)
	c.refused("GET", "A/pages/projects/q/domains/www.example.com", nil, 404, 8000000)
	c.refused("GET", "A/workers/domains/"+a.field("id").(string)+"x", nil, 404, 10012)
	c.ok("DELETE", "A/pages/projects/p/domains/www.example.com", nil)
	c.ok("DELETE", "A/pages/projects/p/domains/has.example.com", nil)
	if diff := cmp.Diff([]string{"CNAME has.example.com"}, records()); diff != "" {
		t.Error("a record that somebody wrote goes, or another stays:", diff)
	}
	c.refused("DELETE", "A/pages/projects/p/domains/www.example.com", nil, 404, 8000000)
}

func TestPagesRollback(t *testing.T) {
	c := newClient(t, newMemory(t))
	c.ok("POST", "A/pages/projects", object{"name": "p", "production_branch": "main"})
	deploy := func(branch string) string {
		t.Helper()
		a := c.upload("POST", "A/pages/projects/p/deployments", sent{name: "manifest", content: "{}"}, sent{name: "branch", content: branch},
			sent{name: "commit_hash", content: "abc"}, sent{name: "commit_message", content: "of " + branch}, sent{name: "commit_dirty", content: "true"},
			sent{"_worker.js", "_worker.js", "application/javascript", "export default {}"})
		if a.Status != 200 || a.field("deployment_trigger.metadata.commit_hash") != "abc" || a.field("deployment_trigger.metadata.commit_dirty") != true {
			t.Fatal(a.text)
		}
		return a.field("id").(string)
	}
	live := func() any { return c.ok("GET", "A/pages/projects/p", nil).field("canonical_deployment.id") }
	if live() != nil {
		t.Error(live())
	}
	one, preview, two := deploy("main"), deploy("topic"), deploy("main")
	const at = "A/pages/projects/p/deployments/"
	if live() != two {
		t.Error(live(), two)
	}
	c.refused("POST", at+preview+"/rollback", nil, 400, 8000000)
	c.refused("POST", at+two+"/rollback", nil, 400, 8000000)
	c.refused("POST", at+"none/rollback", nil, 404, 8000009)
	if a := c.ok("POST", at+one+"/rollback", nil); a.field("id") != one || live() != one {
		t.Error(a.text, live())
	}
	c.refused("DELETE", at+one, nil, 400, 8000034)
	if a := c.ok("GET", "A/pages/projects/p", nil); a.field("latest_deployment.id") != two {
		t.Error(a.text)
	}

	// What is rolled back to stays, however many previews come after it; the next deployment of the branch serves again.
	for range keptDeployments + 2 {
		deploy("topic")
	}
	if live() != one {
		t.Error(live(), one)
	}
	again := c.ok("POST", at+one+"/retry", nil)
	if id := again.field("id"); id == one || live() != id || again.field("deployment_trigger.metadata.commit_message") != "of main" {
		t.Error(again.text, live())
	}
	c.refused("POST", at+one+"/retry", nil, 404, 8000009)
	c.ok("POST", "A/pages/projects/p/purge_build_cache", nil)
	c.refused("POST", "A/pages/projects/none/purge_build_cache", nil, 404, 8000007)
}

// What a client sends of a project comes back, also where nothing here acts upon it.
func TestPagesSettingsAreKept(t *testing.T) {
	c := newClient(t, newMemory(t))
	c.ok("POST", "A/pages/projects", object{
		"name": "p", "production_branch": "main", "build_config": object{"build_command": "npm run build"},
		"deployment_configs": object{"production": object{
			"fail_open": false, "placement": object{"mode": "smart"}, "limits": object{"cpu_ms": 5},
			"r2_buckets": object{"B": object{"name": "bucket", "jurisdiction": "eu"}}, "vectorize_bindings": object{"V": object{"index_name": "i"}},
		}},
	})
	const at = "deployment_configs.production."
	a := c.ok("PATCH", "A/pages/projects/p", object{"deployment_configs": object{"production": object{"placement": nil, "vectorize_bindings": object{"V": nil}, "env_vars": object{"A": object{"value": "1"}}}}})
	for path, want := range map[string]any{
		"build_config.build_command": "npm run build", at + "fail_open": false, at + "placement": nil, at + "limits.cpu_ms": 5.0,
		at + "r2_buckets.B.jurisdiction": "eu", at + "vectorize_bindings": nil, at + "env_vars.A.value": "1", "deployment_configs.preview.fail_open": true,
	} {
		if got := a.field(path); got != want {
			t.Errorf("%s: want %v, got %v", path, want, got)
		}
	}
}
