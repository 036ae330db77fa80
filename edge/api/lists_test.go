package api

import (
	"net/url"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/world"
)

// Clients look for nothing but an empty page to know that a list is at its end.
func TestPagePastTheEndIsEmpty(t *testing.T) {
	m := newMemory(t, world.Tunnel{ID: "6ff42ae2-765d-4adf-8112-31c55c1551ef", Name: "lab", Secret: strings.Repeat("QUJD", 12)},
		world.VPCService{ID: "4e0a7d6e-0000-4000-8000-000000000001", Name: "db", Type: "tcp", TCPPort: 5432, Host: world.VPCHost{IPv4: "10.0.0.5", Network: &world.VPCNetwork{TunnelID: "lab"}}})
	c := newClient(t, m)
	c.deployed("w", meta)
	c.ok("POST", "A/pages/projects", object{"name": "shop"})
	c.ok("PUT", "A/workers/domains", object{"hostname": "app.example.com", "service": "w"})
	c.ok("POST", "/zones/"+testZone+"/workers/routes", sentRoute{"example.com/*", "w"})
	c.ok("PUT", "A/workers/scripts/w/secrets", object{"name": "K", "text": "x", "type": "secret_text"})
	c.ok("POST", "A/workers/scripts/w/tails", object{})
	lists := 0
	for _, r := range Routes() {
		if r.Method != "GET" || strings.Contains(r.Path, "/tails/{tail}") {
			continue
		}
		path := strings.NewReplacer("{account}", testAccount, "{script}", "w", "{zone}", testZone, "{worker}", "w", "{project}", "shop").Replace(r.Path)
		if strings.Contains(path, "{") {
			continue
		}
		one := c.call("GET", path+"?page=1", nil)
		if one.Info == nil {
			continue
		}
		lists++
		past := c.ok("GET", path+"?page=7", nil)
		items := past.Result
		if o, ok := items.(map[string]any); ok {
			items = o["items"]
		}
		if list, ok := items.([]any); !ok || len(list) != 0 {
			t.Errorf("%s: page 7 is %s", path, past.text)
		}
		if past.Info.Count != 0 || past.Info.Page != 7 || past.Info.TotalCount != one.Info.TotalCount {
			t.Errorf("%s: %+v after %+v", path, past.Info, one.Info)
		}
	}
	if lists < 14 {
		t.Errorf("only %d lists were asked for", lists)
	}
	two := c.ok("GET", "A/queues?name=q&page=2", nil)
	if len(two.Result.([]any)) != 0 {
		t.Error(two.text)
	}
}

func TestPages(t *testing.T) {
	items := []int{1, 2, 3, 4, 5}
	for _, tt := range []struct {
		query string
		want  pageInfo
	}{
		{"", pageInfo{1, 2, 2, 5, 3}},
		{"page=3", pageInfo{3, 2, 1, 5, 3}},
		{"page=4", pageInfo{4, 2, 0, 5, 3}},
		{"page=9223372036854775807", pageInfo{9223372036854775807, 2, 0, 5, 3}},
		{"page=-1&per_page=0", pageInfo{1, 2, 2, 5, 3}},
		{"per_page=1000", pageInfo{1, 4, 4, 5, 2}},
		{"page=x", pageInfo{1, 2, 2, 5, 3}},
	} {
		q, _ := url.ParseQuery(tt.query)
		if got := paged(q, items, 2, 4).info; got != tt.want {
			t.Errorf("%q: got %+v, want %+v", tt.query, got, tt.want)
		}
	}
}

func TestRoutesAreTold(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Routes() {
		key := r.Method + " " + r.Path
		if seen[key] || r.Caller == "" {
			t.Errorf("%s is there twice, or nobody calls it", key)
		}
		seen[key] = true
	}
}
