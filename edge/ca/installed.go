package ca

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/sundog-edge/sundog/internal/private"
)

// installedLife bounds what a forgotten key can do.
const installedLife = 365 * 24 * time.Hour

// Installed is an authority that outlives a run, because the user's system trusts it. It
// signs run authorities and nothing else, for servers of the names that it permits and of what is
// below them. It permits no address, e-mail address and URI at all, so that whoever steals the key
// can pretend to be a host of these names to this user, and nobody else.
type Installed struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// BadNameError is a name that an installed authority must not permit.
type BadNameError struct{ Name, Why string }

func (e *BadNameError) Error() string {
	return fmt.Sprintf("no installed authority is made for %q: %s", e.Name, e.Why)
}

// CheckInstallable errs, with a *BadNameError for each, when an authority for these names would reach further than
// one person's hosts.
func CheckInstallable(names []string) error {
	var errs []error
	for _, name := range names {
		if why := uninstallable(name); why != "" {
			errs = append(errs, &BadNameError{name, why})
		}
	}
	return errors.Join(errs...)
}

func uninstallable(name string) string {
	host, ok := canonicalName(name)
	if _, err := netip.ParseAddr(name); err == nil || !ok || host == "" || host != name {
		return "it is no host name"
	}
	// Of private suffixes only those of one label are one person's own: "internal", "lab".
	if suffix, icann := publicsuffix.PublicSuffix(name); suffix == name && (icann || strings.Contains(name, ".")) {
		return "everybody's names are below it"
	}
	return ""
}

// NewInstalled makes one for the names, canonical and without wildcards. Of o, Now and Rand count.
func NewInstalled(names []string, o Options) (*Installed, error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) == 0 {
		return nil, errors.New("an installed authority permits at least one name: without any it would permit all")
	}
	if err := CheckInstallable(names); err != nil {
		return nil, err
	}
	a, err := New(o)
	if err != nil {
		return nil, err
	}
	const what = "installed CA"
	key, template, err := a.draft(what)
	if err != nil {
		return nil, err
	}
	template.Subject.CommonName = "sundog installed CA " + hex.EncodeToString(template.SubjectKeyId[:4])
	template.NotAfter = a.now().Add(installedLife)
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.IsCA = true
	template.MaxPathLen = 1 // run authorities, which sign leaves only
	template.PermittedDNSDomainsCritical = true
	template.PermittedDNSDomains = names
	template.ExcludedIPRanges = []*net.IPNet{{IP: make(net.IP, 4), Mask: make(net.IPMask, 4)}, {IP: make(net.IP, 16), Mask: make(net.IPMask, 16)}}
	// The empty constraint is every name of its kind.
	template.ExcludedEmailAddresses = []string{""}
	template.ExcludedURIDomains = []string{""}
	cert, err := issue(what, template, template, key, key)
	if err != nil {
		return nil, err
	}
	return &Installed{key, cert}, nil
}

// Files of an installed authority, in a folder of its own.
const (
	InstalledCert = "ca.pem"
	InstalledKey  = "key.pem"
)

// maxPEM bounds what is read of either file.
const maxPEM = 64 << 10

// OpenInstalled reads what Save wrote. The error is os.ErrNotExist where there is none, and one that says
// why when others could have written or read the key.
func OpenInstalled(dir string) (*Installed, error) {
	read := func(name, kind string) ([]byte, error) {
		file := filepath.Join(dir, name)
		f, err := private.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, maxPEM))
		if err != nil {
			return nil, err
		}
		block, _ := pem.Decode(data)
		if block == nil || block.Type != kind {
			return nil, fmt.Errorf("%s holds no %s; run sundog ca uninstall, then sundog ca install", file, kind)
		}
		return block.Bytes, nil
	}
	der, err := read(InstalledKey, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, InstalledKey), err)
	}
	if der, err = read(InstalledCert, "CERTIFICATE"); err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, InstalledCert), err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(cert.PublicKey) || len(cert.PermittedDNSDomains) == 0 {
		return nil, fmt.Errorf("%s is no key of the authority beside it", filepath.Join(dir, InstalledKey))
	}
	return &Installed{key, cert}, nil
}

// Save writes both files, readable by this user alone, into dir, which is made 0700 when it is missing.
func (i *Installed) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := private.CheckDir(dir); err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		return err
	}
	if err := private.Replace(filepath.Join(dir, InstalledKey), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return err
	}
	return private.Replace(filepath.Join(dir, InstalledCert), i.CertPEM(), 0o600)
}

// CertPEM is the certificate.
func (i *Installed) CertPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw})
}

// Certificate is the certificate, parsed. The caller must not change it.
func (i *Installed) Certificate() *x509.Certificate { return i.cert }

// Name is what certificate stores show: it is of this authority alone.
func (i *Installed) Name() string { return i.cert.Subject.CommonName }

// Fingerprint is the SHA-256 of the certificate, in upper-case hex.
func (i *Installed) Fingerprint() string {
	sum := sha256.Sum256(i.cert.Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// Names are those that it permits, sorted.
func (i *Installed) Names() []string { return slices.Clone(i.cert.PermittedDNSDomains) }

// Missing are the names, of those given, that it does not permit: neither themselves nor something above.
func (i *Installed) Missing(names []string) (missing []string) {
	for _, name := range names {
		if !slices.ContainsFunc(i.cert.PermittedDNSDomains, func(p string) bool { return p == name || strings.HasSuffix(name, "."+p) }) {
			missing = append(missing, name)
		}
	}
	return missing
}

// Expires is when it ends.
func (i *Installed) Expires() time.Time { return i.cert.NotAfter }

// cross signs a run authority, self-signed before, and returns the certificate.
func (i *Installed) cross(run *x509.Certificate, serial *big.Int) ([]byte, error) {
	template := *run
	template.SerialNumber = serial
	template.NotBefore = latest(run.NotBefore, i.cert.NotBefore)
	template.NotAfter = earliest(run.NotBefore.Add(leafLife), i.cert.NotAfter)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	return x509.CreateCertificate(rand.Reader, &template, i.cert, run.PublicKey, i.key)
}
