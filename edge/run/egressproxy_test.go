package run

import (
	"strings"
	"testing"
)

func TestEgressProxy(t *testing.T) {
	both := []string{"HTTP_PROXY=http://plain.corp:3128", "https_proxy=me:hush@secure.corp", "NO_PROXY=.intranet.test,192.0.2.0/24,direct.test:443"}
	for name, tt := range map[string]struct {
		environ []string
		addr    string
		want    string // host of the proxy; empty: none
	}{
		"HTTPS":               {both, "outside.test:443", "secure.corp"},
		"any port":            {both, "outside.test:22", "secure.corp"},
		"HTTP":                {both, "outside.test:80", "plain.corp:3128"},
		"NO_PROXY, a suffix":  {both, "a.intranet.test:443", ""},
		"NO_PROXY, a network": {both, "192.0.2.7:443", ""},
		"NO_PROXY, a port":    {both, "direct.test:443", ""},
		"loopback":            {both, "127.0.0.1:443", ""},
		"localhost":           {both, "localhost:443", ""},
		"one alone":           {[]string{"HTTPS_PROXY=http://a:1"}, "outside.test:80", ""},
		"the first counts":    {[]string{"https_proxy=http://b:1", "HTTPS_PROXY=http://a:1"}, "outside.test:443", "a:1"},
		"an empty one":        {[]string{"HTTPS_PROXY=", "https_proxy=http://b:1"}, "outside.test:443", "b:1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := egressProxy(tt.environ)(tt.addr)
			if err != nil {
				t.Fatal(err)
			}
			if got == nil && tt.want != "" || got != nil && got.Host != tt.want {
				t.Errorf("%v, want %q", got, tt.want)
			}
		})
	}
	if egressProxy([]string{"NO_PROXY=*", "PATH=/bin"}) != nil {
		t.Error("an environment without proxies has one")
	}
	for _, value := range []string{"http://me:hush@", "http://me:hush@ho st", "%zz:hush", "http://me:hush@[::1"} {
		_, err := egressProxy([]string{"HTTPS_PROXY=" + value})("outside.test:443")
		if err == nil || !strings.Contains(err.Error(), "HTTPS_PROXY is no URL of a proxy") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func FuzzProxyURL(f *testing.F) {
	for _, s := range []string{"", "proxy.corp:3128", "http://me:hush@proxy.corp:3128", "SOCKS5://x", "http://[::1]:1", "%zz", "://", "http:///"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		u, err := proxyURL("HTTPS_PROXY", value)
		if err == nil && u != nil && u.Hostname() == "" {
			t.Errorf("%q is a proxy without a host", value)
		}
		if err != nil && err.Error() != "HTTPS_PROXY is no URL of a proxy, as http://proxy.example:3128" {
			t.Errorf("%q: %v tells of the value", value, err)
		}
	})
}
