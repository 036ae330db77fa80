package outsider

import (
	"io"
	"net/http"
	"testing"

	"github.com/sundog-edge/sundog/edge/edgetest"
)

func body(t *testing.T, resp *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPublicNeedsLogin(t *testing.T) {
	e := edgetest.New(t, ".")
	e.Origin("http://localhost:8080", Service())

	resp, err := e.Client().Get("https://myservice.example.com/")
	if body(t, resp, err); resp.Request.URL.Host != "acme.cloudflareaccess.com" {
		t.Errorf("without a login, one lands on %s", resp.Request.URL)
	}
	resp, err = e.Login(t, "alice@example.com").Get("https://myservice.example.com/")
	if got := body(t, resp, err); got != "hello alice@example.com" {
		t.Errorf("the origin says %q", got)
	}
}

func TestInternalPasses(t *testing.T) {
	e := edgetest.New(t, ".")
	e.Origin("http://localhost:8080", Service())

	resp, err := e.Client().Get("https://myservice-internal.example.com/health")
	if got := body(t, resp, err); resp.StatusCode != http.StatusOK || got != "ok" {
		t.Errorf("status %d, %q", resp.StatusCode, got)
	}
}

func TestStories(t *testing.T) { edgetest.Run(t, "*.txtar") }
