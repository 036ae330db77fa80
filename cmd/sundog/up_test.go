package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/sundog-edge/sundog/edge/runfile"
	"github.com/sundog-edge/sundog/edge/script/browser"
)

// upped is a `sundog up` in a process of its own.
type upped struct {
	cmd   *exec.Cmd
	ready runfile.Ready
	out   *bufio.Reader
	env   []string
	dir   string
}

// up starts one for a world, whose origin is given, and reads its output up to the
// last line of the start-up table.
func up(t *testing.T, world string, origin http.Handler, flags ...string) *upped {
	t.Helper()
	dir := t.TempDir()
	if origin != nil {
		srv := httptest.NewServer(origin)
		t.Cleanup(srv.Close)
		world = strings.ReplaceAll(world, "ORIGIN", srv.URL)
	}
	if err := os.WriteFile(filepath.Join(dir, "sundog.yaml"), []byte(world), 0o600); err != nil {
		t.Fatal(err)
	}
	u := &upped{dir: dir}
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); name != "SUNDOG_URL" && name != "SUNDOG_TOKEN" && name != "XDG_RUNTIME_DIR" {
			u.env = append(u.env, kv)
		}
	}
	u.env = append(u.env, "TMPDIR="+t.TempDir(), "GORACE="+quickExit)
	ready := filepath.Join(dir, "ready.json")
	u.cmd = exec.Command("sundog", append([]string{"up", "--ports", "0", "--ready-file", ready}, flags...)...)
	u.cmd.Dir, u.cmd.Env, u.cmd.Stderr = dir, u.env, os.Stderr
	pipe, err := u.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.cmd.Process.Kill() })
	u.out = bufio.NewReader(pipe)
	u.until(t, "^C ends it.", `"event":"started"`)
	data, err := os.ReadFile(ready)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &u.ready); err != nil {
		t.Fatal(err)
	}
	return u
}

// until reads lines until one has any of the marks.
func (u *upped) until(t *testing.T, marks ...string) string {
	t.Helper()
	var read strings.Builder
	for {
		line, err := u.out.ReadString('\n')
		read.WriteString(line)
		for _, mark := range marks {
			if strings.Contains(line, mark) {
				return line
			}
		}
		if err != nil {
			t.Fatalf("up ended without %q: %v\n%s", marks, err, read.String())
		}
	}
}

func (u *upped) client(t *testing.T) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(u.ready.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{
		Proxy:           http.ProxyURL(&url.URL{Scheme: "http", Host: u.ready.Proxy}),
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Jar: jar}
}

func (u *upped) sundog(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("sundog", args...)
	cmd.Dir, cmd.Env, cmd.Stderr = u.dir, u.env, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("sundog %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

func (u *upped) interrupt(t *testing.T) {
	t.Helper()
	if err := u.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

const guardedWorld = `
team: acme
zones:
  - name: example.com
    records: [{type: CNAME, name: app, content: t.cfargotunnel.com, proxied: true}]
tunnels:
  - {id: t, config: {ingress: [{service: "ORIGIN"}]}}
access:
  apps:
    - domain: app.example.com
      policies: [{decision: allow, include: [{email: {email: alice@example.com}}]}]
`

func hello(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, "hello "+r.Header.Get("Cf-Access-Authenticated-User-Email"))
}

// A login over sockets, with the PIN that `sundog otp` prints. up shows the PIN to a
// person, and to no log.
func TestLoginWithOTP(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can be interrupted here")
	}
	for _, tt := range []struct {
		name  string
		flags []string
		shown bool
	}{
		{"for a person", nil, true},
		{"json", []string{"--json"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := up(t, guardedWorld, http.HandlerFunc(hello), tt.flags...)
			b := &browser.Browser{Client: u.client(t)}
			pin := ""
			page, err := b.Login(t.Context(), "alice@example.com", "https://app.example.com/", func(email, nonce string) string {
				pin = u.sundog(t, "otp", email, "--nonce", nonce, "--wait", "10s")
				if newest := u.sundog(t, "otp", email); newest != pin {
					t.Errorf("the newest PIN is %s, not %s", newest, pin)
				}
				return pin
			})
			if err != nil {
				t.Fatal(err)
			}
			if page.Status != 200 || !strings.Contains(string(page.Body), "hello alice@example.com") {
				t.Errorf("behind the login: %d %s", page.Status, page.Body)
			}
			u.interrupt(t)
			rest, err := io.ReadAll(u.out)
			if err != nil {
				t.Fatal(err)
			}
			if err := u.cmd.Wait(); err != nil {
				t.Errorf("up ended: %v", err)
			}
			if shown := strings.Contains(string(rest), "PIN for alice@example.com: "+pin); shown != tt.shown {
				t.Errorf("shown: %v, want %v:\n%s", shown, tt.shown, rest)
			}
			if !tt.shown && strings.Contains(string(rest), pin) {
				t.Errorf("a log holds the PIN:\n%s", rest)
			}
		})
	}
}

// The proxy's refusals are told, one line each.
func TestRefusedHostIsShown(t *testing.T) {
	u := up(t, guardedWorld, http.HandlerFunc(hello))
	if resp, err := u.client(t).Get("https://outside.test/"); err == nil {
		resp.Body.Close()
		t.Errorf("it answers %s", resp.Status)
	}
	if line := u.until(t, "outside.test"); !strings.Contains(line, "--egress outside.test:443") {
		t.Errorf("no way to admit it: %s", line)
	}
}

// The first ^C waits for requests under way, the second does not.
func TestSecondInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can be interrupted here")
	}
	held, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	u := up(t, strings.ReplaceAll(guardedWorld, "domain: app.", "domain: other."), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(held)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	asked := make(chan struct{})
	client := u.client(t)
	go func() {
		defer close(asked)
		if resp, err := client.Get("https://app.example.com/"); err == nil {
			resp.Body.Close()
		}
	}()
	<-held
	u.interrupt(t)
	u.until(t, "^C again ends at once")
	u.interrupt(t)
	err := u.cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("up ended: %v, want exit code 130", err)
	}
	<-asked
}

// A HUP signal reads the files again, and --json tells what came of it.
func TestHangupReloads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs signals")
	}
	u := up(t, guardedWorld, http.HandlerFunc(hello), "--json")
	hup := func() {
		if err := u.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(u.dir, "sundog.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// The watch would wait for the rest of the last line; the signal does not.
	if err := os.WriteFile(file, []byte(strings.TrimSpace(strings.Replace(string(text), "{decision: allow, include: [{email: {email: alice@example.com}}]}", "{decision: bypass, include: [{everyone: {}}]}", 1))), 0o600); err != nil {
		t.Fatal(err)
	}
	hup()
	line := u.until(t, `"event":"reloaded"`, `"event":"stale"`)
	if !strings.Contains(line, `"public":[{"url":"https://app.example.com/","was":"app.example.com"}]`) {
		t.Error(line)
	}
	if err := os.WriteFile(file, []byte("team: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	hup()
	if line := u.until(t, `"event":"stale"`, `"event":"reloaded"`); !strings.Contains(line, `"error":"config stale: 1 error","errors":["sundog.yaml:`) {
		t.Error(line)
	}
	u.interrupt(t)
	if err := u.cmd.Wait(); err != nil {
		t.Errorf("up ended with %v", err)
	}
}
