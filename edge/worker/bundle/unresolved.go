package bundle

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

var unresolved = lazyregexp.New(`^Could not resolve "(.*)"$`)

// packageName is how npm lets a package be called.
var packageName = lazyregexp.New(`^(@[a-z0-9~_-][a-z0-9._~-]*/)?[a-z0-9~_-][a-z0-9._~-]*$`)

// mend is the hint for a message about a file that esbuild cannot have a good one for; empty: its own is.
func (j *job) mend(text, file string) string {
	m := unresolved.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	name := m[1]
	if node, bare := builtin(name); node != nil {
		if !j.node.on() {
			return "it is built into Node.js: " + j.node.turnOn()
		}
		return `it is built into Node.js: import "node:` + bare + `", or have compatibility_date ` + bareNamesSince + ` or later`
	}
	if strings.HasPrefix(name, "@/") || strings.HasPrefix(name, "~/") || strings.HasPrefix(name, "#") {
		return `nothing maps this name: see "paths" of tsconfig.json, or "imports" of package.json`
	}
	if !strings.HasPrefix(name, ".") && file != "" {
		if info, err := os.Stat(filepath.Join(filepath.Dir(file), filepath.FromSlash(name))); err == nil && info.Mode().IsRegular() {
			return `write "./` + name + `": the file is beside this one`
		}
	}
	if pkg := packageOf(name); pkg != "" && !strings.HasPrefix(name, "/") {
		return "npm install " + pkg
	}
	return ""
}

// seeWhereMissing makes the folders of files that are imported and not there inputs.
func (j *job) seeWhereMissing(errs Errors) {
	for _, p := range errs {
		m := unresolved.FindStringSubmatch(p.Text)
		if m == nil || p.Path == "" || !strings.HasPrefix(m[1], ".") {
			continue
		}
		dir := filepath.Dir(filepath.Join(filepath.Dir(p.Path), filepath.FromSlash(m[1])))
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			j.see(dir)
		}
	}
}

// packageOf is the package that an import names; empty: it names a file, or nothing that npm has.
func packageOf(specifier string) string {
	if strings.HasPrefix(specifier, ".") || strings.Contains(specifier, ":") {
		return ""
	}
	parts := strings.SplitN(specifier, "/", 3)
	name := parts[0]
	if strings.HasPrefix(name, "@") && len(parts) > 1 {
		name += "/" + parts[1]
	}
	if !packageName.MatchString(name) {
		return ""
	}
	return name
}
