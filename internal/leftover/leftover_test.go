package leftover

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// A process that is given a place makes a folder there, holds it, and waits to be killed.
func TestMain(m *testing.M) {
	place := os.Getenv("LEFTOVER_PLACE")
	if place == "" {
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp(place, "held-")
	release := func() {}
	if err == nil {
		release, err = Hold(dir)
	}
	if err != nil {
		panic(err)
	}
	defer release()
	os.Stdout.WriteString(dir + "\n")
	select {}
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestSweepTakesWhatAKilledProcessLeft(t *testing.T) {
	place := t.TempDir()
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "LEFTOVER_PLACE="+place)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Wait()
	defer other.Process.Kill()
	said := bufio.NewScanner(out)
	if !said.Scan() {
		t.Fatal("no folder was made")
	}
	dir := said.Text()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	Sweep(place, "held-")
	if !there(filepath.Join(dir, "file")) {
		t.Fatal("the folder of a process that lives is gone")
	}
	other.Process.Kill()
	other.Wait()
	Sweep(place, "held")
	Sweep(place, "other-")
	if !there(dir) {
		t.Fatal("a folder of another name is gone")
	}
	Sweep(place, "held-")
	if there(dir) {
		t.Error("the folder of a killed process is there still")
	}
}

func TestSweepLeavesAlone(t *testing.T) {
	place, elsewhere := t.TempDir(), t.TempDir()
	folder := func(name string, mode os.FileMode) string {
		dir := filepath.Join(place, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		release, err := Hold(dir)
		if err != nil {
			t.Fatal(err)
		}
		release()
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	gone := folder("held-1", 0o700)
	kept := []string{folder("held-run-1", 0o700), folder("held-", 0o700)}
	if runtime.GOOS != "windows" {
		kept = append(kept, folder("held-2", 0o755))
		if err := os.Symlink(elsewhere, filepath.Join(place, "held-3")); err != nil {
			t.Fatal(err)
		}
		release, err := Hold(elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		release()
		kept = append(kept, filepath.Join(place, "held-3"), elsewhere)
	}
	never := filepath.Join(place, "held-4")
	if err := os.Mkdir(never, 0o700); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(place, "held-5")
	if err := os.Mkdir(mine, 0o700); err != nil {
		t.Fatal(err)
	}
	release, err := Hold(mine)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	Sweep(place, "held-")
	for _, dir := range append(kept, never, mine) {
		if !there(dir) {
			t.Errorf("%s is gone", dir)
		}
	}
	if there(gone) {
		t.Error("what nobody holds is there still")
	}
	Sweep(filepath.Join(place, "nosuch"), "held-")
}
