package script

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"path/filepath"

	"github.com/sundog-edge/sundog/edge/environ"
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
// world: all that "sundog exec" sets. There is nothing to remove, since scripts inherit
// next to nothing.
func (c *call) exportEnvironment() error {
	a := c.server.Addrs()
	files, _, err := environ.Materialize(filepath.Join(c.workDir, ".edge"), environ.Contents{CA: c.edge.CA().CertPEM()})
	if err != nil {
		return err
	}
	sum := c.edge.Summary()
	plan, err := environ.New(environ.Input{
		Proxy: a.Proxy, Admin: a.Admin, Files: files,
		Token: c.edge.Token(), APIToken: c.edge.APIToken(), AccountID: sum.AccountID,
	})
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
	c.ts.Setenv("CA", files.CA)
	return nil
}
