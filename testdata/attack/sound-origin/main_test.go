package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu/accesstest"
	"github.com/sundog-edge/sundog/testdata/attack/origin"
)

func TestSound(t *testing.T) {
	access := accesstest.New(t, "acme")
	h := origin.Handler(newValidator(access.Issuer, access.AUD, access.HTTPClient))
	ask := func(c accesstest.Credential) *httptest.ResponseRecorder {
		r := accesstest.Request(t.Context(), "GET", "/", "")
		c.Put(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for name, c := range access.Genuine() {
		if w := ask(c); (w.Code == 200) == c.Service || !strings.Contains(w.Body.String(), c.Email) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for name, c := range access.Forgeries() {
		if w := ask(c); w.Code != 403 {
			t.Errorf("%s was let in: %s", name, c)
		}
	}
	for name, c := range access.Disagreeing() {
		if w := ask(c); strings.Contains(w.Body.String(), c.Claimed) {
			t.Errorf("%s was believed: %s", name, c)
		}
	}
}
