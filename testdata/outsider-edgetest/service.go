// Package outsider is a service behind the dual-endpoint pattern.
package outsider

import (
	"fmt"
	"net/http"
)

// Service greets whoever the edge vouches for, and answers health checks.
func Service() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.Header.Get("Cf-Access-Authenticated-User-Email"))
	})
	return mux
}
