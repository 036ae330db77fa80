package tunnelemu

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
)

func TestTagsBecomeHeaders(t *testing.T) {
	origin := httpOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, fmt.Sprint(r.Header["Cf-Warp-Tag-Site"], len(r.Header["Cf-Warp-Tag-Id"])))
	})
	tunnel := parse(t, "tag: [site=a b, SITE=c=d, id=mine]\n"+oneRule(origin.URL))
	for range 2 {
		if got, err := ask(t, tunnel, "a"); err != nil || got != "[a b c=d] 2" {
			t.Errorf("%q %v", got, err)
		}
	}
}

func TestBadTags(t *testing.T) {
	for _, tag := range []string{"a", "a=", "=b", "a b=c", "ä=c"} {
		config := []byte("tag: ['ok=1', '" + tag + "']\ningress:\n- service: http_status:404\n")
		cfg, findings, err := ParseConfig("f", config)
		if err != nil || len(findings) != 1 || ValidateReport("f", config).Code != 0 {
			t.Fatalf("%s: %v %v", tag, findings, err)
		}
		var e *Error
		if _, err := New(cfg, Options{}); !errors.As(err, &e) || e.Class != ClassTag || e.Line != 1 || e.Column != 15 {
			t.Errorf("%s: %v", tag, err)
		}
	}
}
