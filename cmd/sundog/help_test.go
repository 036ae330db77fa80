package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// own are the commands that are not cobra's.
func own(t *testing.T, visit func(*cobra.Command)) {
	t.Helper()
	n := 0
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if name := c.Name(); name == "completion" || name == "help" || c.Hidden {
			return
		}
		n++
		visit(c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot("sundog", streams{}))
	if n < 14 {
		t.Fatalf("only %d commands were visited", n)
	}
}

func TestEveryCommandHasManualAndExample(t *testing.T) {
	own(t, func(c *cobra.Command) {
		if c.Short == "" || c.Long == "" || len(c.Long) <= len(c.Short) {
			t.Errorf("%s has no manual", c.CommandPath())
		}
		if !strings.Contains(c.Example, "sundog ") && !strings.Contains(c.Example, "sundog\n") {
			t.Errorf("%s has no example", c.CommandPath())
		}
		if strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: the summary ends with a full stop", c.CommandPath())
		}
		for line := range strings.Lines(c.Long + "\n" + c.Example) {
			if len([]rune(strings.TrimRight(line, "\n"))) > 120 {
				t.Errorf("%s: a line of its help is too long: %s", c.CommandPath(), line)
			}
		}
	})
}

// Examples are command lines that the flags understand.
func TestExamplesParse(t *testing.T) {
	own(t, func(c *cobra.Command) {
		for line := range strings.Lines(c.Example) {
			words := strings.Fields(strings.Split(strings.TrimSpace(line), " #")[0])
			if len(words) < 2 || words[0] != "sundog" {
				continue
			}
			words = words[1:]
			for i, w := range words {
				if w == "--" || w == "|" || w == "&" || w == ">" || w == "&&" {
					words = words[:i]
					break
				}
			}
			root := newRoot("sundog", streams{})
			found, rest, err := root.Find(words)
			if err != nil {
				t.Errorf("%q: %v", line, err)
				continue
			}
			if found == root {
				t.Errorf("%q names no command", line)
			}
			if err := found.ParseFlags(rest); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	})
}

func TestHelpTexts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the shell that env means by default is another one here")
	}
	var got bytes.Buffer
	own(t, func(c *cobra.Command) {
		var out bytes.Buffer
		path := strings.Fields(c.CommandPath())[1:]
		root := newRoot("sundog", streams{out: &out, err: &out})
		root.SetArgs(append(path, "--help"))
		if err := root.Execute(); err != nil {
			t.Fatalf("%s --help: %v", c.CommandPath(), err)
		}
		got.WriteString("== " + c.CommandPath() + " --help\n" + out.String() + "\n")
	})
	file := filepath.Join("testdata", "help.txt")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s is stale; go test -update rewrites it (-want +got):\n%s", file, diff)
	}
}
