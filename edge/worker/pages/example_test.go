package pages_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sundog-edge/sundog/edge/worker/pages"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "site")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{
		"dist/index.html":       "<h1>hi</h1>",
		"functions/api/[id].ts": `export const onRequestGet = ({ params }) => Response.json(params);`,
	} {
		os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700)
		os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
	}

	project, err := pages.Open(dir, "dist")
	if err != nil {
		panic(err)
	}
	if _, err = project.Build(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(project.Routes().Include)
	fmt.Println(project.Routes().RunsWorker("/api/42"), project.Routes().RunsWorker("/"))

	// Output:
	// [/api/*]
	// true false
}
