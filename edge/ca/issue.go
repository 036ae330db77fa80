package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
)

// draft generates a key and begins the certificate of it that is called what in errors.
func (a *Authority) draft(what string) (*ecdsa.PrivateKey, *x509.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("generating the key of the %s: %w", what, err)
	}
	serial, err := a.serial()
	if err != nil {
		return nil, nil, err
	}
	id, err := keyID(&key.PublicKey)
	if err != nil {
		return nil, nil, err
	}
	return key, &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{Organization: []string{"sundog (not for production)"}},
		NotBefore:             a.now().Add(-skew),
		BasicConstraintsValid: true,
		SubjectKeyId:          id,
	}, nil
}

// issue signs what was drafted for key in the name of parent, which is the draft itself when it signs itself.
func issue(what string, draft, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, draft, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, fmt.Errorf("signing the %s: %w", what, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the %s back: %w", what, err)
	}
	return cert, nil
}

// serial is positive and of the same length always: 127 bits, the highest set.
func (a *Authority) serial() (*big.Int, error) {
	var b [16]byte
	a.randMu.Lock()
	defer a.randMu.Unlock()
	if _, err := io.ReadFull(a.rand, b[:]); err != nil {
		return nil, fmt.Errorf("reading a certificate's serial number: %w", err)
	}
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:]), nil
}

// keyID is the subject key identifier of RFC 7093 section 2, method 1.
func keyID(key *ecdsa.PublicKey) ([]byte, error) {
	point, err := key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("encoding a public key: %w", err)
	}
	sum := sha256.Sum256(point)
	return sum[:20], nil
}
