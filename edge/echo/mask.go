package echo

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// secretWords make a name one whose values are not shown.
var secretWords = []string{
	"authorization", "token", "secret", "password", "passwd", "jwt", "credential", "signature", "session", "assertion",
	"api-key", "apikey", "api_key", "access-key", "access_key", "private-key", "private_key",
}

// secretParams are parameters of a query that are secret by these very names.
var secretParams = []string{"key", "sig", "code", "state", "nonce", "auth", "pwd", "pass"}

func isSecret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range secretWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// masked is what is shown of a secret.
func masked(value string) string { return fmt.Sprintf("*** (%d characters)", len(value)) }

// maskHeaders copies headers, and Host with them.
func maskHeaders(host string, h http.Header) map[string][]string {
	out := make(map[string][]string, len(h)+1)
	for name, values := range h {
		shown := make([]string, len(values))
		for i, v := range values {
			shown[i] = maskHeader(name, v)
		}
		if len(shown) > 0 {
			out[name] = shown
		}
	}
	out["Host"] = []string{host}
	return out
}

func maskHeader(name, value string) string {
	switch http.CanonicalHeaderKey(name) {
	case "Cookie":
		return maskCookies(value)
	case "Authorization", "Proxy-Authorization":
		if scheme, rest, ok := strings.Cut(value, " "); ok {
			return scheme + " " + masked(rest)
		}
		return masked(value)
	case "Referer":
		return maskURL(value)
	}
	if isSecret(name) {
		return masked(value)
	}
	return value
}

// maskCookies keeps the names.
func maskCookies(line string) string {
	cookies := strings.Split(line, ";")
	for i, c := range cookies {
		name, value, ok := strings.Cut(strings.TrimSpace(c), "=")
		if !ok {
			name, value = "", name
		}
		cookies[i] = name + "=" + masked(value)
	}
	return strings.Join(cookies, "; ")
}

// maskURL hides the values of parameters with telling names, and leaves all else as it was written.
func maskURL(u string) string {
	before, query, ok := strings.Cut(u, "?")
	if !ok {
		return u
	}
	params := strings.Split(query, "&")
	for i, p := range params {
		name, _, ok := strings.Cut(p, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			plain = name
		}
		if ok && (isSecret(plain) || slices.Contains(secretParams, strings.ToLower(plain))) {
			params[i] = name + "=***"
		}
	}
	return before + "?" + strings.Join(params, "&")
}
