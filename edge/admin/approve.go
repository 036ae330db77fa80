package admin

import "net/http"

// Approver grants what cloudflared asks for on a page in a browser.
type Approver interface {
	// Approve does it in somebody's name. Errors are as those of People.
	Approve(Approval) (Approved, error)
}

// Approval is the body of a request to /v1/approve.
type Approval struct {
	As     string `json:"as"`               // e-mail address
	URL    string `json:"url"`              // that cloudflared printed
	Client string `json:"client,omitempty"` // entry of clients: that the login comes from; empty: the default, in the person's own country
}

// Approved is its answer.
type Approved struct {
	As  string `json:"as"`
	App string `json:"app"`
	AUD string `json:"aud"`
}

func (s *server) approvePaths(mux *paths) {
	mux.Handle("POST /v1/approve", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		var x Approval
		if decode(w, r, &x) {
			done, err := s.backend.Approve(x)
			s.outcome(w, r, done, err)
		}
	}))
}
