package forge

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Key is a signing key as an account of Access has it.
type Key struct {
	ID          string // "kid": SHA-256 of the public key, 64 hex digits
	Private     *rsa.PrivateKey
	Certificate string // PEM, as /cdn-cgi/access/certs shows it
}

// NewKey gives a key its id, and a certificate if it has none.
func NewKey(private *rsa.PrivateKey, certificate string) (Key, error) {
	if private == nil {
		return Key{}, errors.New("forge: the private key is missing")
	}
	spki, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		return Key{}, err
	}
	sum := sha256.Sum256(spki)
	k := Key{hex.EncodeToString(sum[:]), private, certificate}
	if certificate == "" {
		k.Certificate, err = selfSigned(private)
	}
	return k, err
}

// selfSigned is a certificate that says nothing but the key; its dates are fixed, since a
// JWT validator that trusts it does so for no good reason in any year.
func selfSigned(private *rsa.PrivateKey) (string, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "not for production"},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(zero{}, template, template, &private.PublicKey, private)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}

// zero is the randomness of a signature that needs none (PKCS #1 v1.5).
type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

var _ io.Reader = zero{}

// JWK is the public key as a JSON Web Key.
func (k Key) JWK() (json.RawMessage, error) {
	return jose.JSONWebKey{Key: &k.Private.PublicKey, KeyID: k.ID, Algorithm: "RS256", Use: "sig"}.MarshalJSON()
}

// publicPEM is the public key as SubjectPublicKeyInfo, "BEGIN PUBLIC KEY".
func (k Key) publicPEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(&k.Private.PublicKey)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), err
}

// certificateDER is the certificate as x5c has it.
func (k Key) certificateDER() ([]byte, error) {
	block, _ := pem.Decode([]byte(k.Certificate))
	if block == nil {
		return nil, fmt.Errorf("the certificate of key %s is no PEM", k.ID)
	}
	return block.Bytes, nil
}

// Sign makes a compact token: RS256, whatever the header says.
func Sign(k Key, header, claims Members) (string, error) {
	text, err := signingInput(header, claims)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, k.Private, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return text + "." + b64(signature), nil
}

// Header is the header of a token that is made at a login: of the real ones' members typ is
// not among them.
func (k Key) Header() Members { return Members{{"alg", "RS256"}, {"kid", k.ID}} }

func signingInput(header, claims Members) (string, error) {
	head, err := marshal(header)
	if err != nil {
		return "", err
	}
	body, err := marshal(claims)
	return b64(head) + "." + b64(body), err
}

// marshal does not write "<" as an escape, which signatures would cover.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
