package listen

import (
	"net/http"
	"strings"
)

// originForm rewrites an absolute-form target to the path it names, so that
// no one behind it can read an authority from two places: net/http has moved
// the target's to r.Host. A target that Check refuses stays as it is.
func originForm(r *http.Request) {
	u := r.URL
	if r.ProtoMajor != 1 || u.Host == "" || u.Opaque != "" || u.User != nil {
		return
	}
	if r.RequestURI != "" {
		r.RequestURI = pathOf(r.RequestURI)
	}
	u.Scheme, u.Host = "", ""
	if u.Path == "" {
		u.Path = "/"
	}
}

// pathOf is the path and query of an absolute URI, as written. A scheme-less
// "//name/path" is a path of its own.
func pathOf(uri string) string {
	if strings.HasPrefix(uri, "/") {
		return uri
	}
	_, rest, ok := strings.Cut(uri, "://")
	if !ok {
		return uri
	}
	i := strings.IndexAny(rest, "/?")
	switch {
	case i < 0:
		return "/"
	case rest[i] == '?':
		return "/" + rest[i:]
	}
	return rest[i:]
}
