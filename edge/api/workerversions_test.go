package api

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/edge/world"
)

func inJSON(code string) object {
	return object{"name": "index.js", "content_type": "application/javascript+module", "content_base64": base64.StdEncoding.EncodeToString([]byte(code))}
}

// A Worker by the newer resource: made without code, then versions in JSON, then a deployment.
func TestWorkerFirst(t *testing.T) {
	m := newMemory(t)
	c := newClient(t, m)
	w := c.ok("POST", "A/workers/workers", object{"name": "first", "tags": []string{"a"}, "subdomain": object{"enabled": true, "previews_enabled": true}, "observability": object{"enabled": true, "logs": object{"enabled": true}}})
	if w.field("subdomain.url") != "https://first.dev-team.workers.dev" || w.field("observability.logs.enabled") != true || w.field("deployed_on") != nil {
		t.Error(w.text)
	}
	c.refused("POST", "A/workers/workers", object{"name": "first"}, 409, 10040)
	c.refused("POST", "A/workers/workers", object{}, 400, 10021)
	c.refused("POST", "A/workers/workers", object{"name": "No Name"}, 400, 10016)
	id := w.field("id").(string)

	one := c.ok("POST", "A/workers/workers/"+id+"/versions", object{
		"main_module": "index.js", "compatibility_date": "2026-03-22", "modules": []object{inJSON("one")}, "limits": object{"cpu_ms": 50},
		"bindings":    []object{{"type": "plain_text", "name": "WHO", "text": "me"}, {"type": "d1", "name": "DB", "database_id": "x"}},
		"annotations": object{"workers/alias": "next"},
	})
	v := one.field("id").(string)
	if one.field("number") != 1.0 || one.field("main_module") != "index.js" || one.field("limits.cpu_ms") != 50.0 {
		t.Error(one.text)
	}
	if diff := cmp.Diff([]any{"https://" + v[:8] + "-first.dev-team.workers.dev", "https://next-first.dev-team.workers.dev"}, one.field("urls")); diff != "" {
		t.Error(diff)
	}
	if b := (&call{layers: m.Layers()}).version("first", v).Bindings[1]; b.ID != "x" {
		t.Errorf("the database is not bound: %+v", b)
	}
	if a := c.ok("GET", "A/workers/workers/first/versions/latest?include=modules", nil); a.field("modules.0.content_base64") != base64.StdEncoding.EncodeToString([]byte("one")) {
		t.Error(a.text)
	}
	c.refused("GET", "A/workers/workers/first/versions/latest?include=all", nil, 400, 10021)
	if a := c.ok("GET", "A/workers/workers/first/versions/"+v, nil); strings.Contains(a.text, "content_base64") {
		t.Error(a.text)
	}
	c.ok("POST", "A/workers/scripts/first/deployments", object{"strategy": "percentage", "versions": []object{{"version_id": v, "percentage": 100}}})
	c.refused("DELETE", "A/workers/workers/first/versions/"+v, nil, 400, 10021)

	// ?deploy=true is both at once; then the deployment before, and its version, may go.
	two := c.ok("POST", "A/workers/workers/"+id+"/versions?deploy=true", object{"main_module": "index.js", "modules": []object{inJSON("two")}})
	if got := get[world.Worker](m.Layers(), world.KindWorker, "first").Current(); got != two.field("id") {
		t.Error(got, two.text)
	}
	c.refused("DELETE", "A/workers/workers/first/versions/"+v, nil, 400, 10021)
	list := c.ok("GET", "A/workers/scripts/first/deployments", nil)
	now, before := list.field("deployments.0.id").(string), list.field("deployments.1.id").(string)
	c.refused("DELETE", "A/workers/scripts/first/deployments/"+now, nil, 400, 10021)
	c.ok("DELETE", "A/workers/scripts/first/deployments/"+before, nil)
	c.refused("GET", "A/workers/scripts/first/deployments/"+before, nil, 404, 10092)
	if a := c.ok("GET", "A/workers/scripts/first/deployments/"+now, nil); a.field("versions.0.version_id") != two.field("id") {
		t.Error(a.text)
	}
	c.ok("DELETE", "A/workers/workers/first/versions/"+v, nil)
	c.refused("GET", "A/workers/workers/first/versions/"+v, nil, 404, 10092)
	if a := c.ok("GET", "A/workers/workers/first/versions?page=2", nil); len(a.Result.([]any)) != 0 || a.Info.TotalCount != 1 {
		t.Error(a.text)
	}

	for _, bad := range []object{
		{"main_module": "index.js", "modules": []object{{"name": "index.js", "content_type": "application/javascript+module", "content_base64": "*"}}},
		{"main_module": "index.js", "modules": []object{inJSON("broken")}},
		{"main_module": "other.js", "modules": []object{inJSON("x")}},
		{"main_module": "index.js"},
	} {
		c.refused("POST", "A/workers/workers/first/versions", bad, 400, 10021)
	}
	c.refused("POST", "A/workers/workers/none/versions", object{}, 404, 10007)
	c.ok("DELETE", "A/workers/workers/"+id, nil)
	c.refused("GET", "A/workers/workers/first", nil, 404, 10007)
}

