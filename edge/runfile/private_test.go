package runfile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestNothingThatOthersCouldHaveWrittenIsRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("who may read is inherited from the profile on Windows")
	}
	s, world := newStore(t), tree(t)
	write(t, s, Run{Address: edge(t), Token: "genuine", World: world})
	forged, _ := (&Run{Address: edge(t), Token: "forged", PID: os.Getpid(), World: world, Started: started}).encode()
	elsewhere := filepath.Join(t.TempDir(), "forged.json")
	os.WriteFile(elsewhere, forged, 0o600)

	link, loose, broken, fifo := filepath.Join(s.Dir, "a.json"), filepath.Join(s.Dir, "b.json"), filepath.Join(s.Dir, "c.json"), filepath.Join(s.Dir, "d.json")
	os.Symlink(elsewhere, link)
	os.WriteFile(loose, forged, 0o600)
	os.Chmod(loose, 0o644)
	os.WriteFile(broken, []byte("{"), 0o600)
	os.Mkdir(fifo, 0o700)
	runs, err := s.Runs(context.Background())
	if len(runs) != 1 || runs[0].Token != "genuine" {
		t.Errorf("read %d runs", len(runs))
	}
	for _, part := range []string{link + " is a link", loose + " is -rw-r--r--", broken + ": unexpected end", fifo + " is d"} {
		if !strings.Contains(fmt.Sprint(err), part) {
			t.Errorf("no %q in: %v", part, err)
		}
	}
	if r, err := s.Find(context.Background(), world); err != nil || r.Token != "genuine" {
		t.Errorf("bad files hide the good one: %v", err)
	}
	if _, err := s.FindByAddress(context.Background(), "127.0.0.1:1"); !strings.Contains(err.Error(), "is a link") {
		t.Errorf("the error hides what was not read: %v", err)
	}
}

func TestADirectoryOfOthersIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("who may enter is inherited from the profile on Windows")
	}
	base := tree(t, "open", "mine")
	os.Chmod(filepath.Join(base, "open"), 0o755)
	os.Chmod(filepath.Join(base, "mine"), 0o700)
	os.Symlink(filepath.Join(base, "mine"), filepath.Join(base, "link"))
	for _, dir := range []string{"open", "link"} {
		s := Store{Dir: filepath.Join(base, dir)}
		if _, err := s.Write(Run{Address: "127.0.0.1:1", World: base}); err == nil || !strings.Contains(err.Error(), "want a directory of this user alone") {
			t.Errorf("Write into %s: %v", dir, err)
		}
		if _, err := s.Runs(context.Background()); err == nil {
			t.Errorf("Runs of %s: no error", dir)
		}
	}
}

func TestALinkInTheWayIsReplacedNotFollowed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making links needs a privilege on Windows")
	}
	s, world := newStore(t), tree(t)
	os.MkdirAll(s.Dir, 0o700)
	victim := filepath.Join(t.TempDir(), "victim")
	os.WriteFile(victim, []byte("precious"), 0o600)
	r := Run{Address: edge(t), PID: os.Getpid(), World: world}
	os.Symlink(victim, filepath.Join(s.Dir, r.name()))
	write(t, s, r)
	if data, _ := os.ReadFile(victim); string(data) != "precious" {
		t.Errorf("the link's target now holds %q", data)
	}
	fi, err := os.Lstat(filepath.Join(s.Dir, r.name()))
	if err != nil || fi.Mode() != 0o600 {
		t.Errorf("run file: %v, %v", fi.Mode(), err)
	}
}

func TestWhereRunsAre(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Unix's rules")
	}
	xdg, tmp := tree(t), tree(t)
	t.Setenv("XDG_RUNTIME_DIR", xdg)
	t.Setenv("TMPDIR", tmp)
	world := tree(t)
	write(t, Store{}, Run{Address: edge(t), Token: "x", World: world})
	own := filepath.Join(tmp, "sundog-"+strconv.Itoa(os.Getuid()))
	if _, err := os.Stat(filepath.Join(xdg, "sundog")); err != nil {
		t.Error(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(xdg, "missing"))
	write(t, Store{}, Run{Address: edge(t), Token: "t", World: filepath.Dir(world)})
	if fi, err := os.Stat(own); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("%s: %v, %v", own, fi, err)
	}
	t.Setenv("XDG_RUNTIME_DIR", xdg)
	if runs, err := (Store{}).Runs(context.Background()); len(runs) != 2 || err != nil {
		t.Errorf("%d runs, %v; want those of both places", len(runs), err)
	}
}

// Whoever takes the name in the shared temporary directory first does not keep this user from
// running an edge, nor from finding it.
func TestATakenNameIsGoneAround(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the folder is in the user's profile on Windows")
	}
	tmp, home := tree(t, "tmp"), t.TempDir()
	for name, value := range map[string]string{"XDG_RUNTIME_DIR": "", "XDG_CACHE_HOME": "", "TMPDIR": filepath.Join(tmp, "tmp"), "HOME": home} {
		t.Setenv(name, value)
	}
	squatted := filepath.Join(tmp, "tmp", "sundog-"+strconv.Itoa(os.Getuid()))
	if err := os.Mkdir(squatted, 0o755); err != nil {
		t.Fatal(err)
	}
	r := Run{Address: edge(t), Token: "t", PID: os.Getpid(), World: tree(t), Started: started}
	remove, err := Store{}.Write(r)
	if err != nil {
		t.Fatal(err)
	}
	found, err := Store{}.Find(context.Background(), r.World)
	if err != nil || found.Token != "t" {
		t.Errorf("found %v, %v", found, err)
	}
	if files, _ := os.ReadDir(squatted); len(files) != 0 {
		t.Errorf("written into a folder that others can enter: %v", files)
	}
	if err := remove(); err != nil {
		t.Error(err)
	}
}
