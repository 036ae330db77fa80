package world

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/dnsemu"
	"go.yaml.in/yaml/v3"
)

// hosts is a sundog.yaml with a record, an ingress rule and an application for
// each of n hosts.
func hosts(n int) []byte {
	var records, rules, apps strings.Builder
	for i := range n {
		fmt.Fprintf(&records, "      - {type: CNAME, name: h%d, content: abc123.cfargotunnel.com, proxied: true, ttl: 1}\n", i)
		fmt.Fprintf(&rules, "        - {hostname: h%d.example.com, service: 'http://localhost:8080'}\n", i)
		fmt.Fprintf(&apps, "    - domain: h%d.example.com\n      policies: [{decision: allow, include: [{email: {email: alice@example.com}}]}]\n", i)
	}
	return []byte("team: acme\nzones:\n  - name: example.com\n    records:\n" + records.String() +
		"tunnels:\n  - id: abc123\n    config:\n      ingress:\n" + rules.String() + "        - {service: 'http_status:404'}\naccess:\n  apps:\n" + apps.String())
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		b.Run(fmt.Sprintf("hosts=%d", n), func(b *testing.B) {
			data := hosts(n)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				w, err := Parse("sundog.yaml", data, "")
				if err != nil || len(w.Findings()) > 0 {
					b.Fatal(err, w.Findings())
				}
			}
		})
	}
}

// What reading the YAML alone takes, to hold BenchmarkLoad against.
func BenchmarkBareYAML(b *testing.B) {
	data := hosts(1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var n yaml.Node
		if err := yaml.Unmarshal(data, &n); err != nil {
			b.Fatal(err)
		}
	}
}

// documents is a world of n records.
func documents(b *testing.B, n int) Layers {
	b.Helper()
	docs := []any{dnsemu.Zone{Name: "example.com"}}
	for i := range n {
		docs = append(docs, dnsemu.Record{Type: "A", Name: fmt.Sprintf("h%d.example.com", i), Content: "192.0.2.1"})
	}
	l, _, _ := Layers{}.SetFiles(Of(docs...))
	return l
}

// One edit costs the same beside ten documents and beside ten thousand, also
// when there are as many edits.
func BenchmarkEdit(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000} {
		l := documents(b, n)
		var docs []*Document
		for d := range l.All(KindRecord) {
			docs = append(docs, d)
		}
		edited := l
		for i, d := range docs {
			v := *d.Value.(*Record)
			v.TTL = 60 + i
			edited, _ = edited.Edit(Edit{Put: &Document{Key: d.Key, Value: &v}})
		}
		for name, layers := range map[string]Layers{"files": l, "edits": edited} {
			b.Run(fmt.Sprintf("%s=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					if _, changes := layers.Edit(Edit{Delete: docs[i%n].Key}); len(changes) != 1 {
						b.Fatal(changes)
					}
					i += 7
				}
			})
		}
	}
}

func BenchmarkGet(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		l := documents(b, n)
		var keys []Key
		for d := range l.All(KindRecord) {
			keys = append(keys, d.Key)
		}
		b.Run(fmt.Sprintf("documents=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, ok := l.Get(keys[i%n]); !ok {
					b.Fatal("gone")
				}
				i += 7
			}
		})
	}
}

func BenchmarkSetFiles(b *testing.B) {
	data := hosts(1000)
	first, err := Parse("sundog.yaml", data, "")
	if err != nil {
		b.Fatal(err)
	}
	second, err := Parse("sundog.yaml", append([]byte("# moved\n"), data...), "")
	if err != nil {
		b.Fatal(err)
	}
	l, _, _ := Layers{}.SetFiles(first)
	b.ReportAllocs()
	for b.Loop() {
		l.SetFiles(second)
	}
}
