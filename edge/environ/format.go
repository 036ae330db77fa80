package environ

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Format writes a Plan in one notation.
type Format struct {
	Name  string // what --format takes
	Usage string // how to use the output, one line
	Write func(io.Writer, *Plan) error
}

// Formats are all formats, sorted by name.
func Formats() []Format {
	return []Format{
		{"compose", "merge into a service of docker-compose.yml", writeCompose},
		{"dotenv", "sundog env --format dotenv > .env.sundog", writeDotenv},
		{"fish", "sundog env --format fish | source", writeFish},
		{"github", `sundog env --format github >> "$GITHUB_ENV"`, writeGitHub},
		{"json", `{"set": {NAME: VALUE}, "unset": [NAME]}`, writeJSON},
		{"playwright", "spread into use: {} of playwright.config", writePlaywright},
		{"powershell", "sundog env --format powershell | Out-String | Invoke-Expression", writePowerShell},
		{"sh", `eval "$(sundog env)"`, writeSh},
	}
}

// FormatNamed returns a format; the error lists them all.
func FormatNamed(name string) (Format, error) {
	all := Formats()
	names := make([]string, len(all))
	for i, f := range all {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return Format{}, fmt.Errorf("--format %q: want one of %s", name, strings.Join(names, ", "))
}

// unset are the names to remove that a shell can name at all. What it cannot
// name, it cannot have set; and as text such a name could be a command.
func (p *Plan) unset() []string {
	var names []string
	for _, r := range p.Removed {
		if isShellName(r.Name) {
			names = append(names, r.Name)
		}
	}
	return slices.Compact(names)
}

func isShellName(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case '0' <= c && c <= '9' && i > 0:
		default:
			return false
		}
	}
	return s != ""
}

// lines writes what can fail once, at the end.
type lines struct {
	strings.Builder
}

func (l *lines) add(format string, args ...any) { fmt.Fprintf(l, format+"\n", args...) }

func (l *lines) flush(w io.Writer) error {
	_, err := io.WriteString(w, l.String())
	return err
}
