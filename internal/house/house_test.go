// Package house holds the rules of the repository as tests. Each rule is a function
// of a list of files, and is shown failing on a made-up one.
package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sundog-edge/sundog"

// file is one Go file of the module.
type file struct {
	path string // from the module's root, with slashes: "edge/route.go"
	tree *ast.File
	fset *token.FileSet
}

func (f file) folder() string {
	if i := strings.LastIndexByte(f.path, '/'); i >= 0 {
		return f.path[:i]
	}
	return ""
}

func (f file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// imports are the packages of this module that the file imports, from the root.
func (f file) imports() (inside []string) {
	for _, spec := range f.tree.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err == nil && strings.HasPrefix(path, module+"/") {
			inside = append(inside, strings.TrimPrefix(path, module+"/"))
		}
	}
	return inside
}

var fakes = []string{"accessemu", "tunnelemu", "dnsemu"}

// edgeUsers are the packages under edge that stand on top of it.
var edgeUsers = []string{"edge/edgetest", "edge/script", "edge/run"}

func within(pkg, root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") }

// importsOneWay: cmd → edge → fakes, and never back.
func importsOneWay(files []file) (broken []string) {
	for _, f := range files {
		from := f.folder()
		for _, to := range f.imports() {
			if why := forbidden(from, to, f.isTest()); why != "" {
				broken = append(broken, fmt.Sprintf("%s imports %s: %s", f.path, to, why))
			}
		}
	}
	return broken
}

func forbidden(from, to string, test bool) string {
	for _, fake := range fakes {
		if !within(from, fake) {
			continue
		}
		if within(to, "edge") || within(to, "cmd") {
			return "a fake stands alone"
		}
		for _, other := range fakes {
			if other != fake && within(to, other) {
				return "fakes know nothing of each other"
			}
		}
	}
	if within(to, "cmd") && !within(from, "cmd") {
		return "nothing imports the command"
	}
	if strings.HasPrefix(from, "edge/") && to == "edge" && !slices.ContainsFunc(edgeUsers, func(u string) bool { return within(from, u) }) {
		return "what the edge is made of does not import it"
	}
	if from == "edge" && !test && slices.ContainsFunc(edgeUsers, func(u string) bool { return within(to, u) }) {
		return "the edge does not stand on its users"
	}
	return ""
}

// timeAndChance: the clock and the dice are inputs. A function value as a default
// (o.Now = time.Now) is one; a call in the middle of the way is not.
func timeAndChance(files []file) (broken []string) {
	for _, f := range files {
		if f.isTest() || within(f.folder(), "testdata") || within(f.folder(), "cmd") {
			continue
		}
		for _, spec := range f.tree.Imports {
			if p := strings.Trim(spec.Path.Value, `"`); p == "math/rand" || p == "math/rand/v2" {
				broken = append(broken, f.path+" imports "+p)
			}
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok || pkg.Name != "time" {
				return true
			}
			switch name := sel.Sel.Name; name {
			case "Now", "Sleep", "Since", "Until":
				where := f.fset.Position(call.Pos())
				if !allowedTime[f.path] {
					broken = append(broken, fmt.Sprintf("%s:%d calls time.%s", f.path, where.Line, name))
				}
			}
			return true
		})
	}
	return broken
}

// allowedTime are the files that are the clock.
var allowedTime = map[string]bool{
	"edge/options.go":      true,
	"edge/listen/limit.go": true, // deadlines of connections are wall time, as net.Conn's are
}

// smallRooms: a file that nobody reads to its end is two files.
func smallRooms(files []file) (broken []string) {
	for _, f := range files {
		if n := f.fset.File(f.tree.Pos()).LineCount(); n > 600 && !strings.HasSuffix(f.path, ".capnp.go") { // nobody reads what a compiler wrote
			broken = append(broken, fmt.Sprintf("%s has %d lines; 600 are the limit", f.path, n))
		}
	}
	return broken
}

var rules = map[string]func([]file) []string{
	"imports go one way":          importsOneWay,
	"time and chance are inputs":  timeAndChance,
	"files are at most 600 lines": smallRooms,
}

func TestRules(t *testing.T) {
	files := load(t)
	if len(files) < 50 {
		t.Fatalf("only %d files were found: the rules would hold by themselves", len(files))
	}
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			for _, b := range rule(files) {
				t.Error(b)
			}
		})
	}
}

// Each rule fails on the slip that it is there for.
func TestRulesFail(t *testing.T) {
	for _, tt := range []struct{ rule, path, source string }{
		{"imports go one way", "dnsemu/x.go", `import _ "` + module + `/accessemu"`},
		{"imports go one way", "accessemu/x.go", `import _ "` + module + `/edge/problem"`},
		{"imports go one way", "tunnelemu/x_test.go", `import _ "` + module + `/edge"`},
		{"imports go one way", "edge/world/x.go", `import _ "` + module + `/edge"`},
		{"imports go one way", "edge/x.go", `import _ "` + module + `/edge/script"`},
		{"imports go one way", "edge/x.go", `import _ "` + module + `/cmd/sundog"`},
		{"time and chance are inputs", "edge/x.go", "import \"time\"\nvar _ = time.Now()"},
		{"time and chance are inputs", "dnsemu/x.go", "import \"time\"\nfunc f() { time.Sleep(1) }"},
		{"time and chance are inputs", "dnsemu/x.go", "import _ \"math/rand/v2\""},
		{"files are at most 600 lines", "edge/x.go", strings.Repeat("\n", 601)},
	} {
		t.Run(tt.rule+" "+tt.path, func(t *testing.T) {
			if broken := rules[tt.rule]([]file{parse(t, tt.path, "package x\n"+tt.source)}); len(broken) == 0 {
				t.Error("the rule holds")
			}
		})
	}
}

// A default that is a function value is an input, and so is an edge user importing the edge.
func TestRulesHold(t *testing.T) {
	for _, tt := range []struct{ rule, path, source string }{
		{"imports go one way", "edge/edgetest/x.go", `import _ "` + module + `/edge"`},
		{"imports go one way", "edge/x.go", `import _ "` + module + `/dnsemu"`},
		{"time and chance are inputs", "dnsemu/x.go", "import \"time\"\nvar now = time.Now"},
		{"time and chance are inputs", "dnsemu/x_test.go", "import \"time\"\nvar _ = time.Now()"},
		{"files are at most 600 lines", "tunnelemu/x.capnp.go", strings.Repeat("\n", 601)},
	} {
		if broken := rules[tt.rule]([]file{parse(t, tt.path, "package x\n"+tt.source)}); len(broken) != 0 {
			t.Errorf("%s: %v", tt.rule, broken)
		}
	}
}

func parse(t *testing.T, path, source string) file {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file{path, tree, fset}
}

// load parses every Go file of this module; nested modules have their own rules.
func load(t *testing.T) []file {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var files []file
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != root {
				if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" {
					return filepath.SkipDir
				}
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files = append(files, parse(t, filepath.ToSlash(rel), string(source)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
