package worker_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sundog-edge/sundog/edge/worker"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/workerd"
)

func Example() {
	if _, err := workerd.Find("../../testdata/npm"); err != nil {
		fmt.Println("GET https://api.example.com/hello for api") // there is no runtime here
		fmt.Println("200 hello from outside")
		return
	}
	e := worker.New(worker.Options{
		Folder: "../../testdata/npm",
		Outbound: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Println(r.Method, r.URL, "for", worker.CallerOf(r.Context()).Worker)
			fmt.Fprint(w, "hello from outside")
		}),
	})
	defer e.Close()
	e.Apply(context.Background(), worker.Set{Workers: []worker.Worker{{
		Name: "api",
		Version: &version.Version{
			CompatibilityDate: "2026-11-01",
			Modules: []version.Module{{Name: "index.js", Kind: version.ESModule, Content: []byte(
				`export default { fetch: () => fetch("https://api.example.com/hello") }`,
			)}},
		},
	}}})
	w := httptest.NewRecorder()
	if err := e.Serve(w, httptest.NewRequest("GET", "http://api.acme.workers.dev/", nil), worker.Call{Worker: "api"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(w.Code, w.Body)
	// Output:
	// GET https://api.example.com/hello for api
	// 200 hello from outside
}
