package sdk

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/shared"

	"github.com/sundog-edge/sundog/dnsemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/world"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

const zoneID = "11111111111111111111111111111111"

// account is an edge with an empty account, and how the client is pointed at it.
type account struct {
	t       *testing.T
	id      string
	edge    *edge.Edge
	options []option.RequestOption

	mu    sync.Mutex
	asked []string     // guarded by mu
	log   bytes.Buffer // guarded by mu
}

func (a *account) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.Write(p)
}

func start(t *testing.T) *account {
	t.Helper()
	a := &account{t: t}
	w, err := world.New(
		world.Settings{Team: "acme", WorkersSubdomain: "acme"}, dnsemu.Zone{ID: zoneID, Name: "example.com"},
		world.Record{ZoneID: zoneID, Record: dnsemu.Record{Type: "AAAA", Name: "example.com", Content: "100::", Proxied: true}},
	)
	if err != nil {
		t.Fatal(err)
	}
	a.id = w.Settings().AccountID
	if a.edge, err = edge.New(w, edge.WithWorkerd(fixtures.Need(t, "workerd", fixtures.Workerd), t.TempDir()), edge.WithLogger(slog.New(slog.NewTextHandler(a, nil)))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.edge.Close() })
	server := httptest.NewServer(a.edge.Control("test"))
	t.Cleanup(server.Close)
	a.options = []option.RequestOption{
		option.WithBaseURL(server.URL + "/client/v4"), option.WithAPIToken(a.edge.APIToken()),
		option.WithMiddleware(func(r *http.Request, next option.MiddlewareNext) (*http.Response, error) {
			a.mu.Lock()
			a.asked = append(a.asked, r.Method+" "+r.URL.Path)
			a.mu.Unlock()
			return next(r)
		}),
	}
	return a
}

// told tells whether the edge said something.
func (a *account) told(text string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Contains(a.log.String(), text)
}

// requests are how many there were since the last time.
func (a *account) requests() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := len(a.asked)
	a.asked = nil
	return n
}

// serves asks a URL of the world.
func (a *account) serves(url string, status int, want string) {
	a.t.Helper()
	answer, err := a.edge.Client().Get(url)
	if err != nil {
		a.t.Errorf("%s: %v", url, err)
		return
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status || !strings.Contains(string(body), want) {
		a.t.Errorf("%s: %d %s, and should be %d %s (%v)", url, answer.StatusCode, body, status, want, err)
	}
}

// refused wants an error of the client with that status and code, after one request.
func (a *account) refused(err error, status, code int) {
	a.t.Helper()
	var refusal interface { // the type is of a package that cannot be imported
		error
		DumpResponse(body bool) []byte
	}
	if !errors.As(err, &refusal) {
		a.t.Errorf("want %d, got the error %v", status, err)
		return
	}
	value := reflect.ValueOf(refusal).Elem()
	said, ok := value.FieldByName("Errors").Interface().([]shared.ErrorData)
	if got := value.FieldByName("StatusCode").Int(); got != int64(status) || !ok || len(said) == 0 || said[0].Code != int64(code) {
		a.t.Errorf("want %d %d, got %v", status, code, err)
	}
	if n := a.requests(); n != 1 {
		a.t.Errorf("%v: after %d requests", err, n)
	}
}

// must is a result that is no error.
func must[T any](result T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

// pager is a list that fetches its pages itself.
type pager[T any] interface {
	Next() bool
	Current() T
	Err() error
}

// names are of all items of a list.
func names[T any](t *testing.T, list pager[T], name func(T) string) string {
	t.Helper()
	var all []string
	for list.Next() {
		if all = append(all, name(list.Current())); len(all) > 100 {
			t.Fatal("the list has no end")
		}
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// module is a file of an upload.
type module struct {
	io.Reader
	name, kind string
}

func (m module) Filename() string    { return m.name }
func (m module) ContentType() string { return m.kind }

func esm(name, code string) io.Reader {
	return module{strings.NewReader(code), name, "application/javascript+module"}
}
