package world

import (
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// checkErrors holds for every error of every input: it has a text, and its
// place lies in the file.
func checkErrors(t *testing.T, text string, err error) {
	t.Helper()
	var es Errors
	if !errors.As(err, &es) || len(es) == 0 {
		t.Fatalf("an error of type %T", err)
	}
	last := 1 + strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(text, "\u0085") + strings.Count(text, "\u2028") + strings.Count(text, "\u2029")
	for i, e := range es {
		if e.Found == "" && e.Allowed == "" {
			t.Errorf("an error that says nothing: %+v", e)
		}
		if e.Mark.Line > last+1 {
			t.Errorf("%s is behind the end, line %d", e.Mark, last)
		}
		if i > 0 && i < maxErrors && es[i-1].Mark.Compare(e.Mark) > 0 {
			t.Errorf("%s comes after %s", e.Mark, es[i-1].Mark)
		}
	}
	_ = es.Pretty()
}

// A text either is a world, whose documents have keys and places, or has errors
// that say where.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*/sundog.yaml", "../../testdata/dual-endpoint/*.yaml", "../../testdata/dual-endpoint/*/*.yml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	for _, text := range []string{
		manyIDs, "{}", "", "\ufeff{\"team\": \"\\ud83d\\ude00\"}", "a: &a [*a, {<<: *a}]", "team: ${HOME}$${x}${", "tunnels: [{config: {ingress: [{service: http_status:404}]}}]",
		"zones: [{name: ü.example, records: [{type: TXT, name: '*', content: \"\"}]}]", "x: !!int y", "? [a]\n: b", "egress: ['*:443', a]\norigins: {http://a: unix:/x}", "---\n---\n",
		"zones: [{name: a.com}]\nworkers: [{name: a, domains: [x.a.com], routes: ['*a.com/x*', 'http://a.com']}, {name: b, url: 'http://h:1'}]\npages: [{name: p, deployment_configs: {preview: {env_vars: {A: 1, B: {type: secret_text, value: x}}}}}]",
		"tunnels: [{id: t}]\nvpc_services: [{name: v, type: tcp, tcp_port: 1, host: {ipv4: 10.0.0.1, network: {tunnel_id: t, resolver_ips: [x]}}}]\naudit: {accept: [{host: a.com/b, reason: x, until: 2027-01-31}]}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := Loader{Lookup: env}.Parse("f", []byte(text), "")
		if err != nil {
			checkErrors(t, text, err)
			return
		}
		for d := range w.All("") {
			if got, ok := w.Get(d.Key); !ok || got != d {
				t.Errorf("Get(%s) = %v, %v", d.Key, got, ok)
			}
			if d.Mark.Line == 0 && d.Key.Kind != KindSettings {
				t.Errorf("%s has no place", d.Key)
			}
			d.At("a.b[0]")
		}
		for _, finding := range w.Findings() {
			_ = finding.Pretty()
		}
		var l Layers
		l, changes, _ := l.SetFiles(w)
		if len(changes) != w.Len() {
			t.Errorf("%d changes for %d documents", len(changes), w.Len())
		}
		again, err := Loader{Lookup: env}.Parse("f", []byte(text), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, changes, _ := l.SetFiles(again); len(changes) > 0 {
			t.Errorf("the same text twice differs: %v", changes)
		}
	})
}

// everything has a field of every kind that the decoder reads.
type everything struct {
	Text     string                `json:"text"`
	Truth    *bool                 `json:"truth,omitempty"`
	Whole    int32                 `json:"whole,omitempty"`
	Natural  uint8                 `json:"natural,omitempty"`
	Fraction float64               `json:"fraction,omitempty"`
	Address  netip.Addr            `json:"address,omitzero"`
	Raw      json.RawMessage       `json:"raw,omitempty"`
	Any      any                   `json:"any,omitempty"`
	Self     *everything           `json:"self,omitempty"`
	List     []everything          `json:"list,omitempty"`
	Map      map[string]everything `json:"map,omitempty"`
}

// Whatever the decoder accepts, it also accepts as the JSON it means, and reads
// the same from it.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"text: a\ntruth: yes\nwhole: -0x10\nnatural: 255\nfraction: .5\naddress: 192.0.2.1\nraw: {a: [1, 2.5, ~, true, x]}\nany: {b: 1}",
		"text: a\nself: &s {text: b, list: [{text: c}]}\nmap: {x: *s, y: {<<: *s, text: d}}", "text: 2024-01-01\nany: 2024-01-01", "text: .inf\nfraction: .inf", "text: !!str 5",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		src, bad := newSource("f", []byte(text))
		if bad != nil {
			checkErrors(t, text, Errors{bad})
			return
		}
		root, bad := parse(src)
		if bad != nil {
			checkErrors(t, text, Errors{bad})
			return
		}
		var probs problems
		d := newDecoder(src, &probs)
		var first, second everything
		d.decode(root, reflect.ValueOf(&first).Elem(), nil)
		if err := probs.err(); err != nil {
			checkErrors(t, text, err)
			return
		}
		data, err := json.Marshal(first)
		if err != nil {
			return // an infinite number has no JSON form
		}
		src, bad = newSource("f", data)
		if bad != nil {
			return // a character that JSON does not escape and YAML wants escaped
		}
		if root, bad = parse(src); bad != nil {
			return // a key longer than YAML allows in braces
		}
		newDecoder(src, &probs).decode(root, reflect.ValueOf(&second).Elem(), nil)
		if err := probs.err(); err != nil {
			t.Fatalf("%s\n%v", data, err)
		}
		again, err := json.Marshal(second)
		if err != nil || string(again) != string(data) {
			t.Errorf("first  %s\nsecond %s (%v)", data, again, err)
		}
	})
}
