// Package e2e drives a real browser through the bundled example. It is a module of its own, so that
// nobody who uses sundog gets a browser driver with it.
package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/listen"
	"github.com/sundog-edge/sundog/edge/world"
)

// chromium is the browser's path. Where SUNDOG_REQUIRE names chromium, its absence is a failure.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if strings.Contains(os.Getenv("SUNDOG_REQUIRE"), "chromium") {
		t.Fatal("no Chromium on PATH, and SUNDOG_REQUIRE wants one")
	}
	t.Skip("no Chromium on PATH")
	return ""
}

// origin is where the example's config.yml has it.
const origin = "http://localhost:8080"

type laptop struct {
	edge    *edge.Edge
	addrs   listen.Addrs
	browser context.Context
	shots   string
}

// start runs the bundled example and a browser that lives inside it.
func start(t *testing.T, opts ...edge.Option) *laptop {
	t.Helper()
	w, err := world.Load("../testdata/dual-endpoint")
	if err != nil {
		t.Fatal(err)
	}
	return startWorld(t, w, opts...)
}

func startWorld(t *testing.T, w *world.World, opts ...edge.Option) *laptop {
	t.Helper()
	path := chromium(t)
	e, err := edge.New(w, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	srv, err := e.Listen(t.Context(), listen.Ports0(), e.Control("test"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })

	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.ProxyServer("http://"+srv.Addrs().Proxy),
		chromedp.Flag("ignore-certificate-errors-spki-list", e.CA().SPKI()),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(1000, 760),
	)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(cancel)
	browser, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	browser, cancel = context.WithTimeout(browser, time.Minute)
	t.Cleanup(cancel)

	shots := os.Getenv("SUNDOG_SCREENSHOTS")
	if shots == "" {
		shots = t.TempDir()
	}
	return &laptop{edge: e, addrs: srv.Addrs(), browser: browser, shots: shots}
}

// do runs steps; a step that fails shows the page it failed on.
func (l *laptop) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(l.browser, steps...); err != nil {
		page, _ := chromedp.Run(l.browser, chromedp.OuterHTML("html"))
		t.Fatalf("%v\non the page:\n%s", err, page)
	}
}

// text is what a person reads in an element.
func (l *laptop) text(t *testing.T, selector string) string {
	t.Helper()
	text, err := chromedp.Run(l.browser, chromedp.Text(selector))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// shot takes a picture of the whole page.
func (l *laptop) shot(t *testing.T, name string) {
	t.Helper()
	png, err := chromedp.Run(l.browser, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if len(png) < 4_000 {
		t.Errorf("the picture of %s has %d bytes: the page is empty", name, len(png))
	}
	if err := os.WriteFile(filepath.Join(l.shots, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// ask types an address into the login page.
func (l *laptop) ask(t *testing.T, url, email string) {
	t.Helper()
	l.do(t, chromedp.Navigate(url), chromedp.WaitVisible(`input[name="email"]`))
	l.shot(t, "login")
	l.do(t, chromedp.SendKeys(`input[name="email"]`, email+"\n"), chromedp.WaitVisible(`input[name="code"]`))
}

func TestLogInWithThePIN(t *testing.T) {
	l := start(t, edge.WithOrigin(origin, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>origin</title><h1 id="who">%s</h1><p id="where">%s</p>`,
			r.Header.Get("Cf-Access-Authenticated-User-Email"), r.URL.RequestURI())
	})))
	l.ask(t, "https://myservice.example.com/deep/page?x=1", "alice@example.com")
	l.shot(t, "pin")
	code, err := l.edge.Access().WaitOTP(l.browser, "alice@example.com", "")
	if err != nil {
		t.Fatal(err)
	}
	l.do(t, chromedp.SendKeys(`input[name="code"]`, code+"\n"), chromedp.WaitVisible("#who"))
	if who, where := l.text(t, "#who"), l.text(t, "#where"); who != "alice@example.com" || where != "/deep/page?x=1" {
		t.Errorf("the origin saw %q at %q", who, where)
	}
	l.shot(t, "origin")
}

func TestWrongPINIsTold(t *testing.T) {
	l := start(t, edge.WithOrigin(origin, http.NotFoundHandler()))
	l.ask(t, "https://myservice.example.com/", "alice@example.com")
	code, err := l.edge.Access().WaitOTP(l.browser, "alice@example.com", "")
	if err != nil {
		t.Fatal(err)
	}
	wrong := "000000"
	if code == wrong {
		wrong = "111111"
	}
	l.do(t, chromedp.SendKeys(`input[name="code"]`, wrong+"\n"), chromedp.WaitVisible(`[role="alert"]`))
	if text := l.text(t, "body"); !strings.Contains(text, "does not have access") {
		t.Errorf("the page says:\n%s", text)
	}
	l.shot(t, "denied")
}

// Connections to the origin are refused, whatever listens on its port of this machine.
func TestOriginDownIsTold(t *testing.T) {
	l := start(t, edge.WithDial(func(_ context.Context, network, addr string) (net.Conn, bool, error) {
		return nil, true, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}))
	l.do(t, chromedp.Navigate("https://myservice-internal.example.com/"))
	text, err := chromedp.Run(l.browser, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"502", "localhost:8080", "config.yml"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q:\n%s", want, text)
		}
	}
	l.shot(t, "bad-gateway")
}
