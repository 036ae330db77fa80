package edge_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/world"
)

// An application whose hosts have a wildcard within a label lets everyone into some of a guarded record's hosts.
func TestAuditFindsHostsByAPartOfTheirLabel(t *testing.T) {
	zone := strings.Repeat("1", 32)
	everyone := []accessemu.PolicyRef{{Policy: accessemu.Policy{Name: "all", Decision: "bypass", Include: []accessemu.Rule{{Selector: "everyone", Value: accessemu.EveryoneRule{}}}}}}
	app := func(name string, policies []accessemu.PolicyRef) *accessemu.Application {
		return &accessemu.Application{Name: name, Destinations: []accessemu.Destination{{Type: "public", URI: name}}, Policies: policies}
	}
	report := auditOf(t,
		&world.Settings{Team: "acme"}, &dnsemu.Zone{ID: zone, Name: "example.com"},
		&world.Record{ZoneID: zone, Record: dnsemu.Record{Type: "A", Name: "*.example.com", Content: "192.0.2.1", Proxied: true}},
		app("*.example.com", allowAlice), app("pub-*.example.com", everyone))
	var urls []string
	for _, e := range report.Entrypoints {
		urls = append(urls, e.URL)
		if e.URL == "https://pub-*.example.com/" && !e.Public {
			t.Errorf("%+v", e)
		}
	}
	if !slices.Contains(urls, "https://pub-*.example.com/") {
		t.Error(urls)
	}
}
