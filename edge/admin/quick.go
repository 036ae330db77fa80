package admin

import "net/http"

// Quicker makes quick tunnels.
type Quicker interface {
	// Quick makes one, which EndQuick ends.
	Quick() (Quick, error)
	// EndQuick tells whether there was one of that id.
	EndQuick(id string) (bool, error)
	// QuickService is what cloudflared asks for the credentials of one.
	QuickService(key string) (http.HandlerFunc, error)
}

// Quick is a quick tunnel.
type Quick struct {
	ID       string `json:"id"`       // UUID
	Hostname string `json:"hostname"` // "amber-brook-early-pine.trycloudflare.com"
	URL      string `json:"url"`      // "https://" and the host
	Service  string `json:"service"`  // path of this port that is cloudflared's --quick-service, a secret
}

func (s *server) quickPaths(mux *paths) {
	mux.Handle("POST /v1/quick", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		q, err := s.backend.Quick()
		s.outcome(w, r, q, err)
	}))
	mux.Handle("DELETE /v1/quick/{id}", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		found, err := s.backend.EndQuick(r.PathValue("id"))
		if err == nil && !found {
			fail(w, http.StatusNotFound, "there is no quick tunnel of that id", "take the one that POST /v1/quick answered")
			return
		}
		s.outcome(w, r, struct{}{}, err)
	}))
	// cloudflared has no token to show; the key in the path is one.
	mux.HandleFunc("POST /quick/{key}/tunnel", func(w http.ResponseWriter, r *http.Request) {
		serve, err := s.backend.QuickService(r.PathValue("key"))
		if err != nil {
			s.refuse(w, r, http.StatusNotFound, err.Error(), "say sundog tunnel quick URL")
			return
		}
		serve(w, r)
	})
}
