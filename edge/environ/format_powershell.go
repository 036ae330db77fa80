package environ

import (
	"io"
	"strings"
)

// PowerShell takes four typographic quotes for the ASCII one. Doubled, each
// stands for itself.
var powerShellQuote = strings.NewReplacer(
	"'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b")

// writePowerShell writes PowerShell, Windows' own and pwsh.
func writePowerShell(w io.Writer, p *Plan) error {
	var l lines
	for _, v := range p.Set {
		l.add("$Env:%s = '%s'", v.Name, powerShellQuote.Replace(v.Value))
	}
	for _, name := range p.unset() {
		l.add("Remove-Item -LiteralPath Env:%s -ErrorAction SilentlyContinue", name)
	}
	return l.flush(w)
}
