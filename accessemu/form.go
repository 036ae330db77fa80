package accessemu

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxForm  = 64 << 10
	formTime = 10 * time.Second // for a form to arrive
)

// readForm reads a form of bounded size in bounded time. The deadline stays, so
// that after an error the server does not wait for the rest, either; for the
// connection's next request it sets its own.
func (s *State) readForm(w http.ResponseWriter, r *http.Request) error {
	_ = http.NewResponseController(w).SetReadDeadline(s.wall().Add(formTime)) // without a connection there is nothing to wait for
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	if err == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		err = r.ParseMultipartForm(maxForm)
	}
	return err
}

// form reads the form of a page of ours, or answers why not.
func (s *State) form(w http.ResponseWriter, r *Request, c *Config) bool {
	if foreign(r) {
		s.invalidSession(w, r, c, "The form was sent from a page of another site.",
			"the form came from a page of another site (Origin, Sec-Fetch-Site)")
		return false
	}
	if err := s.readForm(w, r.HTTP); err != nil {
		w.Header().Set("Connection", "close")
		s.show(w, r, c, page{Status: http.StatusBadRequest, Title: "The form did not arrive",
			Lead: "It was cut off, too long or too slow. Go back, and send it again.", reason: Reason{Why: "the form was not read: " + err.Error()}})
		return false
	}
	return true
}

// foreign tells whether a form was sent from another site's page.
func foreign(r *Request) bool {
	switch r.HTTP.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
	default:
		return true
	}
	origin := r.HTTP.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Scheme != "https" || u.Hostname() != r.Host
}
