package runfile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadyFileHasExactlyItsKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready.json")
	if err := WriteReady(path, Ready{}); err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(path)
	var got map[string]string
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, k := range []string{"https", "proxy", "dns", "tunnel", "admin", "ca", "bundle", "spki", "version"} {
		want[k] = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := WriteReady(path, Ready{Admin: "127.0.0.1:4300"}); err != nil {
		t.Errorf("replacing: %v", err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%d files are left beside it", len(entries)-1)
	}
	if err := WriteReady(filepath.Dir(path), Ready{}); err == nil || !strings.Contains(err.Error(), "want a path for a file") {
		t.Errorf("a folder as ready file: %v", err)
	}
	if err := WriteReady(filepath.Join(path, "x"), Ready{}); err == nil {
		t.Error("a ready file below a file: no error")
	}
}
