package dnsemu

import (
	"fmt"
	"net"
	"testing"

	"github.com/miekg/dns"
)

// names makes a set of zones with n proxied names, ten in each zone.
func names(b *testing.B, n int) *Zones {
	tx := new(Zones).Txn()
	for i := range n {
		zone := fmt.Sprintf("zone%d.test", i/10)
		if i%10 == 0 {
			if err := tx.PutZone(Zone{ID: zone, Name: zone}); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.PutRecord(zone, Record{Type: "CNAME", Name: fmt.Sprintf("host%d", i), Content: "abc.cfargotunnel.com", Proxied: true}); err != nil {
			b.Fatal(err)
		}
	}
	return tx.Commit()
}

func sizes(b *testing.B, bench func(b *testing.B, z *Zones, zone, host string)) {
	for _, n := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprintf("names=%d", n), func(b *testing.B) {
			zone := fmt.Sprintf("zone%d.test", n/20)
			bench(b, names(b, n), zone, fmt.Sprintf("host%d.%s", n/20*10, zone))
		})
	}
}

func BenchmarkRoute(b *testing.B) {
	sizes(b, func(b *testing.B, z *Zones, _, host string) {
		b.ReportAllocs()
		for b.Loop() {
			if z.Route(host).Status != Proxied {
				b.Fatal("not proxied")
			}
		}
	})
}

// BenchmarkAnswer is a query from wire to wire.
func BenchmarkAnswer(b *testing.B) {
	sizes(b, func(b *testing.B, z *Zones, _, host string) {
		s := New(func() *Zones { return z }, Options{})
		q := question(host+".", dns.TypeA)
		q.SetEdns0(1232, false)
		raw, err := q.Pack()
		if err != nil {
			b.Fatal(err)
		}
		var client net.Addr = overUDP
		out := make([]byte, 1500)
		b.ReportAllocs()
		for b.Loop() {
			r := new(dns.Msg)
			if err := r.Unpack(raw); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Answer(r, client).PackBuffer(out); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLogged is what the query log adds, with writers on all processors.
func BenchmarkLogged(b *testing.B) {
	z := names(b, 1000)
	for _, kept := range []int{0, DefaultQueries} {
		b.Run(fmt.Sprintf("kept=%d", kept), func(b *testing.B) {
			o := Options{}
			if kept > 0 {
				o.Queries = NewQueryLog(kept, nil)
			}
			s := New(func() *Zones { return z }, o)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				q := question("host500.zone50.test.", dns.TypeA)
				for pb.Next() {
					if m := s.Answer(q, overUDP); len(m.Answer) != 1 {
						b.Error("no answer")
					}
				}
			})
		})
	}
}

// BenchmarkResolver is an answer of 1.1.1.1, and one from a machine's cache.
func BenchmarkResolver(b *testing.B) {
	z := names(b, 1000)
	for name, o := range map[string]ResolverOptions{"fresh": {}, "cached": {Cache: true}} {
		b.Run(name, func(b *testing.B) {
			r := NewResolver(New(func() *Zones { return z }, Options{}), o)
			q := question("host500.zone50.test.", dns.TypeA)
			b.ReportAllocs()
			for b.Loop() {
				if m := r.Answer(q, overUDP); len(m.Answer) != 1 {
					b.Fatal("no answer")
				}
			}
		})
	}
}

func BenchmarkCommit(b *testing.B) {
	sizes(b, func(b *testing.B, z *Zones, zone, _ string) {
		b.ReportAllocs()
		for b.Loop() {
			tx := z.Txn()
			if err := tx.PutRecord(zone, Record{ID: "new", Type: "A", Name: "new", Content: "203.0.113.1"}); err != nil {
				b.Fatal(err)
			}
			tx.Commit()
		}
	})
}
