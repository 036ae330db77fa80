package readme

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/api"
)

var generatedRoutes = regexp.MustCompile("(?s)(<!-- routes -->\n)(.*?)(<!-- /routes -->)")

// TestRouteTable holds the README's table of the REST API against the routes that there are. With
// -update it writes the table.
func TestRouteTable(t *testing.T) {
	want := routeTable(api.Routes())
	if strings.Count(want, "\n") < 30 {
		t.Fatalf("the table is short:\n%s", want)
	}
	text := readme(t)
	m := generatedRoutes.FindStringSubmatch(text)
	if m == nil {
		t.Fatal("the README has no table of routes")
	}
	if m[2] == want {
		return
	}
	if !*update {
		t.Fatalf("the README's table is stale; go test ./internal/readme -update writes it. Want:\n%s", want)
	}
	text = generatedRoutes.ReplaceAllLiteralString(text, m[1]+want+m[3])
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// routeTable has a line a path.
func routeTable(routes []api.Route) string {
	var paths []string
	methods, callers := map[string][]string{}, map[string][]string{}
	for _, r := range routes {
		if !slices.Contains(paths, r.Path) {
			paths = append(paths, r.Path)
		}
		methods[r.Path] = append(methods[r.Path], r.Method)
		for caller := range strings.SplitSeq(r.Caller, ", ") {
			if !slices.Contains(callers[r.Path], caller) {
				callers[r.Path] = append(callers[r.Path], caller)
			}
		}
	}
	var table strings.Builder
	table.WriteString("| path | methods | called by |\n|---|---|---|\n")
	for _, path := range paths {
		short := strings.Replace(path, "/accounts/{account}/", "A/", 1)
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", short, strings.Join(methods[path], " "), strings.Join(callers[path], ", "))
	}
	return table.String()
}
