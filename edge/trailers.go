package edge

import (
	"io"
	"net/http"
	"slices"
)

// guardTrailers takes out of a request's trailers what a client may not say in its headers: an origin that
// merges the two would believe it. Names go at once; values come with the body's end, and are looked at then.
func guardTrailers(r *http.Request) {
	if r.Trailer == nil {
		return
	}
	dropTrailers(r.Trailer)
	r.Body = &trailedBody{r.Body, r.Trailer}
}

type trailedBody struct {
	io.ReadCloser
	trailer http.Header
}

func (b *trailedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		dropTrailers(b.trailer)
	}
	return n, err
}

// notInTrailers decide about routing, identity or framing, and belong in front of a body.
var notInTrailers = []string{
	"Authorization", "Content-Encoding", "Content-Length", "Content-Type", "Cookie", "Expect", "Host", "Range", "Trailer",
}

func dropTrailers(t http.Header) {
	for name := range t {
		if readsAsOurs(name) || slices.Contains(notInTrailers, name) || slices.Contains(hopByHop, name) {
			delete(t, name)
		}
	}
}
