// Command origin is the gauge at the pier: a service of a private network, which trusts whoever reaches it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8090", "`ADDRESS` to listen on")
	flag.Parse()
	fmt.Println("the gauge listens on", *listen)
	log.Fatal(http.ListenAndServe(*listen, handler()))
}

// reading is what the gauge measured.
type reading struct {
	Station string  `json:"station"`
	Metres  float64 `json:"metres"`
	// By is "access" of a request that Access let in; empty of one by the private network.
	By string `json:"by,omitempty"`
	// Note is what the request's body said.
	Note json.RawMessage `json:"note,omitempty"`
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readings", func(w http.ResponseWriter, r *http.Request) { answer(w, r, "pier", nil) })
	mux.HandleFunc("POST /readings/{station}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
		if err != nil || len(body) > 0 && !json.Valid(body) {
			http.Error(w, "the body is no JSON, or too long", http.StatusBadRequest)
			return
		}
		answer(w, r, r.PathValue("station"), body)
	})
	return mux
}

func answer(w http.ResponseWriter, r *http.Request, station string, note json.RawMessage) {
	by := ""
	if r.Header.Get("Cf-Access-Jwt-Assertion") != "" {
		by = "access"
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(reading{Station: station, Metres: 2.75, By: by, Note: note}) // a client that leaves is no error of ours
}
