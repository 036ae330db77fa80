package environ

import (
	"fmt"
	"io"
	"strings"
)

// writeDotenv writes a .env file. Its readers (Node, Docker Compose, Python,
// Ruby, Go) agree on little, so only what all of them read alike is written;
// a value beyond that is an error. No such file can remove a variable: the
// names to remove are comments.
func writeDotenv(w io.Writer, p *Plan) error {
	var l lines
	for _, v := range p.Set {
		text, ok := dotenvValue(v.Value)
		if !ok {
			return fmt.Errorf("%s: readers of .env files disagree about a value such as %q; use another --format", v.Name, v.Value)
		}
		l.add("%s=%s", v.Name, text)
	}
	for _, name := range p.unset() {
		l.add("# %s holds a real credential: unset it, this file cannot", name)
	}
	return l.flush(w)
}

// dotenvValue is a value bare where nothing in it is special, in single
// quotes where those are literal, in double quotes where nothing in it would
// be expanded.
func dotenvValue(s string) (string, bool) {
	plain := strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-./:@,+%=", r)
	}) < 0
	switch {
	case plain:
		return s, true
	case strings.ContainsAny(s, "\r\n\x00") || strings.HasSuffix(s, `\`) || strings.Contains(s, `\\`):
		return "", false
	case !strings.Contains(s, "'"):
		return "'" + s + "'", true
	case !strings.ContainsAny(s, "\"\\$`"):
		return `"` + s + `"`, true
	}
	return "", false
}
