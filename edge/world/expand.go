package world

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sundog-edge/sundog/internal/lazyregexp"
)

// variable is ${NAME}; a doubled dollar sign before the brace keeps the text.
var (
	variable     = lazyregexp.New(`\$?\$\{[^}]*\}?`)
	variableName = lazyregexp.New(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)
)

// expand puts the values of environment variables into a scalar, once. What a
// value contains stays inside the scalar: it is never read as YAML structure.
func (d *decoder) expand(n *yaml.Node, p *path) {
	if d.lookup == nil || n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, "${") || d.expanded[n] != nil {
		return
	}
	raw := n.Value
	n.Value = variable.ReplaceAllStringFunc(raw, func(s string) string {
		if strings.HasPrefix(s, "$$") {
			return s[1:]
		}
		m := variableName.FindStringSubmatch(s)
		if m == nil {
			d.fail(n, p, quote(s), "${NAME}", "write $${ for the text itself")
			return s
		}
		value, ok := d.lookup(m[1])
		if !ok {
			d.fail(n, p, "the variable "+m[1]+", which is not set", "a variable of the environment", "")
		}
		return value
	})
	if n.Style == 0 || variableName.MatchString(raw) {
		n.Tag, n.Style = "", 0 // ${TTL} may become a number, also where braces around it ask for quotes
	}
	d.expanded[n] = &raw
}
