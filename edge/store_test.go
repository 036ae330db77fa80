package edge

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/multipart"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/api"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/edge/world"
)

// restAPI calls client/v4 of an edge.
type restAPI struct {
	t *testing.T
	e *Edge
}

func (c restAPI) call(method, path, contentType, body string) (int, string) {
	c.t.Helper()
	account := c.e.snap.Load().layers.Files().Settings().AccountID
	r := httptest.NewRequestWithContext(c.t.Context(), method, "http://127.0.0.1"+api.Prefix+"/accounts/"+account+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+c.e.APIToken())
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	c.e.Control("test").ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (c restAPI) ok(method, path, contentType, body string) {
	c.t.Helper()
	if code, text := c.call(method, path, contentType, body); code != 200 {
		c.t.Fatalf("%s %s: %d %s", method, path, code, text)
	}
}

// moduleForm is the upload of a Worker of one module.
func moduleForm(t *testing.T, code string) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	form.WriteField("metadata", `{"main_module":"index.js","compatibility_date":"2026-03-22"}`)
	part, err := form.CreatePart(map[string][]string{
		"Content-Disposition": {`form-data; name="index.js"; filename="index.js"`}, "Content-Type": {"application/javascript+module"},
	})
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(part, code)
	form.Close()
	return form.FormDataContentType(), b.String()
}

// What the REST API is told, the edge serves: a Worker on its Custom Domain, whose record came with it.
func TestDeployByAPI(t *testing.T) {
	e := withWorkers(t, append(uploaded("other", `export default { fetch() { return new Response("other") } }`), dnsemu.Zone{Name: "example.com"}))
	c := restAPI{t, e}
	contentType, body := moduleForm(t, `export default { fetch() { return new Response("one") } }`)
	c.ok("PUT", "/workers/scripts/hello", contentType, body)
	c.ok("PUT", "/workers/domains", "", `{"hostname":"app.example.com","service":"hello"}`)
	c.ok("POST", "/workers/scripts/hello/subdomain", "", `{"enabled":true}`)
	for _, url := range []string{"https://app.example.com/", "https://hello.acme.workers.dev/"} {
		if code, got := text(t, e, url); code != 200 || got != "one" {
			t.Errorf("%s: %d %s", url, code, got)
		}
	}
	c.ok("DELETE", "/workers/services/hello?force=true", "", "")
	for range e.snap.Load().layers.Edits() {
		t.Error("an edit is left of a Worker that is gone")
	}
}

// Code that does not start is refused when it is uploaded, though nothing is to serve it but a preview.
func TestUploadOfBrokenCode(t *testing.T) {
	e := withWorkers(t, uploaded("hello", `export default { fetch() { return new Response("one") } }`))
	c := restAPI{t, e}
	contentType, body := moduleForm(t, `nope(); export default { fetch() { return new Response("two") } }`)
	for _, one := range []struct{ method, path string }{{"POST", "/workers/scripts/hello/versions"}, {"PUT", "/workers/scripts/hello"}} {
		code, got := c.call(one.method, one.path, contentType, body)
		if code != 400 || !strings.Contains(got, "10021") || !strings.Contains(got, "nope is not defined") {
			t.Errorf("%s: %d %s", one.path, code, got)
		}
	}
	versions := 0
	for range e.snap.Load().layers.All(world.KindWorkerVersion) {
		versions++
	}
	if code, got := text(t, e, "https://hello.acme.workers.dev/"); versions != 1 || code != 200 || got != "one" {
		t.Errorf("%d versions, and %d %s", versions, code, got)
	}
}

