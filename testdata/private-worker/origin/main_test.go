package main

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestGauge(t *testing.T) {
	for _, test := range []struct {
		name, method, path, body, assertion string
		status                              int
		want                                string
	}{
		{"the private network asks", "GET", "/readings", "", "", 200, `{"station":"pier","metres":2.75}`},
		{"a request of Access", "GET", "/readings", "", "ey.ey.s", 200, `{"station":"pier","metres":2.75,"by":"access"}`},
		{"a note", "POST", "/readings/mole", `{"a":1}`, "", 200, `{"station":"mole","metres":2.75,"note":{"a":1}}`},
		{"no JSON", "POST", "/readings/mole", "{", "", 400, "the body is no JSON, or too long"},
		{"no such path", "GET", "/", "", "", 404, "404 page not found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
			if test.assertion != "" {
				r.Header.Set("Cf-Access-Jwt-Assertion", test.assertion)
			}
			w := httptest.NewRecorder()
			handler().ServeHTTP(w, r)
			if got := strings.TrimSpace(w.Body.String()); w.Code != test.status || got != test.want {
				t.Errorf("%d %s, want %d %s", w.Code, got, test.status, test.want)
			}
		})
	}
}
