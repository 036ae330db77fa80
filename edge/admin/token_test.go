package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/edge/attack"
)

func (f *fake) MakeToken(x TokenRequest) (Token, error) {
	if x.URL == "" {
		return Token{}, &Refused{"no URL", "name one"}
	}
	fg, _ := forge.Find("alg-none")
	return Token{Token: x.Email + " for " + x.URL, Headers: http.Header{"A": {"b"}}, Forgery: &fg}, nil
}

func (f *fake) KeySet() ([]byte, error) { return []byte(`{"keys":[]}`), nil }

func (f *fake) Attack(_ context.Context, x AttackRequest) (attack.Report, error) {
	if x.URL == "" {
		return attack.Report{}, errors.New("no material")
	}
	return attack.Report{URL: x.URL, As: x.As}, nil
}

func TestToken(t *testing.T) {
	for name, tt := range map[string]struct {
		c      call
		status int
		want   string
	}{
		"made":       {call{method: "POST", path: "/v1/token", token: "secret-token", body: `{"url":"https://a.test/","email":"x@y"}`}, 200, `"token":"x@y for https://a.test/"`},
		"refused":    {call{method: "POST", path: "/v1/token", token: "secret-token", body: `{}`}, 400, `{"error":"no URL","mend":"name one"}`},
		"no JSON":    {call{method: "POST", path: "/v1/token", token: "secret-token", body: `{"uri":1}`}, 400, "uri"},
		"no secret":  {call{method: "POST", path: "/v1/token", body: `{}`}, 401, ""},
		"keys":       {call{method: "GET", path: "/v1/jwks", token: "secret-token"}, 200, `{"keys":[]}`},
		"attacked":   {call{method: "POST", path: "/v1/attack", token: "secret-token", body: `{"url":"https://a.test/","as":"x@y"}`}, 200, `"url":"https://a.test/"`},
		"broken":     {call{method: "POST", path: "/v1/attack", token: "secret-token", body: `{}`}, 500, `{"error":"no material"}`},
		"attack not": {call{method: "POST", path: "/v1/attack", body: `{}`}, 401, ""},
		"not of all": {call{method: "GET", path: "/v1/jwks"}, 401, ""},
	} {
		w := do(t, &fake{}, tt.c)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: no JSON", name)
		}
	}
}
