package tunnelemu

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

var testKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var keys [2]*rsa.PrivateKey
	for i := range keys {
		keys[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return keys
})

// team is an Access team that signs tokens and answers for its keys.
type team struct {
	t       testing.TB
	serving atomic.Int32 // number of the key that it signs with and shows
	fetches atomic.Int32
	down    atomic.Bool
	url     atomic.Pointer[string]
}

var accessNow = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func (a *team) RoundTrip(r *http.Request) (*http.Response, error) {
	a.fetches.Add(1)
	u := r.URL.String()
	a.url.Store(&u)
	if a.down.Load() {
		return nil, errors.New("the team's host is down")
	}
	n := a.serving.Load()
	body, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: testKeys()[n].Public(), KeyID: kids[n], Algorithm: "RS256", Use: "sig"}}})
	if err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	_, _ = w.Write(body)
	return w.Result(), nil
}

var kids = [2]string{"first", "second"}

// sign makes a token of any claims; header values overrule.
func (a *team) sign(claims map[string]any, alg jose.SignatureAlgorithm, key any, kid string) string {
	a.t.Helper()
	o := new(jose.SignerOptions)
	if kid != "" {
		o = o.WithHeader("kid", kid)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
	if err != nil {
		a.t.Fatal(err)
	}
	payload, _ := json.Marshal(claims)
	signed, err := signer.Sign(payload)
	if err != nil {
		a.t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		a.t.Fatal(err)
	}
	return token
}

// token is a good one but for the claims given; nil leaves a claim out.
func (a *team) token(changes ...any) string {
	c := map[string]any{"iss": "https://acme.cloudflareaccess.com", "aud": []string{"x", "mine"}, "exp": accessNow.Add(time.Minute).Unix(), "sub": "s"}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == nil {
			delete(c, changes[i].(string))
		} else {
			c[changes[i].(string)] = changes[i+1]
		}
	}
	n := a.serving.Load()
	return a.sign(c, jose.RS256, testKeys()[n], kids[n])
}

const accessRule = "access: {required: true, teamName: acme, audTag: [mine, other]}"

func accessTunnel(t testing.TB, a *team, config string) *Tunnel {
	return parseWith(t, config, Options{HTTP: a, Now: func() time.Time { return accessNow }})
}

// knock sends one request with a token, "" for none, and tells the status that the connector answers.
func knock(t testing.TB, tunnel *Tunnel, token string) (int, *OriginError) {
	t.Helper()
	r := httptest.NewRequest("GET", "http://a/", nil)
	if token != "" {
		r.Header.Set("Cf-Access-Jwt-Assertion", token)
	}
	w := httptest.NewRecorder()
	err := tunnel.Serve(w, r, tunnel.Decide("a", "/"))
	var oe *OriginError
	if errors.As(err, &oe) {
		if w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Errorf("written beside an error: %v %q", w.Header(), w.Body)
		}
		return oe.Status(), oe
	}
	return w.Code, nil
}

func TestAccessVerdicts(t *testing.T) {
	a := &team{t: t}
	tunnel := accessTunnel(t, a, oneRule("http_status:204", accessRule))
	base := map[string]any{"iss": "https://acme.cloudflareaccess.com", "aud": "mine", "exp": accessNow.Add(time.Minute).Unix()}
	good := a.token()
	half := strings.Split(good, ".")
	for _, c := range []struct {
		name, token string
		status      int
		kind        Kind
	}{
		{"valid", good, 204, ""},
		{"one audience, no list", a.token("aud", "other"), 204, ""},
		{"no kid", a.sign(base, jose.RS256, testKeys()[0], ""), 204, ""},
		{"not before, within five minutes", a.token("nbf", accessNow.Add(5*time.Minute).Unix()), 204, ""},
		{"fractions of seconds", a.token("exp", float64(accessNow.Add(time.Minute).Unix())+0.5), 204, ""},
		{"no token", "", 403, KindDenied},
		{"another audience", a.token("aud", []string{"theirs"}), 403, KindDenied},
		{"no audience", a.token("aud", nil), 403, KindDenied},
		{"malformed", "not.a.token", 502, KindToken},
		{"no token at all", "Bearer", 502, KindToken},
		{"expired", a.token("exp", accessNow.Add(-time.Second).Unix()), 502, KindToken},
		{"no expiry", a.token("exp", nil), 502, KindToken},
		{"expiry as text", a.token("exp", "soon"), 502, KindToken},
		{"not before, later", a.token("nbf", accessNow.Add(5*time.Minute+time.Second).Unix()), 502, KindToken},
		{"another team", a.token("iss", "https://evil.cloudflareaccess.com"), 502, KindToken},
		{"the fed team", a.token("iss", "https://acme.fed.cloudflareaccess.com"), 502, KindToken},
		{"another key", a.sign(base, jose.RS256, testKeys()[1], "first"), 502, KindToken},
		{"unknown kid", a.sign(base, jose.RS256, testKeys()[1], "second"), 502, KindToken},
		{"another algorithm", a.sign(base, jose.RS512, testKeys()[0], "first"), 502, KindToken},
		{"a secret as key", a.sign(base, jose.HS256, []byte(strings.Repeat("k", 32)), "first"), 502, KindToken},
		{"changed payload", half[0] + "." + half[1] + "x." + half[2], 502, KindToken},
		{"no signature", half[0] + "." + half[1] + ".", 502, KindToken},
		{"wrong in two ways: issuer before audience", a.token("iss", "x", "aud", "x"), 502, KindToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, oe := knock(t, tunnel, c.token)
			kind := Kind("")
			if oe != nil {
				kind = oe.Kind
			}
			if status != c.status || kind != c.kind {
				t.Errorf("%d %v, want %d %s", status, oe, c.status, c.kind)
			}
		})
	}
}

