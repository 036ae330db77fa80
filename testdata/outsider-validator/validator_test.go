package outsider_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	outsider "example.com/outsider-validator"

	"github.com/sundog-edge/sundog/accessemu/accesstest"
)

func TestSoundValidator(t *testing.T) {
	access := accesstest.New(t, "acme")
	validate := outsider.Sound(access.Issuer, access.AUD, access.HTTPClient)
	for name, c := range access.Genuine() {
		if email, err := validate(t.Context(), c.Token); err != nil || email != c.Email {
			t.Errorf("%s is genuine: %q, %v", name, email, err)
		}
	}
	for name, c := range access.Forgeries() {
		if _, err := validate(t.Context(), c.Token); err == nil {
			t.Errorf("%s was let in: %s", name, c)
		}
	}
}

// A handler is tried with whole requests: also with those whose headers disagree.
func TestSoundHandler(t *testing.T) {
	access := accesstest.New(t, "acme")
	origin := outsider.Protect(outsider.Sound(access.Issuer, access.AUD, access.HTTPClient), hello{})
	ask := func(c accesstest.Credential) *httptest.ResponseRecorder {
		r := accesstest.Request(t.Context(), http.MethodGet, "/", "")
		c.Put(r)
		w := httptest.NewRecorder()
		origin.ServeHTTP(w, r)
		return w
	}
	for name, c := range access.Genuine() {
		if w := ask(c); w.Code != http.StatusOK || w.Body.String() != "hello "+c.Email {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for name, c := range access.Forgeries() {
		if w := ask(c); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d: %s", name, w.Code, c)
		}
	}
	for name, c := range access.Disagreeing() {
		if w := ask(c); strings.Contains(w.Body.String(), c.Claimed) {
			t.Errorf("%s: %s: %s", name, w.Body, c)
		}
	}
}

// The weak one lets these in, and no others; and some of the genuine it refuses.
func TestWeakValidator(t *testing.T) {
	access := accesstest.New(t, "acme")
	validate := outsider.Weak(access.Issuer, access.AUD, access.HTTPClient)

	var refused, believed []string
	for name, c := range access.Genuine() {
		if _, err := validate(t.Context(), c.Token); err != nil {
			refused = append(refused, name)
		}
	}
	for name, c := range access.Forgeries() {
		if _, err := validate(t.Context(), c.Token); err == nil {
			believed = append(believed, name)
		}
	}
	if want := []string{"user-previous-key"}; !slices.Equal(refused, want) {
		t.Errorf("it refuses %q, want %q", refused, want)
	}
	if !slices.Equal(believed, letIn) {
		t.Errorf("it lets in\n%q\nwant\n%q", believed, letIn)
	}
}

var letIn = []string{
	"alg-none", "alg-none-capitalized", "alg-none-upper-case", "alg-none-mixed-case", "alg-none-two-parts", "alg-none-signature-kept",
	"alg-duplicated", "alg-hs256-certificate-pem",
	"iss-other-team", "iss-suffix", "iss-prefix", "iss-http", "iss-trailing-slash", "iss-missing",
	"aud-lengthened", "aud-in-a-text",
	"not-yet-valid", "exp-missing", "exp-null",
	"meta-token", "match-token",
}

type hello struct{}

func (hello) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = w.Write([]byte("hello " + r.Header.Get("X-User")))
}
