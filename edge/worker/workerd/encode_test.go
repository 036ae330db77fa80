package workerd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// everything is a config with every field that there is.
func everything() *Config {
	value, empty := "v \x00 \" \\ \n ☃ \xff\xc3", ""
	to := func(name string) *Designator { return &Designator{Service: name} }
	module := func(name string, kind version.Kind, content string) Module {
		return Module{Name: name, Kind: kind, Content: []byte(content)}
	}
	return &Config{
		Services: []Service{
			{Name: "worker", Worker: &Worker{
				Modules: []Module{
					module("a.js", version.ESModule, "export default {} // ☃\x00\x7f"), module("b.cjs", version.CommonJS, "module.exports = 1"),
					module("c.txt", version.Text, ""), module("d.bin", version.Data, "\x00\xff1234567"), module("e.wasm", version.Wasm, "12345678"),
					module("f.json", version.JSON, `{"a": 1}`), module("g.py", version.Python, "1"), module("h.js", Bundled, "/workerd/kv.js"),
					module("empty.bin", version.Data, ""),
				},
				Date: "2026-01-01", Flags: []string{"nodejs_compat", "other"},
				Bindings: []Binding{
					{Name: "TEXT", Text: &value}, {Name: "EMPTY", Text: &empty}, {Name: "JSON", JSON: "[1]"},
					{Name: "SERVICE", Service: &Designator{Service: "other", Entrypoint: "E", Props: `{"a": "b"}`}},
					{Name: "KV", KV: to("kv")}, {Name: "QUEUE", Queue: to("queues")},
					{Name: "OBJECT", Object: &Object{Class: "C"}}, {Name: "OTHERS", Object: &Object{Class: "C", Service: "other"}},
					{Name: "WRAPPED", Wrapped: &Wrapped{Module: "m:m", Inner: []Binding{{Name: "in", Text: &value}, {Name: "ner", Service: to("other")}}}},
				},
				Outbound:   "out",
				Namespaces: []Namespace{{Class: "C", Key: "k", SQL: true}, {Class: "D", Key: "l"}},
				Storage:    "disk",
				Tails:      []Designator{{Service: "other", Entrypoint: "Tail", Props: "{}"}, {Service: "other"}},

				AccessHeader: "Access", AccessIdentity: &Designator{Service: "other", Entrypoint: "Identity"},
			}},
			{Name: "other", Worker: &Worker{Modules: []Module{module("a.js", version.ESModule, strings.Repeat("x", 100_000))}, Date: "2026-02-02"}},
			{Name: "out", External: &External{Address: "unix:/a", HTTP: HTTP{SchemeHeader: "Scheme", CFHeader: "Cf", Inject: []Header{{Name: "A", Value: "b"}, {Name: "C"}, {Name: "D", Remove: true}}, InjectResponse: []Header{{Name: "E", Value: "f"}}}}},
			{Name: "plain", External: &External{Address: "127.0.0.1:1"}},
			{Name: "disk", Disk: &Disk{Path: "/disk"}},
			{Name: "files", Assets: &Assets{Path: "/files", Config: "{}", Date: "2026-01-01", Flags: []string{"f"}}},
			{Name: "site", Assets: &Assets{Path: "/site", User: "worker"}},
		},
		Sockets: []Socket{
			{Name: "a", Service: Designator{Service: "worker", Props: "{}"}, HTTP: HTTP{CFHeader: "Cf"}},
			{Name: "b", Service: Designator{Service: "other", Entrypoint: "E"}},
		},
		Extensions: []Extension{{Name: "m:m", Content: "export default () => 1"}, {Name: "m:n"}},
	}
}

// The runtime reads both forms, and writes down what it has read.
func TestEncodedSaysWhatTheTextSays(t *testing.T) {
	path, dir := find(t), t.TempDir()
	read := func(content []byte, flags ...string) []byte {
		t.Helper()
		file := filepath.Join(dir, "config")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(path, append([]string{"compile", "--config-only", file}, flags...)...)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, &said)
		}
		return out
	}
	for name, c := range map[string]*Config{"everything": everything(), "nothing": {}, "one": one("export default {}")} {
		t.Run(name, func(t *testing.T) {
			if want, got := read([]byte(c.Text())), read(c.Encode(nil), "--binary"); !bytes.Equal(want, got) {
				t.Errorf("as text it is\n%q\nencoded it is\n%q", want, got)
			}
		})
	}
	c := one("export default {}")
	text := strings.Replace(c.Text(), `sockets = [(`, `sockets = [(address = "unix:/s", `, 1)
	if want, got := read([]byte(text)), read(c.Encode(map[string]string{"app": "unix:/s", "other": "x"}), "--binary"); !bytes.Equal(want, got) {
		t.Errorf("with an address it is as text\n%q\nencoded\n%q", want, got)
	}
}

func BenchmarkEncode(b *testing.B) {
	c := everything()
	b.ReportAllocs()
	for b.Loop() {
		c.Encode(nil)
	}
}

func BenchmarkText(b *testing.B) {
	c := everything()
	b.ReportAllocs()
	for b.Loop() {
		_ = c.Text()
	}
}
