package wrangler

import (
	"path/filepath"
	"slices"

	"github.com/sundog-edge/sundog/edge/worker/version"
)

// lostVars finds variables of the top level that an environment with variables of its own goes without.
func (l *loader) lostVars(vars value) {
	if l.env.n == nil || !vars.given() {
		return
	}
	top := l.top.key("vars")
	for _, v := range top.pairs() {
		if name := v.field[len(top.field)+1:]; !vars.key(name).given() {
			vars.find(vars.field+" has no "+name+", and that of the top level is not inherited", "write "+name+" in the environment too, if it is to have it")
		}
	}
}

// vars reads the variables, and over them the local secrets.
func (l *loader) vars() {
	vars := l.own("vars")
	given := vars.pairs()
	l.checkVars(vars)
	l.lostVars(vars)
	secrets := l.own("secrets")
	var required []string
	if secrets.given() && secrets.only("required") {
		required = secrets.key("required").texts()
	}
	names := map[string]bool{}
	for _, v := range given {
		names[v.field[len(vars.field)+1:]] = true
	}
	local := l.localSecrets(secrets.given(), append(sortedNames(names), required...))
	for _, v := range given {
		name := v.field[len(vars.field)+1:]
		if _, over := local[name]; over {
			continue
		}
		b := version.Binding{Type: "plain_text", Name: name, At: v.at()}
		switch {
		case v.n.kind == text:
			b.Text = v.n.text
		default:
			b.Type, b.JSON = "json", v.raw()
		}
		l.bind(v, b)
	}
	for _, name := range sortedNames(local) {
		if secrets.given() && !names[name] && !slices.Contains(required, name) {
			continue
		}
		b := local[name]
		l.bound[name] = b.At
		l.version.Bindings = append(l.version.Bindings, b)
	}
	for _, v := range secrets.key("required").items() {
		if _, there := local[v.n.text]; !there && v.n.kind == text && !l.memory {
			v.find("no local file gives the secret "+quote(v.n.text), "add it to .dev.vars")
		}
	}
}

// localSecrets are those of .dev.vars, or of the .env files, by name. Wanted are the names that the
// environment of the process may give a value to.
func (l *loader) localSecrets(required bool, wanted []string) map[string]version.Binding {
	local := map[string]version.Binding{}
	if l.memory {
		return local
	}
	add := func(src *source, p pair) {
		local[p.name] = version.Binding{Type: "secret_text", Name: p.name, Text: p.value, At: src.short(p.at)}
	}
	for _, name := range l.devVars() {
		src := l.readLocal(name)
		if src == nil {
			continue
		}
		for _, p := range l.dotenv(src) {
			add(src, p)
		}
		return local
	}
	if v, _ := l.o.Lookup("CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"); v == "false" {
		return local
	}
	var order []string
	places := map[string]*source{}
	pairs := map[string]pair{}
	for _, name := range l.dotEnvs() {
		src := l.readLocal(name)
		if src == nil {
			continue
		}
		for _, p := range l.dotenv(src) {
			if places[p.name] == nil {
				order = append(order, p.name)
			}
			places[p.name], pairs[p.name] = src, p
		}
	}
	v, _ := l.o.Lookup("CLOUDFLARE_INCLUDE_PROCESS_ENV")
	process := func(name string) string {
		if !required && v != "true" {
			return ""
		}
		s, _ := l.o.Lookup(name)
		return s
	}
	for _, name := range order {
		p := pairs[name]
		if s := process(name); s != "" {
			p.value = s
		} else if s, ok := expand(p.value, func(name string) string { return or(process(name), local[name].Text) }); ok {
			p.value = s
		} else {
			l.probs.find(places[name].mark(p.at), name, "there is no end to replacing the variables in its value, which is kept as it is", "put a backslash before the dollar sign")
		}
		add(places[name], p)
	}
	for _, name := range wanted {
		if s := process(name); s != "" && local[name].Name == "" {
			local[name] = version.Binding{Type: "secret_text", Name: name, Text: s}
		}
	}
	return local
}

// devVars are the names that .dev.vars may have here, the first of which counts.
func (l *loader) devVars() []string {
	if l.env.n != nil && !l.pages {
		return []string{".dev.vars." + l.o.Env, ".dev.vars"}
	}
	return []string{".dev.vars"}
}

func (l *loader) dotEnvs() []string {
	files := []string{".env", ".env.local"}
	if l.env.n != nil && !l.pages {
		files = append(files, ".env."+l.o.Env, ".env."+l.o.Env+".local")
	}
	return files
}

// readLocal reads a file of the project's folder, when there is one.
func (l *loader) readLocal(name string) *source {
	path := filepath.Join(filepath.Dir(l.src.name), name)
	src, problem := read(path)
	switch {
	case problem != nil:
		l.probs.fail(*problem)
	case src == nil:
		if !slices.Contains(l.cfg.Looked, path) {
			l.cfg.Looked = append(l.cfg.Looked, path)
		}
		return nil
	}
	if !slices.Contains(l.cfg.Read, path) {
		l.cfg.Read = append(l.cfg.Read, path)
	}
	return src
}

// dotenv reads a file's pairs; what is none is a finding that does not show the line.
func (l *loader) dotenv(src *source) []pair {
	pairs, bad := dotenv(string(src.data))
	for _, at := range bad {
		l.probs.find(src.mark(at), "", "the line is no NAME=value, so it does nothing", "")
	}
	return pairs
}
