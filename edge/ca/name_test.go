package ca

import (
	"crypto/tls"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestCanonicalName(t *testing.T) {
	label := strings.Repeat("a", 63)
	longest := strings.Join([]string{label, label, label, strings.Repeat("b", 61)}, ".")
	for _, tt := range []struct {
		in, want string
		ok       bool
	}{
		{"", "", true},
		{"app.example.com", "app.example.com", true},
		{"App.EXAMPLE.com", "app.example.com", true},
		{"app.example.com.", "app.example.com", true},
		{"xn--BCHER-kva.example", "xn--bcher-kva.example", true},
		{"_dmarc.example.com", "_dmarc.example.com", true},
		{longest, longest, true},
		{longest + ".", longest, true},
		{longest + "b", "", false},
		{label + "a.example.com", "", false},
		{"LOCALHOST", "", true},
		{"127.0.0.1", "", true},
		{"::1", "", true},
		{"[::1]", "", true},
		{"1.2.3", "", false},
		{"1.2.3.4.5", "", false},
		{".", "", false},
		{"..", "", false},
		{".example.com", "", false},
		{"a..example.com", "", false},
		{"example.com..", "", false},
		{"*.example.com", "", false},
		{"app.example.com:443", "", false},
		{"app.example.com/", "", false},
		{"a b.example.com", "", false},
		{"app.example.com\x00.evil.test", "", false},
		{"\x00default", "", false},
		{"bücher.example", "", false},
		{"app.example.com\n", "", false},
		{strings.Repeat("a.", 40000), "", false},
	} {
		if got, ok := canonicalName(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("canonicalName(%.60q) = %q, %v; want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestErrorIsShort(t *testing.T) {
	_, err := leafName(nil, strings.Repeat("\x00", 65535))
	var unknown *UnknownNameError
	if !errors.As(err, &unknown) || !unknown.Malformed || len(err.Error()) > 2000 {
		t.Errorf("%d bytes of %T", len(err.Error()), err)
	}
}

func FuzzCanonicalName(f *testing.F) {
	for _, s := range []string{"", "app.example.com", "A.B.", "127.0.0.1", "[::1]", "fe80::1%eth0", "xn--a", "*.x", "a\x00b", "..", strings.Repeat("a", 300), "\xff.com", "1.2.3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, ok := canonicalName(s)
		if !ok {
			if host != "" {
				t.Fatalf("refused and yet %q", host)
			}
			return
		}
		if host == "" {
			return
		}
		if again, ok := canonicalName(host); again != host || !ok {
			t.Fatalf("%q is not stable: %q, %v", host, again, ok)
		}
		if !strings.EqualFold(host, strings.TrimSuffix(s, ".")) {
			t.Fatalf("%q became another name: %q", s, host)
		}
		if _, err := netip.ParseAddr(host); err == nil || len(host) > 253 || strings.ContainsAny(host, "\x00* /:\\") {
			t.Fatalf("%q passed as a host", host)
		}
		get := fuzzed.GetCertificate(world{"*." + host, host})
		cert, err := get(&tls.ClientHelloInfo{ServerName: s})
		if err != nil {
			t.Fatal(err)
		}
		if err := cert.Leaf.VerifyHostname(host); err != nil && !strings.ContainsAny(host, "_-") {
			t.Fatal(err)
		}
	})
}

var fuzzed, _ = New(Options{MaxLeaves: 8})

// What a hostile client can put into a real hello.
func TestHostileServerNames(t *testing.T) {
	a := newAuthority(t, Options{})
	get := a.GetCertificate(all{})
	for _, name := range []string{
		"app.example.com\x00.evil.test", "\x00default", "*.example.com", "a..b", "-", strings.Repeat("a.", 150) + "test",
		strings.Repeat("a", 60000), "bücher.example", "app.example.com:443", "../../etc/passwd", "\r\nInjected: yes",
	} {
		_, clientErr, serverErr := handshake(t, &tls.Config{GetCertificate: get}, &tls.Config{ServerName: name, InsecureSkipVerify: true})
		var unknown *UnknownNameError
		switch {
		case name == "-":
			if clientErr != nil || serverErr != nil {
				t.Errorf("%q is a label: %v, %v", name, clientErr, serverErr)
			}
		case clientErr == nil || serverErr == nil:
			t.Errorf("%.60q was served", name)
		case errors.As(serverErr, &unknown) && (!unknown.Malformed || strings.ContainsAny(serverErr.Error(), "\x00\r\n")):
			t.Errorf("%.60q: %v", name, serverErr)
		}
	}
}
