package ca

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"
)

// Options are the knobs of an [Authority]; the zero value is ready for use.
type Options struct {
	// Now dates certificates. Nil means time.Now.
	Now func() time.Time

	// Rand gives serial numbers; keys and signatures always come from crypto/rand.
	// Nil means crypto/rand. It need not be safe for concurrent use.
	Rand io.Reader

	// Addresses are further addresses that the default leaf covers, such as those of
	// a listener outside loopback.
	Addresses []netip.Addr

	// Installed signs the run's authority too, and that certificate is sent beside the
	// authority's own. Nil, or one that has expired: none does.
	Installed *Installed

	// MaxLeaves bounds the leaves that are kept; one that was dropped is made anew
	// when it is asked for. 0 or less means 1024.
	MaxLeaves int
}

const (
	// skew is how far behind a client's clock may be.
	skew = 24 * time.Hour

	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 90 * 24 * time.Hour
	// A leaf this close to its end is made anew.
	leafMargin = 24 * time.Hour
)

// Authority is a certificate authority for one run. It is safe for concurrent use.
type Authority struct {
	now       func() time.Time
	addresses []netip.Addr
	leaves    cache
	installed *Installed

	randMu sync.Mutex // guards rand
	rand   io.Reader

	once sync.Once
	made *root
	err  error
}

// root is the authority's key and certificate.
type root struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pem  []byte
	spki string
	// chain follows each leaf: what an installed authority has signed, which certifies the leaf as
	// the next one must, then the authority itself.
	chain [][]byte
}

// New makes an authority without generating a key. The error is nil; it is there so
// that an authority with a stored key can fail to open.
func New(o Options) (*Authority, error) {
	a := &Authority{now: o.Now, rand: o.Rand, addresses: defaultAddresses(o.Addresses), installed: o.Installed}
	if a.now == nil {
		a.now = time.Now
	}
	if a.rand == nil {
		a.rand = rand.Reader
	}
	a.leaves.max = o.MaxLeaves
	if a.leaves.max <= 0 {
		a.leaves.max = 1024
	}
	return a, nil
}

// CertPEM is the authority's certificate. The caller must not change it. It is nil
// only when Options.Rand has failed, which GetCertificate reports.
func (a *Authority) CertPEM() []byte {
	r, err := a.root()
	if err != nil {
		return nil
	}
	return r.pem
}

// SPKI is the base64 of the SHA-256 digest of the authority's public key, as
// Chromium's --ignore-certificate-errors-spki-list takes it. "" when CertPEM is nil.
func (a *Authority) SPKI() string {
	r, err := a.root()
	if err != nil {
		return ""
	}
	return r.spki
}

func (a *Authority) root() (*root, error) {
	a.once.Do(func() { a.made, a.err = a.generate() })
	return a.made, a.err
}

func (a *Authority) generate() (*root, error) {
	const what = "run CA"
	key, template, err := a.draft(what)
	if err != nil {
		return nil, err
	}
	now := a.now()
	// The name is of this run alone: clients that remember an authority by its name
	// would otherwise take last run's key for it.
	template.Subject.CommonName = "sundog run CA, this run only, " + hex.EncodeToString(template.SubjectKeyId[:4])
	template.NotAfter = now.Add(authorityLife)
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	template.IsCA = true
	template.MaxPathLenZero = true
	cert, err := issue(what, template, template, key, key)
	if err != nil {
		return nil, err
	}
	chain := [][]byte{cert.Raw}
	if i := a.installed; i != nil && now.Before(i.Expires()) {
		serial, err := a.serial()
		if err != nil {
			return nil, err
		}
		crossed, err := i.cross(cert, serial)
		if err != nil {
			return nil, fmt.Errorf("signing the run CA by the installed one: %w", err)
		}
		chain = [][]byte{crossed, cert.Raw}
	}
	digest := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return &root{
		key: key, cert: cert,
		pem:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}),
		spki: base64.StdEncoding.EncodeToString(digest[:]), chain: chain,
	}, nil
}
