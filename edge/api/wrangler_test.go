package api

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/world"
)

// wrangler runs the real one against the API.
type wrangler struct {
	t    *testing.T
	url  string
	dir  string // of the project
	env  []string
	node string
	log  *bytes.Buffer
}

func newWrangler(t *testing.T, m *memory) *wrangler {
	t.Helper()
	npm, err := filepath.Abs("../../testdata/npm/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	node := filepath.Join(npm, "node-"+runtime.GOOS+"-x64", "bin", "node")
	script := filepath.Join(npm, "wrangler", "bin", "wrangler.js")
	for _, file := range []string{node, script} {
		if _, err := os.Stat(file); err != nil {
			if slices.Contains(strings.Split(os.Getenv("SUNDOG_REQUIRE"), ","), "wrangler") {
				t.Fatalf("SUNDOG_REQUIRE wants wrangler: %v", err)
			}
			t.Skipf("no wrangler; npm ci in testdata/npm installs it: %v", err)
		}
	}
	w := &wrangler{t: t, dir: t.TempDir(), node: node, log: new(bytes.Buffer)}
	o := options(m)
	o.Log = slog.New(slog.NewTextHandler(w.log, nil))
	srv := httptest.NewServer(New(o))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	home := t.TempDir()
	w.env = []string{
		"PATH=" + filepath.Dir(node), "HOME=" + home, "WRANGLER_LOG_PATH=" + home, "XDG_CONFIG_HOME=" + home, "CI=1", "NO_COLOR=1",
		"WRANGLER_SEND_METRICS=false", "WRANGLER_HIDE_BANNER=true", "CLOUDFLARE_CF_FETCH_ENABLED=false",
		"CLOUDFLARE_API_BASE_URL=" + srv.URL + Prefix, "CLOUDFLARE_API_TOKEN=" + testToken, "CLOUDFLARE_ACCOUNT_ID=" + testAccount,
	}
	return w
}

func (w *wrangler) file(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wrangler) run(stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(w.t.Context(), w.node, append([]string{filepath.Join(filepath.Dir(w.node), "../../wrangler/bin/wrangler.js")}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdin = w.dir, w.env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// does runs a command that succeeds and prints all of want.
func (w *wrangler) does(args []string, want ...string) string {
	w.t.Helper()
	return w.doesWith("", args, want...)
}

func (w *wrangler) doesWith(stdin string, args []string, want ...string) string {
	w.t.Helper()
	out, err := w.run(stdin, args...)
	if err != nil {
		w.t.Fatalf("wrangler %s: %v\n%s\n%s", strings.Join(args, " "), err, out, w.log)
	}
	for _, text := range want {
		if !strings.Contains(out, text) {
			w.t.Errorf("wrangler %s does not print %q:\n%s", strings.Join(args, " "), text, out)
		}
	}
	return out
}

// fails runs a command that does not succeed.
func (w *wrangler) fails(args []string, want ...string) {
	w.t.Helper()
	out, err := w.run("", args...)
	if err == nil {
		w.t.Fatalf("wrangler %s succeeds:\n%s", strings.Join(args, " "), out)
	}
	for _, text := range want {
		if !strings.Contains(out, text) {
			w.t.Errorf("wrangler %s does not print %q:\n%s", strings.Join(args, " "), text, out)
		}
	}
}

// known fails when a request had no route.
func (w *wrangler) known() {
	w.t.Helper()
	if strings.Contains(w.log.String(), "no such API route") {
		w.t.Errorf("wrangler called what has no route:\n%s", w.log)
	}
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

func words(line string) []string { return strings.Fields(line) }

const plainWorker = `{
	"name": "hello", "main": "index.js", "compatibility_date": "2026-11-01",
	"vars": {"GREETING": "hi", "LIST": [1, 2]}
}`

func TestWranglerDeploys(t *testing.T) {
	m := newMemory(t)
	w := newWrangler(t, m)
	w.file("wrangler.jsonc", plainWorker)
	w.file("index.js", `export default { fetch() { return new Response("one") } }`)

	w.does(words("whoami"), "developer@localhost", testAccount)
	first := w.does(words("deploy"), "https://hello.dev-team.workers.dev", "Current Version ID: ")
	if uuids.FindString(first) == "" {
		t.Errorf("no version id in\n%s", first)
	}
	w.file("index.js", `export default { fetch() { return new Response("two") } }`)
	second := w.does(words("deploy"), "https://hello.dev-team.workers.dev")
	hello := get[world.Worker](m.Layers(), world.KindWorker, "hello")
	if hello == nil || len(hello.Deployments) != 2 || !strings.Contains(second, hello.Current()) || !hello.WorkersDev {
		t.Fatalf("after two deploys: %+v", hello)
	}

	w.doesWith("s3cret", words("secret put TOKEN"), "Success")
	w.does(words("secret list"), `"name": "TOKEN"`)
	out := w.does(words("versions upload --tag t1 --message later --preview-alias beta"), "Worker Version ID: ", "https://beta-hello.dev-team.workers.dev")
	uploaded := uuids.FindString(out)
	if v := (&call{layers: m.Layers()}).version("hello", uploaded); v == nil || named(v.Bindings, "TOKEN") == nil || v.Alias() != "beta" {
		t.Errorf("the secret is not in the version that was uploaded after it: %+v", v)
	}
	w.does(words("versions list"), uploaded, "later")
	w.does(append(words("versions deploy -y"), uploaded+"@100"), "SUCCESS")
	w.does(words("deployments list"), uploaded)
	w.does(words("rollback -y"), "SUCCESS")
	if now := get[world.Worker](m.Layers(), world.KindWorker, "hello").Current(); now == uploaded {
		t.Error("the rollback changed nothing")
	}
	w.doesWith("v2", words("versions secret put OTHER"), "Success")
	w.file("bulk.json", `{"A": "1", "B": "2"}`)
	w.does(words("secret bulk bulk.json"), "2")
	w.does(words("secret delete A"), "Success")
	w.does(words("delete --force"), "Successfully deleted")
	if get[world.Worker](m.Layers(), world.KindWorker, "hello") != nil || len(all[struct{}](m.Layers(), world.KindWorkerVersion, nil)) != 0 {
		t.Error("the Worker is still there")
	}
	if strings.Contains(w.log.String(), "s3cret") {
		t.Error("a secret is logged")
	}
	w.known()
}
