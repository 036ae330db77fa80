package edge

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker"
)

// What a Worker throws is for who runs it, in the logs: no client hears a word of it, in no form and at no place of the
// answer.
func TestNoClientHearsWhatAWorkerThrows(t *testing.T) {
	e := withWorkers(t, uploaded("api", `export default { fetch(request) {
		if (request.url.endsWith("/name")) { const e = new Error("x"); e.name = "hush"; throw e; }
		throw new TypeError("hush: the password is swordfish");
	} }`))
	for _, path := range []string{"/", "/name"} {
		for _, accept := range []string{"text/html", "application/json", "*/*"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.acme.workers.dev"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept", accept)
			resp, err := e.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			resp.Header.Write(&all)
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			all.Write(body)
			said := all.String()
			if resp.StatusCode != 500 || !strings.Contains(said, "1101") || !strings.Contains(said, "sundog logs api") {
				t.Errorf("%s %s: %s %s", path, accept, resp.Status, said)
			}
			if strings.Contains(said, "hush") || strings.Contains(said, "swordfish") || strings.Contains(said, "TypeError") {
				t.Errorf("%s %s tells what was thrown: %s", path, accept, said)
			}
		}
	}
	traced := func() bool {
		trace, err := json.Marshal(e.Traces().Last(1))
		return err == nil && strings.Contains(string(trace), "threw an exception: Error: x")
	}
	for n := 0; !traced(); n++ { // on a busy machine an answer may not wait for what was thrown
		if n == 20 {
			t.Fatal("no trace says what was thrown")
		}
		resp, err := e.Client().Get("https://api.acme.workers.dev/name")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	told := false
	for _, ev := range e.CodeLog("api") {
		told = told || ev.Kind == worker.Exception && strings.Contains(ev.Message, "swordfish") && len(ev.Stack) > 0
	}
	if !told {
		t.Error("the logs have no word of it: ", e.CodeLog("api"))
	}
}
