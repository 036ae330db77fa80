package workerd

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func find(t testing.TB) string { return fixtures.Need(t, "workerd", fixtures.Workerd) }

func one(code string, bindings ...Binding) *Config {
	return &Config{
		Services: []Service{{Name: "app", Worker: &Worker{
			Modules: []Module{{Name: "index.js", Kind: version.ESModule, Content: []byte(code)}},
			Date:    "2026-11-01", Bindings: bindings,
		}}},
		Sockets: []Socket{{Name: "app", Service: Designator{Service: "app"}}},
	}
}

func start(t *testing.T, c *Config) (*Process, *http.Client, error) {
	t.Helper()
	return startAt(t, find(t), c)
}

func startAt(t *testing.T, path string, c *Config) (*Process, *http.Client, error) {
	t.Helper()
	dir := t.TempDir()
	socket := filepath.Join(dir, "app.sock")
	p, err := Start(t.Context(), Command{Path: path, Dir: dir, Config: c, Sockets: map[string]string{"app": "unix:" + socket}})
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(func() { p.Stop(time.Second) })
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}
	t.Cleanup(tr.CloseIdleConnections)
	return p, &http.Client{Transport: tr}, nil
}

// unknown is the binary without the package that says how old it is: such a one gets its config as text.
func unknown(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(find(t))
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "bin", "workerd")
	if err := errors.Join(os.Mkdir(filepath.Dir(link), 0o700), os.Symlink(path, link)); err != nil {
		t.Skip(err)
	}
	return link
}

func TestEveryByteReachesTheWorker(t *testing.T) {
	t.Run("known", func(t *testing.T) { everyByte(t, find(t)) })
	t.Run("unknown", func(t *testing.T) { everyByte(t, unknown(t)) })
}

func everyByte(t *testing.T, path string) {
	var all strings.Builder
	for i := range rune(256) {
		all.WriteRune(i)
	}
	all.WriteString("\\x41 ☃\U0001F600")
	value := all.String()
	_, client, err := startAt(t, path, one("export default { fetch: (r, env) => new Response(env.V) } // \\ \" ☃", Binding{Name: "V", Text: &value}))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Get("http://app/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, _ := io.ReadAll(res.Body); string(got) != value {
		t.Errorf("%q", got)
	}
}

func TestStartSaysWhoIsToBlame(t *testing.T) {
	var said []Fault
	for _, path := range []string{find(t), unknown(t)} {
		_, _, err := startAt(t, path, one("throw new Error('at the top')"))
		var failed *StartError
		if !errors.As(err, &failed) || len(failed.Faults) != 1 || failed.Faults[0].Service != "app" || !strings.Contains(failed.Faults[0].Text, "at the top") {
			t.Fatalf("%v", err)
		}
		said = append(said, failed.Faults...)
	}
	if said[0] != said[1] {
		t.Errorf("as a message it is %v, as text %v", said[0], said[1])
	}
}

func TestConfigIsLeftAsText(t *testing.T) {
	c := one("export default {}")
	p, _, err := start(t, c)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(p.cmd.Dir, "config.capnp")); err != nil || string(text) != c.Text() {
		t.Errorf("%q, %v", text, err)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	_, err := Start(ctx, Command{Path: find(t), Dir: dir, Config: one("export default {}"), Sockets: map[string]string{"app": "unix:" + filepath.Join(dir, "s")}})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestStopKillsWhatDoesNotEnd(t *testing.T) {
	p, client, err := start(t, one("export default { fetch() { for (;;); } }"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan error)
	go func() {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://app/", nil)
		res, err := client.Do(r)
		if err == nil {
			res.Body.Close()
		}
		asked <- err
	}()
	p.Stop(50 * time.Millisecond)
	cancel()
	<-asked
	select {
	case <-p.Done():
	default:
		t.Error("it goes on")
	}
	if p.Last() == "" {
		t.Error("nothing is said of its end")
	}
}

func TestFindSaysWhereItLooked(t *testing.T) {
	t.Setenv("SUNDOG_WORKERD", "")
	t.Setenv("MINIFLARE_WORKERD_PATH", "")
	t.Setenv("PATH", t.TempDir())
	_, err := Find(t.TempDir())
	var missing *NotFoundError
	if !errors.As(err, &missing) || len(missing.Looked) != 4 {
		t.Fatalf("%v", err)
	}
	t.Setenv("SUNDOG_WORKERD", filepath.Join(t.TempDir(), "nosuch"))
	if _, err := Find(); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "SUNDOG_WORKERD") {
		t.Error(err)
	}
	deep := filepath.Join(t.TempDir(), "a", "b")
	bin := filepath.Join(filepath.Dir(deep), "node_modules", filepath.FromSlash(platformPackage()), "bin")
	if err := errors.Join(os.MkdirAll(deep, 0o700), os.MkdirAll(bin, 0o700), os.WriteFile(filepath.Join(bin, binary()), nil, 0o700)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SUNDOG_WORKERD", "")
	if path, err := Find(deep); err != nil || path != filepath.Join(bin, binary()) {
		t.Error(path, err)
	}
}
