package edge

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/world"
)

// Two versions share the requests of a Worker, as the percentages have it; a header chooses, and a key keeps.
func TestGradualDeployment(t *testing.T) {
	e := withWorkers(t, uploaded("other", `export default { fetch() { return new Response("other") } }`))
	c := restAPI{t, e}
	for _, n := range []string{"one", "two"} {
		contentType, body := moduleForm(t, `export default { fetch() { return new Response("`+n+`") } }`)
		c.ok("PUT", "/workers/scripts/hello", contentType, body)
	}
	c.ok("POST", "/workers/scripts/hello/subdomain", "", `{"enabled":true}`)
	hello, _ := find(e.snap.Load().scripts.workers, "hello")
	one, two := hello.Deployments[1].Versions[0].VersionID, hello.Deployments[0].Versions[0].VersionID
	deploy := func(percentOne, percentTwo int) {
		t.Helper()
		c.ok("POST", "/workers/scripts/hello/deployments", "", fmt.Sprintf(`{"strategy":"percentage","versions":[{"version_id":%q,"percentage":%d},{"version_id":%q,"percentage":%d}]}`, one, percentOne, two, percentTwo))
	}
	ask := func(header, value string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "GET", "https://hello.acme.workers.dev/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if header != "" {
			r.Header.Set(header, value)
		}
		answer, err := e.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != 200 {
			t.Fatalf("%d %s %v", answer.StatusCode, body, err)
		}
		return string(body)
	}

	// 0% is for those who ask for it by name; the dictionary may speak of other Workers, and of versions that are not deployed.
	deploy(0, 100)
	for range 20 {
		if got := ask("", ""); got != "two" {
			t.Fatal(got)
		}
	}
	if got := ask(versionOverrides, `other="x", hello="`+one+`"`); got != "one" {
		t.Error(got)
	}
	for _, value := range []string{`hello="` + one, `hello=` + one, `hello="00000000-0000-4000-8000-000000000000"`, `other="` + one + `"`, `,;=""`} {
		if got := ask(versionOverrides, value); got != "two" {
			t.Errorf("%s: %s", value, got)
		}
	}

	// Keys stay where they are, and move to the newer version as its share grows.
	got := map[string]map[int]string{}
	for _, percent := range []int{0, 20, 50, 100} {
		deploy(100-percent, percent)
		count := map[string]int{}
		for i := range 60 {
			key := fmt.Sprintf("user-%d", i)
			if got[key] == nil {
				got[key] = map[int]string{}
			}
			got[key][percent] = ask(versionKey, key)
			count[got[key][percent]]++
			for before, version := range got[key] {
				if version == "two" && got[key][percent] == "one" {
					t.Errorf("%s had two at %d%%, and has one at %d%%", key, before, percent)
				}
			}
		}
		if count["two"] < 60*percent/100-14 || count["two"] > 60*percent/100+14 {
			t.Errorf("at %d%%: %v", percent, count)
		}
	}
	deploy(50, 50)
	both := map[string]bool{}
	for range 60 {
		both[ask("", "")] = true
	}
	if len(both) != 2 {
		t.Errorf("without a key: %v", both)
	}

	// What has most of the requests is what service bindings and the API take for the Worker.
	deploy(10, 90)
	if hello, _ := find(e.snap.Load().scripts.workers, "hello"); hello.Current() != two {
		t.Error(hello.Current())
	}
	if (&world.Worker{}).Current() != "" {
		t.Error("a Worker without deployments has a version")
	}
}

func FuzzVersionOverrides(f *testing.F) {
	f.Add(`my-api="1", other="2";a=b`, "my-api")
	f.Add(`my-api=`, "my-api")
	f.Fuzz(func(t *testing.T, line, name string) {
		if id := overridden([]string{line}, name); id != "" && !strings.Contains(line, `"`+id+`"`) {
			t.Errorf("%q of %q", id, line)
		}
	})
}
