package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, authorization string
		status, code        int
	}{
		{"no credentials", "", 400, 9106},
		{"not a bearer", "Basic abc", 400, 6003},
		{"empty bearer", "Bearer ", 400, 6003},
		{"foreign token", "Bearer other", 403, 10000},
		{"no route", "Bearer right", 404, 7003},
		{"scheme in lower case", "bearer right", 404, 7003},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			h := New(Options{Token: "right", Log: slog.New(slog.NewTextHandler(&log, nil))})
			r := httptest.NewRequest("PATCH", "/client/v4/accounts/x/pages/projects/p", nil)
			if tt.authorization != "" {
				r.Header.Set("Authorization", tt.authorization)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			var body struct {
				Success  bool
				Errors   []struct{ Code int }
				Messages []any
			}
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			if w.Code != tt.status || len(body.Errors) == 0 || body.Errors[0].Code != tt.code || body.Success || body.Messages == nil {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			if got := w.Header().Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type %q", got)
			}
			if tt.status == http.StatusNotFound && !strings.Contains(log.String(), "/pages/projects/p") {
				t.Errorf("an unknown route is not logged: %q", &log)
			}
			if strings.Contains(log.String(), "other") {
				t.Errorf("a token is logged: %q", &log)
			}
		})
	}
}

func TestKeysAreUnknown(t *testing.T) {
	for _, tt := range []struct {
		key, email   string
		status, code int
	}{
		{"a token by mistake", "", 400, 6003},
		{strings.Repeat("a1", 20), "a@example.com", 403, 9103},
		{"", "a@example.com", 403, 9103},
	} {
		r := httptest.NewRequest("GET", "/client/v4/user", nil)
		r.Header.Set("X-Auth-Key", tt.key)
		r.Header.Set("X-Auth-Email", tt.email)
		w := httptest.NewRecorder()
		New(Options{Token: "right"}).ServeHTTP(w, r)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), strconv.Itoa(tt.code)) {
			t.Errorf("%q: got %d %s", tt.key, w.Code, w.Body)
		}
	}
}

// Each kind of path has its own answer to a token that is not of this world.
func TestForeignToken(t *testing.T) {
	for path, want := range map[string][2]int{
		"/user/tokens/verify":  {401, 1000},
		"/user":                {403, 9109},
		"/zones?name=a":        {403, 9109},
		"/accounts":            {403, 10000},
		"/accounts/x/anything": {403, 10000},
	} {
		r := httptest.NewRequest("GET", "/client/v4"+path, nil)
		r.Header.Set("Authorization", "Bearer other")
		w := httptest.NewRecorder()
		New(Options{Token: "right"}).ServeHTTP(w, r)
		if w.Code != want[0] || !strings.Contains(w.Body.String(), strconv.Itoa(want[1])) {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
	}
}

func TestZeroOptionsAcceptNoToken(t *testing.T) {
	r := httptest.NewRequest("GET", "/client/v4/zones", nil)
	r.Header.Set("Authorization", "Bearer x")
	w := httptest.NewRecorder()
	New(Options{}).ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("got %d", w.Code)
	}
}
