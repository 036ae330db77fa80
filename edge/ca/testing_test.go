package ca

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world admits its hosts and, for "*.parent" entries, everything below parent.
type world []string

func (w world) Leaf(host string) (string, bool) {
	for _, name := range w {
		if name == host {
			return name, true
		}
	}
	for _, name := range w {
		if parent, wild := strings.CutPrefix(name, "*"); wild && strings.HasSuffix(host, parent) {
			return name, true
		}
	}
	return "", false
}

func newAuthority(t testing.TB, o Options) *Authority {
	t.Helper()
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// handshake connects a client to a server in memory and returns both errors and the
// chain that the client was shown.
func handshake(t testing.TB, server, client *tls.Config) (shown []*x509.Certificate, clientErr, serverErr error) {
	t.Helper()
	left, right := net.Pipe()
	defer left.Close()
	defer right.Close()
	done := make(chan error, 1)
	go func() {
		err := tls.Server(right, server).HandshakeContext(context.Background())
		if err != nil {
			right.Close()
		}
		done <- err
	}()
	c := tls.Client(left, client)
	clientErr = c.HandshakeContext(context.Background())
	left.Close()
	return c.ConnectionState().PeerCertificates, clientErr, <-done
}

func trusting(a *Authority) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.CertPEM())
	return pool
}
