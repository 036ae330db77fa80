package environ

import (
	"encoding/json"
	"io"
	"strings"
)

// writeCompose writes a fragment of a Compose service. The addresses are this
// machine's loopback, so the service shares the host's network; the CA files
// are mounted where the variables name them. Nothing is removed: a container
// inherits nothing.
func writeCompose(w io.Writer, p *Plan) error {
	var l lines
	l.add("network_mode: host")
	l.add("environment:")
	for _, v := range p.Set {
		l.add("  %s: %s", v.Name, composeString(v.Value))
	}
	if files := p.files(); len(files) > 0 {
		l.add("volumes:")
		for _, f := range files {
			l.add("  - {type: bind, source: %s, target: %s, read_only: true}", composeString(f), composeString(f))
		}
	}
	return l.flush(w)
}

func (p *Plan) files() []string {
	var files []string
	for _, f := range []string{p.input.Files.CA, p.input.Files.Bundle, p.input.Files.Cert} {
		if f != "" {
			files = append(files, f)
		}
	}
	return files
}

// composeString is a JSON string, which YAML reads as JSON does; Compose
// interpolates dollars unless they are doubled.
func composeString(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.Encode(strings.ReplaceAll(s, "$", "$$"))
	return strings.TrimSuffix(b.String(), "\n")
}
