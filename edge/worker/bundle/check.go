package bundle

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sundog-edge/sundog/internal/nearest"
)

const moduleMend = "export default { async fetch(request, env, ctx) { … } }"

// refuse names what no build is tried of.
func (j *job) refuse() Errors {
	here := Problem{File: j.place(j.main), Path: j.main}
	switch filepath.Ext(j.main) {
	case ".py":
		here.Text = "Python Workers are not supported yet: the main module has to be JavaScript or TypeScript"
		return Errors{here}
	}
	info, err := os.Stat(j.main)
	switch {
	case err != nil:
		here.Text, here.Hint = "the main module is not there", `"main" of the wrangler file names it`
		return Errors{here}
	case info.IsDir():
		here.Text, here.Hint = "the main module is a folder", `"main" of the wrangler file names a file`
		return Errors{here}
	}
	return nil
}

// check looks at what the main module exports.
func (j *job) check(exports []string, format string) (errs Errors) {
	if len(exports) == 0 || format == "cjs" {
		if j.entry != nil {
			return Errors{{File: j.entry.Name, Text: "the module exports nothing", Hint: moduleMend}}
		}
		return Errors{j.serviceWorker(format)}
	}
	here := Problem{File: j.place(j.main), Path: j.main}
	if j.entry != nil {
		here = Problem{File: j.entry.Name}
	}
	have := func(class string) bool { return slices.Contains(exports, class) }
	missing := func(class, at string) {
		hint := "add \"export class " + class + " extends DurableObject { … }\""
		if near := nearest.Word(class, exports); near != "" {
			hint = "did you mean " + near + "?"
		}
		if at != "" {
			hint += "\nthe wrangler file names it at " + at
		}
		p := here
		p.Text, p.Hint = "the class "+strconv.Quote(class)+" is not exported, and a Durable Object is made of it", hint
		errs = append(errs, p)
	}
	named := map[string]bool{}
	for _, b := range j.config.Version.Bindings {
		own := b.ScriptName == "" || b.ScriptName == j.config.Name
		if b.Type == "durable_object_namespace" && own && !have(b.ClassName) && !named[b.ClassName] {
			named[b.ClassName] = true
			missing(b.ClassName, b.At)
		}
	}
	for _, c := range j.config.Version.Classes {
		if !have(c.Name) && !named[c.Name] {
			named[c.Name] = true
			missing(c.Name, "")
		}
	}
	return errs
}

// serviceWorker is the error for a main module without exports, at the line that shows what it is.
func (j *job) serviceWorker(format string) Problem {
	p := Problem{File: j.place(j.main), Path: j.main, Hint: moduleMend}
	sign := "addEventListener("
	if format == "cjs" {
		p.Text = "the main module is CommonJS, which no Worker is"
		sign = "module.exports"
	} else {
		p.Text = "the main module exports nothing"
	}
	code, err := readFile(j.main)
	if err != nil {
		return p
	}
	n := 0
	for line := range strings.Lines(string(code)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		at := strings.Index(line, sign)
		if at < 0 {
			continue
		}
		p.Line, p.Column, p.Length, p.Source = n, characters(line, at)+1, len(strings.TrimSuffix(sign, "(")), line
		if format != "cjs" {
			p.Text = "the main module has the service-worker syntax (addEventListener), which is not supported: it has to be an ES module"
		}
		break
	}
	return p
}
