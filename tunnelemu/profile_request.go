package tunnelemu

import (
	"io"
	"net/http"
	"strings"
)

// noBytes is a body that net/http cannot know to be empty before it reads, as the connector's HTTP/2 server gives one.
var noBytes io.ReadCloser = emptyBody{}

type emptyBody struct{}

func (emptyBody) Read([]byte) (int, error) { return 0, io.EOF }
func (emptyBody) Close() error             { return nil }

// unframed is a coding that net/http frames no body for: its bytes follow the headers as they are.
var unframed = []string{"identity"}

// body decides what becomes of a request's body on the way to the connector.
func (p *profile) body(out *http.Request) {
	switch {
	case out.ContentLength == 0 || out.Body == nil || out.Body == http.NoBody:
		out.Body, out.ContentLength = nil, 0
		if p.chunksEmptyBody && carriesBody(out.Method) {
			out.Body = noBytes
		}
	case out.ContentLength < 0 && p.needsChunked && !cameChunked(out):
		out.Body, out.ContentLength = nil, 0
	}
}

// carriesBody leaves out the methods whose empty body net/http does not announce.
func carriesBody(method string) bool {
	switch method {
	case "", "GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "SEARCH", "CONNECT":
		return false
	}
	return true
}

// headers changes a request's headers as the transport does. The map is the request's own, its values are not.
func (p *profile) headers(h http.Header) {
	if p.consumesExpect {
		delete(h, "Expect")
	}
	if p.joinsCookies {
		if lines := h["Cookie"]; len(lines) > 1 {
			h["Cookie"] = []string{strings.Join(lines, "; ")}
		}
	}
}
