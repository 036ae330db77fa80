package script

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sundog-edge/sundog/edge"
)

// Options change what scripts run with. The zero value is fine.
type Options struct {
	// Edge are given to every edge, after the script's own clock, keys and origins. Nil:
	// none.
	Edge []edge.Option
	// Setup is called for each script before it begins, for variables and files of one's
	// own. Nil: nothing.
	Setup func(*testscript.Env) error
	// Update writes what is into the scripts' golden files instead of comparing. False:
	// the test's own -update flag decides, where there is one.
	Update bool
	// Work keeps the scripts' work directories and tells where they are.
	Work bool
}

// Params are testscript's parameters for scripts with this package's commands, for
// those who bring commands of their own: they may add to Cmds and set Files.
func Params() testscript.Params { return Options{}.Params() }

// Run runs the scripts that match the patterns of filepath.Glob, each as a parallel
// subtest. A pattern that matches none is a mistake and fails t.
func Run(t *testing.T, patterns ...string) {
	t.Helper()
	Options{}.Run(t, patterns...)
}

// Run is the function of the same name with options.
func (o Options) Run(t *testing.T, patterns ...string) {
	t.Helper()
	groups, err := byFolder(patterns)
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range groups {
		p := o.Params(files...)
		testscript.Run(t, p)
	}
}

// RunT is Run outside of "go test". A T that has a method Failed() bool gets the traces
// of the edges of failing scripts.
func (o Options) RunT(t testscript.T, patterns ...string) {
	groups, err := byFolder(patterns)
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range groups {
		testscript.RunT(t, o.Params(files...))
	}
}

// Params are testscript's parameters for scripts of one folder. All other fields than
// Files may be changed; Setup and Cmds to what does what theirs did and more.
func (o Options) Params(files ...string) testscript.Params {
	cmds := make(map[string]func(*testscript.TestScript, bool, []string))
	for _, cmd := range commands() {
		cmds[cmd.name] = cmd.bind()
	}
	return testscript.Params{
		Files:              files,
		Setup:              func(env *testscript.Env) error { return o.setup(env, files) },
		Cmds:               cmds,
		Condition:          condition,
		UpdateScripts:      o.Update || flagged("update"),
		TestWork:           o.Work,
		RequireUniqueNames: true,
	}
}

func (o Options) setup(env *testscript.Env, files []string) error {
	s := newState(o, env)
	env.Values[stateKey{}] = s
	if len(files) > 0 {
		dir, err := filepath.Abs(filepath.Dir(files[0]))
		if err != nil {
			return err
		}
		env.Setenv("SCRIPTDIR", dir)
	}
	for _, name := range []string{"SystemRoot", "SYSTEMROOT"} { // Windows programs do not start without it
		if v := os.Getenv(name); v != "" {
			env.Setenv(name, v)
		}
	}
	env.Defer(func() { s.end(hasFailed(env.T())) })
	if o.Setup != nil {
		return o.Setup(env)
	}
	return nil
}

func hasFailed(t testscript.T) bool {
	f, ok := t.(interface{ Failed() bool })
	return ok && f.Failed()
}

// flagged says whether the test binary has a boolean flag of that name, and it is set.
// The flag is the test's own: a library that defined it would stand in the way of
// others.
func flagged(name string) bool {
	f := flag.Lookup(name)
	if f == nil {
		return false
	}
	v, ok := f.Value.(flag.Getter)
	if !ok {
		return false
	}
	on, _ := v.Get().(bool)
	return on
}

// byFolder are the scripts that match, sorted, in groups of one folder.
func byFolder(patterns []string) ([][]string, error) {
	if len(patterns) == 0 {
		return nil, errors.New("script: no scripts are named")
	}
	var all []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("script: %s: %w", pattern, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("script: %s: there is no such script", pattern)
		}
		for _, name := range found {
			if ext := filepath.Ext(name); ext != ".txtar" && ext != ".txt" {
				return nil, fmt.Errorf("script: %s: scripts are files named *.txtar", name)
			}
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b string) int {
		if c := strings.Compare(filepath.Dir(a), filepath.Dir(b)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	all = slices.Compact(all)
	var groups [][]string
	for i, name := range all {
		if i == 0 || filepath.Dir(all[i-1]) != filepath.Dir(name) {
			groups = append(groups, nil)
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], name)
	}
	return groups, nil
}
