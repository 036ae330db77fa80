package accessemu

import (
	"net/http"
	"strconv"
)

// writeBody also answers HEAD, for a caller that is no HTTP server.
func writeBody(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r == nil || r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone
	}
}

func writeJSON(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	writeBody(w, r, status, "application/json", body)
}

func methodNotAllowed(w http.ResponseWriter, r *Request, allowed string) {
	r.tell(Reason{Why: "405: this path of Access takes " + allowed})
	w.Header().Set("Allow", allowed)
	http.Error(w, "405 Method Not Allowed: allowed are "+allowed, http.StatusMethodNotAllowed)
}

// internal answers what only a broken key source can cause.
func (s *State) internal(w http.ResponseWriter, r *Request, what string, err error) {
	s.log.Error("access: "+what, "error", err)
	r.tell(Reason{Why: "500: " + what + " failed"})
	http.Error(w, "500 Internal Server Error: "+what, http.StatusInternalServerError)
}
