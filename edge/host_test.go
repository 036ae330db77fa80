package edge

import (
	"net/netip"
	"strings"
	"testing"
)

func TestCanonicalHost(t *testing.T) {
	for _, tt := range []struct{ in, name, port string }{
		{"example.com", "example.com", ""},
		{"Example.COM.", "example.com", ""},
		{"example.com:443", "example.com", "443"},
		{"example.com:", "example.com", ""},
		{"my_service.example.com", "my_service.example.com", ""},
		{"My_Service.example.com", "my_service.example.com", ""},
		{"MÜNCHEN.example", "xn--mnchen-3ya.example", ""},
		{"xn--mnchen-3ya.example", "xn--mnchen-3ya.example", ""},
		{"127.0.0.1:4443", "127.0.0.1", "4443"},
		{"[::1]:4443", "::1", "4443"},
		{"[::ffff:1.2.3.4]", "1.2.3.4", ""},
		{"[2001:DB8::1]", "2001:db8::1", ""},
	} {
		h, err := canonicalHost(tt.in)
		if err != nil || h.Name != tt.name || h.Port != tt.port {
			t.Errorf("canonicalHost(%q) = %q port %q, %v; want %q port %q", tt.in, h.Name, h.Port, err, tt.name, tt.port)
		}
		_, ipErr := netip.ParseAddr(tt.name)
		if h.Addr.IsValid() != (ipErr == nil) {
			t.Errorf("canonicalHost(%q): address %v", tt.in, h.Addr)
		}
	}
}

func TestCanonicalHostRefuses(t *testing.T) {
	for _, in := range []string{
		"", ".", ":443", "a b.example", "a/b", "a@b", "a\x00b", "exa\tmple.com", "example.com:0", "example.com:65536",
		"example.com:44a", "example.com:-1", "a..b", "a..", ".example.com", "[::1", "[fe80::1%eth0]", "[1.2.3.4]", "host\r\nx: y",
		strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 127) + "com", "a%2eb", "*.example.com",
	} {
		if h, err := canonicalHost(in); err == nil {
			t.Errorf("canonicalHost(%q) = %+v, want an error", in, h)
		}
	}
}

func TestCanonicalHostAllocatesNothingForPlainNames(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() {
		if _, err := canonicalHost("myservice-internal.example.com:4443"); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzCanonicalHost(f *testing.F) {
	for _, s := range []string{"example.com", "EXAMPLE.com.:80", "[::1]:1", "1.2.3.4", "ümlaut.de", "a_b.c", "ａ.example", "xn--a", "İ.example", "｡", "0.."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		h, err := canonicalHost(in)
		if err != nil {
			return
		}
		name := h.Name
		if h.Addr.Is6() {
			name = "[" + name + "]"
		}
		again, err := canonicalHost(name)
		if err != nil || again.Name != h.Name {
			t.Errorf("%q became %q, which becomes %q, %v", in, h.Name, again.Name, err)
		}
		for i := 0; i < len(h.Name); i++ {
			if c := h.Name[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("/@?#\\%*", c) >= 0 || 'A' <= c && c <= 'Z' {
				t.Errorf("%q became %q, which has %q", in, h.Name, c)
			}
		}
		if strings.HasSuffix(h.Name, ".") {
			t.Errorf("%q became %q", in, h.Name)
		}
	})
}
