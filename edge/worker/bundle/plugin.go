package bundle

import (
	"crypto/sha1"
	"encoding/hex"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// pass marks the imports that the plugin asks esbuild about, so that it does not take them itself.
type pass struct {
	afterAlias bool // only the alias is past
}

// plugin has all that wrangler's plugins decide: alias, rules, built-in modules.
func (j *job) plugin() api.Plugin {
	return api.Plugin{Name: "sundog", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `.*`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			return j.resolve(b, a), nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: requiredSpace}, required)
		b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: missingSpace}, missing)
		b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "file"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			j.see(a.Path)
			return api.OnLoadResult{}, nil
		})
	}}
}

func (j *job) resolve(b api.PluginBuild, a api.OnResolveArgs) api.OnResolveResult {
	mark, marked := a.PluginData.(pass)
	if a.Kind == api.ResolveEntryPoint || marked && !mark.afterAlias {
		return api.OnResolveResult{}
	}
	if to, ok := j.config.Bundling.Alias[a.Path]; ok && !marked {
		r := b.Resolve(to, api.ResolveOptions{
			ResolveDir: j.dir, Importer: a.Importer, Kind: a.Kind, Namespace: "file", PluginData: pass{afterAlias: true},
		})
		if len(r.Errors) > 0 {
			return fail(strconv.Quote(a.Path) + " is an alias of " + strconv.Quote(to) + ", which cannot be resolved from " + j.dir)
		}
		return api.OnResolveResult{
			Path: r.Path, Namespace: r.Namespace, External: r.External, Suffix: r.Suffix, PluginData: r.PluginData, Warnings: r.Warnings,
		}
	}
	if r, ok := j.resolveRule(b, a); ok {
		return r
	}
	if r, ok := j.resolveBareFile(b, a); ok {
		return r
	}
	if strings.HasPrefix(a.Path, "cloudflare:") || strings.HasPrefix(a.Path, "workerd:") {
		return api.OnResolveResult{Path: a.Path, External: true}
	}
	if strings.HasPrefix(a.Path, "assets:") {
		return fail(strconv.Quote(a.Path) + " is an import of static files, as plugins of Pages have it, which is not supported yet")
	}
	if r, ok := j.resolveNode(b, a); ok {
		return r
	}
	return api.OnResolveResult{}
}

// resolveRule makes a module of its own out of a file that a rule names; false: no rule does.
func (j *job) resolveRule(b api.PluginBuild, a api.OnResolveArgs) (api.OnResolveResult, bool) {
	var shadow *rule
	for i := range j.rules {
		r := &j.rules[i]
		if r.code() && !j.config.Bundling.FindAdditional || !r.specifiers.MatchString(a.Path) {
			continue
		}
		clean, _, _ := strings.Cut(a.Path, "?")
		if name, ok := j.found[filepath.Join(a.ResolveDir, filepath.FromSlash(clean))]; ok {
			return api.OnResolveResult{Path: "./" + name, External: true}, true
		}
		if r.code() {
			continue
		}
		if r.shadowed {
			if shadow == nil {
				shadow = r
			}
			continue
		}
		return j.collect(b, a, clean, r.kind), true
	}
	if shadow != nil {
		return fail(strconv.Quote(a.Path) + ` matches the rule for ` + shadow.typ + ` "` + shadow.glob +
			`", which an earlier rule of that type hides: add "fallthrough": true to the earlier one`), true
	}
	return api.OnResolveResult{}, false
}

// resolveBareFile takes import "a.txt" for the file beside the main module, as the first wranglers
// did, where a rule names it.
func (j *job) resolveBareFile(b api.PluginBuild, a api.OnResolveArgs) (api.OnResolveResult, bool) {
	imported := a.Kind == api.ResolveJSImportStatement || a.Kind == api.ResolveJSRequireCall
	if j.main == "" || !imported || !strings.Contains(a.Path, ".") || strings.ContainsAny(a.Path, `/\:`) {
		return api.OnResolveResult{}, false
	}
	dir := filepath.Dir(j.main)
	if info, err := os.Stat(filepath.Join(dir, a.Path)); err != nil || !info.Mode().IsRegular() {
		return api.OnResolveResult{}, false
	}
	as := a
	as.Path, as.ResolveDir = "./"+a.Path, dir
	r, ok := j.resolveRule(b, as)
	if ok && len(r.Errors) == 0 {
		r.Warnings = append(r.Warnings, api.Message{Text: strconv.Quote(a.Path) + " names a package; the file beside the main module is " + strconv.Quote(as.Path)})
	}
	return r, ok
}

func (j *job) collect(b api.PluginBuild, a api.OnResolveArgs, clean string, kind version.Kind) api.OnResolveResult {
	file := filepath.Join(a.ResolveDir, filepath.FromSlash(clean))
	r := b.Resolve(clean, api.ResolveOptions{
		ResolveDir: a.ResolveDir, Importer: a.Importer, Kind: a.Kind, Namespace: a.Namespace, PluginData: pass{},
	})
	if len(r.Errors) == 0 && r.Path != "" {
		file = r.Path
	}
	j.see(file)
	content, err := readFile(file)
	if err != nil {
		return fail(`Could not resolve "` + a.Path + `"`)
	}
	sum := sha1.Sum(content)
	name := hex.EncodeToString(sum[:]) + "-" + path.Base(clean)
	j.mu.Lock()
	j.modules[name] = version.Module{Name: name, Kind: kind, Content: content}
	j.mu.Unlock()
	return api.OnResolveResult{Path: "./" + name, External: true}
}
