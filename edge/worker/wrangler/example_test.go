package wrangler_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{
		"wrangler.jsonc": `{
  "name": "my-api",
  "main": "index.js", // what C3 writes
  "compatibility_date": "2026-03-22",
  "routes": [{"pattern": "api.example.com", "custom_domain": true}],
  "vars": {"TEAM_DOMAIN": "https://acme.cloudflareaccess.com"},
}`,
		".dev.vars": "TOKEN=hunter2\n",
		"index.js":  "export default {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			log.Fatal(err)
		}
	}
	cfg, findings, err := wrangler.Load(dir, wrangler.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cfg.Name, cfg.Routes[0].Pattern, "workers.dev:", cfg.WorkersDev, "findings:", len(findings))
	for _, b := range cfg.Version.Bindings {
		fmt.Println(b.At, b.Type, b.Name)
	}
	// Output:
	// my-api api.example.com workers.dev: false findings: 0
	// wrangler.jsonc:6:27 plain_text TEAM_DOMAIN
	// .dev.vars:1:1 secret_text TOKEN
}
