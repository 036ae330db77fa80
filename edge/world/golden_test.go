package world

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; run the tests with -update when it should:\n%s", file, diff)
	}
}

// Every folder of testdata is a world that does not load, or loads with
// findings. What is said about it lies beside it.
func TestGolden(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("testdata", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	for _, dir := range dirs {
		if filepath.Base(dir) == "fuzz" {
			continue
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			w, err := Load(dir)
			var es Errors
			var plain, pretty string
			switch {
			case errors.As(err, &es):
				plain, pretty = es.String(), es.Pretty()
			case err != nil:
				t.Fatal(err)
			default:
				for _, f := range w.Findings() {
					plain += f.String() + "\n"
					pretty += f.Pretty() + "\n"
				}
			}
			golden(t, filepath.Join(dir, "want.txt"), filepath.ToSlash(plain+"\n\n"+pretty+"\n"))
		})
	}
}
