package tunnelemu

import (
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
)

// passHints sends the origin's informational responses on, until the function that it returns was called. 100 is the
// server's own business and 101 is an end.
func passHints(w http.ResponseWriter, out **http.Request) (stop func()) {
	var mu sync.Mutex // the transport may call when the round trip is over
	over := false
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, hint textproto.MIMEHeader) error {
		mu.Lock()
		defer mu.Unlock()
		if over || code < http.StatusProcessing {
			return nil
		}
		h := w.Header()
		final := maps.Clone(h)
		clear(h)
		maps.Copy(h, http.Header(hint))
		w.WriteHeader(code)
		clear(h)
		maps.Copy(h, final)
		return nil
	}}
	*out = (*out).WithContext(httptrace.WithClientTrace((*out).Context(), trace))
	return func() {
		mu.Lock()
		over = true
		mu.Unlock()
	}
}
