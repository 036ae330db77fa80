package admin

import (
	"net/http"
	"strconv"
	"time"
)

// Faulter makes things go wrong on purpose.
type Faulter interface {
	// Faults are those that have not ended.
	Faults() []Fault
	// AddFault makes one; its ID and Since are set in the answer. The error is for who asked.
	AddFault(Fault) (Fault, error)
	// EndFaults ends one, or all when id is 0, and says how many there were.
	EndFaults(id int) int
}

// Fault is one thing that goes wrong.
type Fault struct {
	ID     int       `json:"id"`
	Tunnel string    `json:"tunnel"`           // name, id or UUID
	Toxic  string    `json:"toxic"`            // "refuse", "retry", "silent", "drop-one", "drop-all", "slow" or "half-open"
	Count  int       `json:"count,omitempty"`  // how often; 0: any number of times
	For    string    `json:"for,omitempty"`    // how long, as "30s"; empty: until it is ended
	Delay  string    `json:"delay,omitempty"`  // of slow; empty: 1s
	Match  string    `json:"match,omitempty"`  // connections of a protocol ("http2", "quic"), index ("0" to "3") or connector (UUID) alone; empty: all
	Chance float64   `json:"chance,omitempty"` // of each occasion, from 0 to 1; 0: every one
	Seed   uint64    `json:"seed,omitempty"`   // the same seed strikes the same occasions
	Hits   int       `json:"hits"`             // how often it was due
	Since  time.Time `json:"since,omitzero"`
}

func (s *server) faultPaths(mux *paths) {
	mux.Handle("GET /v1/faults", s.guarded(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, append([]Fault{}, s.backend.Faults()...))
	}))
	mux.Handle("POST /v1/faults", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		var f Fault
		if !decode(w, r, &f) {
			return
		}
		made, err := s.backend.AddFault(f)
		if err != nil {
			fail(w, http.StatusBadRequest, err.Error(), "")
			return
		}
		reply(w, http.StatusOK, made)
	}))
	end := func(w http.ResponseWriter, r *http.Request) {
		id := 0
		if text := r.PathValue("id"); text != "" {
			var err error
			if id, err = strconv.Atoi(text); err != nil || id < 1 {
				fail(w, http.StatusBadRequest, "a fault's id is a number from 1", "GET /v1/faults lists them")
				return
			}
		}
		n := s.backend.EndFaults(id)
		if n == 0 && id > 0 {
			fail(w, http.StatusNotFound, "there is no fault of that id, or it has ended", "GET /v1/faults lists them")
			return
		}
		reply(w, http.StatusOK, struct {
			Ended int `json:"ended"`
		}{n})
	}
	mux.Handle("DELETE /v1/faults", s.guarded(end))
	mux.Handle("DELETE /v1/faults/{id}", s.guarded(end))
}
