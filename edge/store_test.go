package edge

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge/api"
	"github.com/sundog-edge/sundog/edge/world"
)

// What the REST API is told, the edge holds: a Worker, its Custom Domain, and the record of that.
func TestAPIWritesToTheEdge(t *testing.T) {
	e, err := New(world.Of(world.Settings{Team: "acme"}, dnsemu.Zone{Name: "example.com"}))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	h := e.Control("test")
	account := e.snap.Load().layers.Files().Settings().AccountID
	call := func(method, path, contentType string, body io.Reader) string {
		t.Helper()
		r := httptest.NewRequest(method, "http://127.0.0.1"+api.Prefix+"/accounts/"+account+path, body)
		r.Header.Set("Authorization", "Bearer "+e.APIToken())
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("metadata", `{"main_module":"index.js"}`)
	part, err := form.CreatePart(map[string][]string{
		"Content-Disposition": {`form-data; name="index.js"; filename="index.js"`}, "Content-Type": {"application/javascript+module"},
	})
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(part, "export default {}")
	form.Close()
	call("PUT", "/workers/scripts/hello", form.FormDataContentType(), &body)
	call("PUT", "/workers/domains", "", strings.NewReader(`{"hostname":"app.example.com","service":"hello"}`))

	layers := e.snap.Load().layers
	hello, ok := layers.Get(world.Key{Kind: world.KindWorker, ID: "hello"})
	if !ok || hello.Value.(*world.Worker).Current() == "" {
		t.Fatal("the Worker is not there")
	}
	names := 0
	for d := range layers.All(world.KindRecord) {
		if r := d.Value.(*world.Record); r.Name == "app.example.com" && r.Proxied {
			names++
		}
	}
	if names != 1 {
		t.Errorf("%d records of the Custom Domain", names)
	}
	call("DELETE", "/workers/services/hello?force=true", "", nil)
	for range e.snap.Load().layers.Edits() {
		t.Error("an edit is left of a Worker that is gone")
	}
}
