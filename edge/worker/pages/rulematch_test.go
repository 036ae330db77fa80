package pages_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/internal/workerdtest"
	"github.com/sundog-edge/sundog/edge/worker/pages"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// A rule has the paths that wrangler's own matcher, of `wrangler pages dev`, says it has.
func TestRulesMatchAsInWrangler(t *testing.T) {
	workerdtest.Binary(t)
	templates := filepath.Join(filepath.Dir(fixtures.Need(t, "wrangler", fixtures.Wrangler)), "..", "templates")
	rules := []string{"/", "/*", "/a", "/a/", "/a*", "/a/*", "/a/b/*", "/*.txt", "/a/*/b", "/*/b", "/a.b", "/a/*b", "/**", "/a/**"}
	paths := []string{"/", "//", "/a", "/a/", "/a//", "/ab", "/a/b", "/a/b/", "/a/b/c", "/a/x/b", "/a/xb", "/x/b", "/b", "/a.txt", "/a.txt/", "/x/a.txt", "/axb", "/a.b", "/A", "/a/x/y/b"}
	asJSON := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var b bundle.Builder
	defer b.Close()
	config := &wrangler.Config{Dir: templates, Version: version.Version{CompatibilityDate: "2026-11-01"}}
	r, err := b.BuildEntry(context.Background(), config, &bundle.Entry{Name: "entry.js", Contents: `
import { isRoutingRuleMatch } from "./pages-dev-util.ts";
const rules = ` + asJSON(rules) + `, paths = ` + asJSON(paths) + `;
export default { fetch: () => Response.json(rules.map((r) => paths.map((p) => isRoutingRuleMatch(p, r)))) };`})
	if err != nil {
		t.Fatal(err)
	}
	var theirs [][]bool
	if err := json.Unmarshal([]byte(ask(t, "GET", workerdtest.Serve(t, r.Version)).body), &theirs); err != nil {
		t.Fatal(err)
	}
	for i, rule := range rules {
		ours, errs := pages.ParseRoutes("_routes.json", fmt.Appendf(nil, `{"version": 1, "include": [%q], "exclude": []}`, rule))
		if errs != nil {
			t.Fatal(errs)
		}
		for k, path := range paths {
			if got := ours.RunsWorker(path); got != theirs[i][k] {
				t.Errorf("%s has %s: %t, and in wrangler %t", rule, path, got, theirs[i][k])
			}
		}
	}
}
