package accessemu

import (
	"net/url"
	"strings"
)

// maxRedirect is how long a path and query, or a URL to return to, may be.
const maxRedirect = 8 << 10

// safePath is the one way in which a path that came from outside becomes the
// target of a redirect inside a host: it begins with one slash that no second
// slash or backslash follows, in plain or encoded form, and holds nothing that
// a browser drops or a header cannot carry. What cannot be made safe becomes "/".
func safePath(s string) string {
	if len(s) > maxRedirect || s == "" || s[0] != '/' {
		return "/"
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '\\' {
			return "/"
		}
	}
	for rest := s[1:]; ; {
		switch {
		case strings.HasPrefix(rest, "/"):
			rest = rest[1:]
		case len(rest) >= 3 && (strings.EqualFold(rest[:3], "%2f") || strings.EqualFold(rest[:3], "%5c")),
			len(rest) >= 3 && (rest[:2] == "%0" || rest[:2] == "%1"):
			rest = rest[3:]
		default:
			u, err := url.Parse("/" + rest)
			if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil {
				return "/"
			}
			return "/" + rest
		}
	}
}

// safeReturn is the URL of returnTo, rebuilt from its parts, if its host is one
// that may be returned to.
func safeReturn(s string, allowed func(host string) bool) (string, bool) {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '\\' {
			return "", false
		}
	}
	if len(s) > maxRedirect {
		return "", false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	host := strings.ToLower(u.Hostname())
	if !validDomain(host) || !allowed(host) || strings.Trim(u.Port(), digits) != "" {
		return "", false
	}
	target := "https://" + host
	if u.Port() != "" {
		target += ":" + u.Port()
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return target + safePath(path), true
}

// origin is "https://host", with the port that the request kept.
func (r *Request) origin(host string) string {
	if r.Port == "" {
		return "https://" + host
	}
	return "https://" + host + ":" + r.Port
}
