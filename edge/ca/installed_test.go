package ca

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func newInstalled(t testing.TB, names ...string) *Installed {
	t.Helper()
	i, err := NewInstalled(names, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func pool(certs ...[]byte) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certs {
		p.AppendCertsFromPEM(c)
	}
	return p
}

// A client that trusts the installed authority alone, and one that trusts the run's alone, both accept the chain;
// for a name that is not permitted only the latter does.
func TestInstalledSignsTheRun(t *testing.T) {
	installed := newInstalled(t, "acme.cloudflareaccess.com", "example.com")
	a := newAuthority(t, Options{Installed: installed})
	names := world{"example.com", "app.example.com", "*.deep.example.com", "acme.cloudflareaccess.com", "other.test", "notexample.com", "example.com.evil.test"}
	server := &tls.Config{GetCertificate: a.GetCertificate(names)}
	for _, tt := range []struct {
		host    string
		trusted bool // by the installed authority
	}{
		{"example.com", true}, {"app.example.com", true}, {"x.deep.example.com", true}, {"acme.cloudflareaccess.com", true},
		{"other.test", false}, {"notexample.com", false}, {"example.com.evil.test", false}, {"127.0.0.1", false}, {"localhost", false},
	} {
		t.Run(tt.host, func(t *testing.T) {
			shown, err, _ := handshake(t, server, &tls.Config{RootCAs: pool(installed.CertPEM()), ServerName: tt.host})
			if got := err == nil; got != tt.trusted {
				t.Errorf("by the installed authority: %v", err)
			}
			if tt.trusted && len(shown) != 3 {
				t.Errorf("%d certificates were shown", len(shown))
			}
			if _, err, _ := handshake(t, server, &tls.Config{RootCAs: pool(a.CertPEM()), ServerName: tt.host}); err != nil {
				t.Errorf("by the run's authority: %v", err)
			}
		})
	}
	if _, err, _ := handshake(t, server, &tls.Config{RootCAs: pool(newInstalled(t, "example.com").CertPEM()), ServerName: "example.com"}); err == nil {
		t.Error("by another installed authority: accepted")
	}
}

// What the stolen key could sign is refused: names of other kinds, other uses, authorities below.
func TestInstalledPermitsNothingElse(t *testing.T) {
	installed := newInstalled(t, "example.com")
	if c := installed.Certificate(); !c.PermittedDNSDomainsCritical || c.MaxPathLen != 1 {
		t.Errorf("critical %v, path length %d", c.PermittedDNSDomainsCritical, c.MaxPathLen)
	}
	a := newAuthority(t, Options{})
	base, err := a.sign("app.example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(*x509.Certificate)
		usage  x509.ExtKeyUsage
		ok     bool
	}{
		{"a permitted host", func(c *x509.Certificate) {}, x509.ExtKeyUsageServerAuth, true},
		{"a host beside it", func(c *x509.Certificate) { c.DNSNames = []string{"app.example.com", "bank.test"} }, x509.ExtKeyUsageServerAuth, false},
		{"an address", func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP("192.0.2.1")} }, x509.ExtKeyUsageServerAuth, false},
		{"an address of version 6", func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP("2001:db8::1")} }, x509.ExtKeyUsageServerAuth, false},
		{"an e-mail address", func(c *x509.Certificate) { c.EmailAddresses = []string{"a@example.com"} }, x509.ExtKeyUsageServerAuth, false},
		{"a URI", func(c *x509.Certificate) { c.URIs = []*url.URL{{Scheme: "https", Host: "app.example.com"}} }, x509.ExtKeyUsageServerAuth, false},
		{"a client", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, x509.ExtKeyUsageClientAuth, false},
		{"signed code", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning} }, x509.ExtKeyUsageCodeSigning, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			template := *base.Leaf
			tt.change(&template)
			der, err := x509.CreateCertificate(rand.Reader, &template, installed.cert, base.Leaf.PublicKey, installed.key)
			if err != nil {
				t.Fatal(err)
			}
			leaf, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			_, err = leaf.Verify(x509.VerifyOptions{Roots: pool(installed.CertPEM()), KeyUsages: []x509.ExtKeyUsage{tt.usage}})
			if got := err == nil; got != tt.ok {
				t.Errorf("verified: %v", err)
			}
		})
	}
}

func TestInstalledRefusesNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"example.com": true, "a.b.example.co.uk": true, "acme.workers.dev": true, "login.cloudflareaccess.org": true, "lab": true, "corp.internal": true,
		"com": false, "co.uk": false, "workers.dev": false, "pages.dev": false, "github.io": false, "": false, ".": false, "*.example.com": false, "EXAMPLE.com": false, "192.0.2.1": false, "a b": false,
	} {
		_, err := NewInstalled([]string{name}, Options{})
		var bad *BadNameError
		if got := err == nil; got != ok || !ok && !errors.As(err, &bad) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := NewInstalled(nil, Options{}); err == nil {
		t.Error("one without names would permit all")
	}
}

func TestInstalledIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sundog", "ca")
	if _, err := OpenInstalled(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	i := newInstalled(t, "b.test", "a.test", "b.test")
	if err := i.Save(dir); err != nil {
		t.Fatal(err)
	}
	again, err := OpenInstalled(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.test", "b.test"}, again.Names()); diff != "" || again.Fingerprint() != i.Fingerprint() {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"c.test", "xa.test", "test"}, again.Missing([]string{"a.test", "x.a.test", "c.test", "xa.test", "test"})); diff != "" {
		t.Error(diff)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for name, want := range map[string]fs.FileMode{InstalledKey: 0o600, InstalledCert: 0o600, ".": fs.ModeDir | 0o700} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, InstalledKey), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenInstalled(dir); err == nil {
		t.Error("a key that everybody could read is used")
	}
}

func TestInstalledRefusesOtherFiles(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	one, two = filepath.Join(one, "ca"), filepath.Join(two, "ca")
	if err := newInstalled(t, "a.test").Save(one); err != nil {
		t.Fatal(err)
	}
	if err := newInstalled(t, "a.test").Save(two); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(two, InstalledCert))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(one, InstalledCert), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenInstalled(one); err == nil || !strings.Contains(err.Error(), "no key of the authority") {
		t.Errorf("another's certificate: %v", err)
	}
	if err := os.WriteFile(filepath.Join(one, InstalledKey), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenInstalled(one); err == nil || !strings.Contains(err.Error(), "holds no PRIVATE KEY") {
		t.Errorf("no key: %v", err)
	}
}

// One that has expired signs nothing, and what it signs does not outlive it.
func TestInstalledExpires(t *testing.T) {
	i := newInstalled(t, "example.com")
	late := func() time.Time { return i.Expires().Add(time.Hour) }
	r, err := newAuthority(t, Options{Installed: i, Now: late}).root()
	if err != nil || len(r.chain) != 1 {
		t.Errorf("%d certificates, %v", len(r.chain), err)
	}
	near := func() time.Time { return i.Expires().Add(-time.Hour) }
	if r, err = newAuthority(t, Options{Installed: i, Now: near}).root(); err != nil || len(r.chain) != 2 {
		t.Fatalf("%v", err)
	}
	crossed, err := x509.ParseCertificate(r.chain[0])
	if err != nil || crossed.NotAfter.After(i.Expires()) {
		t.Errorf("%v, %v", crossed.NotAfter, err)
	}
}
