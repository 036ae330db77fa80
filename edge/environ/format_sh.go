package environ

import (
	"io"
	"strings"
)

// writeSh writes POSIX shell: within single quotes nothing is special but the
// quote itself.
func writeSh(w io.Writer, p *Plan) error {
	var l lines
	for _, v := range p.Set {
		l.add("export %s='%s'", v.Name, strings.ReplaceAll(v.Value, "'", `'\''`))
	}
	for _, name := range p.unset() {
		l.add("unset %s", name)
	}
	return l.flush(w)
}
