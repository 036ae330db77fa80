package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/trace"
)

// What a client sent does not reach the terminal as it is; lines stay lines.
func TestTracesArePrintable(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(trace.Trace{
			Ray: "aa", Method: "GET\x1b[2J", URL: "https://a.test/\u009b1m", Why: "a\rb",
			Steps: []trace.Step{{Hop: "route", What: "zone a.test"}},
		})
	}))
	t.Cleanup(srv.Close)
	t.Setenv("SUNDOG_URL", srv.URL)
	t.Setenv("SUNDOG_TOKEN", "token")
	for _, args := range [][]string{{"why"}, {"explain", "https://a.test/"}} {
		var out, err bytes.Buffer
		code := sundog(append([]string{"sundog"}, args...), streams{os.Stdin, &out, &err})
		if code != 0 || strings.ContainsAny(out.String(), "\x1b\u009b\r") || !strings.Contains(out.String(), "  route  zone a.test\n") {
			t.Errorf("%v: %d %q %s", args, code, &out, &err)
		}
	}
}
