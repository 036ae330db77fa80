package pages_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/pages"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// project opens a project of an archive, whose static files lie in dist.
func project(t testing.TB, archive string) *pages.Project {
	t.Helper()
	dir := filepath.Join(fixtures.Folder(t, ""), "site")
	if err := os.MkdirAll(filepath.Join(dir, "dist"), 0o777); err != nil {
		t.Fatal(err)
	}
	fixtures.WriteFiles(t, dir, archive)
	p, err := pages.Open(dir, "dist")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func build(t testing.TB, p *pages.Project) *bundle.Result {
	t.Helper()
	r, err := p.Build(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func refused(t testing.TB, p *pages.Project) bundle.Errors {
	t.Helper()
	r, err := p.Build(context.Background())
	var errs bundle.Errors
	if !errors.As(err, &errs) {
		t.Fatalf("error %v, want bundle.Errors", err)
	}
	if r == nil || r.Version != nil || len(r.Inputs) == 0 {
		t.Errorf("beside errors: %+v", r)
	}
	return errs
}

func contains(t testing.TB, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("no %q in:\n%s", part, text)
	}
}

// answer is one of a server, as "200 body".
type answer struct {
	status int
	header http.Header
	body   string
}

func ask(t testing.TB, method, url string) answer {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, strings.TrimSpace(string(b))}
}
