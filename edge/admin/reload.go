package admin

import (
	"context"
	"net/http"
)

// Reload is what came of reading the world's files again: the answer to POST /v1/reload.
type Reload struct {
	OK       bool     `json:"ok"`
	Error    string   `json:"error,omitempty"`    // "config stale: 2 errors": the world from before serves on
	Errors   []string `json:"errors,omitempty"`   // all that is wrong, each with its place
	Changes  []string `json:"changes"`            // documents in words: `added the record CNAME app.example.com (sundog.yaml:7:9)`
	Fell     []string `json:"fell,omitempty"`     // edits by the API that hold no more, and why
	Public   []Public `json:"public,omitempty"`   // what anyone enters now and did not before
	Findings []string `json:"findings,omitempty"` // that the last world did not have
	TookMS   float64  `json:"took_ms"`
}

// Public is an entrypoint that became public.
type Public struct {
	URL string `json:"url"`
	Was string `json:"was,omitempty"` // the application that asked for a login; empty: the entrypoint is new
}

func (s *server) reload(w http.ResponseWriter, r *http.Request) {
	if s.Reload == nil {
		fail(w, http.StatusConflict, "this edge was made of a world in memory: there are no files to read again", "give it another world in the program that made it")
		return
	}
	status, done := http.StatusOK, s.Reload(r.Context())
	if !done.OK {
		status = http.StatusUnprocessableEntity
	}
	reply(w, status, done)
}

// ReloadFunc reads the world's files again and makes them what the edge serves.
type ReloadFunc func(context.Context) Reload
