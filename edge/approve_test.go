package edge_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/crypto/nacl/box"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/admin"
)

// cloudflared speaks as the real client does, over the proxy's sockets.
type cloudflared struct {
	t            *testing.T
	c            *http.Client
	key, private *[32]byte
}

func (r *running) cloudflared(t *testing.T, user string) *cloudflared {
	t.Helper()
	key, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &cloudflared{t, r.proxied(t, user), key, private}
}

func (c *cloudflared) ask(method, target string, header ...string) (*http.Response, string) {
	c.t.Helper()
	r, err := http.NewRequest(method, target, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("User-Agent", "cloudflared/2026.8.0")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.c.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, string(body)
}

func (c *cloudflared) public() string { return base64.URLEncoding.EncodeToString(c.key[:]) }

// page discovers the application at a URL, and is what would be opened in a browser.
func (c *cloudflared) page(target string) string {
	c.t.Helper()
	resp, _ := c.ask("HEAD", target, "Cf-Access-Metadata-Request", "true")
	parts := strings.Split(resp.Header.Get("Cf-Access-Metadata"), ".")
	if len(parts) != 3 {
		c.t.Fatalf("no metadata: %d %v", resp.StatusCode, resp.Header)
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		c.t.Fatal(err)
	}
	var m struct {
		AUD  string `json:"aud"`
		Team string `json:"auth_domain"`
	}
	if err := json.Unmarshal(claims, &m); err != nil {
		c.t.Fatal(err)
	}
	if certs, body := c.ask("GET", "https://"+m.Team+"/cdn-cgi/access/certs"); certs.StatusCode != 200 || !strings.Contains(body, `"keys"`) {
		c.t.Fatalf("certs: %d %s", certs.StatusCode, body)
	}
	u, err := url.Parse(target)
	if err != nil {
		c.t.Fatal(err)
	}
	q := url.Values{"aud": {m.AUD}, "edge_token_transfer": {"true"}, "redirect_url": {target}, "send_org_token": {"true"}, "token": {c.public()}}
	return "https://" + u.Host + "/cdn-cgi/access/cli?" + q.Encode()
}

// poll fetches what was granted.
func (c *cloudflared) poll() (token string, status int, body string) {
	c.t.Helper()
	resp, body := c.ask("GET", "https://login.cloudflareaccess.org/transfer/"+c.public())
	if resp.StatusCode != http.StatusOK {
		return "", resp.StatusCode, body
	}
	sealed, err := base64.StdEncoding.DecodeString(body)
	if err != nil || len(sealed) < 24 {
		c.t.Fatalf("%q: %v", body, err)
	}
	from, err := base64.URLEncoding.DecodeString(resp.Header.Get("Service-Public-Key"))
	if err != nil || len(from) != 32 {
		c.t.Fatalf("service-public-key: %v", err)
	}
	text, ok := box.Open(nil, sealed[24:], (*[24]byte)(sealed[:24]), (*[32]byte)(from), c.private)
	var tokens struct {
		App string `json:"app_token"`
		Org string `json:"org_token"`
	}
	if err := json.Unmarshal(text, &tokens); !ok || err != nil || tokens.Org == "" {
		c.t.Fatalf("the box: %t %v", ok, err)
	}
	return tokens.App, resp.StatusCode, body
}

func TestApprove(t *testing.T) {
	r := startWorld(t, peopled, originOption(seen))
	lent := lend(t, r.edge, edge.Loan{As: "alice@example.com"})
	c := r.cloudflared(t, lent.User)
	page := c.page("https://app.example.com/some/page")
	if resp, _ := c.ask("GET", "https://app.example.com/some/page"); resp.StatusCode != http.StatusFound {
		t.Errorf("cloudflared is lent a credential: %d", resp.StatusCode)
	}
	if done, err := r.edge.Approve(admin.Approval{As: "Alice@example.com", URL: page}); err != nil || done.App != "App" {
		t.Fatalf("%+v, %v", done, err)
	}
	token, status, _ := c.poll()
	if status != http.StatusOK {
		t.Fatalf("poll: %d", status)
	}
	resp, body := c.ask("GET", "https://app.example.com/some/page?cloudflared_token_check=true", "Cf-Access-Token", token)
	if resp.StatusCode != http.StatusOK || !strings.Contains(body, "Cf-Access-Authenticated-User-Email: alice@example.com") {
		t.Errorf("with the token: %d %s", resp.StatusCode, body)
	}
}

func TestApproveIsRefused(t *testing.T) {
	r := startWorld(t, peopled, originOption(seen))
	c := r.cloudflared(t, "default")
	page := c.page("https://app.example.com/")
	_, err := r.edge.Approve(admin.Approval{As: "mallory@outside.test", URL: page})
	var refused *edge.NotAdmittedError
	if !errors.As(err, &refused) {
		t.Fatalf("%v", err)
	}
	// cloudflared gives up on 500 and more; anything else makes it wait for minutes.
	if _, status, body := c.poll(); status != http.StatusServiceUnavailable || !strings.Contains(body, "no policy admits that address") {
		t.Errorf("poll: %d %s", status, body)
	}
	var wrong *edge.SignInError
	for _, address := range []string{
		"", "https://app.example.com/", "http://app.example.com/cdn-cgi/access/cli", "https:///cdn-cgi/access/cli",
		"https://me@app.example.com/cdn-cgi/access/cli", "https://nowhere.test/cdn-cgi/access/cli",
		"https://app.example.com/cdn-cgi/access/cli?aud=x&token=y", "https://open.example.com/cdn-cgi/access/cli",
	} {
		if _, err := r.edge.Approve(admin.Approval{As: "alice@example.com", URL: address}); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
