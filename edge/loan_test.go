package edge_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge"
)

// proxied is a client that comes through the proxy as a user of it.
func (r *running) proxied(t *testing.T, user string) *http.Client {
	t.Helper()
	proxy := &url.URL{Scheme: "http", Host: r.server.Addrs().Proxy, User: url.UserPassword(user, "")}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: r.roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: stay}
}

func lend(t *testing.T, e *edge.Edge, l edge.Loan) *edge.Lent {
	t.Helper()
	lent, err := e.Lend(l)
	if err != nil {
		t.Fatal(err)
	}
	return lent
}

func TestTheProxyAddsACredential(t *testing.T) {
	r := startWorld(t, peopled, originOption(seen))
	lent := lend(t, r.edge, edge.Loan{As: "Alice@example.com"})
	if diff := cmp.Diff([]string{"App"}, lent.Apps); diff != "" || len(lent.Refused) != 2 || lent.Holder != "alice@example.com" {
		t.Errorf("%+v\n%s", lent, diff)
	}
	c := r.proxied(t, lent.User)
	for _, tt := range []struct {
		name, url string
		header    [2]string
		status    int
		says      string
	}{
		{"guarded", "https://app.example.com/x", [2]string{}, 200, "Cf-Access-Authenticated-User-Email: alice@example.com"},
		{"again", "https://app.example.com/y", [2]string{}, 200, "Cf-Access-Jwt-Assertion: "},
		{"who is it", "https://app.example.com/cdn-cgi/access/get-identity", [2]string{}, 200, `"groups":["admins"]`},
		{"not guarded", "https://open.example.com/", [2]string{}, 200, ""},
		{"not let in", "https://france.example.com/", [2]string{}, 403, ""},
		{"own cookie, which is none", "https://app.example.com/", [2]string{"Cookie", "a=b; CF_Authorization=x"}, 302, ""},
		{"own token, which is none", "https://app.example.com/", [2]string{"Cf-Access-Token", "x"}, 302, ""},
		{"own assertion, which is none", "https://app.example.com/", [2]string{"Cf-Access-Jwt-Assertion", "x"}, 302, ""},
		{"own service token, which is none", "https://app.example.com/", [2]string{"Cf-Access-Client-Id", "x"}, 302, ""},
		{"plain HTTP", "http://app.example.com/", [2]string{}, 301, ""},
	} {
		q := newRequest(t, "GET", tt.url, nil)
		if tt.header[0] != "" {
			q.Header.Set(tt.header[0], tt.header[1])
		}
		resp, body := do(t, c, q)
		if resp.StatusCode != tt.status || !strings.Contains(body, tt.says) {
			t.Errorf("%s: %d %s", tt.name, resp.StatusCode, body)
		}
		if tt.name == "not guarded" && strings.Contains(body, "Cf-Access") {
			t.Errorf("%s: the origin sees the credential: %s", tt.name, body)
		}
	}
	// Another user of the proxy is nobody, and so is this one when the command has ended.
	if resp, _ := do(t, r.proxied(t, "paris"), newRequest(t, "GET", "https://app.example.com/", nil)); resp.StatusCode != 302 {
		t.Errorf("another user: %d", resp.StatusCode)
	}
	if !r.edge.EndLoan(lent.User) || r.edge.EndLoan(lent.User) {
		t.Error("a loan ends once")
	}
	if _, err := r.proxied(t, lent.User).Do(newRequest(t, "GET", "https://app.example.com/", nil)); err == nil {
		t.Error("the proxy knows the user still")
	}
}

func TestTheOwnCredentialWins(t *testing.T) {
	r := startWorld(t, peopled, originOption(seen))
	done, err := r.edge.SignIn(edge.SignIn{Email: "bob@example.com", URL: "https://app.example.com/"})
	if err != nil {
		t.Fatal(err)
	}
	q := newRequest(t, "GET", "https://app.example.com/", nil)
	for _, c := range done.Cookies {
		if c.Host == "app.example.com" {
			q.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	c := r.proxied(t, lend(t, r.edge, edge.Loan{As: "alice@example.com"}).User)
	if _, body := do(t, c, q); !strings.Contains(body, "Authenticated-User-Email: bob@example.com") {
		t.Errorf("the origin saw: %s", body)
	}
}

// TestACredentialIsRenewed when its session is over, once for however many requests.
func TestACredentialIsRenewed(t *testing.T) {
	r := startWorld(t, peopled, originOption(seen))
	c := r.proxied(t, lend(t, r.edge, edge.Loan{As: "alice@example.com"}).User)
	for range 2 {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				q, err := http.NewRequestWithContext(context.Background(), "GET", "https://app.example.com/", nil)
				if err != nil {
					t.Error(err)
					return
				}
				resp, err := c.Do(q)
				if err != nil {
					t.Error(err)
					return
				}
				if resp.Body.Close(); resp.StatusCode != 200 {
					t.Errorf("%d %s", resp.StatusCode, resp.Header.Get("Sundog-Why"))
				}
			})
		}
		wg.Wait()
		r.edge.Age(25 * time.Hour)
	}
}

func TestACredentialComesFromItsOwnCountry(t *testing.T) {
	r := startWorld(t, peopled, originOption(seen))
	for _, tt := range []struct {
		loan    edge.Loan
		country string
	}{
		{edge.Loan{As: "fleur@example.com"}, "FR"},
		{edge.Loan{As: "alice@example.com"}, "DE"},
		{edge.Loan{As: "fleur@example.com", Client: "default"}, "DE"},
		{edge.Loan{As: "alice@example.com", Client: "paris"}, "FR"},
	} {
		c := r.proxied(t, lend(t, r.edge, tt.loan).User)
		if _, body := do(t, c, newRequest(t, "GET", "https://app.example.com/", nil)); !strings.Contains(body, "Cf-Ipcountry: "+tt.country) {
			t.Errorf("%+v: %s", tt.loan, body)
		}
	}
}

func TestLendToNobody(t *testing.T) {
	for _, tt := range []struct {
		world string
		loan  edge.Loan
		why   string
	}{
		{peopled, edge.Loan{As: "mallory@outside.test"}, "no policy admits that address"},
		{peopled, edge.Loan{As: "mallory"}, "no e-mail address"},
		{peopled, edge.Loan{As: "alice@example.com", Client: "mars"}, "no client mars"},
		{twoTargets, edge.Loan{As: "alice@example.com"}, "no application that asks for a login"},
	} {
		_, err := newEdge(t, tt.world).Lend(tt.loan)
		if err == nil || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%+v: %v", tt.loan, err)
		}
		var refused *edge.NotAdmittedError
		if errors.As(err, &refused) != (tt.loan.As == "mallory@outside.test") {
			t.Errorf("%+v: %T", tt.loan, err)
		}
	}
}

// TestLoansAreBounded lets the oldest make room.
func TestLoansAreBounded(t *testing.T) {
	e := newEdge(t, peopled)
	first := lend(t, e, edge.Loan{As: "alice@example.com"}).User
	for range 1024 {
		lend(t, e, edge.Loan{As: "alice@example.com"})
	}
	if e.EndLoan(first) {
		t.Error("the oldest of 1025 is kept")
	}
}
