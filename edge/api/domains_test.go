package api

import (
	"testing"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
)

func TestDomains(t *testing.T) {
	m := newMemory(t, dnsemu.Record{Type: "A", Name: "taken.example.com", Content: "192.0.2.7"})
	c := newClient(t, m)
	c.deployed("w", meta)
	c.deployed("other", meta)
	domain := object{"hostname": "App.example.com", "service": "w", "zone_id": testZone, "environment": "production"}
	a := c.ok("PUT", "A/workers/domains", domain)
	if a.field("hostname") != "app.example.com" || a.field("zone_name") != "example.com" {
		t.Error(a.text)
	}
	record := (&call{layers: m.Layers(), account: testAccount}).recordsAt(testZone, "app.example.com")
	if len(record) != 1 || !record[0].Proxied {
		t.Errorf("%+v", record)
	}
	c.ok("PUT", "A/workers/domains", domain) // again
	c.refused("PUT", "A/workers/domains", object{"hostname": "app.example.com", "service": "other"}, 409, 100116)
	c.refused("PUT", "A/workers/domains", object{"hostname": "taken.example.com", "service": "w"}, 409, 100117)
	c.refused("PUT", "A/workers/domains", object{"hostname": "a.example.org", "service": "w"}, 404, 10083)
	c.refused("PUT", "A/workers/domains", object{"hostname": "notexample.com", "service": "w"}, 404, 10083)
	c.refused("PUT", "A/workers/domains", object{"hostname": "*.example.com", "service": "w"}, 400, 10021)
	c.refused("PUT", "A/workers/domains", object{"hostname": "b.example.com", "service": "nobody"}, 404, 10090)

	const script = "A/workers/scripts/other/domains/"
	change := c.ok("POST", script+"changeset?replace_state=true", []object{{"hostname": "app.example.com"}, {"hostname": "taken.example.com"}, {"hostname": "new.example.com"}})
	for path, want := range map[string]string{"updated": "app.example.com", "conflicting": "taken.example.com", "added": "new.example.com"} {
		if change.field(path+".0.hostname") != want {
			t.Errorf("%s: %s", path, change.text)
		}
	}
	all := object{"override_scope": true, "override_existing_origin": true, "override_existing_dns_record": true, "origins": []object{{"hostname": "app.example.com", "previews_enabled": true}, {"hostname": "taken.example.com", "enabled": false}}}
	c.ok("PUT", script+"records", all)
	if a := c.ok("GET", "A/workers/domains?service=other", nil); a.Info.Count != 2 || a.field("0.service") != "other" {
		t.Error(a.text)
	}
	all["origins"] = []object{}
	c.ok("PUT", script+"records", all)
	if a := c.ok("GET", "A/workers/domains", nil); a.Info.Count != 0 {
		t.Error(a.text)
	}
	for range m.Layers().All(world.KindRecord) {
		t.Error("a record of the platform stays")
	}
	a = c.ok("PUT", "A/workers/domains", domain)
	id := a.field("id").(string)
	c.ok("GET", "A/workers/domains/"+id, nil)
	c.ok("DELETE", "A/workers/domains/"+id, nil)
	c.refused("DELETE", "A/workers/domains/"+id, nil, 404, 10012)
}

func TestWorkerRoutes(t *testing.T) {
	m := newMemory(t)
	c := newClient(t, m)
	c.deployed("w", meta)
	c.deployed("other", meta)
	const routes = "/zones/" + testZone + "/workers/routes"
	a := c.ok("POST", routes, sentRoute{"example.com/a/*", "w"})
	id := a.field("id").(string)
	c.refused("POST", routes, sentRoute{"example.com/a/*", "other"}, 409, 10020)
	c.ok("POST", routes, sentRoute{"example.com/a/b/*", ""})
	c.refused("POST", routes, sentRoute{"example.com/x/*", "nobody"}, 404, 10007)
	for _, pattern := range []string{"example.org/*", "a*.example.com/*", "example.com/*/x", "example.com/?x=1", "", "/x", "example.com:80/"} {
		c.refused("POST", routes, sentRoute{pattern, "w"}, 400, 10022)
	}
	c.refused("POST", "/zones/22222222222222222222222222222222/workers/routes", sentRoute{"example.com/*", "w"}, 403, 9109)
	c.refused("GET", "/zones/example.com/workers/routes", nil, 404, 7003)
	c.ok("PUT", routes+"/"+id, sentRoute{"*.example.com/*", "other"})
	if a := c.ok("GET", routes+"/"+id, nil); a.field("script") != "other" {
		t.Error(a.text)
	}
	c.ok("PUT", "A/workers/scripts/w/routes", []object{{"pattern": "example.com/w", "zone_name": "example.com"}, {"pattern": "https://www.example.com/*"}})
	c.ok("PUT", "A/workers/scripts/w/routes", []object{{"pattern": "example.com/w"}})
	if a := c.ok("GET", routes, nil); a.Info.Count != 3 {
		t.Error(a.text)
	}
	c.refused("PUT", "A/workers/scripts/w/routes", []object{{"pattern": "*.example.com/*"}}, 409, 10020)
	c.refused("PUT", "A/workers/scripts/w/routes", []object{{"pattern": "example.net/*"}}, 404, 10083)
	c.ok("DELETE", routes+"/"+id, nil)
	c.refused("DELETE", routes+"/"+id, nil, 404, 10009)
}

func TestSubdomain(t *testing.T) {
	m := newMemory(t)
	c := newClient(t, m)
	c.deployed("w", meta)
	const path = "A/workers/scripts/w/subdomain"
	for _, tt := range []struct {
		body    object
		on, pre bool
	}{
		{object{"enabled": true}, true, true},
		{object{"enabled": true, "previews_enabled": false}, true, false},
		{object{"enabled": false, "previews_enabled": true}, false, true},
		{object{"enabled": false}, false, false},
	} {
		c.ok("POST", path, tt.body)
		if a := c.ok("GET", path, nil); a.field("enabled") != tt.on || a.field("previews_enabled") != tt.pre {
			t.Errorf("%v: %s", tt.body, a.text)
		}
	}
	c.refused("POST", path, object{}, 400, 10021)
	c.ok("PUT", "A/workers/subdomain", object{"subdomain": "Mine"})
	if a := c.ok("GET", "A/workers/workers/w", nil); a.field("subdomain.url") != "https://w.mine.workers.dev" {
		t.Error(a.text)
	}
	c.refused("PUT", "A/workers/subdomain", object{"subdomain": "a.b"}, 400, 10031)
	c.refused("GET", "A/workers/scripts/none/subdomain", nil, 404, 10007)
}
