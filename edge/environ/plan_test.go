package environ

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariables(t *testing.T) {
	const noProxy = "localhost,127.0.0.1,::1,grafana"
	api := "http://127.0.0.1:4300/client/v4"
	want := []Var{
		{"HTTP_PROXY", "http://127.0.0.1:4380"}, {"http_proxy", "http://127.0.0.1:4380"},
		{"HTTPS_PROXY", "http://127.0.0.1:4380"}, {"https_proxy", "http://127.0.0.1:4380"},
		{"ALL_PROXY", "http://127.0.0.1:4380"}, {"all_proxy", "http://127.0.0.1:4380"},
		{"NO_PROXY", noProxy}, {"no_proxy", noProxy},
		{"NODE_USE_ENV_PROXY", "1"},
		{"NODE_EXTRA_CA_CERTS", "/run/sundog/ca.pem"}, {"TUNNEL_CACERT", "/run/sundog/ca.pem"}, {"DENO_CERT", "/run/sundog/ca.pem"},
		{"SSL_CERT_FILE", "/run/sundog/bundle.pem"}, {"CURL_CA_BUNDLE", "/run/sundog/bundle.pem"},
		{"REQUESTS_CA_BUNDLE", "/run/sundog/bundle.pem"}, {"GIT_SSL_CAINFO", "/run/sundog/bundle.pem"}, {"AWS_CA_BUNDLE", "/run/sundog/bundle.pem"},
		{"TUNNEL_ORIGIN_CERT", "/run/sundog/cert.pem"},
		{"CLOUDFLARE_API_BASE_URL", api}, {"CLOUDFLARE_BASE_URL", api}, {"TUNNEL_API_URL", api},
		{"CLOUDFLARE_API_TOKEN", "api-token"},
		{"CLOUDFLARE_ACCOUNT_ID", "0123456789abcdef0123456789abcdef"},
		{"TUNNEL_EDGE", "127.0.0.1:1,127.0.0.1:1,127.0.0.1:1,127.0.0.1:1"},
		{"TUNNEL_NO_PRECHECKS", "true"}, {"NO_AUTOUPDATE", "true"},
		{"WRANGLER_SEND_METRICS", "false"},
		{"SUNDOG_URL", "http://127.0.0.1:4300"}, {"SUNDOG_TOKEN", "sundog-token"},
	}
	p := newPlan(t, nil)
	if diff := cmp.Diff(want, p.Set); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p.NoProxy != noProxy || len(p.Removed)+len(p.Dropped) != 0 {
		t.Errorf("NoProxy %q, removed %v, dropped %v", p.NoProxy, p.Removed, p.Dropped)
	}
}

func value(p *Plan, name string) string {
	for _, v := range p.Set {
		if v.Name == name {
			return v.Value
		}
	}
	return "unset"
}

