package environ

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// input is a usual Input.
func input() Input {
	return Input{
		Proxy: "127.0.0.1:4380", Admin: "127.0.0.1:4300",
		Files:    Paths{CA: "/run/sundog/ca.pem", Bundle: "/run/sundog/bundle.pem", Cert: "/run/sundog/cert.pem"},
		SPKI:     "c3BraQ==",
		Token:    "sundog-token",
		APIToken: "api-token", AccountID: "0123456789abcdef0123456789abcdef",
		World:   []string{"example.com", "*.example.com", "acme.cloudflareaccess.com", "api.cloudflare.com", "1.1.1.1"},
		Origins: []string{"localhost", "grafana"},
		GOOS:    "linux",
	}
}

func newPlan(t testing.TB, change func(*Input)) *Plan {
	t.Helper()
	in := input()
	if change != nil {
		change(&in)
	}
	p, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustWrite(t testing.TB, file, data string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(file, []byte(data), mode); err != nil {
		t.Fatal(err)
	}
	return file
}
