package admin

import (
	"net/http"
	"strings"
	"testing"
)

func (f *fake) Expire(x Expiry) (Expired, error) {
	if x.What != "key" {
		return Expired{}, &Refused{"nobody is signed in", "name somebody"}
	}
	return Expired{Expiry: x, Did: "rotated"}, nil
}
func (f *fake) Users() []User { return []User{} }
func (f *fake) SSHCA(at string) (SSHCA, error) {
	if at == "" {
		return SSHCA{}, &Refused{"no URL", ""}
	}
	return SSHCA{App: at, PublicKey: "ecdsa-sha2-nistp256 x"}, nil
}

func TestEndingPaths(t *testing.T) {
	for _, tt := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"POST", "/v1/expire", `{"what":"key"}`, 200, `"did":"rotated"`},
		{"POST", "/v1/expire", `{"what":"session"}`, 400, `{"error":"nobody is signed in","mend":"name somebody"}`},
		{"POST", "/v1/expire", `{"whom":"alice"}`, 400, ""},
		{"GET", "/v1/users", "", 200, `[]`},
		{"GET", "/v1/ssh_ca?url=ssh.example.com", "", 200, `{"app":"ssh.example.com","aud":"","public_key":"ecdsa-sha2-nistp256 x"}`},
		{"POST", "/v1/approve", `{"as":"alice@example.com","url":"https://app.example.com/cdn-cgi/access/cli"}`, 200, `"app":"App"`},
		{"POST", "/v1/approve", `{"as":"mallory@outside.test","url":"https://app.example.com/cdn-cgi/access/cli"}`, 403, `not admitted`},
		{"GET", "/v1/ssh_ca", "", 400, `{"error":"no URL"}`},
	} {
		for token, want := range map[string]int{"secret-token": tt.status, "": http.StatusUnauthorized} {
			w := do(t, &fake{}, call{method: tt.method, path: tt.path, body: tt.body, token: token})
			if w.Code != want {
				t.Errorf("%s %s with token %q: %d %s", tt.method, tt.path, token, w.Code, w.Body)
			}
			if token != "" && !strings.Contains(w.Body.String(), tt.answer) {
				t.Errorf("%s %s: %s", tt.method, tt.path, w.Body)
			}
		}
	}
}

func (f *fake) Approve(x Approval) (Approved, error) {
	if x.As == "mallory@outside.test" {
		return Approved{}, &Problem{403, Failure{Error: "not admitted"}}
	}
	return Approved{As: x.As, App: "App"}, nil
}
