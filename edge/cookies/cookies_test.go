package cookies

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/admin"
)

func TestFormats(t *testing.T) {
	list := []admin.Cookie{
		{Name: "CF_Authorization", Value: "a.b.c", Domain: "app.example.com", Path: "/", Expires: 1700000000, HTTPOnly: true, Secure: true, SameSite: "Lax"},
		{Name: "x", Value: "", Domain: "b.example.com", Path: "/deep", Expires: -1, SameSite: "None"},
	}
	const jar = "# Netscape HTTP Cookie File\n" +
		"#HttpOnly_app.example.com\tFALSE\t/\tTRUE\t1700000000\tCF_Authorization\ta.b.c\n" +
		"b.example.com\tFALSE\t/deep\tFALSE\t0\tx\t\n"
	if diff := cmp.Diff(jar, string(Netscape(list))); diff != "" {
		t.Errorf("cookies.txt (-want +got):\n%s", diff)
	}
	const state = `{
  "cookies": [
    {
      "name": "CF_Authorization",
      "value": "a.b.c",
      "domain": "app.example.com",
      "path": "/",
      "expires": 1700000000,
      "httpOnly": true,
      "secure": true,
      "sameSite": "Lax"
    }
  ],
  "origins": []
}
`
	if diff := cmp.Diff(state, string(StorageState(list[:1]))); diff != "" {
		t.Errorf("storage state (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("{\n  \"cookies\": [],\n  \"origins\": []\n}\n", string(StorageState(nil))); diff != "" {
		t.Errorf("no cookies (-want +got):\n%s", diff)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "jar.txt")
	if err := os.WriteFile(path, []byte("what was there before"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
	if fi, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	if WriteFile(dir, nil) == nil || WriteFile(filepath.Join(dir, "no", "file"), nil) == nil {
		t.Error("a folder, or a file in none, is written")
	}
}
