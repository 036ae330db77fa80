// Package api is the REST API, client/v4: what configures the edge over HTTP.
//
// It has the envelope, the authentication and the errors of the real one. It
// has no routes yet, so that every authenticated request gets the real API's answer to a URI that it does not
// know, and is logged.
package api

import (
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
)

// Prefix is the path under which the API lies.
const Prefix = "/client/v4"

// Options are what the API needs. The zero value accepts no token.
type Options struct {
	Token string       // the API token of this world; empty: none is accepted
	Log   *slog.Logger // requests to no route; nil: dropped
}

// New returns the API's handler. It takes paths that begin with Prefix.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &server{o}
}

type server struct{ Options }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if status, errs := s.authenticate(r); errs != nil {
		write(w, status, errs...)
		return
	}
	s.Log.Warn("no such API route", "method", r.Method, "path", r.URL.Path)
	write(w, http.StatusNotFound,
		apiError{Code: 7003, Message: "Could not route to " + strings.TrimPrefix(r.URL.Path, Prefix) + ", perhaps your object identifier is invalid?"},
		apiError{Code: 7000, Message: "No route for that URI"})
}

// authenticate accepts "Authorization: Bearer TOKEN". A nil result is success.
func (s *server) authenticate(r *http.Request) (status int, errs []apiError) {
	value := r.Header.Get("Authorization")
	if value == "" {
		return http.StatusBadRequest, []apiError{{Code: 9106, Message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers"}}
	}
	scheme, token, _ := strings.Cut(value, " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return http.StatusBadRequest, []apiError{{Code: 6003, Message: "Invalid request headers",
			Chain: []apiError{{Code: 6111, Message: "Invalid format for Authorization header"}}}}
	}
	if s.Token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) != 1 {
		s.Log.Warn("API token is not of this world", "method", r.Method, "path", r.URL.Path)
		return http.StatusForbidden, []apiError{{Code: 10000, Message: "Authentication error"}}
	}
	return 0, nil
}

type apiError struct {
	Code    int        `json:"code"`
	Message string     `json:"message"`
	Chain   []apiError `json:"error_chain,omitempty"`
}

// write sends the failure envelope. Clients compare the content type as a whole, so it has no charset.
func write(w http.ResponseWriter, status int, errs ...apiError) {
	body, err := json.Marshal(struct {
		Success  bool       `json:"success"`
		Errors   []apiError `json:"errors"`
		Messages []string   `json:"messages"`
		Result   any        `json:"result"`
	}{Errors: errs, Messages: []string{}})
	if err != nil {
		panic(err) // only strings and numbers
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store, no-cache, must-revalidate, post-check=0, pre-check=0")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	w.WriteHeader(status)
	w.Write(body)
}
