package ca

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHandshake(t *testing.T) {
	a := newAuthority(t, Options{Addresses: []netip.Addr{netip.MustParseAddr("10.53.53.1")}})
	get := a.GetCertificate(world{"app.example.com", "*.example.com", "xn--bcher-kva.example"})
	long := strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + ".example.com"
	for _, tt := range []struct {
		verify string // the name or address that the client connects to
		leaf   string // a name on the leaf
		err    string // what the server says
	}{
		{verify: "app.example.com", leaf: "app.example.com"},
		{verify: "APP.Example.COM", leaf: "app.example.com"},
		{verify: "other.example.com", leaf: "*.example.com"},
		{verify: "deep.er.example.com", leaf: "deep.er.example.com"},
		{verify: long, leaf: long},
		{verify: "xn--bcher-kva.example", leaf: "xn--bcher-kva.example"},
		{verify: "localhost", leaf: "localhost"},
		{verify: "127.0.0.1", leaf: "localhost"},
		{verify: "::1", leaf: "localhost"},
		{verify: "1.1.1.1", leaf: "localhost"},
		{verify: "2606:4700:4700::1111", leaf: "localhost"},
		{verify: "10.53.53.1", leaf: "localhost"},
		{verify: "stranger.test", err: `TLS server name "stranger.test" is not a host of this world`},
	} {
		t.Run(tt.verify, func(t *testing.T) {
			for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				shown, clientErr, serverErr := handshake(t,
					&tls.Config{GetCertificate: get},
					&tls.Config{ServerName: tt.verify, RootCAs: trusting(a), MinVersion: version, MaxVersion: version})
				if tt.err != "" {
					var unknown *UnknownNameError
					if clientErr == nil || !errors.As(serverErr, &unknown) || unknown.Malformed || serverErr.Error() != tt.err {
						t.Errorf("client: %v; server: %v", clientErr, serverErr)
					}
					continue
				}
				if clientErr != nil || serverErr != nil {
					t.Fatalf("client: %v; server: %v", clientErr, serverErr)
				}
				if d := cmp.Diff(tt.leaf, shown[0].DNSNames[0]); d != "" {
					t.Error(d)
				}
				if len(shown) != 2 || !bytes.Equal(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: shown[1].Raw}), a.CertPEM()) {
					t.Errorf("the chain has %d certificates, want the leaf and the authority", len(shown))
				}
			}
		})
	}
}

func TestCertificateFields(t *testing.T) {
	now := time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	a := newAuthority(t, Options{Now: func() time.Time { return now }, Rand: rand.NewChaCha8([32]byte{1})})
	cert, err := a.GetCertificate(world{"app.example.com"})(&tls.ClientHelloInfo{ServerName: "app.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(cert.Certificate[1])
	if err != nil {
		t.Fatal(err)
	}
	leaf := cert.Leaf

	if !root.IsCA || !root.BasicConstraintsValid || root.MaxPathLen != 0 || !root.MaxPathLenZero || root.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		t.Errorf("authority: CA %v, path %d, usage %b", root.IsCA, root.MaxPathLen, root.KeyUsage)
	}
	if name := root.Subject.String(); !strings.Contains(name, "not for production") || !strings.Contains(name, "this run only") {
		t.Errorf("authority is named %q", name)
	}
	if leaf.IsCA || !leaf.BasicConstraintsValid || leaf.KeyUsage != x509.KeyUsageDigitalSignature || !cmp.Equal(leaf.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}) {
		t.Errorf("leaf: CA %v, usage %b, extended %v", leaf.IsCA, leaf.KeyUsage, leaf.ExtKeyUsage)
	}
	if len(root.SubjectKeyId) != 20 || !bytes.Equal(leaf.AuthorityKeyId, root.SubjectKeyId) || len(leaf.SubjectKeyId) != 20 || bytes.Equal(leaf.SubjectKeyId, root.SubjectKeyId) {
		t.Errorf("key ids: authority %x, leaf %x issued by %x", root.SubjectKeyId, leaf.SubjectKeyId, leaf.AuthorityKeyId)
	}
	if leaf.SerialNumber.Cmp(root.SerialNumber) == 0 || leaf.SerialNumber.Sign() <= 0 || leaf.SerialNumber.BitLen() != 127 || root.SerialNumber.BitLen() != 127 {
		t.Errorf("serials %v and %v", leaf.SerialNumber, root.SerialNumber)
	}
	again := newAuthority(t, Options{Now: func() time.Time { return now }, Rand: rand.NewChaCha8([32]byte{1})})
	block, _ := pem.Decode(again.CertPEM())
	same, err := x509.ParseCertificate(block.Bytes)
	if err != nil || same.SerialNumber.Cmp(root.SerialNumber) != 0 || same.Subject.String() == root.Subject.String() {
		t.Errorf("same Rand: serial %v and %v, names %q and %q", same.SerialNumber, root.SerialNumber, same.Subject, root.Subject)
	}
	digest := sha256.Sum256(root.RawSubjectPublicKeyInfo)
	if want := base64.StdEncoding.EncodeToString(digest[:]); a.SPKI() != want {
		t.Errorf("SPKI %q, want %q", a.SPKI(), want)
	}
	for name, at := range map[string]time.Time{"now": now, "a client that is behind": now.Add(-23 * time.Hour), "the last day": now.Add(89 * 24 * time.Hour)} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "app.example.com", Roots: trusting(a), CurrentTime: at}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: trusting(a), CurrentTime: now.Add(leafLife + time.Hour)}); err == nil {
		t.Error("the leaf is good for ever")
	}
}

