package run

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/environ"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/runfile"
	"github.com/sundog-edge/sundog/edge/script/browser"
	"github.com/sundog-edge/sundog/edge/world"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const guarded = `
team: acme
zones:
  - name: example.com
    records:
      - {type: CNAME, name: app, content: t.cfargotunnel.com, proxied: true}
      - {type: CNAME, name: open, content: t.cfargotunnel.com, proxied: true}
tunnels:
  - id: t
    config:
      ingress:
        - {hostname: app.example.com, service: hello_world}
        - {hostname: open.example.com, service: "http://LOCALHOST:8080"}
        - {service: "http_status:404"}
access:
  apps:
    - name: App
      domain: app.example.com
      policies:
        - {name: Alice, decision: allow, include: [{email: {email: alice@example.com}}]}
clients:
  office: {ip: 203.0.113.20, country: FR}
`

// worldOf writes a sundog.yaml into a new folder.
func worldOf(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sundog.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, o Options) *Session {
	t.Helper()
	o.Listen = listen.Ports0()
	if o.Store.Dir == "" {
		o.Store.Dir = filepath.Join(t.TempDir(), "runs")
	}
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// The whole way of a person and of the commands beside them.
func TestSession(t *testing.T) {
	var (
		mu    sync.Mutex
		mails []accessemu.Mail
	)
	dir := worldOf(t, guarded)
	ready := filepath.Join(t.TempDir(), "ready.json")
	s := start(t, Options{Path: dir, Announce: true, ReadyFile: ready, Version: "test", Mail: func(m accessemu.Mail) {
		mu.Lock()
		defer mu.Unlock()
		mails = append(mails, m)
	}})
	ctx := t.Context()
	if _, err := os.Stat(ready); err != nil {
		t.Error(err)
	}
	if !s.FoundFrom(ctx, dir) {
		t.Error("not found from its own folder")
	}
	f, err := Lookup{Dir: dir, Store: s.store}.Find(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Ready(ctx); err != nil {
		t.Error(err)
	}

	const target = "https://app.example.com/"
	x, err := f.Explain(ctx, admin.Explain{URL: target, Client: "office"})
	if err != nil || x.Client.IP != "203.0.113.20" {
		t.Errorf("explain: %+v, %v", x, err)
	}
	if _, err := f.OTP(ctx, "alice@example.com", "", 0); !isRefusal(err, http.StatusNotFound) {
		t.Errorf("a PIN before the login: %v", err)
	}
	b := &browser.Browser{Client: s.Edge.Client()}
	page, err := b.Login(ctx, "alice@example.com", target, func(email, nonce string) string {
		m, err := f.OTP(ctx, email, nonce, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return m.Code
	})
	if err != nil {
		t.Fatal(err)
	}
	if page.Status != http.StatusOK {
		t.Errorf("after the login: %d", page.Status)
	}
	mu.Lock()
	if len(mails) != 1 || mails[0].To != "alice@example.com" {
		t.Errorf("mails: %+v", mails)
	}
	mu.Unlock()
	tr, err := f.Trace(ctx, "last")
	if err != nil || tr.URL != target || tr.Status != http.StatusOK {
		t.Errorf("last trace: %+v, %v", tr, err)
	}
	if aged, err := f.Age(ctx, 25*time.Hour); err != nil || aged != 25*time.Hour {
		t.Errorf("aged %v, %v", aged, err)
	}
	if aged, err := f.Age(ctx, 0); err != nil || aged != 25*time.Hour {
		t.Errorf("asked: aged %v, %v", aged, err)
	}
	if page, err := b.Get(ctx, target); err != nil || page.URL.Host != "acme.cloudflareaccess.com" {
		t.Errorf("a day later: at %v, %v", page.URL, err)
	}
	sum, err := f.World(ctx)
	if err != nil || sum.Team != "acme" || len(sum.Entrypoints) != 2 {
		t.Errorf("world: %+v, %v", sum, err)
	}

	folder := s.dir
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{ready, folder} {
		if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", gone, err)
		}
	}
	var missing *runfile.NotFoundError
	if _, err := (Lookup{Dir: dir, Store: s.store}).Find(ctx); !errors.As(err, &missing) {
		t.Errorf("found after its end: %v", err)
	}
	var silent *UnreachableError
	if err := f.Ready(ctx); !errors.As(err, &silent) {
		t.Errorf("asked after its end: %v", err)
	}
}

func isRefusal(err error, status int) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Status == status && r.Error() != ""
}

func TestInsidePlan(t *testing.T) {
	dir := worldOf(t, guarded)
	s := start(t, Options{Path: dir, Announce: true})
	f, err := Lookup{URL: "http://" + s.Ready().Admin, Store: s.store}.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	far, err := f.Inside()
	if err != nil {
		t.Fatal(err)
	}
	inherited := []string{"PATH=/bin", "NO_PROXY=*,corp", "CF_API_TOKEN=real", "TUNNEL_TOKEN=" + s.Edge.APIToken()}
	here, err := s.Inside().Plan("office", inherited)
	if err != nil {
		t.Fatal(err)
	}
	there, err := far.Plan("office", inherited)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(here.Environ(), there.Environ()) {
		t.Errorf("another process sees another environment:\n%q\n%q", here.Environ(), there.Environ())
	}
	if len(there.Removed) != 1 || there.Removed[0].Name != "CF_API_TOKEN" {
		t.Errorf("removed %v", there.Removed)
	}
	if there.NoProxy != "localhost,127.0.0.1,::1,corp" {
		t.Errorf("NO_PROXY %s", there.NoProxy)
	}
	var none *ClientError
	if _, err := far.Plan("nobody", nil); !errors.As(err, &none) || !strings.Contains(err.Error(), "office") {
		t.Errorf("an unknown client: %v", err)
	}
	for _, path := range []string{far.Files.CA, far.Files.Bundle, far.Files.Cert} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if info, err := os.Stat(filepath.Join(s.dir, insideFile)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", insideFile, info, err)
	}
}

// A world without zones has an account certificate as well, or cloudflared would take the
// real one.
func TestCertificateWithoutZones(t *testing.T) {
	s := start(t, Options{Path: worldOf(t, "team: acme\n")})
	plan, err := s.Inside().Plan("", []string{"TUNNEL_ORIGIN_CERT=/real/cert.pem"})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(plan.Set, func(v environ.Var) bool { return v.Name == "TUNNEL_ORIGIN_CERT" })
	if i < 0 {
		t.Fatalf("set %v", plan.Set)
	}
	data, err := os.ReadFile(plan.Set[i].Value)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	var cert struct{ ZoneID, AccountID, APIToken string }
	if block == nil || json.Unmarshal(block.Bytes, &cert) != nil || len(cert.ZoneID) != 32 || cert.APIToken != s.Edge.APIToken() {
		t.Errorf("%s holds %+v", plan.Set[i].Value, cert)
	}
}

// SUNDOG_TOKEN counts beside a run file that has another.
func TestGivenTokenCounts(t *testing.T) {
	s := start(t, Options{Path: worldOf(t, guarded)})
	f, err := Lookup{URL: "http://" + s.Ready().Admin, Token: "given", Store: s.store}.Find(t.Context())
	if err != nil || f.Token != "given" {
		t.Fatalf("token %q, %v", f.Token, err)
	}
	if _, err := f.Age(t.Context(), 0); !isRefusal(err, http.StatusUnauthorized) {
		t.Errorf("with a token that is not the edge's: %v", err)
	}
}

// A private edge is found by its address only.
func TestPrivate(t *testing.T) {
	dir := worldOf(t, guarded)
	s := start(t, Options{Path: dir})
	if s.FoundFrom(t.Context(), dir) {
		t.Error("a private edge is found from its world's folder")
	}
	f, err := Lookup{URL: "http://" + s.Ready().Admin + "/", Store: s.store}.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f.Token != s.Edge.Token() {
		t.Error("the run file has another token")
	}
}

func TestStartUndoesWhatFailed(t *testing.T) {
	dir := worldOf(t, guarded)
	first := start(t, Options{Path: dir, Announce: true})
	where := listen.Ports0()
	where.HTTPS = first.Ready().HTTPS
	ready := filepath.Join(t.TempDir(), "ready.json")
	if err := os.WriteFile(ready, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Path: dir, Listen: where, Store: first.store, ReadyFile: ready})
	var taken *listen.TakenError
	if !errors.As(err, &taken) || !strings.HasPrefix(taken.Owner, "a sundog of ") {
		t.Errorf("a taken port: %v", err)
	}
	if _, err := os.Stat(ready); !errors.Is(err, os.ErrNotExist) {
		t.Error("the ready file of an earlier run stays")
	}
	if _, err := Start(t.Context(), Options{Path: dir, Listen: listen.Ports0(), Egress: []string{"no port"}, Store: first.store}); err == nil {
		t.Error("a pattern without a port is admitted")
	}
	var bad world.Errors
	if _, err := Start(t.Context(), Options{Path: worldOf(t, "zonez: []"), Listen: listen.Ports0()}); !errors.As(err, &bad) {
		t.Errorf("a broken world: %v", err)
	}
}

