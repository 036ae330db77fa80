package api

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/world"
)

// PUT content is other code, with everything else as it is.
func TestContent(t *testing.T) {
	m := newMemory(t)
	c := newClient(t, m)
	c.deployed("w", withBindings(`{"type":"secret_text","name":"KEY","text":"hush"},{"type":"plain_text","name":"A","text":"a"}`, `,"compatibility_date":"2026-03-22"`))
	a := c.upload("PUT", "A/workers/scripts/w/content", sent{name: "metadata", content: `{"main_module":"other.js"}`}, sent{"other.js", "other.js", esm, "other"})
	if a.Status != 200 || a.field("compatibility_date") != "2026-03-22" {
		t.Fatal(a.text)
	}
	v := (&call{layers: m.Layers()}).current(get[world.Worker](m.Layers(), world.KindWorker, "w"))
	if len(v.Modules) != 1 || v.Modules[0].Name != "other.js" || len(v.Bindings) != 2 || v.Bindings[0].Text != "hush" {
		t.Errorf("%+v", v)
	}
	for name, parts := range map[string][]sent{
		"no modules": {{name: "metadata", content: `{"main_module":"other.js"}`}},
		"broken":     {{name: "metadata", content: meta}, {"index.js", "index.js", esm, "broken"}},
		"body part":  {{name: "metadata", content: `{"body_part":"s"}`}, {"s", "s", "application/javascript", "x"}},
	} {
		if a := c.upload("PUT", "A/workers/scripts/w/content", parts...); a.Status != 400 || a.Errors[0].Code != 10021 {
			t.Errorf("%s: %s", name, a.text)
		}
	}
	if a := c.upload("PUT", "A/workers/scripts/none/content", worker("x", meta)...); a.Status != 404 {
		t.Error(a.text)
	}
}

// Forms that SDKs send and the real API does not read are read, and told.
func TestFormsThatTheRealAPIDoesNotRead(t *testing.T) {
	m := newMemory(t)
	var log bytes.Buffer
	o := options(m)
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	c := client{t, New(o)}
	told := func(what string, times int) {
		t.Helper()
		if got := strings.Count(log.String(), what); got != times {
			t.Errorf("%q is told %d times:\n%s", what, got, &log)
		}
		log.Reset()
	}

	// The npm package puts the type of a script on its form.
	_, body := form(t, encodings["npm"][0], encodings["npm"][10])
	if a := c.send("PUT", "A/workers/scripts/w", "application/javascript", bytes.NewReader(body)); a.Status != 200 {
		t.Fatal(a.text)
	}
	told("takes this upload for a script", 1)
	for text, want := range map[string]string{
		`addEventListener("fetch", () => {})`:           "service-worker syntax",
		"--a\r\nthat is no form":                        "service-worker syntax",
		`{"metadata":{"main_module":"index.js"}}`:       "JSON alone",
		"--xxxx\r\nContent-Disposition: form-data; nam": "multipart body",
	} {
		if a := c.send("PUT", "A/workers/scripts/w", "application/javascript", strings.NewReader(text)); a.Status != 400 || !strings.Contains(a.text, want) {
			t.Errorf("%q: %s", text, a.text)
		}
	}
	told("takes this upload for a script", 0)

	_, body = form(t, sent{name: "metadata[main_module]", content: "index.js"}, sent{"files[]", "index.js", esm, "x"})
	if a := c.send("POST", "A/workers/scripts/w/versions", "multipart/form-data; boundary=xxxx", bytes.NewReader(body)); a.Status != 200 {
		t.Fatal(a.text)
	}
	told("reads no metadata of a form but as one part of JSON", 1)
	c.deployed("w", meta)
	told("the real API", 0)

	for name, parts := range map[string][]sent{
		"npm": {
			{name: "settings[bindings][][type]", content: "plain_text"}, {name: "settings[bindings][][name]", content: "A"}, {name: "settings[bindings][][text]", content: "1"},
			{name: "settings[observability][head_sampling_rate]", content: "0.5"}, {name: "settings[tags][]", content: "1"},
		},
		"cloudflare-go": {
			{name: "settings.bindings.0.type", content: "plain_text"}, {name: "settings.bindings.0.name", content: "A"}, {name: "settings.bindings.0.text", content: "1"},
			{name: "settings.observability.head_sampling_rate", content: "0.5"}, {name: "settings.tags.0", content: "1"},
		},
		"wrangler": {{name: "settings", content: `{"bindings":[{"type":"plain_text","name":"A","text":"1"}],"observability":{"head_sampling_rate":0.5},"tags":["1"]}`}},
	} {
		a := c.upload("PATCH", "A/workers/scripts/w/settings", parts...)
		if a.Status != 200 || a.field("bindings.0.text") != "1" || a.field("observability.head_sampling_rate") != 0.5 || a.field("tags.0") != "1" {
			t.Errorf("%s: %s", name, a.text)
		}
	}
	told("reads no settings of a form", 2)
	if a := c.upload("PATCH", "A/workers/scripts/w/settings", sent{name: "other", content: "{}"}); a.Status != 400 {
		t.Error(a.text)
	}
}
