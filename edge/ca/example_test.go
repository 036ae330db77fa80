package ca_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/sundog-edge/sundog/edge/ca"
)

// hosts admits everything below one zone.
type hosts string

func (zone hosts) Leaf(host string) (string, bool) {
	return "*." + string(zone), strings.HasSuffix(host, "."+string(zone))
}

func Example() {
	authority, err := ca.New(ca.Options{})
	if err != nil {
		panic(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "served %s", r.TLS.ServerName)
	}))
	srv.TLS = &tls.Config{GetCertificate: authority.GetCertificate(hosts("example.com"))}
	srv.StartTLS()
	defer srv.Close()

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.CertPEM())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "app.example.com"}}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(srv.URL)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(string(body))
	fmt.Println(authority.Covers(hosts("example.com"), "app.example.com", "other.example.com"), authority.Covers(hosts("example.com"), "app.example.com", "example.com"))
	// Output:
	// served app.example.com
	// true false
}
