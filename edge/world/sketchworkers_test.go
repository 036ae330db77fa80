package world

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// What is inferred of wrangler files, written down and loaded, is the same world.
func TestSketchOfWorkers(t *testing.T) {
	aud := strings.Repeat("a", 64)
	for name, files := range map[string]string{
		"one Worker":      "-- wrangler.jsonc --\n" + apiWorker + `, "vars": {"POLICY_AUD": "` + aud + `", "TEAM_DOMAIN": "https://acme.cloudflareaccess.com"}}` + code,
		"one level down":  "-- api/wrangler.jsonc --\n" + apiWorker + "}\n-- site/wrangler.toml --\nname = \"site\"\npages_build_output_dir = \"out\"\ncompatibility_date = \"2026-03-22\"\n" + code,
		"beside a config": "-- config.yml --\ntunnel: t\ningress: [{hostname: a.example.com, service: http://localhost:1}, {service: http_status:404}]\n-- api/wrangler.jsonc --\n" + apiWorker + `, "routes": [{"pattern": "api.example.com", "custom_domain": true}, "www.example.com/*", {"pattern": "x.example.org/*", "zone_id": "0123456789abcdef0123456789abcdef"}]}` + code,
	} {
		t.Run(name, func(t *testing.T) {
			dir := fixtures.Folder(t, files)
			inferred, err := Unsaid(dir)
			if err != nil || inferred == nil {
				t.Fatal(err)
			}
			guards, err := inferred.Protect(inferred.hosts()[:1], []string{"alice@example.com"})
			if err != nil {
				t.Fatal(err)
			}
			text := inferred.Sketch(dir, guards)
			if err := os.WriteFile(filepath.Join(dir, "sundog.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			written, err := Load(dir)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if len(written.Findings()) > 0 {
				t.Errorf("findings: %v\n%s", written.Findings(), text)
			}
			var want []string
			for _, line := range codeSummary(inferred) {
				want = append(want, strings.TrimSuffix(line, " (inferred)"))
			}
			if diff := cmp.Diff(want, codeSummary(written)); diff != "" {
				t.Errorf("%s\n%s", diff, text)
			}
			if again, err := Unsaid(dir); err != nil || again.Sketch(dir, guards) != text {
				t.Errorf("beside what was written the text is another: %v", err)
			}
			for doc := range written.All(KindApp) {
				if app := doc.Value.(*accessemu.Application); name == "one Worker" && app.AUD != aud {
					t.Errorf("the application's audience is %s, and the Worker checks %s", app.AUD, aud)
				}
			}
		})
	}
}

// The hosts of Workers and Pages projects can be protected, previews too.
func TestProtectWorkers(t *testing.T) {
	w, err := Load(fixtures.Folder(t, "-- api/wrangler.jsonc --\n"+apiWorker+"}\n-- site/wrangler.toml --\nname = \"site\"\npages_build_output_dir = \"out\"\ncompatibility_date = \"2026-03-22\"\n"+code))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Protect([]string{"api.sundog.workers.dev", "*-api.sundog.workers.dev", "site.pages.dev", "*.site.pages.dev", "12345678.site.pages.dev"}, []string{"a@example.com"}); err != nil {
		t.Error(err)
	}
	_, err = w.Protect([]string{"apy.sundog.workers.dev"}, []string{"a@example.com"})
	if want := `"apy.sundog.workers.dev" is no host of this world (did you mean "api.sundog.workers.dev"?)`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
