package edge_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu/forge"
	"github.com/sundog-edge/sundog/edge/admin"
)

func TestMakeToken(t *testing.T) {
	r := startWorld(t, guarded, originOption(seen))
	const url = "https://app.example.com/x"
	for name, tt := range map[string]struct {
		x      admin.TokenRequest
		status int    // of the answer to a request with it
		note   string // part of it
	}{
		"genuine":            {admin.TokenRequest{URL: url, Email: "alice@example.com"}, 200, ""},
		"by plain HTTP":      {admin.TokenRequest{URL: "http://app.example.com:4443/x", Email: "alice@example.com"}, 200, ""},
		"who has no policy":  {admin.TokenRequest{URL: url, Email: "Bob@Example.com"}, 302, "the edge would not let this person through: "},
		"expired":            {admin.TokenRequest{URL: url, Email: "alice@example.com", Expired: true}, 302, ""},
		"another audience":   {admin.TokenRequest{URL: url, Email: "alice@example.com", AUD: "x"}, 302, ""},
		"another's":          {admin.TokenRequest{URL: "https://open.example.com/admin", Email: "root@example.com"}, 302, ""},
		"where all may pass": {admin.TokenRequest{URL: "https://app.example.com/health", Email: "alice@example.com"}, 302, "a bypass policy lets everybody through here"},
		"forged":             {admin.TokenRequest{URL: url, Email: "alice@example.com", Forge: "alg-none"}, 302, ""},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := r.edge.MakeToken(tt.x)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(made.Note, tt.note) || (tt.note == "") != (made.Note == "") {
				t.Errorf("note %q, want %q", made.Note, tt.note)
			}
			req, _ := http.NewRequest(http.MethodGet, url, nil)
			req.Header.Set("Cf-Access-Token", made.Token)
			resp, err := r.edge.Transport().RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != tt.status {
				t.Errorf("%d (%s), want %d", resp.StatusCode, resp.Header.Get("Sundog-Why"), tt.status)
			}
			if got := made.Headers.Get(forge.HeaderAssertion); got != made.Token {
				t.Errorf("headers: %v", made.Headers)
			}
			if made.Issuer != "https://acme.cloudflareaccess.com" || len(made.AUD) != 64 || (made.Forgery != nil) != (tt.x.Forge != "") || made.Expires.IsZero() != (tt.x.Forge != "") {
				t.Errorf("%+v", made)
			}
		})
	}
	for name, tt := range map[string]struct {
		x    admin.TokenRequest
		want string
	}{
		"no URL":        {admin.TokenRequest{URL: "app.example.com", Email: "a@b.c"}, `"app.example.com" is no absolute URL; name it whole`},
		"unguarded":     {admin.TokenRequest{URL: "https://open.example.com/", Email: "a@b.c"}, "no Access application guards https://open.example.com/; name a URL"},
		"foreign":       {admin.TokenRequest{URL: "https://example.net/", Email: "a@b.c"}, "no Access application guards"},
		"an IP address": {admin.TokenRequest{URL: "https://127.0.0.1/", Email: "a@b.c"}, "address"},
		"no address":    {admin.TokenRequest{URL: url, Email: "alice"}, `the e-mail address is "alice"; write an e-mail address`},
		"no forgery":    {admin.TokenRequest{URL: url, Email: "a@b.c", Forge: "alg-nnoe"}, `there is no forgery "alg-nnoe"; did you mean "alg-none`},
		"two slips":     {admin.TokenRequest{URL: url, Email: "a@b.c", Forge: "alg-none", Expired: true}, "wrong in one way alone"},
	} {
		_, err := r.edge.MakeToken(tt.x)
		var refused *admin.Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}
