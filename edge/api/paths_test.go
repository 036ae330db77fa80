package api

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
)

// A path that is no plain one leads nowhere, is told, and is neither mended nor redirected.
func TestPathsThatAreNotPlain(t *testing.T) {
	const own = "/accounts/" + testAccount
	for _, tt := range []struct {
		path string
		code int // 0: success
	}{
		{own + "/workers/scripts/w", 0},
		{own + "/workers/scripts/%77", 0},
		{own + "/workers/scripts", 0},
		{own + "/workers/scripts/", 7003},
		{own + "/workers/scripts//", 7003},
		{own + "//workers/scripts", 7003},
		{"/" + own + "/workers/scripts", 7003},
		{own + "/workers/scripts/w/", 7003},
		{own + "/workers/scripts/.", 7003},
		{own + "/workers/scripts/..", 7003},
		{own + "/workers/scripts/w/..", 7003},
		{own + "/workers/scripts/w/../w", 7003},
		{own + "/workers/scripts/./w", 7003},
		{own + "/workers/scripts/%2e%2e/scripts", 7003},
		{own + "/workers/scripts/%2E%2e", 7003},
		{own + "/workers/scripts/.%2e", 7003},
		{own + "/workers/scripts/...", 7003},
		{own + "/pages/projects/x/%2e%2e/%2e%2e/workers/scripts/w", 7003},
		{own + "/workers/scripts/w%2fsettings", 10007}, // one name, of no Worker
		{own + "/workers/scripts/w%2f..%2fw", 10007},
		{own + "/workers/scripts/w%5csettings", 10007},
		{own + "/workers/scripts/w;settings", 10007},
		{own + "/workers/scripts/w;/settings", 10007},
		{own + "/workers/scripts/w%00", 10007},
		{own + "/workers/scripts/W", 10007},
		{"/accounts/" + testAccount + "%2f/workers/scripts/w", 7003},
		{"/accounts/%2e%2e/workers/scripts/w", 7003},
		{"/accounts/" + strings.ToUpper(testAccount) + "/workers/scripts/w", 7003},
		{"/accounts/fedcba9876543210fedcba9876543210/workers/scripts/w", 10000},
	} {
		t.Run(tt.path, func(t *testing.T) {
			m := newMemory(t)
			c := newClient(t, m)
			c.deployed("w", meta)
			var log bytes.Buffer
			o := options(m)
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			c.h = New(o)
			if tt.code == 0 {
				c.ok("GET", tt.path, nil)
				return
			}
			status := 404
			if tt.code == 10000 {
				status = 403
			}
			c.refused("GET", tt.path, nil, status, tt.code)
			if told := strings.Contains(log.String(), "no such API route"); told != (tt.code == 7003) {
				t.Errorf("told: %v", told)
			}
		})
	}
}

// What is not served is said to be the fault of this API, and what to do instead.
func TestAbsentPartsAreNamed(t *testing.T) {
	c := newClient(t, newMemory(t))
	for path, want := range map[string]string{
		"A/storage/kv/namespaces/abc/keys":    "KV namespaces need no making",
		"A/d1/database":                       "D1 databases need no making",
		"A/r2/buckets":                        "R2 is not supported yet",
		"A/queues/abc":                        "Queues need no making",
		"A/cfd_tunnel":                        "sundog.yaml under tunnels",
		"/zones/" + testZone + "/dns_records": "sundog.yaml under zones",
		"A/access/apps":                       "sundog.yaml under access",
		"A/images/v1":                         "README under REST API",
	} {
		a := c.refused("GET", path, nil, 404, 7003)
		if len(a.Errors) != 2 || len(a.Errors[1].Chain) != 1 || !strings.Contains(a.Errors[1].Chain[0].Message, want) {
			t.Errorf("%s: %s", path, a.text)
		}
	}
	// A token of nobody learns nothing of it.
	r := httptest.NewRequest("GET", Prefix+"/accounts/x/d1/database", nil)
	r.Header.Set("Authorization", "Bearer wrong")
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	if w.Code != 403 {
		t.Error(w.Code, w.Body)
	}
}
