package environ

import (
	"strings"
	"testing"
)

func TestRefuse(t *testing.T) {
	refused := []string{
		"cloudflared tunnel --url http://localhost:8080", "cloudflared tunnel", "/usr/local/bin/cloudflared tunnel --url x", `C:\bin\cloudflared.EXE tunnel --url x`,
		"cloudflared tunnel --quick-service https://api.trycloudflare.com --url x", "cloudflared tunnel --name web --url x", "cloudflared tunnel --config run",
		"cloudflared --url http://localhost:8080", "cloudflared tunnel --hello-world", "cloudflared login", "cloudflared tunnel login", "cloudflared tunnel --loglevel debug login", "cloudflared service install eyJh",
	}
	for _, line := range refused {
		if reason, ok := Refuse(strings.Fields(line)); !ok || reason == "" {
			t.Errorf("%s is not refused", line)
		}
	}
	for _, line := range []string{
		"", "curl https://a.example.com/", "cloudflared", "cloudflared --version", "cloudflared version", "cloudflared tunnel list", "cloudflared tunnel --config run list",
		"cloudflared tunnel info run", "cloudflared tunnel ingress validate", "cloudflared access tcp --hostname a.example.com", "cloudflared tunnel run --help",
		"cloudflared tunnel run", "cloudflared tunnel run web", "cloudflared --config x.yml tunnel run", "cloudflared tunnel --config=x.yml run web",
		"cloudflared --no-autoupdate tunnel --loglevel debug --metrics 127.0.0.1:1 run --token eyJh", "cloudflared tunnel -p http2 run",
		"cloudflared tunnel --quick-service http://127.0.0.1:4300/quick/k --url x",
		"cloudflared tunnel create run", "cloudflared tunnel route dns run a.example.com", "echo cloudflared tunnel run", "cloudflared service",
	} {
		if reason, ok := Refuse(strings.Fields(line)); ok || reason != "" {
			t.Errorf("%s is refused: %s", line, reason)
		}
	}
}

func TestHint(t *testing.T) {
	for line, want := range map[string]string{
		"nslookup a.example.com":                  "say sundog dig NAME, or nslookup -port=4353 NAME 127.0.0.1",
		"nslookup -port=4353 x 127.0.0.1":         "",
		"dig a.example.com":                       "say sundog dig NAME, or dig @127.0.0.1 -p 4353 NAME",
		"dig @127.0.0.1 -p 4353 a":                "",
		"host a.example.com":                      "say sundog dig NAME, or host -p 4353 NAME 127.0.0.1",
		"wrangler dev":                            "the Worker's own fetch ignores the proxy",
		"npx wrangler dev --port 1":               "the Worker's own fetch ignores the proxy",
		"wrangler deploy":                         "",
		"npx vitest":                              "",
		"curl https://a.example.com/?nslookup=no": "",
		"": "",
	} {
		if got := Hint(strings.Fields(line), "127.0.0.1:4353"); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if got := Hint([]string{"nslookup", "x"}, ""); got == "" || strings.Contains(got, "say") {
		t.Errorf("without a DNS listener: %q", got)
	}
}
