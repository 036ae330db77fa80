package edge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu/keypool"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
)

// BenchmarkAudit is an audit of a world of many hosts, each other one with an application of its own.
func BenchmarkAudit(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var zones, apps, rules strings.Builder
			for i := range n {
				fmt.Fprintf(&zones, "      - {type: CNAME, name: h%d, content: abc123.cfargotunnel.com, proxied: true}\n", i)
				fmt.Fprintf(&rules, "{hostname: h%d.example.com, service: 'http://localhost:8080'}, ", i)
				if i%2 == 0 {
					fmt.Fprintf(&apps, "    - {domain: h%d.example.com, policies: [{decision: allow, include: [{email: {email: alice@example.com}}]}]}\n", i)
				}
			}
			w := world.MustParse("team: acme\nzones:\n  - name: example.com\n    records:\n" + zones.String() +
				"tunnels: [{id: abc123, config: {ingress: [" + rules.String() + "{service: http_status:404}]}}]\naccess:\n  apps:\n" + apps.String())
			e, err := edge.New(w, edge.WithKeys(keypool.Key))
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			for b.Loop() {
				if r := e.Audit(); len(r.Failures) != n/2 {
					b.Fatal(len(r.Failures))
				}
			}
		})
	}
}
