package world

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "f:1:1: an empty file; allowed: a mapping of keys ({} is an empty one)"},
		{"spaces", "\n\n", "f:1:1: an empty file; allowed: a mapping of keys ({} is an empty one)"},
		{"comments", "# nothing\n", "f:1:1: an empty file; allowed: a mapping of keys ({} is an empty one)"},
		{"two documents", "team: a\n---\nteam: b\n", "f:2:1: a second document; allowed: one document per file (remove the line ---)"},
		{"two documents, the second broken", "team: a\n---\nteam: [\n", "f:3:1: did not find expected node content"},
		{"tab", "account:\n\tname: x\n", "f:2:1: a tab; allowed: spaces (YAML is indented with spaces only)"},
		{"utf-16", "\xff\xfet\x00", "f:1:1: UTF-16 text; allowed: UTF-8 text (save the file as UTF-8)"},
		{"latin-1", "team: a\naccount: {name: M\xfcller}\n", "f:2:18: the byte 0xfc, which is no UTF-8; allowed: UTF-8 text (save the file as UTF-8)"},
		{"control character", "team: a\x07", "f:1:8: the control character U+0007; allowed: text (inside double quotes it can be written as an escape)"},
		{"column counts characters", "account: {name: Müller}\nteam: ü\x00", "f:2:8: the control character U+0000; allowed: text (inside double quotes it can be written as an escape)"},
		{"bad indentation", "zones:\n  - name: a.com\n    records:\n      - {type: A}\n   - name: b.com\n", "f:5:4: did not find expected '-' indicator"},
		{"colon", "team: a\naccount: {name: b}\nworkers_subdomain: c: d\n", "f:3:1: mapping values are not allowed in this context (check the indentation, and quote a value that contains a colon and a space)"},
		{"open list", "team: a\nzones: [\n", "f:2:1: did not find expected node content"},
		{"variable in braces", "team: a\nzones: [{name: ${ZONE}}]\n", "f:2:1: did not find expected ',' or '}' (between braces or brackets, a value with ${NAME} must be quoted)"},
		{"star", "zones:\n  - name: example.com\n    records:\n      - type: A\n        name: *.example.com\n", "f:5:9: did not find expected alphabetic or numeric character (a name that starts with * must be quoted)"},
		{"too large", strings.Repeat("# comment\n", 1<<20), "f: a file of more than 8 MiB; allowed: at most 8 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.Join(problemsOf(t, test.text), "\n")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFileErrors(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "big.yaml"), bytes.Repeat([]byte{'#'}, 10<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ path, want string }{
		{"missing", "no such file or directory"},
		{"big.yaml", "a file of more than 8 MiB; allowed: at most 8 MiB"},
	} {
		path := filepath.Join(dir, test.path)
		_, err := Load(path)
		if err == nil || err.Error() != path+": "+test.want {
			t.Errorf("%s: %v", test.path, err)
		}
	}
	if runtime.GOOS == "linux" {
		if _, err := Load("/dev/zero"); err == nil || !strings.Contains(err.Error(), "no regular file") {
			t.Errorf("a device: %v", err)
		}
	}
}

func TestPretty(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, test := range []struct {
		name, line string
		column     int
		want       string
	}{
		{"tabs", "\tab", 2, "\n    7 | \tab\n      | \t^"},
		{"wide letters", "üb", 2, "\n    7 | üb\n      |  ^"},
		{"end of line", "ab", 3, "\n    7 | ab\n      |   ^"},
		{"no column", "ab", 0, "\n    7 | ab"},
		{"behind the line", "ab", 9, "\n    7 | ab"},
		{"long", long, 1, "\n    7 | " + long[:120] + "…\n      | ^"},
		{"far right", long + "y", 301, "\n    7 | …" + long[:60] + "y\n      | " + strings.Repeat(" ", 61) + "^"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, cut(test.line, test.column).below(7)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
