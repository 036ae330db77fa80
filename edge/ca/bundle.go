package ca

import (
	"bytes"
	"os"
)

// rootFiles are where systems keep their roots in one PEM file, likely ones first.
var rootFiles = [...]string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch, Gentoo, Alpine
	"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL and its images without the links
	"/etc/ssl/ca-bundle.pem",                            // openSUSE
	"/etc/ssl/cert.pem",                                 // Alpine, OpenBSD, FreeBSD, macOS
	"/usr/local/etc/ssl/cert.pem",                       // FreeBSD
	"/usr/local/share/certs/ca-root-nss.crt",            // FreeBSD, DragonFly
	"/etc/openssl/certs/ca-certificates.crt",            // NetBSD
	"/etc/certs/ca-certificates.crt",                    // illumos, Solaris
}

// SystemRoots is the system's PEM file of roots and its path; nil and "" when it
// has none. On macOS it is the file that comes with the system's LibreSSL, without
// what the keychain adds; Windows keeps its roots elsewhere and has none.
func SystemRoots() (pem []byte, path string) { return systemRoots(os.ReadFile) }

func systemRoots(read func(string) ([]byte, error)) (pem []byte, path string) {
	for _, path := range rootFiles {
		if pem, err := read(path); err == nil && bytes.Contains(pem, []byte("-----BEGIN ")) {
			return pem, path
		}
	}
	return nil, ""
}

// BundlePEM is for clients whose setting replaces the roots they trust: userBundle,
// or when it is empty the system's roots, followed by the authority's certificate.
// Where the system has no file of roots it is that certificate alone, so such a
// client then trusts nothing but this edge.
func (a *Authority) BundlePEM(userBundle []byte) []byte {
	if len(userBundle) == 0 {
		userBundle, _ = SystemRoots()
	}
	var b bytes.Buffer
	b.Write(userBundle)
	if n := len(userBundle); n > 0 && userBundle[n-1] != '\n' {
		b.WriteByte('\n')
	}
	b.Write(a.CertPEM())
	return b.Bytes()
}
