package ca

import (
	"crypto/tls"
	"fmt"
	"testing"
)

func BenchmarkGetCertificateCached(b *testing.B) {
	for _, hosts := range []int{1, 1000} {
		b.Run(fmt.Sprintf("hosts=%d", hosts), func(b *testing.B) {
			a := newAuthority(b, Options{})
			get := a.GetCertificate(all{})
			for i := range hosts {
				if _, err := get(&tls.ClientHelloInfo{ServerName: fmt.Sprintf("host%d.example.com", i)}); err != nil {
					b.Fatal(err)
				}
			}
			hello := &tls.ClientHelloInfo{ServerName: "host0.example.com"}
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := get(hello); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func TestCachedHandshakeAllocatesNothing(t *testing.T) {
	a := newAuthority(t, Options{})
	get := a.GetCertificate(all{})
	for _, name := range []string{"", "app.example.com"} {
		hello := &tls.ClientHelloInfo{ServerName: name}
		if _, err := get(hello); err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { get(hello) }); n != 0 {
			t.Errorf("%q: %v allocations", name, n)
		}
	}
}

func BenchmarkCovers(b *testing.B) {
	a := newAuthority(b, Options{})
	b.ReportAllocs()
	for b.Loop() {
		if !a.Covers(all{}, "app.example.com", "app.example.com") {
			b.Fatal("not covered")
		}
	}
}

func BenchmarkMint(b *testing.B) {
	a := newAuthority(b, Options{MaxLeaves: 16})
	get := a.GetCertificate(all{})
	a.CertPEM()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := get(&tls.ClientHelloInfo{ServerName: fmt.Sprintf("host%d.example.com", i)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFirstUse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newAuthority(b, Options{}).CertPEM()
	}
}

// all admits every host under a leaf of its own.
type all struct{}

func (all) Leaf(host string) (string, bool) { return host, true }
