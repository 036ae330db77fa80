package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// facts is what a request says about its way here.
type facts struct {
	Host      string    `json:"host"`
	Path      string    `json:"path"`
	Email     string    `json:"email"`     // empty: the edge named nobody
	Assertion bool      `json:"assertion"` // a signed Cf-Access-Jwt-Assertion came along
	ClientIP  string    `json:"client_ip"` // empty: the request did not come by an edge
	Country   string    `json:"country"`
	Ray       string    `json:"ray"`
	Time      time.Time `json:"time"`
}

// Lead is who the edge says is asking.
func (f facts) Lead() string {
	switch {
	case f.Email != "":
		return "The edge says that you are " + f.Email + "."
	case f.ClientIP != "":
		return "The edge let you in and names nobody: this hostname has no login."
	}
	return "You came straight to the origin, by no edge."
}

func factsOf(r *http.Request, now time.Time) facts {
	return facts{
		Host: r.Host, Path: r.URL.Path,
		Email:     r.Header.Get("Cf-Access-Authenticated-User-Email"),
		Assertion: r.Header.Get("Cf-Access-Jwt-Assertion") != "",
		ClientIP:  r.Header.Get("Cf-Connecting-Ip"),
		Country:   r.Header.Get("Cf-Ipcountry"),
		Ray:       r.Header.Get("Cf-Ray"),
		Time:      now.UTC(),
	}
}

// handler is the service; now tells the time.
func handler(now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("/api/data", func(w http.ResponseWriter, r *http.Request) {
		reply(w, factsOf(r, now()))
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, r *http.Request) { stream(w, r, now) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f := factsOf(r, now())
		h := w.Header()
		h.Set("Vary", "Accept")
		h.Set("Cache-Control", "no-store")
		if !strings.Contains(r.Header.Get("Accept"), "text/html") {
			h.Set("Content-Type", "text/plain; charset=utf-8")
			fmt.Fprintf(w, "myservice\n%s\nhost %s, path %s\n", f.Lead(), f.Host, f.Path)
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		page.Execute(w, f) // a client that left needs no error
	})
	return mux
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// Limits of /stream.
const (
	maxLines = 1000
	maxEvery = time.Minute
)

// stream sends one JSON object a line and flushes each at once, as a language model's
// server does.
func stream(w http.ResponseWriter, r *http.Request, now func() time.Time) {
	n, every := 5, 200*time.Millisecond
	var err error
	if v := r.FormValue("n"); v != "" {
		if n, err = strconv.Atoi(v); err != nil || n < 0 || n > maxLines {
			http.Error(w, "n is a number of lines from 0 to 1000", http.StatusBadRequest)
			return
		}
	}
	if v := r.FormValue("every"); v != "" {
		if every, err = time.ParseDuration(v); err != nil || every < 0 || every > maxEvery {
			http.Error(w, "every is a duration from 0s to 1m, as in 200ms", http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	lines := json.NewEncoder(w)
	flush := http.NewResponseController(w).Flush
	tick := time.NewTimer(0)
	defer tick.Stop()
	for i := range n {
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
		err := lines.Encode(struct {
			Line int       `json:"line"`
			Of   int       `json:"of"`
			Time time.Time `json:"time"`
		}{i + 1, n, now().UTC()})
		if err != nil || flush() != nil {
			return
		}
		tick.Reset(every)
	}
}
