package edgetest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/edgetest"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

// session is what the Worker "sessions" of the bundled example knows.
type session struct {
	ID    string    `json:"id"`
	Owner string    `json:"owner"`
	Since time.Time `json:"since"`
}

// sessions stands for that Worker, so that its caller can be tested without it. Methods are called by RPC, and
// ServeHTTP takes fetch.
type sessions map[string]session

func (s sessions) CheckSession(id string) *session {
	if found, ok := s[id]; ok {
		return &found
	}
	return nil
}

func (s sessions) RequireSession(id string) (session, error) {
	if found, ok := s[id]; ok {
		return found, nil
	}
	return session{}, fmt.Errorf("no session %s, says Go", id)
}

func (s sessions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.CheckSession(r.URL.Query().Get("session")) == nil {
		http.Error(w, "no session, says Go", http.StatusForbidden)
		return
	}
	fmt.Fprintf(w, "%s knows it", r.URL.Host)
}

// TestGoWorker calls Go from the TypeScript of a Worker, by its service binding.
func TestGoWorker(t *testing.T) {
	t.Parallel()
	workerd := fixtures.Need(t, "workerd", fixtures.Workerd)
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "caller"), os.DirFS("../../testdata/private-worker/caller")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sundog.yaml"), []byte("team: acme\nworkers: [./caller]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	since := time.Date(2026, 3, 22, 0, 0, 0, 0, time.UTC)
	e := edgetest.New(t, dir, edge.WithWorkerd(workerd, dir), edge.WithWorker("sessions", sessions{"g": {"g", "gopher@example.org", since}}))
	client := e.Client()
	for _, test := range []struct {
		path   string
		status int
		want   string // in the body, or in what the trace says of an error
	}{
		{"/fetch?session=g", 200, "sessions.internal knows it"},
		{"/fetch?session=x", 403, "no session, says Go"},
		{"/rpc?session=g", 200, `{"session":{"id":"g","owner":"gopher@example.org","since":"2026-03-22T00:00:00`},
		{"/rpc?session=x", 200, `{"session":null}`},
		{"/rpc-error?session=x", 200, `{"name":"Error","message":"no session x, says Go"}`},
		{"/callback", 500, "eachSession"}, // there is no such method
		{"/count", 500, "KEEPER -> sessions has no entrypoint Keeper: Go code has the default one alone"},
		{"/revoke-as-visitor", 200, "VISITOR -> sessions has no entrypoint Keeper"},
	} {
		resp, err := client.Get("https://desk.acme.workers.dev" + test.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		told := string(body) + e.Traces().Last(1)[0].String()
		if resp.StatusCode != test.status || !strings.Contains(told, test.want) {
			t.Errorf("%s: %d %s, want %d %s", test.path, resp.StatusCode, told, test.status, test.want)
		}
	}
}
