package environ

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func certificate(t *testing.T) []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestMaterialize(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "sundog")
	ca := certificate(t)
	p, warnings, err := Materialize(dir, Contents{CA: ca, Cert: &Cert{ZoneID: "z", AccountID: "a", APIToken: "t"}})
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if diff := cmp.Diff(Paths{filepath.Join(dir, "ca.pem"), filepath.Join(dir, "bundle.pem"), filepath.Join(dir, "cert.pem")}, p); diff != "" {
		t.Error(diff)
	}
	if got, _ := os.ReadFile(p.CA); !bytes.Equal(got, ca) {
		t.Errorf("ca.pem holds %q", got)
	}
	if got, _ := os.ReadFile(p.Bundle); !bytes.HasSuffix(got, ca) {
		t.Error("bundle.pem does not end with the CA")
	}
	if runtime.GOOS == "windows" {
		return
	}
	for file, want := range map[string]os.FileMode{dir: 0o700, p.CA: 0o644, p.Bundle: 0o644, p.Cert: 0o600} {
		if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", file, fi.Mode(), err, want)
		}
	}
	// Once more over what is there, a link included.
	victim := mustWrite(t, filepath.Join(t.TempDir(), "victim"), "precious", 0o600)
	os.Remove(p.Cert)
	os.Symlink(victim, p.Cert)
	if _, _, err := Materialize(dir, Contents{CA: ca, Cert: &Cert{ZoneID: "z", AccountID: "a", APIToken: "t"}}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(victim); string(got) != "precious" {
		t.Error("a link was followed")
	}
	os.Chmod(dir, 0o755)
	if _, _, err := Materialize(dir, Contents{CA: ca}); err == nil || !strings.Contains(err.Error(), "this user alone") {
		t.Errorf("into an open directory: %v", err)
	}
}

func TestMaterializeNothing(t *testing.T) {
	if p, _, err := Materialize(t.TempDir()+"/x", Contents{}); err != nil || p != (Paths{}) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, _, err := Materialize(t.TempDir()+"/x", Contents{Cert: &Cert{AccountID: "a", APIToken: "t"}}); err == nil {
		t.Error("cert.pem without a zone is written")
	}
}

func TestBundle(t *testing.T) {
	dir := t.TempDir()
	a, b, ca := certificate(t), certificate(t), certificate(t)
	noise := []byte("# a comment\n" + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("secret")})))
	one := mustWrite(t, filepath.Join(dir, "one.pem"), string(noise)+string(a), 0o600)
	two := mustWrite(t, filepath.Join(dir, "two.pem"), string(a)+string(b), 0o600)
	got, warnings := Bundle(ca, []string{"SSL_CERT_FILE=" + one, "AWS_CA_BUNDLE=" + two, "GIT_SSL_CAINFO=" + two, "CURL_CA_BUNDLE=" + dir + "/missing", "NODE_EXTRA_CA_CERTS=" + dir})
	if want := string(a) + string(b) + string(ca); string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "missing") {
		t.Errorf("warnings %v", warnings)
	}
	// A bundle made from a bundle does not grow.
	again, _ := Bundle(ca, []string{"SSL_CERT_FILE=" + mustWrite(t, filepath.Join(dir, "three.pem"), string(got), 0o600)})
	if !bytes.Equal(again, got) {
		t.Error("a bundle made from a bundle differs")
	}
	if !x509.NewCertPool().AppendCertsFromPEM(got) {
		t.Error("the bundle is no list of certificates")
	}
}

func TestCertPEM(t *testing.T) {
	data, err := (&Cert{ZoneID: "0123456789abcdef0123456789abcdef", AccountID: "fedcba9876543210fedcba9876543210", APIToken: "t<&>"}).PEM()
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(data)
	if block == nil || len(rest) != 0 || block.Type != "ARGO TUNNEL TOKEN" || len(block.Headers) != 0 {
		t.Fatalf("%s", data)
	}
	want := `{"zoneID":"0123456789abcdef0123456789abcdef","accountID":"fedcba9876543210fedcba9876543210","apiToken":"t\u003c\u0026\u003e"}`
	if string(block.Bytes) != want {
		t.Errorf("%s", block.Bytes)
	}
}
