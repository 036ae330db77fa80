package workerd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/internal/fixtures"
)

// waiting is a process that waits, of a runtime that takes messages.
func waiting(t *testing.T) *Waiting {
	t.Helper()
	w := Launch(Command{Path: find(t), Dir: t.TempDir()})
	if w == nil {
		fixtures.Lacks(t, "workerd", errors.New("this workerd is not known to take messages"))
	}
	return w
}

func TestWaitingRunsWhatItIsGiven(t *testing.T) {
	w, dir := waiting(t), t.TempDir()
	c := one(`export default {} // ` + strings.Repeat("more than a pipe holds", 100_000))
	p, err := w.Run(t.Context(), Command{Dir: dir, Config: c, Sockets: map[string]string{"app": "unix:" + filepath.Join(dir, "s")}})
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	<-p.Done()
}

func TestWaitingIsKilled(t *testing.T) {
	w := waiting(t)
	w.Kill()
	select {
	case <-w.process.Done():
	default:
		t.Error("it goes on")
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	w, dir := waiting(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.Run(ctx, Command{Dir: dir, Config: one("export default {}"), Sockets: map[string]string{"app": "unix:" + filepath.Join(dir, "s")}})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestWaitingSaysWhatCannotStart(t *testing.T) {
	dir := t.TempDir()
	w, err := launch(Command{Path: filepath.Join(dir, "nosuch"), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = w.Run(t.Context(), Command{Path: "nosuch", Dir: dir, Config: &Config{}}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	w, err = launch(Command{Path: filepath.Join(dir, "nosuch"), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	w.Kill()
}

func TestTakesMessages(t *testing.T) {
	for _, test := range []struct {
		text string
		want bool
	}{
		{`{"name": "` + platformPackage() + `", "version": "1.` + schemaOf + `.0"}`, true},
		{`{"name": "` + platformPackage() + `", "version": "1.20300101.3"}`, true},
		{`{"name": "` + platformPackage() + `", "version": "1.20251117.0"}`, false},
		{`{"name": "` + platformPackage() + `", "version": "2.20300101.0"}`, false},
		{`{"name": "` + platformPackage() + `", "version": "1.9.0"}`, false},
		{`{"name": "workerd", "version": "1.20300101.0"}`, false},
		{`{`, false},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := takesMessages(filepath.Join(dir, "bin", "workerd")); got != test.want {
			t.Errorf("%s: %v", test.text, got)
		}
	}
}
