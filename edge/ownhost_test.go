package edge

import (
	"testing"

	"github.com/sundog-edge/sundog/edge/world"
)

// Hosts of an account that has another name are not let out, but corrected; others are let out by egress.
func TestEgressMend(t *testing.T) {
	w, err := world.New(world.Settings{Team: "acme", WorkersSubdomain: "acme"}, world.Worker{Name: "api"})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(w)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s := e.snap.Load()
	egress := func(addr, from, to string) string {
		return `add "` + addr + `" to egress:, or send it elsewhere with origins: {"` + from + `": "` + to + `"}`
	}
	for addr, want := range map[string]string{
		"your-team.cloudflareaccess.com:443": "this world has acme.cloudflareaccess.com",
		"API.sundog.workers.dev:443":         "this world has api.acme.workers.dev",
		"0a1b2c3d-api.other.workers.dev:443": "this world has 0a1b2c3d-api.acme.workers.dev",
		"other.sundog.workers.dev:443":       egress("other.sundog.workers.dev:443", "https://other.sundog.workers.dev:443", "https://127.0.0.1:PORT"),
		"grafana:3000":                       egress("grafana:3000", "http://grafana:3000", "http://127.0.0.1:PORT"),
	} {
		if got := s.egressMend(addr); got != want {
			t.Errorf("%s: %s; want %s", addr, got, want)
		}
	}
}
