package accesstest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/accessemu/accesstest"
)

// A table test of a function that takes a token.
func Example() {
	_ = func(t *testing.T) { // func TestValidator(t *testing.T)
		access := accesstest.New(t, "acme")
		for name, c := range access.Genuine() {
			if _, err := validate(access, c.Token, time.Now()); err != nil {
				t.Errorf("%s is genuine, and was refused: %v", name, err)
			}
		}
		for name, c := range access.Forgeries() {
			if _, err := validate(access, c.Token, time.Now()); err == nil {
				t.Errorf("%s was let in: %s", name, c)
			}
		}
	}
}

// A test of a handler with one token.
func ExampleAccess_Token() {
	_ = func(t *testing.T) { // func TestExpired(t *testing.T)
		access := accesstest.New(t, "acme")
		handler := newOrigin(access)
		r := accesstest.Request(t.Context(), http.MethodGet, "/", access.Token(accesstest.User("bob@example.com"), accesstest.Expired()))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Errorf("an expired token: %d", w.Code)
		}
	}
}

// newOrigin greets who is signed in.
func newOrigin(a *accesstest.Access) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := validate(a, r.Header.Get("Cf-Access-Jwt-Assertion"), time.Now())
		if err != nil {
			http.Error(w, "forbidden", http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte("hello " + c.Email))
	})
}
