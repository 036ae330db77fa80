package bundle

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Namespaces of the modules that exist in no file.
const (
	requiredSpace = "sundog-required" // a built-in module, for require()
	missingSpace  = "sundog-missing"  // one that the runtime lacks
)

// resolveNode answers for imports of built-in modules of Node.js; false: it is no matter of ours.
func (j *job) resolveNode(b api.PluginBuild, a api.OnResolveArgs) (api.OnResolveResult, bool) {
	prefixed := strings.HasPrefix(a.Path, "node:")
	n, name := builtin(a.Path)
	if n == nil && !prefixed {
		return api.OnResolveResult{}, false
	}
	if n == nil {
		text := "Node.js has no built-in module " + strconv.Quote(name)
		if near := nearBuiltin(name); near != "" {
			text += ": did you mean node:" + near + "?"
		}
		if near, bare := builtin(strings.TrimSuffix(name, "/")); near != nil {
			text += ": did you mean node:" + bare + "?"
		}
		return fail(text), true
	}
	if !prefixed && !j.node.bare() {
		return api.OnResolveResult{}, false // a package of that name, or an error with a hint
	}
	if !j.node.on() && !(j.node.asyncHooksOnly() && name == "async_hooks") {
		if a.Kind == api.ResolveJSImportStatement {
			return fail(strconv.Quote(a.Path) + " is built into Node.js, which this Worker does not have: " + j.node.turnOn()), true
		}
		return api.OnResolveResult{
			Path: a.Path, External: true,
			Warnings: []api.Message{{Text: strconv.Quote(a.Path) + " fails when it is loaded: " + j.node.turnOn()}},
		}, true
	}
	path := "node:" + name
	switch {
	case !j.node.native(n):
		return j.lacking(b, a, path, n), true
	case a.Kind == api.ResolveJSRequireCall:
		return api.OnResolveResult{Path: path, Namespace: requiredSpace}, true
	}
	return api.OnResolveResult{Path: path, External: true}, true
}

// lacking stands something in for a module that the runtime does not have at the Worker's date.
func (j *job) lacking(b api.PluginBuild, a api.OnResolveArgs, path string, n *native) api.OnResolveResult {
	why := path + " is in the runtime from compatibility_date " + n.since + " on; this Worker has " + j.node.date
	if j.node.has("disable_" + n.flag) {
		why = path + " is turned off by the compatibility flag disable_" + n.flag
	}
	for _, dir := range j.unenvDirs() {
		r := b.Resolve("unenv/"+strings.Replace(path, ":", "/", 1), api.ResolveOptions{
			ResolveDir: dir, Kind: api.ResolveJSImportStatement, PluginData: pass{},
		})
		if len(r.Errors) == 0 {
			return api.OnResolveResult{Path: r.Path, Namespace: r.Namespace, Warnings: j.once(path, why+", so the replacement from unenv is bundled")}
		}
	}
	return api.OnResolveResult{
		Path: path, Namespace: missingSpace, PluginData: why,
		Warnings: j.once(path, why+", so whatever uses it throws"),
	}
}

// unenvDirs are where unenv may be found from: the project, and beside its wrangler where the
// package manager keeps each package's own dependencies to itself.
func (j *job) unenvDirs() []string {
	dirs := []string{j.dir}
	for dir := j.dir; ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, "node_modules", "wrangler")); err == nil {
			return append(dirs, real)
		}
		if dir == filepath.Dir(dir) {
			return dirs
		}
	}
}

// once is a warning for the first that asks.
func (j *job) once(key, text string) []api.Message {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.warned[key] {
		return nil
	}
	j.warned[key] = true
	return []api.Message{{Text: text}}
}

// required is the module behind require("node:x"): an import turned into module.exports.
func required(a api.OnLoadArgs) (api.OnLoadResult, error) {
	code := "import m from " + strconv.Quote(a.Path) + ";\nmodule.exports = m;\n"
	return api.OnLoadResult{Contents: &code, Loader: api.LoaderJS}, nil
}

// missing is a module any use of which throws. The exports inherit from the proxy, so that they
// keep doing so when esbuild copies them for an import statement.
func missing(a api.OnLoadArgs) (api.OnLoadResult, error) {
	why, _ := a.PluginData.(string)
	code := `const refuse = (name) => { throw new Error(` + strconv.Quote(why) + ` + " (" + name + ")") };
module.exports = Object.create(new Proxy({}, {
  get: (_, name) => typeof name === "symbol" || name === "__esModule" || name === "then" || name === "default"
    ? undefined
    : new Proxy(function () {}, { get: (_, n) => refuse(String(name)), apply: () => refuse(String(name)), construct: () => refuse(String(name)) }),
}));
`
	return api.OnLoadResult{Contents: &code, Loader: api.LoaderJS}, nil
}

func fail(text string) api.OnResolveResult {
	return api.OnResolveResult{Errors: []api.Message{{Text: text}}}
}

// readFile is os.ReadFile whose errors do not repeat the path.
func readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if e, ok := err.(*os.PathError); ok {
		err = e.Err
	}
	return data, err
}
