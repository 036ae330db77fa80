package script

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// manual is the package comment.
func manual(t *testing.T) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	return f.Doc.Text()
}

// missing lists what the manual of these commands and programs lacks.
func missing(manual string, cmds []command, progs []program) (lacks []string) {
	lines := strings.Split(manual, "\n")
	for _, cmd := range cmds {
		for usage := range strings.SplitSeq(cmd.usage, "\n") {
			if !slices.Contains(lines, "\t"+usage) {
				lacks = append(lacks, usage)
			}
		}
	}
	for _, p := range progs {
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "\t["+p.name+"] ") }) {
			lacks = append(lacks, "["+p.name+"]")
		}
	}
	return lacks
}

func TestManual(t *testing.T) {
	text := manual(t)
	if lacks := missing(text, commands(), programs()); len(lacks) > 0 {
		t.Errorf("doc.go lacks:\n%s", strings.Join(lacks, "\n"))
	}
	// The rule itself must see what is not there.
	got := missing(text, []command{{"sleep", "sleep 5", nil}}, []program{{name: "netscape"}})
	if want := []string{"sleep 5", "[netscape]"}; !slices.Equal(got, want) {
		t.Errorf("of what is not in the manual, %q is found missing; want %q", got, want)
	}
}

// A command that the manual has and the table has not.
func TestManualHasNoMore(t *testing.T) {
	known := map[string]bool{"#": true}
	for _, cmd := range commands() {
		for usage := range strings.SplitSeq(cmd.usage, "\n") {
			known[usage] = true
		}
	}
	_, section, _ := strings.Cut(manual(t), "# Commands")
	section, _, _ = strings.Cut(section, "# Conditions")
	seen := 0
	for line := range strings.SplitSeq(section, "\n") {
		usage, ok := strings.CutPrefix(line, "\t")
		if !ok {
			continue
		}
		seen++
		if !known[usage] {
			t.Errorf("doc.go has a usage that no command has: %s", usage)
		}
	}
	if seen < len(commands()) {
		t.Errorf("only %d usages were found in doc.go", seen)
	}
}

func TestTablesAreSorted(t *testing.T) {
	if !slices.IsSortedFunc(commands(), func(a, b command) int { return strings.Compare(a.name, b.name) }) {
		t.Error("commands are not sorted by name")
	}
	if !slices.IsSortedFunc(programs(), func(a, b program) int { return strings.Compare(a.name, b.name) }) {
		t.Error("programs are not sorted by name")
	}
	for _, cmd := range commands() {
		first, _, _ := strings.Cut(cmd.usage, "\n")
		if name := strings.Fields(strings.TrimPrefix(first, "[!] "))[0]; name != cmd.name {
			t.Errorf("command %s has a usage that begins with %s", cmd.name, name)
		}
	}
}
