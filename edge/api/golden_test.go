package api

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the transcripts in testdata anew")

// transcript is what commands printed, without what differs from run to run.
type transcript struct{ strings.Builder }

var differs = []struct {
	what *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`\x1b\[[0-9;]*m`), ""},
	{regexp.MustCompile(`\d+\.\d+ (sec|KiB)`), "N $1"},
	{regexp.MustCompile(`(?m)^.*(Logs were written to|Uploading\.\.\. \(|Last Modified| ago |[┌├└]─).*\n?`), ""},
	{regexp.MustCompile(`(?m)[ \t]+$`), ""},
	{regexp.MustCompile(`\n{3,}`), "\n\n"},
}

func (s *transcript) add(args []string, out, dir string) {
	out = strings.ReplaceAll(strings.ReplaceAll(out, "\r\n", "\n"), dir, "DIR")
	for _, d := range differs {
		out = d.what.ReplaceAllString(out, d.to)
	}
	s.WriteString("$ wrangler " + strings.Join(args, " ") + "\n" + strings.Trim(out, "\n") + "\n\n")
}

// matches compares with a file of testdata.
func (s *transcript) matches(t *testing.T, name string) {
	t.Helper()
	if t.Failed() {
		return
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(s.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(s.String(), "\n")); diff != "" {
		t.Errorf("what wrangler prints is not %s; -update writes it anew:\n%s", path, diff)
	}
}
