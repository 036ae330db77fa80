package tunnelemu

import "net/http"

// statusOrigin is http_status: that status, no headers of its own, no body.
type statusOrigin int

func (code statusOrigin) serve(_ *Tunnel, w http.ResponseWriter, _ *http.Request, _ Decision) error {
	if code < 200 {
		// No final status: the connector aborts the stream.
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(int(code))
	return nil
}
