package run

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"github.com/sundog-edge/sundog/edge"
)

// egressProxy is what an environment says of proxies, by the rules of Go's own client: HTTPS_PROXY, and HTTP_PROXY
// for port 80, NO_PROXY. Nil: it names none.
func egressProxy(environ []string) edge.ProxyFunc {
	get := func(names ...string) (name, value string) {
		for _, name := range names {
			for _, kv := range environ {
				if n, v, _ := strings.Cut(kv, "="); n == name && v != "" {
					return n, v
				}
			}
		}
		return names[0], ""
	}
	plain, plainValue := get("HTTP_PROXY", "http_proxy")
	secure, secureValue := get("HTTPS_PROXY", "https_proxy")
	_, not := get("NO_PROXY", "no_proxy")
	if plainValue == "" && secureValue == "" {
		return nil
	}
	plainURL, plainErr := proxyURL(plain, plainValue)
	secureURL, secureErr := proxyURL(secure, secureValue)
	// Which hosts go by none is decided on a stand-in: a value that cannot be read must not lead past the proxy.
	const some = "http://proxy.invalid"
	by := (&httpproxy.Config{HTTPProxy: some, HTTPSProxy: some, NoProxy: not}).ProxyFunc()
	return func(addr string) (*url.URL, error) {
		target := &url.URL{Scheme: "https", Host: addr}
		via, err := secureURL, secureErr
		if strings.HasSuffix(addr, ":80") {
			target.Scheme, via, err = "http", plainURL, plainErr
		}
		if any, _ := by(target); any == nil {
			return nil, nil
		}
		return via, err
	}
}

// proxyURL reads a variable; an address without a scheme is one of http. The error has nothing of the value, which
// may hold a password.
func proxyURL(name, value string) (*url.URL, error) {
	if value == "" {
		return nil, nil
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err == nil && u.Hostname() == "" {
		err = errors.New("it names no host")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no URL of a proxy, as http://proxy.example:3128", name)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	return u, nil
}