// The cookie is not read, and the header goes on as it is.
func TestAccessReadsTheHeaderOnly(t *testing.T) {
	a := &team{t: t}
	got := make(chan http.Header, 1)
	origin := httpOrigin(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.Header })
	tunnel := accessTunnel(t, a, oneRule(origin.URL, accessRule))
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "CF_Authorization", Value: a.token()})
	w := httptest.NewRecorder()
	if tunnel.ServeHTTP(w, r); w.Code != 403 || w.Body.Len() > 0 {
		t.Errorf("cookie alone: %d %q", w.Code, w.Body)
	}
	token := a.token()
	r.Header.Set("Cf-Access-Jwt-Assertion", token)
	w = httptest.NewRecorder()
	if tunnel.ServeHTTP(w, r); w.Code != 200 {
		t.Errorf("header: %d", w.Code)
	}
	if diff := cmp.Diff([]string{token}, receive(t, got)["Cf-Access-Jwt-Assertion"]); diff != "" {
		t.Error(diff)
	}
}

func TestAccessOnBothTransports(t *testing.T) {
	for _, transport := range []string{"quic", "http2", "none"} {
		a := &team{t: t}
		s := serveWith(t, oneRule("http_status:204", accessRule), Options{Transport: transport, HTTP: a, Now: func() time.Time { return accessNow }})
		for token, want := range map[string]int{"": 403, "x": 502, a.token("aud", "x"): 403, a.token(): 204} {
			req, _ := http.NewRequest("GET", s.URL, nil)
			req.Header.Set("Cf-Access-Jwt-Assertion", token)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != want || len(body) > 0 {
				t.Errorf("%s: %s %q, want %d", transport, resp.Status, body, want)
			}
		}
	}
}

// The check comes before any dial, for every kind of service.
func TestAccessComesBeforeTheOrigin(t *testing.T) {
	for _, service := range []string{"http://h", "unix:/s", "tcp://h", "bastion", "socks-proxy", "hello_world", "http_status:200"} {
		var dialled []string
		o := dialSpy(&dialled)
		o.HTTP = &team{t: t}
		oe := upgradeTo(t, parseWith(t, oneRule(service, accessRule), o))
		if oe == nil || oe.Kind != KindDenied || len(dialled) > 0 {
			t.Errorf("%s: %v, dialled %v", service, oe, dialled)
		}
	}
}

func TestAccessKeysAreFetchedLazilyAndKept(t *testing.T) {
	a := &team{t: t}
	config := "ingress:\n- {hostname: b, service: http_status:204, originRequest: {" + accessRule + "}}\n- service: http_status:204\n  originRequest: {" + accessRule + "}\n"
	tunnel := accessTunnel(t, a, config)
	knock(t, tunnel, "")
	knock(t, tunnel, a.token("iss", "x"))
	if n := a.fetches.Load(); n != 0 {
		t.Errorf("%d fetches before a token needs a key", n)
	}
	for range 3 {
		if status, err := knock(t, tunnel, a.token()); status != 204 {
			t.Fatal(status, err)
		}
	}
	if n := a.fetches.Load(); n != 1 || *a.url.Load() != "https://acme.cloudflareaccess.com/cdn-cgi/access/certs" {
		t.Errorf("%d fetches of %s", n, *a.url.Load())
	}
	// Another rule of the team shares the keys.
	r := httptest.NewRequest("GET", "http://b/", nil)
	r.Header.Set("Cf-Access-Jwt-Assertion", a.token())
	w := httptest.NewRecorder()
	if tunnel.ServeHTTP(w, r); w.Code != 204 || a.fetches.Load() != 1 {
		t.Errorf("%d, %d fetches", w.Code, a.fetches.Load())
	}
	// A new key is found when none of the old ones verifies.
	a.serving.Store(1)
	if status, err := knock(t, tunnel, a.token()); status != 204 || a.fetches.Load() != 2 {
		t.Errorf("after the rotation: %d %v, %d fetches", status, err, a.fetches.Load())
	}
	// Without keys the ones that are there still count.
	a.down.Store(true)
	if status, _ := knock(t, tunnel, a.token()); status != 204 {
		t.Errorf("known key, team down: %d", status)
	}
	a.serving.Store(0)
	if status, oe := knock(t, tunnel, a.token()); status != 502 || oe.Kind != KindToken {
		t.Errorf("unknown key, team down: %d %v", status, oe)
	}
	a.down.Store(false)
	if status, _ := knock(t, tunnel, a.token()); status != 204 {
		t.Errorf("team up again: %d", status)
	}
}

