package main

import (
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu/accesstest"
	"github.com/sundog-edge/sundog/testdata/attack/origin"
)

// The forgeries that it lets in are those that its comment promises.
func TestWeak(t *testing.T) {
	access := accesstest.New(t, "acme")
	h := origin.Handler(newValidator(access.Issuer, access.AUD, access.HTTPClient))
	var letIn []string
	for name, c := range access.Forgeries() {
		r := accesstest.Request(t.Context(), "GET", "/", "")
		c.Put(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == 200 {
			letIn = append(letIn, name)
		}
	}
	want := []string{
		"alg-none", "alg-none-capitalized", "alg-none-upper-case", "alg-none-mixed-case", "alg-none-two-parts", "alg-none-signature-kept", "alg-duplicated",
		"iss-other-team", "iss-suffix", "iss-prefix", "iss-http", "iss-trailing-slash", "iss-missing",
		"aud-other-application", "aud-other-application-string", "aud-duplicated", "aud-shortened", "aud-lengthened", "aud-in-a-text",
		"aud-empty", "aud-empty-string", "aud-null", "aud-missing", "not-yet-valid", "org-token", "meta-token", "binding-token",
	}
	if diff := cmp.Diff(want, letIn); diff != "" {
		t.Error(diff)
	}
}
