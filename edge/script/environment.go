package script

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"path/filepath"

	"github.com/sundog-edge/sundog/edge/run"
)

// throughProxy is the way of a real client: CONNECT to the proxy, TLS inside. The
// proxy's user name is the client.
func (c *call) throughProxy(as string) closeableTransport {
	proxy := &url.URL{Scheme: "http", Host: c.server.Addrs().Proxy}
	if as != "" {
		proxy.User = url.User(as)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.edge.CA().CertPEM())
	return &http.Transport{
		Proxy:             http.ProxyURL(proxy),
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2: true,
	}
}

// exportEnvironment sets what makes programs that the script runs live inside the
// world: all that "sundog exec" sets, made by the same code. There is nothing to remove,
// since scripts inherit next to nothing.
func (c *call) exportEnvironment() error {
	a := c.server.Addrs()
	in, _, err := run.Materialize(filepath.Join(c.workDir, ".edge"), c.edge, c.world, a, nil)
	if err != nil {
		return err
	}
	plan, err := in.Plan("", nil)
	if err != nil {
		return err
	}
	for _, v := range plan.Set {
		c.ts.Setenv(v.Name, v.Value)
	}
	c.ts.Setenv("HTTPS", a.HTTPS)
	c.ts.Setenv("PROXY", a.Proxy)
	c.ts.Setenv("DNS", a.DNS)
	c.ts.Setenv("ADMIN", a.Admin)
	c.ts.Setenv("CA", in.Files.CA)
	return nil
}
