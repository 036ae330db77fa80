package edge

import (
	"encoding/json"
	"testing"
)

func TestAppendJSON(t *testing.T) {
	for _, s := range []string{"", "HTTP/1.1", "gzip, br;q=0.5", `a"b`, `a\b`, "<&>", "ü", "\x00\n", "\xff"} {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendJSON([]byte("x"), s); string(got) != "x"+string(want) {
			t.Errorf("%q: %s; want %s", s, got, want)
		}
	}
}
