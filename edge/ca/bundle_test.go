package ca

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io/fs"
	"testing"
)

func TestBundle(t *testing.T) {
	a := newAuthority(t, Options{})
	user := newAuthority(t, Options{}).CertPEM()
	for name, in := range map[string][]byte{"with newline": user, "without newline": bytes.TrimSpace(user), "with carriage returns": bytes.ReplaceAll(user, []byte("\n"), []byte("\r\n"))} {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(a.BundlePEM(in))
		want := x509.NewCertPool()
		want.AppendCertsFromPEM(user)
		want.AppendCertsFromPEM(a.CertPEM())
		if !pool.Equal(want) {
			t.Errorf("%s: the bundle does not hold both certificates", name)
		}
	}
	roots, _ := SystemRoots()
	if got := a.BundlePEM(nil); !bytes.HasPrefix(got, roots) || !bytes.HasSuffix(got, a.CertPEM()) {
		t.Error("without a user's bundle come the system's roots, then the authority")
	}
}

func TestSystemRoots(t *testing.T) {
	files := map[string]string{"/etc/pki/tls/certs/ca-bundle.crt": "empty", "/etc/ssl/cert.pem": "-----BEGIN CERTIFICATE-----"}
	read := func(path string) ([]byte, error) {
		if s, ok := files[path]; ok {
			return []byte(s), nil
		}
		return nil, fs.ErrNotExist
	}
	if pem, path := systemRoots(read); path != "/etc/ssl/cert.pem" || string(pem) != files[path] {
		t.Errorf("got %q from %q", pem, path)
	}
	if pem, path := systemRoots(func(string) ([]byte, error) { return nil, errors.ErrUnsupported }); pem != nil || path != "" {
		t.Errorf("got %q from %q, want nothing", pem, path)
	}
}
