package admin

import (
	"encoding/json"
	"net/http"
)

// Coder tells what Workers do.
type Coder interface {
	// CodeLog is what happened in Workers lately, the oldest first, each as JSON; of one Worker, or with an empty name of
	// all. known is false when the world has no such Worker.
	CodeLog(worker string) (events []json.RawMessage, known bool)
	// FollowCode calls tell with what happens from now on until stop is called.
	FollowCode(worker string, tell func(json.RawMessage)) (stop func())
}

func (s *server) codePaths(mux *paths) { mux.Handle("GET /v1/logs", s.guarded(s.logs)) }

// keptLines bounds what a slow reader has not taken yet.
const keptLines = 1024

// logs writes one event a line. With follow the answer goes on until the asker leaves, or is too slow to read it.
func (s *server) logs(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("worker")
	lines := make(chan json.RawMessage, keptLines)
	follow := r.URL.Query().Get("follow") != ""
	if follow {
		slow := false // only FollowCode's caller writes it
		stop := s.backend.FollowCode(name, func(event json.RawMessage) {
			if slow {
				return
			}
			select {
			case lines <- event:
			default:
				slow = true
				close(lines)
			}
		})
		defer stop()
	}
	before, known := s.backend.CodeLog(name)
	if !known {
		fail(w, http.StatusNotFound, "there is no Worker "+name+" in this world", "leave the name out for all of them")
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	line := func(event json.RawMessage) { w.Write(append(event[:len(event):len(event)], '\n')) }
	for _, event := range before {
		line(event)
	}
	if !follow {
		return
	}
	flush := http.NewResponseController(w)
	flush.Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case event, ok := <-lines:
			if !ok {
				return
			}
			line(event)
			flush.Flush()
		}
	}
}