func TestAccessKeysUnreachable(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"status":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) },
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"no keys": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") },
	} {
		a := &team{t: t}
		tunnel := parseWith(t, oneRule("http_status:204", accessRule), Options{Now: func() time.Time { return accessNow }, HTTP: roundTrip(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			answer(w, r)
			return w.Result(), nil
		})})
		if status, oe := knock(t, tunnel, a.token()); status != 502 || oe.Kind != KindToken {
			t.Errorf("%s: %d %v", name, status, oe)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Without Options.HTTP the keys come over Options.Dial.
func TestAccessKeysOverDial(t *testing.T) {
	dialled := make(chan string, 1)
	a := &team{t: t}
	tunnel := parseWith(t, oneRule("http_status:204", "access: {required: true, teamName: acme, audTag: [mine], environment: fed}"), Options{
		Now: func() time.Time { return accessNow },
		Dial: func(_ context.Context, network, addr string) (net.Conn, error) {
			dialled <- network + " " + addr
			return nil, errors.New("no")
		}})
	if status, _ := knock(t, tunnel, a.token("iss", "https://acme.fed.cloudflareaccess.com")); status != 502 {
		t.Error(status)
	}
	if got := receive(t, dialled); got != "tcp acme.fed.cloudflareaccess.com:443" {
		t.Error(got)
	}
}

// required alone lets nobody in: without an audience there is nothing to match.
func TestAccessWithoutAudience(t *testing.T) {
	a := &team{t: t}
	tunnel := accessTunnel(t, a, oneRule("http_status:204", "access: {required: true, teamName: acme}"))
	if status, _ := knock(t, tunnel, a.token()); status != 403 {
		t.Error(status)
	}
	tunnel = accessTunnel(t, a, oneRule("http_status:204", "access: {required: false, teamName: acme, audTag: [mine]}"))
	if status, _ := knock(t, tunnel, ""); status != 204 {
		t.Error("not required: ", status)
	}
}

// Many requests at once share one fetch, and one that gives up takes no other with it.
func TestAccessKeysFetchedOnceForMany(t *testing.T) {
	a := &team{t: t}
	release := make(chan struct{})
	arrived := make(chan struct{}, 10)
	tunnel := parseWith(t, oneRule("http_status:204", accessRule), Options{Now: func() time.Time { return accessNow }, HTTP: roundTrip(func(r *http.Request) (*http.Response, error) {
		arrived <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		return a.RoundTrip(r)
	})})
	token := a.token()
	serve := func(ctx context.Context) int {
		r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
		r.Header.Set("Cf-Access-Jwt-Assertion", token)
		w := httptest.NewRecorder()
		tunnel.ServeHTTP(w, r)
		return w.Code
	}
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan int, 1)
	go func() { gone <- serve(ctx) }()
	receive(t, arrived)
	answers := make(chan int, 8)
	for range 8 {
		go func() { answers <- serve(context.Background()) }()
	}
	cancel()
	if code := receive(t, gone); code != 502 {
		t.Errorf("the one that left: %d", code)
	}
	receive(t, arrived)
	close(release)
	for range 8 {
		if code := receive(t, answers); code != 204 {
			t.Errorf("%d", code)
		}
	}
	if n := a.fetches.Load(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

func FuzzAccessToken(f *testing.F) {
	a := &team{t: f}
	tunnel := accessTunnel(f, a, oneRule("http_status:204", accessRule))
	good := a.token()
	f.Add(good)
	f.Add(a.token("aud", 5))
	f.Add("a.b.c")
	f.Add("..")
	f.Add(`{"payload":"e30","signatures":[]}`)
	f.Fuzz(func(t *testing.T, token string) {
		r := &http.Request{Method: "GET", Host: "a", Header: http.Header{"Cf-Access-Jwt-Assertion": {token}}}
		err := tunnel.Serve(httptest.NewRecorder(), r, tunnel.Decide("a", "/"))
		if err == nil && strings.Join(strings.Fields(token), "") != good {
			// A signature has more than one spelling: the last character of base64 carries spare bits.
			sameUpToTail := len(token) == len(good) && token[:len(token)-1] == good[:len(good)-1]
			if !sameUpToTail {
				t.Errorf("%q is let through", token)
			}
		}
	})
}
