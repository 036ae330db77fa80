package admin

import (
	"net/http"
	"strconv"
)

// Activity is what the edge saw, and what it answered itself.
type Activity struct {
	Requests uint64   `json:"requests"` // that the edge has seen since it was made; the number of the newest
	Opened   uint64   `json:"opened"`   // connections to hosts of the world that the proxy took, with or without a request
	Others   uint64   `json:"others"`   // DNS questions, requests of the control port, and connections that the proxy passed on or refused
	Answers  []Answer `json:"answers"`  // after the request of the number since, of those that are remembered, the oldest first
}

// Answer is one answer that the edge gave itself, however often.
type Answer struct {
	Count  int    `json:"count"`
	Status int    `json:"status"`
	Method string `json:"method"`
	URL    string `json:"url"` // without query
	By     string `json:"by"`  // "edge", "access", "connector"
	Why    string `json:"why"` // as Sundog-Why
	Ray    string `json:"ray"` // of the newest
}

func (s *server) activity(w http.ResponseWriter, r *http.Request) {
	since, err := strconv.ParseUint(r.URL.Query().Get("since"), 10, 64)
	if err != nil {
		fail(w, http.StatusBadRequest, "since is the number of a request", "add ?since=0 for all that are remembered")
		return
	}
	reply(w, http.StatusOK, s.backend.Activity(since))
}
