package worker

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/sundog-edge/sundog/internal/leftover"
)

func TestSweeps(t *testing.T) {
	place := t.TempDir()
	t.Setenv("TMPDIR", place)
	t.Setenv("TMP", place)
	killed := filepath.Join(place, folderPrefix+"1")
	if err := os.Mkdir(killed, 0o700); err != nil {
		t.Fatal(err)
	}
	release, err := leftover.Hold(killed)
	if err != nil {
		t.Fatal(err)
	}
	release() // as its end does
	one, two := testEngine(t, nil), testEngine(t, nil)
	apply(t, one, set(Worker{Name: "a", Version: code(small)}))
	if filepath.Dir(one.dir) != place {
		t.Skip("the temporary folder's name is too long for sockets")
	}
	apply(t, two, set(Worker{Name: "a", Version: code(small)}))
	eventually(t, "the folder of a killed engine is removed", func() bool {
		_, err := os.Stat(killed)
		return errors.Is(err, fs.ErrNotExist)
	})
	if got := get(t, one, "a", "http://x/"); got != "ok" {
		t.Error(got)
	}
}
