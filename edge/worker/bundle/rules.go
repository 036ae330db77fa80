package bundle

import (
	"regexp"

	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// defaultRules come after the user's.
var defaultRules = []wrangler.Rule{
	{Type: "Text", Globs: []string{"**/*.txt", "**/*.html", "**/*.sql"}},
	{Type: "Data", Globs: []string{"**/*.bin"}},
	{Type: "CompiledWasm", Globs: []string{"**/*.wasm", "**/*.wasm?module"}},
}

var kinds = map[string]version.Kind{
	"ESModule":     version.ESModule,
	"CommonJS":     version.CommonJS,
	"CompiledWasm": version.Wasm,
	"Text":         version.Text,
	"Data":         version.Data,
}

// rule says what files of one glob are.
type rule struct {
	kind       version.Kind
	typ, glob  string
	specifiers *regexp.Regexp // of import statements
	files      *regexp.Regexp // below the base directory
	shadowed   bool           // by an earlier rule of its type that does not fall through
}

func (r rule) code() bool { return r.kind == version.ESModule || r.kind == version.CommonJS }

// compileRules puts the user's rules before the default ones. The first rule of a type that does
// not fall through shadows the later ones of that type.
func compileRules(user []wrangler.Rule) (rules []rule, problems []Problem) {
	closed := map[string]bool{}
	for _, r := range append(append([]wrangler.Rule(nil), user...), defaultRules...) {
		kind, ok := kinds[r.Type]
		if !ok {
			problems = append(problems, Problem{Text: unknownRule(r.Type)})
			continue
		}
		for _, g := range r.Globs {
			rules = append(rules, rule{
				kind: kind, typ: r.Type, glob: g, shadowed: closed[r.Type],
				specifiers: glob(g, false), files: glob(g, true),
			})
		}
		if !r.Fallthrough {
			closed[r.Type] = true
		}
	}
	return rules, problems
}

func unknownRule(typ string) string {
	if typ == "PythonModule" || typ == "PythonRequirement" {
		return "Python Workers are not supported yet: a rule has the type " + typ
	}
	return `a rule has the type "` + typ + `"; there are ESModule, CommonJS, CompiledWasm, Text and Data`
}
