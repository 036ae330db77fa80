package browser

import (
	"testing"

	"github.com/sundog-edge/sundog/edge/ca"
)

// testCA is an authority's certificate.
func testCA(t *testing.T) []byte {
	t.Helper()
	a, err := ca.New(ca.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return a.CertPEM()
}
