package runfile

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var started = time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)

// edge is a listener that plays an admin port.
func edge(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func dead(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func newStore(t testing.TB) Store { return Store{Dir: filepath.Join(t.TempDir(), "run")} }

// tree is a folder with parts, free of links.
func tree(t testing.TB, parts ...string) string {
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if err := os.MkdirAll(filepath.Join(base, p), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return base
}

func write(t testing.TB, s Store, r Run) func() error {
	t.Helper()
	if r.PID == 0 {
		r.PID = os.Getpid()
	}
	remove, err := s.Write(r)
	if err != nil {
		t.Fatal(err)
	}
	return remove
}

func files(t testing.TB, s Store) int {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestFindGoesUpward(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	base := tree(t, "project/deep/er", "project/inner/sub", "other")
	file := filepath.Join(base, "project", "inner", "sundog.yaml")
	os.WriteFile(file, nil, 0o600)
	outer, inner := edge(t), edge(t)
	write(t, s, Run{Address: outer, Token: "outer", World: filepath.Join(base, "project"), Started: started})
	write(t, s, Run{Address: inner, Token: "inner", World: file, Started: started})
	for dir, want := range map[string]string{
		"project":           "outer",
		"project/deep/er":   "outer",
		"project/inner":     "inner", // its world is a file there
		"project/inner/sub": "inner",
	} {
		r, err := s.Find(ctx, filepath.Join(base, dir))
		if err != nil || r.Token != want {
			t.Errorf("Find(%s) = %+v, %v; want %s", dir, r, err, want)
		}
	}
	_, err := s.Find(ctx, filepath.Join(base, "other"))
	var none *NotFoundError
	if !errors.As(err, &none) || len(none.Running) != 2 || !strings.Contains(err.Error(), "running: ") {
		t.Errorf("Find(other): %v", err)
	}
}

func TestFindThroughALink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making links needs a privilege on Windows")
	}
	s := newStore(t)
	base := tree(t, "real/sub")
	if err := os.Symlink(filepath.Join(base, "real"), filepath.Join(base, "link")); err != nil {
		t.Fatal(err)
	}
	write(t, s, Run{Address: edge(t), World: filepath.Join(base, "link")})
	if _, err := s.Find(context.Background(), filepath.Join(base, "real", "sub")); err != nil {
		t.Error(err)
	}
}

func TestTheLastStartedOfOneWorldIsFound(t *testing.T) {
	s, world := newStore(t), tree(t)
	write(t, s, Run{Address: edge(t), Token: "new", World: world, Started: started.Add(time.Minute)})
	remove := write(t, s, Run{Address: edge(t), Token: "old", World: world, Started: started})
	if r, err := s.Find(context.Background(), world); err != nil || r.Token != "new" {
		t.Errorf("found %+v, %v", r, err)
	}
	if err := remove(); err != nil || files(t, s) != 1 {
		t.Errorf("remove: %v, %d files left", err, files(t, s))
	}
}

func TestFindByAddress(t *testing.T) {
	s, world := newStore(t), tree(t)
	want := Run{Address: edge(t), Token: "secret", PID: os.Getpid(), World: world, Started: started,
		Ready: Ready{HTTPS: "127.0.0.1:4443", Version: "1"}}
	write(t, s, want)
	_, port, _ := net.SplitHostPort(want.Address)
	for _, a := range []string{want.Address, "http://" + want.Address, "http://localhost:" + port + "/", "0.0.0.0:" + port} {
		got, err := s.FindByAddress(context.Background(), a)
		if err != nil {
			t.Errorf("%s: %v", a, err)
			continue
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", a, diff)
		}
	}
	for _, a := range []string{"http://127.0.0.1:1", "localhost", "", "http://[::1]:" + port} {
		if r, err := s.FindByAddress(context.Background(), a); err == nil {
			t.Errorf("%s: found %+v", a, r)
		}
	}
	if got := s.Owner(context.Background(), "127.0.0.1:4443"); got != "a sundog of "+world {
		t.Errorf("Owner: %q", got)
	}
	if got := s.Owner(context.Background(), "127.0.0.1:4444"); got != "" {
		t.Errorf("Owner of a stranger's port: %q", got)
	}
}

func TestStaleRunsAreRemoved(t *testing.T) {
	s, world := newStore(t), tree(t)
	s.ProcessAlive = func(pid int) bool { return pid == os.Getpid() }
	write(t, s, Run{Address: edge(t), PID: 1 << 22, World: world})
	write(t, s, Run{Address: edge(t), PID: -1, World: world})
	write(t, s, Run{Address: dead(t), World: world})
	write(t, s, Run{Address: "no address", World: world})
	write(t, s, Run{Address: edge(t), Token: "live", World: world})
	runs, err := s.Runs(context.Background())
	if err != nil || len(runs) != 1 || runs[0].Token != "live" || files(t, s) != 1 {
		t.Errorf("%d runs, %d files, %v", len(runs), files(t, s), err)
	}
}

func TestASlowAddressIsAlive(t *testing.T) {
	s, world := newStore(t), tree(t)
	s.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, os.ErrDeadlineExceeded }
	write(t, s, Run{Address: "127.0.0.1:4300", World: world})
	if _, err := s.Find(context.Background(), world); err != nil || files(t, s) != 1 {
		t.Errorf("%v, %d files", err, files(t, s))
	}
}

func TestRemoveSparesASuccessor(t *testing.T) {
	s, world, addr := newStore(t), tree(t), edge(t)
	remove := write(t, s, Run{Address: addr, Token: "first", World: world})
	write(t, s, Run{Address: addr, Token: "second", World: world})
	if err := remove(); err != nil {
		t.Error(err)
	}
	if r, err := s.Find(context.Background(), world); err != nil || r.Token != "second" {
		t.Errorf("found %+v, %v", r, err)
	}
}

func TestConcurrentWritersAndReaders(t *testing.T) {
	s, world := newStore(t), tree(t)
	var addrs []string
	for range 4 {
		addrs = append(addrs, edge(t))
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 20 {
				addr := addrs[(i+n)%len(addrs)]
				remove, err := s.Write(Run{Address: addr, Token: strings.Repeat("t", 100*i), PID: os.Getpid(), World: world})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := s.Runs(context.Background()); err != nil {
					t.Errorf("half a file was read: %v", err)
				}
				remove()
			}
		})
	}
	wg.Wait()
}

func FuzzCanonicalAddress(f *testing.F) {
	for _, s := range []string{"http://localhost:4300/", "127.0.0.1:4300", "[::1]:1", ":80", "[::ffff:127.0.0.1]:1", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		once := canonicalAddress(in)
		if once != "" && !strings.Contains(once, "://") && !strings.Contains(once, "/") && canonicalAddress(once) != once {
			t.Errorf("%q, then %q", once, canonicalAddress(once))
		}
	})
}

func ExampleStore() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	defer l.Close()

	store := Store{Dir: filepath.Join(dir, "run")} // Store{} is the user's own
	remove, err := store.Write(Run{Address: l.Addr().String(), Token: "secret", PID: os.Getpid(), World: dir})
	if err != nil {
		panic(err)
	}
	defer remove()

	run, err := store.Find(context.Background(), dir)
	fmt.Println(run.Token, err)
	// Output: secret <nil>
}
