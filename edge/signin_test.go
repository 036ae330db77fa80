package edge_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge"
)

const peopled = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: app, content: t.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: france, content: t.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: open, content: t.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: closed, content: t.cfargotunnel.com, proxied: true}
tunnels:
  - {id: t, config: {ingress: [{service: "http://localhost:8080"}]}}
access:
  apps:
    - name: App
      domain: app.example.com
      policies: [{name: staff, decision: allow, include: [{email_domain: {domain: example.com}}]}]
    - name: France
      domain: france.example.com
      policies:
        - {name: in France, decision: allow, include: [{everyone: {}}], require: [{geo: {country_code: FR}}]}
    - name: Closed
      domain: closed.example.com
      policies: [{name: nobody from here, decision: deny, include: [{everyone: {}}]}]
people:
  - {email: alice@example.com, name: Alice, groups: [admins]}
  - {email: fleur@example.com, country: FR}
  - {email: mallory@outside.test}
clients:
  default: {ip: 203.0.113.10, country: DE}
  paris: {ip: 198.51.100.7, country: FR}
`

func TestSignIn(t *testing.T) {
	e := newEdge(t, peopled, originOption(seen))
	done, err := e.SignIn(edge.SignIn{Email: "Alice@example.com", URL: "https://APP.example.com:4443/deep?x=1#y"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	r := newRequest(t, "GET", "https://app.example.com/", nil)
	for _, c := range done.Cookies {
		names = append(names, c.Host+" "+c.Name)
		if c.Host == "app.example.com" {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	want := []string{
		"acme.cloudflareaccess.com CF_Authorization", "acme.cloudflareaccess.com CF_Device", "acme.cloudflareaccess.com CF_Session",
		"app.example.com CF_AppSession", "app.example.com CF_Authorization",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("cookies (-want +got):\n%s", diff)
	}
	if !done.Protected || done.Policy != "staff" || done.App != "App" || !strings.HasPrefix(done.Where, "sundog.yaml:16:") || done.Expires.IsZero() {
		t.Errorf("%+v", done)
	}
	if resp, body := do(t, &http.Client{Transport: e.Transport()}, r); resp.StatusCode != 200 || !strings.Contains(body, "alice@example.com") {
		t.Errorf("with the cookies: %d %s", resp.StatusCode, body)
	}
	if mails := e.Access().Inbox(); len(mails) != 0 {
		t.Errorf("%d mails", len(mails))
	}
	if n := len(e.Traces().Last(0)); n != 1 {
		t.Errorf("%d traces, of which the login's are not wanted", n)
	}
}

func TestSignInWhereNobodyIsAsked(t *testing.T) {
	e := newEdge(t, peopled, originOption(seen))
	done, err := e.SignIn(edge.SignIn{Email: "alice@example.com", URL: "https://open.example.com/"})
	if err != nil || done.Protected || done.Cookies != nil || done.Why == "" {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestSignInRefused(t *testing.T) {
	e := newEdge(t, peopled, originOption(seen))
	for _, c := range []struct {
		in    edge.SignIn
		why   string
		where string
		says  string
	}{
		{edge.SignIn{Email: "mallory@outside.test", URL: "https://app.example.com/"}, "no policy admits that address", "sundog.yaml:14:", "allow staff: includes only"},
		{edge.SignIn{Email: "alice@example.com", URL: "https://closed.example.com/"}, "nobody", "sundog.yaml:23:", "deny nobody from here"},
		{edge.SignIn{Email: "alice@example.com", URL: "https://france.example.com/"}, "no policy can admit this request", "sundog.yaml:17:", "allow in France: requires"},
		{edge.SignIn{Email: "fleur@example.com", URL: "https://france.example.com/", Client: "default"}, "no policy can admit this request", "sundog.yaml:17:", "allow in France"},
	} {
		_, err := e.SignIn(c.in)
		var refused *edge.NotAdmittedError
		if !errors.As(err, &refused) {
			t.Errorf("%+v: %v", c.in, err)
			continue
		}
		if !strings.Contains(refused.Why, c.why) || !strings.HasPrefix(refused.Where, c.where) || !strings.Contains(strings.Join(refused.Policies, "\n"), c.says) {
			t.Errorf("%+v: %+v", c.in, refused)
		}
		// In the words of Explain.
		r := newRequest(t, "GET", c.in.URL, nil)
		if text := e.ExplainAs(r, c.in.Client, c.in.Email).String(); !strings.Contains(text, refused.Why) || !strings.Contains(text, refused.Policies[0]) {
			t.Errorf("the explanation says it otherwise:\n%s\n%+v", text, refused)
		}
	}
}

// TestSignInFromTheOwnCountry is for geo rules: a person's country counts unless a client is named.
func TestSignInFromTheOwnCountry(t *testing.T) {
	e := newEdge(t, peopled, originOption(seen))
	for _, in := range []edge.SignIn{
		{Email: "fleur@example.com", URL: "https://france.example.com/"},
		{Email: "alice@example.com", URL: "https://france.example.com/", Client: "paris"},
	} {
		if _, err := e.SignIn(in); err != nil {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

func TestSignInMisused(t *testing.T) {
	e := newEdge(t, peopled)
	for _, c := range []struct {
		in    edge.SignIn
		found string
		hosts int
	}{
		{edge.SignIn{Email: "alice", URL: "https://app.example.com/"}, "no e-mail address", 0},
		{edge.SignIn{Email: "a@b.test", URL: "app.example.com"}, "no https URL", 0},
		{edge.SignIn{Email: "a@b.test", URL: "http://app.example.com/"}, "no https URL", 0},
		{edge.SignIn{Email: "a@b.test", URL: "https://ap.example.com/"}, "no host of this world", 4},
		{edge.SignIn{Email: "a@b.test", URL: "https://app.outside.test/"}, "no host of this world", 4},
		{edge.SignIn{Email: "a@b.test", URL: "https://acme.cloudflareaccess.com/"}, "part of the edge itself", 4},
		{edge.SignIn{Email: "a@b.test", URL: "https://192.0.2.1/"}, "", 0},
		{edge.SignIn{Email: "a@b.test", URL: "https://app.example.com/cdn-cgi/access/logout"}, "path of Access", 0},
		{edge.SignIn{Email: "a@b.test", URL: "https://app.example.com/", Client: "mars"}, "no client mars", 0},
	} {
		_, err := e.SignIn(c.in)
		var wrong *edge.SignInError
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Found, c.found) || len(wrong.Hosts) != c.hosts || wrong.Mend == "" {
			t.Errorf("%+v: %#v", c.in, err)
		}
	}
}

func TestSignInAfterRevocation(t *testing.T) {
	e := newEdge(t, peopled)
	in := edge.SignIn{Email: "alice@example.com", URL: "https://app.example.com/"}
	if _, err := e.SignIn(in); err != nil {
		t.Fatal(err)
	}
	account, err := accessemu.NewConfig(accessemu.Settings{AccountID: e.Summary().AccountID})
	if err != nil {
		t.Fatal(err)
	}
	e.Access().RevokeUser(account, "alice@example.com")
	if _, err := e.SignIn(in); err == nil || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("after the revocation: %v", err)
	}
}

// TestAThousandSignInsAtOnce are one person's: no limit on mails, on sign-ins under way or on the
// inbox may lose one.
func TestAThousandSignInsAtOnce(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 50
	}
	e := newEdge(t, peopled)
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() {
			_, errs[i] = e.SignIn(edge.SignIn{Email: "alice@example.com", URL: "https://app.example.com/"})
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// FuzzSignIn holds that whatever is asked for, there is an error or there are cookies.
func FuzzSignIn(f *testing.F) {
	for _, url := range []string{"https://app.example.com/", "https://app.example.com:443/a%2fb?c=%zz", "https://APP.example.com./..//x", "https://[::1]/", "https://a@app.example.com/", "https://app.example.com/\x00"} {
		f.Add("alice@example.com", url, "")
	}
	f.Add("ALICE@example.com ", "https://app.example.com", "paris")
	f.Add("mallory@outside.test", "https://closed.example.com/", "~paris")
	e := newEdge(f, peopled)
	f.Fuzz(func(t *testing.T, email, url, client string) {
		done, err := e.SignIn(edge.SignIn{Email: email, URL: url, Client: client})
		if err == nil && done.Protected == (len(done.Cookies) == 0) {
			t.Errorf("protected: %v, %d cookies", done.Protected, len(done.Cookies))
		}
	})
}

// BenchmarkSignIn is a login through all pages, by as many at once as there are processors.
func BenchmarkSignIn(b *testing.B) {
	e := newEdge(b, peopled)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := e.SignIn(edge.SignIn{Email: "alice@example.com", URL: "https://app.example.com/"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
