package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// wrangler runs the real one against the API.
type wrangler struct {
	t            *testing.T
	url          string
	dir          string // of the project
	env          []string
	node, script string
	log          *bytes.Buffer
	told         transcript
}

func newWrangler(t *testing.T, m *memory) *wrangler {
	t.Helper()
	node, script := fixtures.Need(t, "wrangler", fixtures.Node), fixtures.Need(t, "wrangler", fixtures.Wrangler)
	t.Parallel()
	w := &wrangler{t: t, dir: t.TempDir(), node: node, script: script, log: new(bytes.Buffer)}
	o := options(m)
	o.Log = slog.New(slog.NewTextHandler(w.log, nil))
	srv := httptest.NewServer(New(o))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	home := t.TempDir()
	w.env = []string{
		"PATH=" + filepath.Dir(node), "HOME=" + home, "WRANGLER_LOG_PATH=" + home, "XDG_CONFIG_HOME=" + home, "CI=1", "NO_COLOR=1", "TZ=UTC", "LANG=en_US.UTF-8",
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
	cmd := exec.CommandContext(w.t.Context(), w.node, append([]string{w.script}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdin = w.dir, w.env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	w.told.add(args, string(out), w.dir)
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

// known fails when a request had no route, or the commands did not print what the file of testdata says.
func (w *wrangler) known(transcript string) {
	w.t.Helper()
	w.told.matches(w.t, transcript)
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
	w.doesWith("s3cret", words("secret put FIRST --name fresh"), "Success")
	w.file("s.env", "TOKEN=abc\n")
	w.does(words("deploy --secrets-file s.env --name fresh"))
	w.does(words("versions secret delete TOKEN --name fresh"), "Success")
	w.does(words("delete --name fresh"), "Successfully deleted")
	w.known("wrangler-deploy.txt")
}

// What a person runs next to a deploy.
func TestWranglerAfterDeploy(t *testing.T) {
	m := newMemory(t)
	w := newWrangler(t, m)
	w.file("wrangler.jsonc", plainWorker)
	w.file("index.js", `export default { fetch() { return new Response("one") } }`)
	w.file("bulk.json", `{"A": "1", "B": "2"}`)
	first := uuids.FindString(w.does(words("deploy"), "Current Version ID: "))
	second := uuids.FindString(w.does(words("versions upload --tag t2 --message second"), "Worker Version ID: "))
	w.does(words("versions view "+second), second, "t2", "second")
	w.does(words("versions deploy -y "+first+"@90 "+second+"@10"), "SUCCESS")
	w.does(words("deployments status"), "(90%) "+first, "(10%) "+second)
	w.fails(words("versions deploy -y "+first+"@90 "+second+"@20"), "must total exactly 100%")
	w.does(words("versions deploy -y "+second+"@100"), "SUCCESS")
	w.does(words("rollback "+first+" -y --message back"), "SUCCESS", "Current Version ID: "+first)
	w.does(words("deployments status"), "(100%) "+first, "back")
	w.does(words("versions secret bulk bulk.json"), "2 secrets created")
	w.does(words("versions secret list"))
	w.does(words("secret bulk bulk.json"), "2 secrets successfully created")
	w.does(words("versions secret list"), "Secret Name: A", "Secret Name: B")
	w.does(words("secret delete B"), "Success")
	w.does(words("triggers deploy"), "https://hello.dev-team.workers.dev")
	w.fails(words("versions view 00000000-0000-4000-8000-000000000000"), "version_not_found", "[code: 10092]")
	w.fails(words("deployments status --name none"), "[code: 10007]")
	w.known("wrangler-after.txt")
}

// What the API does not serve is said, with what to do instead.
func TestWranglerBeyond(t *testing.T) {
	w := newWrangler(t, newMemory(t))
	for args, want := range map[string]string{
		"kv namespace create cache": "KV namespaces need no making here",
		"d1 create db":              "D1 databases need no making here",
		"hyperdrive list":           "README under REST API",
	} {
		w.fails(words(args), "Could not route to", "No route for that URI [code: 7000]", want)
	}
	if got := strings.Count(w.log.String(), "no such API route"); got < 3 {
		t.Errorf("%d of 3 requests are told\n%s", got, w.log)
	}
}

func TestWranglerTriggers(t *testing.T) {
	m := newMemory(t, dnsemu.Record{Type: "A", Name: "taken.example.com", Content: "192.0.2.7"})
	w := newWrangler(t, m)
	w.file("wrangler.jsonc", `{
		"name": "site", "main": "index.js", "compatibility_date": "2026-11-01",
		"routes": ["example.com/api/*", {"pattern": "www.example.com/*", "zone_name": "example.com"},
			{"pattern": "app.example.com", "custom_domain": true}, {"pattern": "taken.example.com", "custom_domain": true}],
		"triggers": {"crons": ["*/5 * * * *"]},
		"assets": {"directory": "public", "binding": "ASSETS"},
		"kv_namespaces": [{"binding": "KV", "id": "abc"}],
		"queues": {"producers": [{"binding": "Q", "queue": "jobs"}], "consumers": [{"queue": "jobs", "max_batch_size": 3}]},
		"durable_objects": {"bindings": [{"name": "ROOM", "class_name": "Room"}]},
		"migrations": [{"tag": "v1", "new_sqlite_classes": ["Room"]}]
	}`)
	w.file("index.js", `export class Room {}
export default { fetch() { return new Response("one") }, queue() {} }`)
	w.file("public/index.html", "<h1>hello</h1>")
	w.file("public/style.css", "h1 { color: red }")

	w.does(words("deploy"), "Success! Uploaded 2 files", "example.com/api/*", "app.example.com (custom domain)", "schedule: */5 * * * *", "Producer for jobs", "Consumer for jobs")
	site := get[world.Worker](m.Layers(), world.KindWorker, "site")
	c := &call{layers: m.Layers(), account: testAccount}
	v := c.version("site", site.Current())
	if v.Assets == nil || len(v.Assets.Files) != 2 || string(v.Assets.Files[0].Content) != "<h1>hello</h1>" {
		t.Errorf("assets: %+v", v.Assets)
	}
	if diff := cmp.Diff([]version.Class{{Name: "Room", SQLite: true}}, v.Classes); diff != "" || site.MigrationTag != "v1" {
		t.Error(diff, site.MigrationTag)
	}
	if diff := cmp.Diff([]version.Consumer{{Queue: "jobs", MaxBatchSize: 3}}, site.Consumers); diff != "" {
		t.Error(diff)
	}
	if site.WorkersDev || !slices.Equal(site.Crons, []string{"*/5 * * * *"}) {
		t.Errorf("%+v", site)
	}
	var routes, domains []string
	for _, r := range all[world.WorkerRoute](m.Layers(), world.KindWorkerRoute, nil) {
		routes = append(routes, r.Pattern+" "+r.Script)
	}
	for _, d := range c.domainsOf("site") {
		domains = append(domains, d.Hostname)
		if records := c.recordsAt(d.ZoneID, d.Hostname); len(records) != 1 || !records[0].Proxied || records[0].Content != "100::" {
			t.Errorf("records of %s: %+v", d.Hostname, records)
		}
	}
	slices.Sort(routes)
	slices.Sort(domains)
	if diff := cmp.Diff([]string{"example.com/api/* site", "www.example.com/* site"}, routes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"app.example.com", "taken.example.com"}, domains); diff != "" {
		t.Error(diff)
	}

	w.does(words("deploy"), "No updated asset files to upload")
	w.does(words("triggers deploy"), "app.example.com (custom domain)")

	w.file("wrangler.jsonc", `{"name": "lost", "main": "index.js", "compatibility_date": "2026-11-01", "routes": ["example.org/*"]}`)
	w.fails(words("deploy"), "Could not find zone for `example.org`")
	w.file("wrangler.jsonc", `{"name": "lost", "main": "index.js", "compatibility_date": "2026-11-01", "routes": [{"pattern": "a.example.org", "custom_domain": true}]}`)
	w.fails(words("deploy"), `workers.api.error.zone_not_found for "a.example.org" [code: 10083]`)
	w.file("wrangler.jsonc", `{"name": "caller", "main": "index.js", "compatibility_date": "2026-11-01", "services": [{"binding": "AUTH", "service": "worker-b"}]}`)
	w.fails(words("deploy"), "Could not resolve service binding 'AUTH'. Target script 'worker-b' not found. Please verify the target script and try again. [code: 10143]")
	w.file("wrangler.jsonc", `{"name": "bad", "main": "bad.js", "compatibility_date": "2026-11-01"}`)
	w.file("bad.js", `const broken = 1; export default { fetch() { return new Response(broken) } }`)
	w.fails(words("deploy"), "Unexpected identifier 'broken'", "[code: 10021]")
	w.known("wrangler-triggers.txt")
}

func TestWranglerPages(t *testing.T) {
	m := newMemory(t)
	w := newWrangler(t, m)
	w.file("dist/index.html", "<h1>pages</h1>")
	w.file("dist/a.css", "a{}")
	w.file("functions/api/data.js", `export const onRequest = (c) => new Response(c.env.MYSERVICE_URL)`)
	w.does(words("pages project create shop --production-branch main"), "Successfully created the 'shop' project")
	w.does(words("pages project list"), "shop.pages.dev")
	w.doesWith("pw", words("pages secret put PASSWORD --project-name shop"), "Success")
	w.does(words("pages deploy dist --project-name shop --branch main --commit-dirty=true"), "Deployment complete", ".shop.pages.dev")
	w.does(words("pages deploy dist --project-name shop --branch feature/x --commit-dirty=true"), "https://feature-x.shop.pages.dev")
	w.does(words("pages deployment list --project-name shop"), "Production", "Preview")
	p := first(m.Layers(), world.KindPagesProject, func(p *world.PagesProject) bool { return p.Name == "shop" })
	if p == nil || len(p.Deployments) != 2 {
		t.Fatalf("%+v", p)
	}
	v := p.Deployments[1].Version
	if len(v.Modules) == 0 || len(v.Assets.Files) < 2 || named(p.Production.Bindings, "PASSWORD") == nil {
		t.Errorf("%+v", v)
	}
	w.fails(words("pages deploy dist --project-name none --branch main --commit-dirty=true"), `The Pages project "none" does not exist.`)
	w.does(words("pages secret list --project-name shop"), "PASSWORD: Value Encrypted")
	w.does(words("pages project delete shop -y"), "Successfully deleted shop")
	w.known("wrangler-pages.txt")
}

func TestWranglerVPC(t *testing.T) {
	m := newMemory(t, world.Tunnel{ID: "6ff42ae2-765d-4adf-8112-31c55c1551ef", Name: "lab", Secret: strings.Repeat("QUJD", 12)})
	w := newWrangler(t, m)
	out := w.does(words("vpc service create db --type http --tunnel-id 6ff42ae2-765d-4adf-8112-31c55c1551ef --hostname db.internal --http-port 8080"), "db.internal")
	id := uuids.FindString(strings.ReplaceAll(out, "6ff42ae2-765d-4adf-8112-31c55c1551ef", ""))
	w.does(words("vpc service list"), "db", id)
	w.does(append(words("vpc service get"), id), "db.internal")
	w.does(append(words("vpc service update"), append([]string{id}, words("--name db2 --type http --tunnel-id 6ff42ae2-765d-4adf-8112-31c55c1551ef --ipv4 10.0.0.5 --https-port 8443")...)...), "db2")
	if v := get[world.VPCService](m.Layers(), world.KindVPCService, id); v.Name != "db2" || v.HTTPPort != 0 || v.HTTPSPort != 8443 || v.Host.Hostname != "" {
		t.Errorf("%+v", v)
	}
	w.fails(words("vpc service create x --type http --tunnel-id 00000000-0000-0000-0000-000000000000 --hostname a.b"), "not found")
	w.does(append(words("vpc service delete"), id), "Deleted")
	w.known("wrangler-vpc.txt")
}

func TestWranglerTail(t *testing.T) {
	m := newMemory(t)
	m.events = make(chan json.RawMessage)
	w := newWrangler(t, m)
	w.file("wrangler.jsonc", plainWorker)
	w.file("index.js", `export default { fetch() { return new Response("one") } }`)
	w.does(words("deploy"))
	w.follows(m, words("tail hello --format json"))
	w.follows(m, words("tail hello --format json --status ok --method GET --search seen --header x-a:b --ip 192.0.2.7 --version-id v1"))
	w.file("dist/index.html", "<h1>pages</h1>")
	w.does(words("pages project create shop --production-branch main"))
	w.does(words("pages deploy dist --project-name shop --branch main --commit-dirty=true"))
	p := first(m.Layers(), world.KindPagesProject, func(*world.PagesProject) bool { return true })
	w.follows(m, words("pages deployment tail "+p.Deployments[0].ID+" --project-name shop --format json"))
	w.known("wrangler-tail.txt")
}

// follows runs a command that prints events, and sends it some of which the last passes every filter.
func (w *wrangler) follows(m *memory, args []string) {
	t := w.t
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.node, append([]string{w.script}, args...)...)
	cmd.Dir, cmd.Env = w.dir, w.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	const event = `{"outcome":"ok","scriptName":"hello","scriptVersion":{"id":"v1"},"exceptions":[],"logs":[{"level":"log","message":["seen"],"timestamp":1}],"eventTimestamp":1,
		"event":{"request":{"url":"https://hello/%s","method":"%s","headers":{"x-a":"abc","cf-connecting-ip":"192.0.2.7"}}}}`
	for _, r := range [][]any{{"no", "PUT"}, {"yes", "GET"}} {
		if strings.Contains(strings.Join(args, " "), "--method") || r[1] == "GET" {
			select {
			case <-ctx.Done():
				t.Fatalf("wrangler %s does not follow\n%s", args, w.log)
			case m.events <- json.RawMessage(fmt.Sprintf(event, r...)):
			}
		}
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "https://hello/") {
	}
	if !strings.Contains(lines.Text(), "https://hello/yes") {
		t.Errorf("wrangler %s prints %q: %s\n%s", args, lines.Text(), &stderr, w.log)
	}
	cmd.Process.Signal(os.Interrupt)
	io.Copy(io.Discard, out)
	cmd.Wait()
}
