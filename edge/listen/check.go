package listen

import (
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Malformed is a request that net/http let through and that two readers could
// understand differently.
type Malformed struct {
	What  string // the part: "Host", ":authority", "Content-Length"
	Found string // its value, as sent
	Want  string // what may stand there
}

func (m *Malformed) Error() string {
	return fmt.Sprintf("%s %q: %s", m.What, m.Found, m.Want)
}

// Check looks for what makes a request ambiguous and is still visible to a
// handler; nil: nothing was found. It is at least as strict as net/http and
// allocates only for what it refuses. Call it before anything reads the
// request.
func Check(r *http.Request) error {
	if m := check(r); m != nil {
		return m
	}
	return nil
}

func check(r *http.Request) *Malformed {
	if !httpguts.ValidHeaderFieldName(r.Method) { // HTTP/2 takes any text for a method
		return &Malformed{"method", r.Method, "want a token"}
	}
	if m := checkTarget(r); m != nil {
		return m
	}
	if m := checkHost(r); m != nil {
		return m
	}
	if m := checkLength(r); m != nil {
		return m
	}
	if r.ProtoMajor == 2 {
		return checkH2(r)
	}
	return nil
}

// checkTarget refuses what has no origin form: CONNECT outside the proxy, an
// absolute target without authority or with a user, "*" for anything but
// OPTIONS.
func checkTarget(r *http.Request) *Malformed {
	switch u := r.URL; {
	case r.Method == http.MethodConnect:
		return &Malformed{"method", r.Method, "CONNECT is for the proxy port"}
	case u.Opaque != "":
		return &Malformed{"request target", r.RequestURI, "want a path, or a URL with an authority"}
	case u.User != nil:
		return &Malformed{"request target", u.Redacted(), "a target has no user name"}
	case u.Scheme != "" && u.Host == "", r.ProtoMajor == 2 && u.Host != "":
		return &Malformed{"request target", r.RequestURI, "want a path, or a URL with an authority"}
	case u.Path == "*" && r.Method != http.MethodOptions:
		return &Malformed{"request target", "*", "only OPTIONS is for the whole server"}
	case u.Path != "" && u.Path[0] != '/' && u.Path != "*":
		return &Malformed{"request target", u.Path, "a path begins with /"}
	}
	return nil
}

// checkHost refuses two opinions about the host. HTTP/1 removes the Host
// field from the map; HTTP/2 leaves it beside :authority.
func checkHost(r *http.Request) *Malformed {
	if i := strings.IndexAny(r.Host, "@/\\?#,; \t\"<>{}|^`%"); i >= 0 {
		return &Malformed{"host", r.Host, "want a name or address, and a port at most"}
	}
	hosts, ok := r.Header["Host"]
	if !ok {
		return nil
	}
	if len(hosts) != 1 {
		return &Malformed{"host", strings.Join(hosts, ", "), "want one"}
	}
	if !strings.EqualFold(hosts[0], r.Host) {
		return &Malformed{"host", hosts[0], "differs from the request's authority " + r.Host}
	}
	return nil
}

// checkLength refuses lengths that are no number, that differ, or that
// contradict the body. HTTP/2 takes an unreadable length for none.
func checkLength(r *http.Request) *Malformed {
	lengths, ok := r.Header["Content-Length"]
	if !ok {
		return nil
	}
	if len(lengths) != 1 {
		return &Malformed{"Content-Length", strings.Join(lengths, ", "), "want one"}
	}
	if s := lengths[0]; s == "" || strings.Trim(s, "0123456789") != "" {
		return &Malformed{"Content-Length", s, "want digits"}
	}
	if len(r.TransferEncoding) > 0 {
		return &Malformed{"Content-Length", lengths[0], "not beside Transfer-Encoding"}
	}
	if r.ProtoMajor == 2 && r.ContentLength == 0 && strings.Trim(lengths[0], "0") != "" {
		return &Malformed{"Content-Length", lengths[0], "the request has no body of that length"}
	}
	return nil
}

// connectionFields belong to one connection, which HTTP/2 has no words for.
var connectionFields = [...]string{"Connection", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "Keep-Alive", "Http2-Settings"}

func checkH2(r *http.Request) *Malformed {
	for _, name := range connectionFields {
		if v, ok := r.Header[name]; ok {
			return &Malformed{name, strings.Join(v, ", "), "HTTP/2 has no such field"}
		}
	}
	for _, v := range r.Header["Te"] {
		if v != "trailers" {
			return &Malformed{"TE", v, `HTTP/2 allows "trailers" alone`}
		}
	}
	return nil
}
