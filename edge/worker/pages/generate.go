package pages

import (
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

//go:embed runtime.js
var runtimeModule string

// inlined is the runtime without its exports, to stand in a module that has its own.
var inlined = strings.ReplaceAll(runtimeModule, "\nexport const ", "\nconst ")

// rulesCode is what the runtime knows of the rules, as JavaScript.
func rulesCode(r *Routes) string {
	if r.all() {
		return "null"
	}
	all := struct {
		Include []string `json:"include"`
		Exclude []string `json:"exclude"`
	}{[]string{}, []string{}}
	for _, rule := range r.Include {
		all.Include = append(all.Include, ruleExpression(rule))
	}
	for _, rule := range r.Exclude {
		all.Exclude = append(all.Exclude, ruleExpression(rule))
	}
	return toJS(all)
}

// entryOf is the module that answers by a route table. Root is the folder of functions, as imports
// of the module call it: "./functions".
func entryOf(table []Function, root string, r *Routes) (string, error) {
	var imports, routes strings.Builder
	names := map[string]string{}
	handler := func(module string) string {
		if module == "" {
			return "[]"
		}
		if names[module] == "" {
			names[module] = "handler" + strconv.Itoa(len(names))
			i := strings.LastIndexByte(module, ':')
			fmt.Fprintf(&imports, "import { %s as %s } from %s;\n", module[i+1:], names[module], toJS(root+"/"+module[:i]))
		}
		return "[" + names[module] + "]"
	}
	for _, f := range table {
		route, err := parts(f.Route)
		if err != nil {
			return "", err
		}
		mount, err := parts(f.Mount)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&routes, "  { method: %s, within: %s, mount: %s, exact: %s, middlewares: %s, modules: %s },\n",
			toJS(f.Method), matcherCode(route, false), matcherCode(mount, false), matcherCode(route, true), handler(f.Middleware), handler(f.Module))
	}
	return imports.String() + inlined + "\nexport default serve([\n" + routes.String() + "], " + rulesCode(r) + ");\n", nil
}

func matcherCode(ps []part, whole bool) string {
	source, names := expression(ps, whole)
	if names == nil {
		names = []any{}
	}
	return toJS([]any{source, names})
}

// guarded is the module that runs the one called name where the rules say so.
func guarded(name string, r *Routes) string {
	from := toJS("./" + name)
	return "import worker from " + from + ";\nexport * from " + from + ";\n" + inlined +
		"\nexport default guard(worker, " + rulesCode(r) + ");\n"
}

// wrap puts a module that asks the rules before the main one. The source map is no longer of the
// first module, and goes.
func wrap(v *version.Version, r *Routes) {
	if r.all() || len(v.Modules) == 0 {
		return
	}
	taken := map[string]bool{}
	for _, m := range v.Modules {
		taken[m.Name] = true
	}
	name := "routes.js"
	for taken[name] {
		name = "_" + name
	}
	m := version.Module{Name: name, Kind: version.ESModule, Content: []byte(guarded(v.Modules[0].Name, r))}
	v.Modules = append([]version.Module{m}, v.Modules...)
	v.SourceMap = nil
}

// commit stands for the commit that the code came from.
func commit(modules []version.Module) string {
	h := sha1.New()
	for _, m := range modules {
		fmt.Fprintf(h, "%s %d\n", m.Name, len(m.Content))
		h.Write(m.Content)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// toJS is a value as JavaScript. What it is called with, JSON has.
func toJS(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// slashed is a path for an import.
func slashed(name string) string {
	name = filepath.ToSlash(name)
	if !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "/") {
		name = "./" + name
	}
	return name
}