// PUT is all of a Worker's settings, PATCH those that are sent; neither touches its code.
func TestWorkerSettings(t *testing.T) {
	c := newClient(t, newMemory(t))
	c.deployed("w", `{"main_module":"index.js","observability":{"enabled":true,"head_sampling_rate":0.5},"placement":{"mode":"smart"},"limits":{"cpu_ms":7},"logpush":true}`)
	a := c.ok("GET", "A/workers/scripts/w/settings", nil)
	if a.field("observability.head_sampling_rate") != 0.5 || a.field("placement.mode") != "smart" || a.field("limits.cpu_ms") != 7.0 || a.field("logpush") != true {
		t.Error(a.text)
	}
	a = c.ok("PATCH", "A/workers/scripts/w/script-settings", object{"observability": object{"enabled": false}, "tags": []string{"x"}})
	if a.field("observability.enabled") != false || a.field("observability.head_sampling_rate") != nil || a.field("logpush") != true || a.field("tags.0") != "x" {
		t.Error(a.text)
	}
	if a = c.ok("PATCH", "A/workers/workers/w", object{"logpush": nil, "subdomain": object{"enabled": true}}); a.field("logpush") != false || a.field("tags.0") != "x" || a.field("subdomain.enabled") != true {
		t.Error(a.text)
	}
	if a = c.ok("PUT", "A/workers/workers/w", object{"name": "w"}); len(a.field("tags").([]any)) != 0 || a.field("subdomain.enabled") != false {
		t.Error(a.text)
	}
	if a = c.ok("GET", "A/workers/scripts/w/settings", nil); a.field("placement.mode") != "smart" {
		t.Error("the settings of the version are gone", a.text)
	}
	c.refused("PATCH", "A/workers/workers/w", object{"name": "other"}, 400, 10021)
	c.refused("PATCH", "A/workers/scripts/w/script-settings", object{"tags": 1}, 400, 6007)
}

func TestScriptsAreFound(t *testing.T) {
	c := newClient(t, newMemory(t))
	for _, name := range []string{"alpha", "beta", "alphabet"} {
		c.deployed(name, meta)
	}
	names := func(query string) (list []any) {
		for _, one := range c.ok("GET", "A/workers/scripts-search"+query, nil).Result.([]any) {
			list = append(list, one.(object)["script_name"])
		}
		return list
	}
	if diff := cmp.Diff([]any{"alpha", "alphabet"}, names("?name=ALPHA")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{"beta"}, names("?per_page=1&page=3&order_by=name")); diff != "" {
		t.Error(diff)
	}
	if got := names("?page=4&per_page=1"); got != nil {
		t.Error(got)
	}
	if id := c.ok("GET", "A/workers/scripts/beta/settings", nil); id.Status != 200 {
		t.Error(id.text)
	}
	c.refused("GET", "A/workers/scripts-search?order_by=size", nil, 400, 10021)
	c.ok("PUT", "A/workers/account-settings", object{"default_usage_model": "standard"})
	c.refused("PUT", "A/workers/account-settings", object{"default_usage_model": "bundled"}, 400, 10021)
	c.refused("PUT", "A/workers/account-settings", object{"green_compute": true}, 400, 10021)
	c.ok("DELETE", "A/workers/subdomain", nil)
	c.refused("GET", "A/workers/subdomain", nil, 404, 10007)
	c.refused("DELETE", "A/workers/subdomain", nil, 404, 10007)
}
