package accessemu

import (
	"strings"
	"testing"
)

func TestCORSMistakes(t *testing.T) {
	app := appA()
	app.OptionsPreflightBypass = true
	app.CORSHeaders = &CORSHeaders{AllowAllOrigins: true, AllowCredentials: true, AllowedMethods: []string{"GTE"}, AllowedOrigins: []string{"spa.example.com"}, AllowedHeaders: []string{"a b"}, MaxAge: 1 << 20}
	err := testConfig(t).Txn().PutApp(app)
	if got := FieldErrors(err); len(got) != 6 {
		t.Error(err)
	}
	app.CORSHeaders = &CORSHeaders{}
	if err := testConfig(t).Txn().PutApp(app); err != nil {
		t.Errorf("settings that say nothing: %v", err)
	}
}

func TestCORSForEveryOrigin(t *testing.T) {
	app := appA()
	app.CORSHeaders = &CORSHeaders{AllowAllOrigins: true, AllowAllMethods: true}
	w := newWorld(t, app)
	r := w.browser().do("OPTIONS", pageA, nil, "Origin: https://any.test", "Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: x")
	h := r.Header
	if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Methods") != "PATCH" || h.Get("Access-Control-Allow-Headers") != "" || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%v", h)
	}
}

func TestDenyUnmatchedExemptsZones(t *testing.T) {
	w := newWorld(t)
	w.put(Organization{DenyUnmatchedRequests: true, DenyUnmatchedExempted: []string{"Open.test"}})
	for host, want := range map[string]int{"open.test": 200, "a.open.test": 200, "notopen.test": 403, "other.example.com": 403} {
		if r := w.browser().get("https://" + host + "/"); r.StatusCode != want {
			t.Errorf("%s: %d", host, r.StatusCode)
		}
	}
	if got := w.config.Txn().SetOrganization(Organization{DenyUnmatchedExempted: []string{"a b"}}); !strings.Contains(got.Error(), "exempted_zone_names[0]") {
		t.Error(got)
	}
}
