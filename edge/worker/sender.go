package worker

import (
	"net/http"
	"net/http/httptrace"
)

// sender is the transport of one flight. net/http sends a request without a body again when a connection that was
// used before breaks under it; a Worker that took the process down would so meet it in the next process, too. So it
// is noted that the request has left.
type sender struct {
	to     http.RoundTripper
	flight *flight
}

func (s sender) RoundTrip(r *http.Request) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(r.Context())
	if trace == nil { // ReverseProxy makes one for each request
		trace = new(httptrace.ClientTrace)
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), trace))
	}
	trace.WroteHeaders = s.flight.leave
	return s.to.RoundTrip(r)
}