// Crons and queues that the API gives a Worker are those of whatever runs: an upload, or its folder.
func TestTriggersByAPI(t *testing.T) {
	const code = `export default { fetch() { return new Response("one") }, scheduled() {}, queue() {} }`
	jobs := version.Binding{Type: "queue", Name: "JOBS", QueueName: "jobs"}
	main := filepath.Join(t.TempDir(), "hello.js")
	if err := os.WriteFile(main, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := wrangler.Module("hello", main)
	folder.Version.Bindings, folder.Version.Crons = []version.Binding{jobs}, []string{"59 23 31 12 *"}
	for name, docs := range map[string][]any{
		"uploaded": uploaded("hello", code, jobs),
		"folder":   {world.Worker{Name: "hello", WorkersDev: true, Project: folder, Crons: folder.Version.Crons}},
	} {
		t.Run(name, func(t *testing.T) {
			e := withWorkers(t, docs)
			c := restAPI{t, e}
			c.ok("PUT", "/workers/scripts/hello/schedules", "", `[{"cron":"0 0 1 1 *"}]`)
			_, queues := c.call("GET", "/queues?name=jobs", "", "")
			id := regexp.MustCompile(`"queue_id":"([0-9a-f]{32})"`).FindStringSubmatch(queues)
			if id == nil {
				t.Fatal(queues)
			}
			c.ok("POST", "/queues/"+id[1]+"/consumers", "", `{"type":"worker","script_name":"hello","settings":{"batch_size":3,"max_retries":0}}`)
			run := e.codeSet(e.snap.Load()).Workers[0]
			if len(run.Crons) != 1 || run.Crons[0] != "0 0 1 1 *" || len(run.Consumers) != 1 || run.Consumers[0] != (version.Consumer{Queue: "jobs", MaxBatchSize: 3, MaxRetries: -1}) {
				t.Errorf("%v %+v", run.Crons, run.Consumers)
			}
			if code, got := text(t, e, "https://hello.acme.workers.dev/"); code != 200 || got != "one" {
				t.Errorf("%d %s", code, got)
			}
		})
	}
}

// A Worker that was made without code has its first version tried as any other.
func TestFirstVersion(t *testing.T) {
	e := withWorkers(t, uploaded("other", `export default { fetch() { return new Response("other") } }`))
	c := restAPI{t, e}
	c.ok("POST", "/workers/workers", "", `{"name":"first","subdomain":{"enabled":true,"previews_enabled":true}}`)
	upload := func(query, code string) (int, string) {
		return c.call("POST", "/workers/workers/first/versions"+query, "", `{"main_module":"a.js","modules":[{"name":"a.js","content_type":"application/javascript+module","content_base64":"`+base64.StdEncoding.EncodeToString([]byte(code))+`"}]}`)
	}
	if code, got := upload("", `nope()`); code != 400 || !strings.Contains(got, "nope is not defined") {
		t.Errorf("%d %s", code, got)
	}
	// What is not deployed yet has its preview host, and nothing else.
	for _, name := range []string{"zeroth", "next"} {
		_, got := upload("", `export default { fetch() { return new Response("`+name+`") } }`)
		preview := regexp.MustCompile(`"urls":\["(https://[^"]*)"`).FindStringSubmatch(got)
		if preview == nil {
			t.Fatal(got)
		}
		if code, got := text(t, e, preview[1]); code != 200 || got != name {
			t.Errorf("%d %s", code, got)
		}
		if code, got := text(t, e, "https://first.acme.workers.dev/"); code != 404 {
			t.Errorf("%d %s", code, got)
		}
	}
	if code, got := upload("?deploy=true", `export default { fetch() { return new Response("first") } }`); code != 200 {
		t.Errorf("%d %s", code, got)
	}
	if code, got := text(t, e, "https://first.acme.workers.dev/"); code != 200 || got != "first" {
		t.Errorf("%d %s", code, got)
	}
}

func TestDeployWithoutWorkerd(t *testing.T) {
	t.Setenv("SUNDOG_WORKERD", "")
	t.Setenv("MINIFLARE_WORKERD_PATH", "")
	t.Setenv("PATH", "")
	e, err := New(world.Of(world.Settings{Team: "acme"}))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	contentType, body := moduleForm(t, "export default {}")
	code, got := restAPI{t, e}.call("PUT", "/workers/scripts/hello", contentType, body)
	if code != 400 || !strings.Contains(got, "npm install workerd") {
		t.Errorf("%d %s", code, got)
	}
}