func TestVariablesThatDepend(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Input)
		want   map[string]string
	}{
		{"no tunnel listener: an address that refuses", func(in *Input) { in.Inherited = []string{"TUNNEL_EDGE=198.41.192.7:7844"} },
			map[string]string{"TUNNEL_EDGE": "127.0.0.1:1,127.0.0.1:1,127.0.0.1:1,127.0.0.1:1"}},
		{"tunnel listener, four times", func(in *Input) { in.Tunnel = "127.0.0.1:7844" },
			map[string]string{"TUNNEL_EDGE": "127.0.0.1:7844,127.0.0.1:7844,127.0.0.1:7844,127.0.0.1:7844"}},
		{"a client", func(in *Input) { in.Client = "office@de" }, map[string]string{"HTTPS_PROXY": "http://office%40de:@127.0.0.1:4380"}},
		{"a password", func(in *Input) { in.ProxyPassword = "a:b/c" }, map[string]string{"https_proxy": "http://:a%3Ab%2Fc@127.0.0.1:4380"}},
		{"listeners on every address", func(in *Input) { in.Proxy, in.Admin = "0.0.0.0:1", "[::]:2" },
			map[string]string{"HTTP_PROXY": "http://127.0.0.1:1", "SUNDOG_URL": "http://127.0.0.1:2"}},
		{"admin elsewhere is reached directly", func(in *Input) { in.Admin = "192.0.2.7:4300" },
			map[string]string{"NO_PROXY": "localhost,127.0.0.1,::1,192.0.2.7,grafana"}},
		{"no files", func(in *Input) { in.Files = Paths{} },
			map[string]string{"SSL_CERT_FILE": "unset", "NODE_EXTRA_CA_CERTS": "unset", "TUNNEL_ORIGIN_CERT": "unset"}},
		{"a service token", func(in *Input) { in.ServiceToken = &ServiceToken{"id.access", "secret"} },
			map[string]string{"CF_ACCESS_CLIENT_ID": "id.access", "CLOUDFLARE_ACCESS_CLIENT_ID": "id.access", "TUNNEL_SERVICE_TOKEN_ID": "id.access",
				"CF_ACCESS_CLIENT_SECRET": "secret", "CLOUDFLARE_ACCESS_CLIENT_SECRET": "secret", "TUNNEL_SERVICE_TOKEN_SECRET": "secret"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlan(t, tt.change)
			got := map[string]string{}
			for name := range tt.want {
				got[name] = value(p, name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadInput(t *testing.T) {
	_, err := New(Input{})
	if err == nil || !strings.Contains(err.Error(), `admin address ""`) || !strings.Contains(err.Error(), `proxy address ""`) {
		t.Errorf("no addresses: %v", err)
	}
	in := input()
	in.Token = "a\x00b"
	if _, err := New(in); err == nil || !strings.Contains(err.Error(), "SUNDOG_TOKEN") {
		t.Errorf("NUL: %v", err)
	}
}

func TestRealCredentialsAreRemoved(t *testing.T) {
	real := []string{
		"CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_USER_SERVICE_KEY",
		"CLOUDFLARE_ACCESS_CLIENT_ID", "CLOUDFLARE_ACCESS_CLIENT_SECRET",
		"CF_API_TOKEN", "CF_API_KEY", "CF_API_EMAIL", "CF_API_BASE_URL", "CF_ACCOUNT_ID",
		"CF_ACCESS_CLIENT_ID", "CF_ACCESS_CLIENT_SECRET",
		"TUNNEL_TOKEN", "TUNNEL_TOKEN_FILE", "TUNNEL_CRED_FILE", "TUNNEL_CRED_CONTENTS",
		"TUNNEL_SERVICE_TOKEN_ID", "TUNNEL_SERVICE_TOKEN_SECRET",
		"CLOUDFLARE_TUNNEL_TOKEN", "CLOUDFLARE_TOKEN", "CF_TOKEN", "CF_KEY", "CF_EMAIL", "CF_DNS_API_TOKEN", "CF_ZONE_API_TOKEN",
		"CLOUDFLARE_R2_SECRET_ACCESS_KEY", "CLOUDFLARE_CREDENTIALS", "TUNNEL_ORIGIN_CERT_2", "TUNNEL_OLD_CREDENTIALS_FILE",
	}
	kept := []string{"PATH=/bin", "HOME=/root", "TUNNEL_LOGLEVEL=debug", "CLOUDFLARE_ENV=dev", "CFLAGS=-O2", "TUNNEL_URL=http://localhost", "XCF_API_TOKEN=x", "CF_PAGES=1", "MY_TOKEN=x"}
	var inherited []string
	for _, name := range real {
		inherited = append(inherited, name+"=real")
	}
	inherited = append(append(inherited, kept...), "CLOUDFLARE_API_TOKEN=real", "CLOUDFLARE_ACCOUNT_ID=real", "https_proxy=http://corp:3128")
	p := newPlan(t, func(in *Input) { in.Inherited = inherited })

	slices.Sort(real)
	var removed []string
	for _, r := range p.Removed {
		removed = append(removed, r.Name)
	}
	if diff := cmp.Diff(real, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	env := p.Environ()
	if diff := cmp.Diff(kept, env[:len(kept)]); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	for _, kv := range env {
		if strings.HasSuffix(kv, "=real") || strings.Contains(kv, "corp") {
			t.Errorf("%s reaches CMD", kv)
		}
	}
	if len(env) != len(kept)+len(p.Set) {
		t.Errorf("%d variables, want %d", len(env), len(kept)+len(p.Set))
	}
}

func TestCredentialsOfThisWorldStay(t *testing.T) {
	inherited := []string{"CF_ACCESS_CLIENT_SECRET=ours", "TUNNEL_TOKEN=real", "CF_API_KEY=", "CF_ACCOUNT_ID=0123456789abcdef0123456789abcdef"}
	p := newPlan(t, func(in *Input) {
		in.Inherited = inherited
		in.Issued = func(v string) bool { return v == "ours" }
	})
	if len(p.Removed) != 1 || p.Removed[0].Name != "TUNNEL_TOKEN" || strings.Contains(p.Removed[0].String(), "=real") {
		t.Errorf("removed %v", p.Removed)
	}
	env := p.Environ()
	if want := []string{inherited[0], inherited[2], inherited[3]}; !slices.Equal(env[:3], want) {
		t.Errorf("kept %v, want %v", env[:3], want)
	}
}

// With and without a certificate of this world, the real one is out of reach, and so are
// the real edge and the real API.
func TestTheRealAccountIsOutOfReach(t *testing.T) {
	inherited := []string{"TUNNEL_ORIGIN_CERT=/home/me/.cloudflared/cert.pem", "TUNNEL_EDGE=198.41.192.7:7844", "TUNNEL_API_URL=https://api.cloudflare.com/client/v4"}
	for _, tt := range []struct{ name, cert string }{{"certificate", "/run/sundog/cert.pem"}, {"no certificate", ""}} {
		p := newPlan(t, func(in *Input) { in.Inherited, in.Files.Cert = inherited, tt.cert })
		got := map[string]string{}
		for _, kv := range p.Environ() {
			if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "TUNNEL_") {
				got[name] = value
			}
		}
		if slices.ContainsFunc(p.Environ(), func(kv string) bool { return slices.Contains(inherited, kv) }) || got["TUNNEL_ORIGIN_CERT"] != tt.cert {
			t.Errorf("%s: %v", tt.name, got)
		}
		if told := slices.ContainsFunc(p.Removed, func(r Removal) bool { return r.Name == "TUNNEL_ORIGIN_CERT" }); told != (tt.cert == "") {
			t.Errorf("%s: removed %v", tt.name, p.Removed)
		}
	}
}

func TestAServiceTokenReplacesARealOne(t *testing.T) {
	p := newPlan(t, func(in *Input) {
		in.Inherited = []string{"CF_ACCESS_CLIENT_ID=real", "CF_ACCESS_TOKEN=real"}
		in.ServiceToken = &ServiceToken{"ours.access", "secret"}
	})
	if len(p.Removed) != 1 || p.Removed[0].Name != "CF_ACCESS_TOKEN" {
		t.Errorf("removed %v", p.Removed)
	}
	if env := p.Environ(); slices.Contains(env, "CF_ACCESS_CLIENT_ID=real") || !slices.Contains(env, "CF_ACCESS_CLIENT_ID=ours.access") {
		t.Errorf("%v", env)
	}
}

func TestWindowsNamesIgnoreCase(t *testing.T) {
	p := newPlan(t, func(in *Input) {
		in.GOOS = "windows"
		in.Inherited = []string{"=C:=C:\\x", "cf_api_token=real", "Https_Proxy=http://corp", "Path=C:\\"}
	})
	if len(p.Removed) != 1 || p.Removed[0].Name != "cf_api_token" {
		t.Errorf("removed %v", p.Removed)
	}
	if env := p.Environ(); !slices.Equal(env[:2], []string{"=C:=C:\\x", "Path=C:\\"}) || strings.Contains(strings.Join(env, " "), "corp") {
		t.Errorf("%v", env)
	}
}

func ExampleNew() {
	plan, err := New(Input{
		Proxy: "127.0.0.1:4380", Admin: "127.0.0.1:4300",
		World:     []string{"*.example.com"},
		Inherited: []string{"HOME=/home/me", "CF_API_TOKEN=v1.0-real", "NO_PROXY=.corp.test,.example.com"},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println("NO_PROXY =", plan.NoProxy)
	for _, r := range append(plan.Removed, plan.Dropped...) {
		fmt.Println(r)
	}
	fmt.Println(plan.Environ()[0])
	// Output:
	// NO_PROXY = localhost,127.0.0.1,::1,.corp.test
	// CF_API_TOKEN: a real credential, removed; this world did not issue it
	// NO_PROXY entry .example.com: dropped; it would keep *.example.com of this world from the proxy
	// HOME=/home/me
}
