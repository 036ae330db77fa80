package admin

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func pacOf(t *testing.T, reach Reach, host string) *httptest.ResponseRecorder {
	t.Helper()
	h := New(new(fake), Options{Hosts: []string{"laptop.lan"}, Reach: func() Reach { return reach }})
	r := httptest.NewRequest(http.MethodGet, "/proxy.pac", nil)
	r.Host = host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var world = Reach{Proxy: "127.0.0.1:4380", Names: []string{"acme.cloudflareaccess.com", "example.com", "*.example.com", "1.1.1.1"}}

func TestPACNeedsNoToken(t *testing.T) {
	w := pacOf(t, world, "127.0.0.1:4300")
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/x-ns-proxy-autoconfig", "X-Content-Type-Options": "nosniff",
		"Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "", "Cache-Control": "no-store",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if w := pacOf(t, world, "rebound.test:4300"); w.Code != http.StatusMisdirectedRequest || strings.Contains(w.Body.String(), "example.com") {
		t.Errorf("by a rebound name: %d %s", w.Code, w.Body)
	}
	if w := pacOf(t, Reach{}, "127.0.0.1:4300"); w.Code != http.StatusNotFound {
		t.Errorf("without a proxy: %d", w.Code)
	}
}

// A proxy that listens everywhere is where the client has found the admin port.
func TestPACNamesTheProxyAsTheClientReachesIt(t *testing.T) {
	for _, tt := range []struct{ proxy, host, want string }{
		{"127.0.0.1:4380", "laptop.lan:4300", "PROXY 127.0.0.1:4380"},
		{"0.0.0.0:4380", "laptop.lan:4300", "PROXY laptop.lan:4380"},
		{"[::]:4380", "localhost", "PROXY localhost:4380"},
		{"[::]:4380", "[::1]:4300", "PROXY [::1]:4380"},
	} {
		w := pacOf(t, Reach{Proxy: tt.proxy}, tt.host)
		if !strings.Contains(w.Body.String(), `"`+tt.want+`"`) {
			t.Errorf("%s asked by %s: no %q in:\n%s", tt.proxy, tt.host, tt.want, w.Body)
		}
	}
}

// A JavaScript engine reads it as browsers do.
func TestPACSendsTheWorldThroughTheProxy(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if strings.Contains(os.Getenv("SUNDOG_REQUIRE"), "node") {
			t.Fatal("SUNDOG_REQUIRE wants node, and there is none on PATH")
		}
		t.Skip("no node on PATH")
	}
	const proxied, direct = "PROXY 127.0.0.1:4380", "DIRECT"
	want := map[string]string{
		"example.com": proxied, "myservice.example.com": proxied, "any.wildcard.below.example.com": proxied,
		"MyService.Example.COM": proxied, "myservice.example.com.": proxied,
		"acme.cloudflareaccess.com": proxied, "1.1.1.1": proxied,
		"other.cloudflareaccess.com": direct, "below.acme.cloudflareaccess.com": direct, "notexample.com": direct,
		"example.com.attacker.test": direct, "com": direct, "localhost": direct, "127.0.0.1": direct, "11.1.1.1": direct,
		"github.com": direct, "constructor": direct, "a.constructor": direct, "": direct,
	}
	hosts := make([]string, 0, len(want))
	for h := range want {
		hosts = append(hosts, h)
	}
	list, err := json.Marshal(hosts)
	if err != nil {
		t.Fatal(err)
	}
	script := pacOf(t, world, "127.0.0.1:4300").Body.String() +
		"\nvar out = {}; " + string(list) + ".forEach(function (h) { out[h] = FindProxyForURL('https://' + h + '/', h); }); console.log(JSON.stringify(out));"
	out, err := exec.Command(node, "-e", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// No name ends the string that it stands in.
func TestPACQuotes(t *testing.T) {
	body, err := PAC("127.0.0.1:1", []string{`"};alert(1);//`, "</script>"})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(body); strings.Contains(text, `{""};alert`) || strings.Contains(text, "</script>") {
		t.Error(text)
	}
}