func TestCheck(t *testing.T) {
	if w, err := Check(worldOf(t, guarded)); err != nil || w.Len() == 0 {
		t.Errorf("a good world: %v", err)
	}
	var bad world.Errors
	if _, err := Check(worldOf(t, "zonez: []")); !errors.As(err, &bad) {
		t.Errorf("a bad world: %v", err)
	}
	if _, err := Check(filepath.Join(t.TempDir(), "nothing")); !errors.As(err, &bad) {
		t.Errorf("no world: %v", err)
	}
}

func TestNames(t *testing.T) {
	w := world.MustParse(guarded)
	if got, want := worldNames(w), []string{"api.cloudflare.com", "1.1.1.1", "1.0.0.1", "one.one.one.one", "cloudflare-dns.com", "acme.cloudflareaccess.com", "example.com", "*.example.com"}; !slices.Equal(got, want) {
		t.Errorf("names %q", got)
	}
	if got, want := originHosts(w), []string{"localhost"}; !slices.Equal(got, want) {
		t.Errorf("origins %q", got)
	}
	for _, app := range []string{"App", "another", ""} {
		if got := Somebody(w, app); got != "alice@example.com" {
			t.Errorf("somebody for %q is %q", app, got)
		}
	}
	if got := Somebody(nil, ""); got != "" {
		t.Errorf("somebody of nowhere is %q", got)
	}
}

