package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// TestLogInToAPrivateWorker is the guide's browser test: the login, and then the JSON of the Worker, which has
// verified the token itself.
func TestLogInToAPrivateWorker(t *testing.T) {
	workerd := fixtures.Need(t, "workerd", fixtures.Workerd)
	modules := fixtures.Need(t, "workerd", fixtures.Modules)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/private-worker")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	w, err := world.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	l := startWorld(t, w, edge.WithWorkerd(workerd, dir))
	l.ask(t, "https://tides.example.org/whoami", "keeper@example.org")
	code, err := l.edge.Access().WaitOTP(l.browser, "keeper@example.org", "")
	if err != nil {
		t.Fatal(err)
	}
	l.do(t, chromedp.SendKeys(`input[name="code"]`, code+"\n"), chromedp.WaitVisible("pre"))
	l.shot(t, "worker")
	var who struct {
		Name    string
		Machine bool
	}
	if text := l.text(t, "pre"); json.Unmarshal([]byte(text), &who) != nil || who.Name != "keeper@example.org" || who.Machine {
		t.Errorf("the Worker says %q", text)
	}

	// The site is for everybody, and shows what its Function fetched.
	l.do(t, chromedp.Navigate("https://tide-site.pages.dev/stations/7"), chromedp.WaitVisible("pre"))
	if text := l.text(t, "pre"); text != `{"station":"7","asked":"/stations/7"}` {
		t.Errorf("the Function says %q", text)
	}
}
