package edge

import (
	"net/http"
	"strings"
)

// maxURI is how much of a request target a trace keeps.
const maxURI = 2048

// masked are the query parameters whose values are secrets or open doors.
var masked = map[string]bool{
	"access_token": true, "api_key": true, "apikey": true, "assertion": true, "client_secret": true, "code": true, "id_token": true,
	"jwt": true, "key": true, "meta": true, "nonce": true, "otp": true, "password": true, "refresh_token": true,
	"secret": true, "sig": true, "signature": true, "state": true, "token": true,
}

// capture takes of a request what its trace will show, without what nobody else should read.
func (q *request) capture(r *http.Request) {
	uri := r.URL.RequestURI()
	if r.URL.IsAbs() {
		q.absolute = true
		uri = r.URL.Scheme + "://" + r.URL.Host + uri // without the user
	}
	if strings.IndexByte(uri, '?') >= 0 {
		uri = maskQuery(uri)
	}
	if len(uri) > maxURI {
		uri = uri[:maxURI] + "…"
	}
	q.uri = uri
}

// maskQuery replaces the values of masked parameters by ***.
func maskQuery(uri string) string {
	path, query, _ := strings.Cut(uri, "?")
	hit := false
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		hit = hit || masked[strings.ToLower(name)]
	}
	if !hit {
		return uri
	}
	var b strings.Builder
	b.WriteString(path)
	sep := byte('?')
	for part := range strings.SplitSeq(query, "&") {
		b.WriteByte(sep)
		sep = '&'
		name, value, _ := strings.Cut(part, "=")
		if value == "" || !masked[strings.ToLower(name)] {
			b.WriteString(part)
			continue
		}
		b.WriteString(name + "=***")
	}
	return b.String()
}

// release lets go of what a kept trace does not need: headers, bodies and connections.
func (q *request) release() {
	q.view.HTTP, q.view.Explain = nil, nil
	q.out.ResponseWriter = nil
}