func TestNearest(t *testing.T) {
	root, err := filepath.EvalSymlinks(worldOf(t, guarded))
	if err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := Nearest(deep); err != nil || got != root {
		t.Errorf("got %q, %v", got, err)
	}
	// A Worker's folder is a part of the world of the sundog.yaml above it, and its neighbours are of none.
	write(t, filepath.Join(root, "a", "wrangler.jsonc"), `{"name": "a"}`)
	if got, err := Nearest(deep); err != nil || got != root {
		t.Errorf("got %q, %v", got, err)
	}
	if err := os.Remove(filepath.Join(root, "sundog.yaml")); err != nil {
		t.Fatal(err)
	}
	if got, err := Nearest(deep); err != nil || got != filepath.Join(root, "a") {
		t.Errorf("got %q, %v", got, err)
	}
	beside := filepath.Join(root, "beside")
	if err := os.Mkdir(beside, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := Nearest(beside); err == nil {
		t.Errorf("got %q, which is a neighbour's", got)
	}
}

func TestAwait(t *testing.T) {
	store := runfile.Store{Dir: filepath.Join(t.TempDir(), "runs")}
	dir := worldOf(t, guarded)
	found := make(chan error, 1)
	go func() {
		_, err := Await(t.Context(), Lookup{Dir: dir, Store: store})
		found <- err
	}()
	start(t, Options{Path: dir, Announce: true, Store: store})
	if err := <-found; err != nil {
		t.Error(err)
	}

	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Await(over, Lookup{Dir: t.TempDir(), Store: store}); err == nil {
		t.Error("an edge where there is none")
	}
	if _, err := Await(t.Context(), Lookup{URL: "ftp://x", Store: store}); err == nil {
		t.Error("an address that is none is waited for")
	}
}

func TestClientOfSomethingElse(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		status     int
	}{
		{"a page", "<html>", 200},
		{"an error page", "<html>", 500},
		{"JSON of another kind", "[]", 404},
	} {
		c := &Client{URL: "http://localhost", Transport: inProcess{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			w.Write([]byte(tt.body))
		})}}
		var silent *UnreachableError
		if _, err := c.Age(t.Context(), 0); !errors.As(err, &silent) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
