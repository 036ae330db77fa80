package ca

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// Names says which hosts the edge serves.
type Names interface {
	// Leaf is the name on the certificate of a host, which is canonical (lower case,
	// ASCII, no trailing dot): the host itself, or the wildcard that it falls under,
	// "*.example.com". ok is false when the edge does not serve it. A wildcard that
	// is more than one label above the host gives a leaf for the host alone, as
	// clients would not accept it. Leaf is called in every handshake and must not
	// block.
	Leaf(host string) (name string, ok bool)
}

// defaultLeaf is the cache's key of the default leaf; no host is named so.
const defaultLeaf = "\x00default"

// GetCertificate is for [tls.Config]. Leaves are made at first use, once for each
// name however many handshakes wait for it, and kept; a handshake whose leaf is
// there takes no lock and allocates nothing. Nil names admit no host: only the default leaf is shown. A name that is
// refused is an [*UnknownNameError].
func (a *Authority) GetCertificate(names Names) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		name, err := leafName(names, hello.ServerName)
		if err != nil {
			return nil, err
		}
		return a.leaf(name)
	}
}

// leafName is the name on the leaf that is shown for a hello's server name.
func leafName(names Names, serverName string) (string, error) {
	host, ok := canonicalName(serverName)
	if !ok {
		return "", &UnknownNameError{ServerName: serverName, Malformed: true}
	}
	if host == "" {
		return defaultLeaf, nil
	}
	if names == nil {
		return "", &UnknownNameError{ServerName: serverName}
	}
	name, ok := names.Leaf(host)
	if !ok {
		return "", &UnknownNameError{ServerName: serverName}
	}
	if !covers(name, host) {
		return host, nil
	}
	return name, nil
}

// Covers reports whether the leaf that is shown for serverName ("" for a hello
// without one) is good for host, so that a request for host may come over that
// connection. Names are those that GetCertificate was given; host is canonical, an
// address with or without brackets.
func (a *Authority) Covers(names Names, serverName, host string) bool {
	shown, ok := canonicalName(serverName)
	if !ok {
		return false
	}
	if shown == "" {
		if host == "localhost" {
			return true
		}
		addr, err := parseAddress(host)
		return err == nil && slices.Contains(a.addresses, addr)
	}
	if shown == host {
		return true
	}
	name, err := leafName(names, shown)
	return err == nil && covers(name, host)
}

// leaf is the certificate of that name, from the cache or made now.
func (a *Authority) leaf(name string) (*tls.Certificate, error) {
	l := a.leaves.get(name)
	if l == nil {
		l = a.leaves.add(name)
	}
	cert := l.cert.Load()
	if cert != nil && a.now().Before(cert.Leaf.NotAfter.Add(-leafMargin)) {
		return cert, nil
	}
	l.mint.Lock()
	defer l.mint.Unlock()
	if now := l.cert.Load(); now != cert {
		return now, nil
	}
	cert, err := a.sign(name)
	if err != nil {
		return nil, err
	}
	l.cert.Store(cert)
	return cert, nil
}

func (a *Authority) sign(name string) (*tls.Certificate, error) {
	ca, err := a.root()
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("certificate of %q", name)
	key, template, err := a.draft(what)
	if err != nil {
		return nil, err
	}
	template.NotBefore = latest(template.NotBefore, ca.cert.NotBefore)
	template.NotAfter = earliest(a.now().Add(leafLife), ca.cert.NotAfter)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if name == defaultLeaf {
		template.DNSNames = []string{"localhost"}
		for _, addr := range a.addresses {
			template.IPAddresses = append(template.IPAddresses, net.IP(addr.AsSlice()))
		}
	} else {
		template.DNSNames = []string{name}
	}
	leaf, err := issue(what, template, ca.cert, key, ca.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: append([][]byte{leaf.Raw}, ca.chain...), PrivateKey: key, Leaf: leaf}, nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// defaultAddresses are loopback, the public resolver, and more.
func defaultAddresses(more []netip.Addr) []netip.Addr {
	all := []netip.Addr{
		netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1"),
		netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("1.0.0.1"),
		netip.MustParseAddr("2606:4700:4700::1111"), netip.MustParseAddr("2606:4700:4700::1001"),
	}
	for _, addr := range more {
		addr = addr.Unmap().WithZone("")
		if addr.IsValid() && !slices.Contains(all, addr) {
			all = append(all, addr)
		}
	}
	return all
}
