package accessemu

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// keySet is the answer of /cdn-cgi/access/certs.
type keySet struct {
	Keys    []jose.JSONWebKey `json:"keys"`
	Cert    namedCert         `json:"public_cert"`
	Current []namedCert       `json:"public_certs"`
}

type namedCert struct {
	KeyID string `json:"kid"`
	Cert  string `json:"cert"`
}

// serveCerts lists the previous key first, so that code which takes the first
// key, or the one certificate, instead of looking for the kid is found out.
func (s *State) serveCerts(w http.ResponseWriter, r *Request) {
	if r.HTTP.Method != http.MethodGet && r.HTTP.Method != http.MethodHead {
		methodNotAllowed(w, r, "GET, HEAD")
		return
	}
	body, err := s.KeySet()
	if err != nil {
		s.internal(w, r, "key set", err)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*")
	writeJSON(w, r.HTTP, http.StatusOK, body)
}

// KeySet is the JSON of /cdn-cgi/access/certs: the keys as JSON Web Keys, and as
// PEM certificates.
func (s *State) KeySet() ([]byte, error) {
	pair, err := s.keys()
	if err != nil {
		return nil, err
	}
	var set keySet
	for _, k := range []*signingKey{pair.previous, pair.current} {
		cert, err := k.cert()
		if err != nil {
			return nil, err
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: &k.private.PublicKey, KeyID: k.kid, Algorithm: "RS256", Use: "sig"})
		set.Cert = namedCert{k.kid, cert}
		set.Current = append(set.Current, set.Cert)
	}
	return json.Marshal(set)
}

// certificate wraps a public key in a self-signed certificate, PEM.
func (s *State) certificate(k *signingKey) (string, error) {
	now := s.now()
	serial := new(big.Int).SetBytes([]byte(k.kid[:16]))
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "cloudflareaccess.com", Organization: []string{"sundog, not for production"}},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.private.PublicKey, k.private)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}
