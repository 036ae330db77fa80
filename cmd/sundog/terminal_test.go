package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/world"
)

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"grüße \U0001f31e\u200d": "grüße \U0001f31e\u200d",
		"a\x1b[2Jb":              "a\ufffd[2Jb",
		"a\u009b2Jb\x7f":         "a\ufffd2Jb\ufffd",
		"line\nline\ttab":        "line\ufffdline\ufffdtab",
		"ecila\u202ealice":       "ecila\ufffdalice",
		"a\u2066b\u2069\u200fc":  "a\ufffdb\ufffd\ufffdc",
		"a\u2028b\u2029c":        "a\ufffdb\ufffdc",
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A world that somebody else wrote does not speak to the terminal.
func TestTerminalEscapesOfAWorldAreNotPrinted(t *testing.T) {
	dir := t.TempDir()
	const hostile = `\e]0;pwned\a\u009b31m\u202e`
	text := strings.ReplaceAll(`
zones: [{name: example.com, records: [{type: CNAME, name: app, content: web.cfargotunnel.com, proxied: true}]}]
tunnels: [{id: web, name: "web@", config: {ingress: [{hostname: other.example.com, service: "http_status:404"}, {service: "http_status:404"}]}}]
`, "@", hostile)
	if err := os.WriteFile(filepath.Join(dir, "sundog.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := world.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out, failed bytes.Buffer
	p := program{streams: streams{out: &out, err: &failed}}
	if err := p.printQuirks(w, false); err != nil {
		t.Fatal(err)
	}
	bad := errors.New("the policy \"\x1b]0;pwned\a\u009b31m\u202e\" admits nobody\nand another line")
	if code := report(&failed, &cobra.Command{Use: "sundog"}, bad); code != exitFailed || strings.Count(failed.String(), "\n") != 2 {
		t.Errorf("%d: %q", code, &failed)
	}
	for _, text := range []string{out.String(), failed.String()} {
		if !strings.Contains(text, "pwned") {
			t.Errorf("the name is not in %q", text)
		}
		for _, line := range strings.Split(text, "\n") {
			if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || r == '\u202e' }) {
				t.Errorf("a terminal would obey %q", line)
			}
		}
	}
}
