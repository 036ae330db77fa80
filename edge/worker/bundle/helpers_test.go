package bundle_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// project writes the files of an archive to a folder, whose src/index.ts or else first file is main.
func project(t testing.TB, archive string) *wrangler.Config {
	t.Helper()
	dir := fixtures.Folder(t, archive)
	c := &wrangler.Config{
		Dir: dir, Name: "w", File: "wrangler.jsonc",
		Version:  version.Version{Worker: "w", CompatibilityDate: "2026-11-01"},
		Bundling: wrangler.Bundling{KeepNames: true},
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if c.Main == "" || f.Name == "src/index.ts" {
			c.Main = f.Name
		}
	}
	return c
}

func build(t testing.TB, c *wrangler.Config) *bundle.Result {
	t.Helper()
	r, err := bundle.Build(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// refused builds what does not build.
func refused(t testing.TB, c *wrangler.Config) (*bundle.Result, bundle.Errors) {
	t.Helper()
	r, err := bundle.Build(context.Background(), c)
	var errs bundle.Errors
	if !errors.As(err, &errs) {
		t.Fatalf("error %v, want bundle.Errors", err)
	}
	return r, errs
}

func mainModule(r *bundle.Result) string { return string(r.Version.Modules[0].Content) }

func contains(t testing.TB, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("no %q in:\n%s", part, text)
	}
}

// npm is the folder of fixtures from npm, or the test does not run.
func npm(t testing.TB) string { return fixtures.Need(t, "workerd", fixtures.Modules) }
