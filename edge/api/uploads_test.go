package api

import (
	"testing"
	"time"
)

func TestUploadsEnd(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	u := newUploads((&server{Options: Options{Rand: new(counted)}}).newBytes, func() time.Time { return now })
	token, missing, err := u.begin(map[string]string{"/a": "ha", "/b": "hb", "/c": "ha"})
	if err != nil || len(missing) != 2 {
		t.Fatal(missing, err)
	}
	u.add("ha", "text/html", []byte("a"))
	if _, err := u.complete(token); err == nil {
		t.Error("an upload is whole without one of its files")
	}
	u.add("hb", "", []byte("bb"))
	if files, err := u.complete(token); err != nil || len(files) != 3 || files[2].Path != "/c" || string(files[2].Content) != "a" {
		t.Error(files, err)
	}
	now = now.Add(50 * time.Minute)
	if got := u.ask([]string{"hb", "hb", "hc"}); len(got) != 1 || got[0] != "hc" {
		t.Error(got)
	}
	now = now.Add(50 * time.Minute)
	if _, err := u.session(token); err == nil {
		t.Error("a token holds for longer than an hour")
	}
	if _, missing, _ := u.begin(map[string]string{"/a": "ha", "/b": "hb"}); len(missing) != 1 || missing[0] != "ha" || u.kept != 2 {
		t.Error("what was asked for lately is gone, or the other is not", missing, u.kept)
	}
	for _, forged := range []string{"", "x", "a.b.c", token[:len(token)-2] + "xx"} {
		if _, err := u.session(forged); err == nil {
			t.Errorf("%q is taken", forged)
		}
	}
}
