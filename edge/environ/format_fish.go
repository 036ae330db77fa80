package environ

import (
	"io"
	"strings"
)

var fishQuote = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// writeFish writes fish: within single quotes only quote and backslash are
// special.
func writeFish(w io.Writer, p *Plan) error {
	var l lines
	for _, v := range p.Set {
		l.add("set -gx %s '%s'", v.Name, fishQuote.Replace(v.Value))
	}
	for _, name := range p.unset() {
		l.add("set -e %s", name)
	}
	return l.flush(w)
}
