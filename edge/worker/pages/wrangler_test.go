package pages

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/internal/workerdtest"
)

// The route table is the one that wrangler makes of the same folder.
func TestRouteTableIsWranglers(t *testing.T) {
	dir := t.TempDir()
	for name, exports := range map[string]string{
		"_middleware.ts": "onRequest", "index.ts": "onRequest", "[[all]].js": "onRequestGet",
		"a/_middleware.js": "onRequestPost", "a/index.js": "onRequest onRequestGet", "a/b.tsx": "onRequestPut onRequestHead onRequestDelete",
		"a/[id].mjs": "onRequest", "a/[id]/x.ts": "onRequestPatch onRequestOptions", "a/B.ts": "onRequest", "a/[[rest]].ts": "onRequest",
		"users/[id]/[post].ts": "onRequest", "users/[id]/new.ts": "onRequest", "[team]/x.ts": "onRequest", "[team]/_middleware.ts": "onRequest",
		"x.y.ts": "onRequest", "a-[b]-[c].ts": "onRequest", "lib/none.ts": "helper", "z/deep/er/[x]/y/[[w]].ts": "onRequest",
	} {
		var code strings.Builder
		for _, e := range strings.Fields(exports) {
			code.WriteString("export const " + e + " = () => new Response();\n")
		}
		file := filepath.Join(dir, "functions", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(code.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "out"), 0o777); err != nil {
		t.Fatal(err)
	}
	workerdtest.Wrangler(t, dir, "pages", "functions", "build", "--outdir", "out", "--output-config-path", "out/c.json", "--output-routes-path", "out/_routes.json")
	var theirs struct {
		Routes []struct {
			RoutePath, MountPath, Method string
			Module, Middleware           []string
		}
	}
	var rules struct{ Include []string }
	for name, into := range map[string]any{"c.json": &theirs, "_routes.json": &rules} {
		b, err := os.ReadFile(filepath.Join(dir, "out", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, into); err != nil {
			t.Fatal(err)
		}
	}
	var want []Function
	for _, r := range theirs.Routes {
		want = append(want, Function{r.RoutePath, r.MountPath, r.Method, strings.Join(r.Module, ""), strings.Join(r.Middleware, "")})
	}
	got, _, _, errs := scan(filepath.Join(dir, "functions"))
	if errs != nil {
		t.Fatal(errs)
	}
	order := func(a, b Function) int { return strings.Compare(a.Method, b.Method) }
	for _, table := range [][]Function{got, want} { // methods of one route have no order
		for i := 0; i < len(table); {
			end := i + 1
			for end < len(table) && table[end].Route == table[i].Route && (table[end].Method == "") == (table[i].Method == "") {
				end++
			}
			slices.SortStableFunc(table[i:end], order)
			i = end
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	slices.Sort(rules.Include)
	ours := slices.Sorted(slices.Values(routesOf(got).Include))
	if diff := cmp.Diff(rules.Include, ours); diff != "" {
		t.Error(diff)
	}
}
