package api

import (
	"strings"
	"testing"
)

// What is odd about an upload is its sender's matter, and never the server's end.
func TestOddWorkerVersions(t *testing.T) {
	c := newClient(t, newMemory(t))
	c.ok("POST", "A/workers/workers", object{"name": "odd"})

	// A map of a main module that there is not.
	session := c.ok("POST", "A/workers/scripts/odd/assets-upload-session", object{"manifest": object{}})
	c.ok("POST", "A/workers/workers/odd/versions", object{
		"compatibility_date": "2026-03-22", "assets": object{"jwt": session.field("jwt")},
		"modules": []object{{"name": ".map", "content_type": "application/source-map", "content_base64": "e30="}},
	})
	a := c.ok("GET", "A/workers/workers/odd/versions/latest?include=modules", nil)
	if len(a.field("modules").([]any)) != 0 {
		t.Error(a.text)
	}

	// As many modules as a form may have parts.
	many := make([]object, maxParts+1)
	for i := range many {
		many[i] = object{}
	}
	if a = c.refused("POST", "A/workers/workers/odd/versions", object{"modules": many}, 400, 10021); !strings.Contains(a.text, "more than 5000") || len(a.text) > 1<<10 {
		t.Errorf("%.300s", a.text)
	}
}