func TestLeafIsRenewed(t *testing.T) {
	now := time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	a := newAuthority(t, Options{Now: func() time.Time { return now }})
	get := a.GetCertificate(world{"app.example.com"})
	hello := &tls.ClientHelloInfo{ServerName: "app.example.com"}
	first, err := get(hello)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(leafLife - leafMargin - time.Second)
	if same, _ := get(hello); same != first {
		t.Error("made anew before its time")
	}
	now = now.Add(time.Minute)
	second, err := get(hello)
	if err != nil || second == first || !second.Leaf.NotAfter.After(first.Leaf.NotAfter) {
		t.Errorf("not made anew: %v, until %v", err, second.Leaf.NotAfter)
	}
}

func TestNothingBeforeFirstUse(t *testing.T) {
	a := newAuthority(t, Options{Rand: failing{}})
	get := a.GetCertificate(world{"app.example.com"})
	if a.made != nil {
		t.Error("a key was made before it was needed")
	}
	if _, err := get(&tls.ClientHelloInfo{ServerName: "app.example.com"}); !errors.Is(err, errRand) {
		t.Errorf("got %v, want the reader's error", err)
	}
	if a.CertPEM() != nil || a.SPKI() != "" {
		t.Error("a certificate although the authority could not be made")
	}
}

var errRand = errors.New("out of chance")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errRand }

func TestSingleFlight(t *testing.T) {
	a := newAuthority(t, Options{})
	get := a.GetCertificate(world{"*.example.com"})
	const waiting = 32
	got := make([]*tls.Certificate, waiting)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range waiting {
		wg.Go(func() {
			<-start
			cert, err := get(&tls.ClientHelloInfo{ServerName: fmt.Sprintf("host%d.example.com", i)})
			if err != nil {
				t.Error(err)
			}
			got[i] = cert
		})
	}
	close(start)
	wg.Wait()
	for _, cert := range got {
		if cert != got[0] {
			t.Fatal("one wildcard, two leaves")
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	a := newAuthority(t, Options{MaxLeaves: 4})
	get := a.GetCertificate(world{"*.example.com"})
	kept, err := get(&tls.ClientHelloInfo{ServerName: "kept.x.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if _, err := get(&tls.ClientHelloInfo{ServerName: fmt.Sprintf("n%d.x.example.com", i)}); err != nil {
			t.Fatal(err)
		}
		if again, _ := get(&tls.ClientHelloInfo{ServerName: "kept.x.example.com"}); again != kept {
			t.Fatalf("a leaf in use was dropped after %d others", i+1)
		}
	}
	if n := a.leaves.tree.Load().Len(); n != 4 {
		t.Errorf("%d leaves are kept, want 4", n)
	}
}

func TestCovers(t *testing.T) {
	a := newAuthority(t, Options{Addresses: []netip.Addr{netip.MustParseAddr("::ffff:10.53.53.1")}})
	if !a.Covers(nil, "app.example.com", "app.example.com") || a.Covers(nil, "app.example.com", "b.example.com") {
		t.Error("without names a leaf covers its own host alone")
	}
	names := world{"app.example.com", "*.example.com"}
	for _, tt := range []struct {
		serverName, host string
		want             bool
	}{
		{"app.example.com", "app.example.com", true},
		{"APP.example.com", "app.example.com", true},
		{"app.example.com.", "app.example.com", true},
		{"app.example.com", "other.example.com", false}, // has a leaf of its own
		{"other.example.com", "app.example.com", true},
		{"other.example.com", "third.example.com", true},
		{"other.example.com", "a.b.example.com", false},
		{"a.b.example.com", "c.b.example.com", false},
		{"other.example.com", "example.com", false},
		{"other.example.com", ".example.com", false},
		{"other.example.com", "*.example.com", true},
		{"other.example.com", "", false},
		{"", "", false},
		{"", "app.example.com", false},
		{"", "127.0.0.1", true},
		{"", "::1", true},
		{"", "[::1]", true},
		{"", "localhost", true},
		{"", "1.1.1.1", true},
		{"", "10.53.53.1", true},
		{"", "10.53.53.2", false},
		{"localhost", "127.0.0.1", true},
		{"10.53.53.2", "10.53.53.2", false},
		{"app.example.com", "127.0.0.1", false},
		{"bad name", "bad name", false},
		{"stranger.test", "app.example.com", false},
	} {
		if got := a.Covers(names, tt.serverName, tt.host); got != tt.want {
			t.Errorf("Covers(%q, %q) = %v", tt.serverName, tt.host, got)
		}
	}
}
