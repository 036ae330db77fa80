package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/run"
	"github.com/sundog-edge/sundog/edge/runfile"
	"github.com/sundog-edge/sundog/edge/world"
)

// started is the first line of up --json.
type started struct {
	Event string `json:"event"`
	runfile.Ready
	ReadyMS float64 `json:"ready_ms"` // from the start of the process until every listener answered
	edge.Summary
	Made []edge.ServiceTokenPair `json:"made_service_tokens,omitempty"` // secrets made for this run, told this once
}

func printJSONLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// printStart shows what is served, who guards it, and how to get there. beside is what
// else ends with the edge; empty: nothing.
func (p program) printStart(ctx context.Context, s *run.Session, beside string) {
	k := inkFor(p.out)
	ready := p.sinceStart()
	sum := s.Edge.Summary()
	fmt.Fprintf(p.out, "%s, the world of %s, ready in %s\n", k.bold("sundog "+release()), printable(whole(s.Path)), inMS(ready))
	p.printEntrypoints(k, sum)
	p.printApps(k, s, sum)
	p.printServiceTokens(k, s, sum)
	p.printAddresses(k, s)
	p.printTunnels(k, s)
	p.printFindings(k, s)
	p.tellDue(k, s)
	p.printTry(ctx, k, s, sum)
	ends := "it"
	if beside != "" {
		ends = "both, the edge and " + beside
	}
	fmt.Fprintf(p.out, "\n^C ends %s.\n", ends)
}

// whole is a path that says something: "." says nothing.
func whole(path string) string {
	if abs, err := filepath.Abs(path); err == nil && filepath.Clean(path) == "." {
		return abs
	}
	return path
}

func (p program) heading(k ink, text string) { fmt.Fprintf(p.out, "\n%s\n", k.bold(text)) }

func (p program) printEntrypoints(k ink, sum edge.Summary) {
	p.heading(k, "Entrypoints")
	if len(sum.Entrypoints) == 0 {
		fmt.Fprintln(p.out, "  none: no zone of this world has a proxied record")
		return
	}
	rows := make([][]cell, len(sum.Entrypoints))
	for i, e := range sum.Entrypoints {
		guard := cell{"login: " + e.Guard, k.green}
		switch {
		case e.Public && e.Guard == "none":
			guard = cell{"PUBLIC: anyone, no login", k.amber}
		case e.Public:
			guard = cell{"PUBLIC: anyone, bypass of " + e.Guard, k.amber}
		case e.Note != "":
			guard = cell{e.Guard + ": " + e.Note, k.amber}
		}
		url := e.URL
		if e.Inferred { // its zone and record are
			url += " (inferred)"
		}
		rows[i] = []cell{{url, nil}, guard, {"→ " + e.Target, nil}}
	}
	p.table(rows)
}

func (p program) printApps(k ink, s *run.Session, sum edge.Summary) {
	p.heading(k, "Access")
	if len(sum.Apps) == 0 {
		p.printUnprotected(k, s, sum)
		return
	}
	rows := [][]cell{{{"TEAM_DOMAIN", k.faint}, {sum.TeamDomain, nil}}}
	for _, a := range sum.Apps {
		rows = append(rows, []cell{{"AUD of " + a.Name, k.faint}, {a.AUD, nil}})
	}
	p.table(rows)
}

// printUnprotected says that anyone enters, and how to ask for a login.
func (p program) printUnprotected(k ink, s *run.Session, sum edge.Summary) {
	host := exampleHost(sum)
	fmt.Fprint(p.out, "  "+k.amber("Nothing is protected: anyone enters, without a login."))
	if !writtenDown(s.World) {
		fmt.Fprintf(p.out, " To ask for one:\n\n      %s init%s --protect %s --allow EMAIL\n", p.self, argument(s.Path), host)
		return
	}
	fmt.Fprintf(p.out, " To ask for one, add to sundog.yaml:\n\n%s", indent(world.Protections([]world.Protection{{Host: host, Allow: []string{"you@example.com"}}}), "      "))
}

// writtenDown tells whether the world has a file of its own, beside cloudflared's.
func writtenDown(w *world.World) bool {
	files := w.Files()
	return len(files) > 0 && strings.HasPrefix(filepath.Base(files[0]), "sundog.")
}

// argument is a path as a command takes it behind its name; empty for this folder.
func argument(path string) string {
	if filepath.Clean(path) == "." {
		return ""
	}
	return " " + quoted(path)
}

func indent(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(by + line)
	}
	return b.String()
}

func exampleHost(sum edge.Summary) string {
	for _, e := range sum.Entrypoints {
		return hostOf(e.URL)
	}
	return "HOST"
}

func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

func (p program) printAddresses(k ink, s *run.Session) {
	p.heading(k, "Addresses")
	r := s.Ready()
	var rows [][]cell
	for _, a := range []struct{ name, text, note string }{
		{"https", r.HTTPS, "HTTP/1.1 and h2"},
		{"proxy", httpURL(r.Proxy), "for HTTP_PROXY and HTTPS_PROXY; plain HTTP too"},
		{"dns", r.DNS, "UDP and TCP"},
		{"tunnel", r.Tunnel, "TCP and UDP, for a real cloudflared"},
		{"admin", httpURL(r.Admin), "for sundog's own commands, and the API under /client/v4"},
		{"pac", pacURL(r), "for a browser of your own: its proxy configuration; it needs the ca, too"},
		{"ca", r.CA, "the run's certificate authority"},
	} {
		if a.text == "" {
			a.text, a.note = "off", ""
		}
		rows = append(rows, []cell{{a.name, k.faint}, {a.text, nil}, {a.note, k.faint}})
	}
	p.table(rows)
}

func httpURL(addr string) string {
	if addr == "" {
		return ""
	}
	return "http://" + addr
}

func (p program) printFindings(k ink, s *run.Session) {
	findings := s.World.Findings()
	if len(findings) == 0 {
		return
	}
	p.heading(k, "Findings: legal, and probably not what you want")
	for _, f := range findings {
		text := f.String()
		if isTerminal(p.out) {
			text = f.Pretty()
		}
		fmt.Fprintf(p.out, "  %s %s\n", k.amber("!"), strings.ReplaceAll(printableLines(text), "\n", "\n    "))
	}
}

// printTry shows lines to paste.
func (p program) printTry(ctx context.Context, k ink, s *run.Session, sum edge.Summary) {
	guarded, guard, public := "", "", ""
	for _, e := range sum.Entrypoints {
		switch {
		case strings.Contains(e.URL, "*"):
		case e.Public && public == "":
			public = e.URL
		case !e.Public && guarded == "":
			guarded, guard = e.URL, e.Guard
		}
	}
	some := guarded
	if some == "" {
		some = public
	}
	r := s.Ready()
	if some == "" || r.Admin == "" || r.Proxy == "" {
		return
	}
	p.heading(k, "Try, in another terminal in this folder")
	if !s.FoundFrom(ctx, "") {
		p.paste(k, setVariable("SUNDOG_URL", httpURL(r.Admin)), "which edge the lines below mean")
	}
	if guarded != "" {
		p.paste(k, p.self+" exec -- curl -si "+quoted(guarded), "Access answers: 302 to its login page")
	}
	if public != "" {
		p.paste(k, p.self+" exec -- curl -si "+quoted(public), "no login: what stands behind it answers")
	}
	p.paste(k, p.self+" why last", "what the edge decided about that, and why")
	p.paste(k, fmt.Sprintf("curl -si --proxy %s --cacert %s %s", httpURL(r.Proxy), quoted(r.CA), quoted(some)), "the same without exec")
	p.paste(k, p.self+" open "+quoted(some), "a browser inside it; nothing is installed")
	if guarded != "" {
		email := run.Somebody(s.World, guard)
		if email == "" {
			email = "EMAIL"
		}
		p.paste(k, p.self+" otp "+quoted(email)+" --wait 1m", "the PIN, when the login page has sent it")
	}
}

func (p program) paste(k ink, line, note string) {
	fmt.Fprintf(p.out, "  %s\n      %s\n", printable(line), k.faint(note))
}

// setVariable is the line that sets a variable in the shell that is likely.
func setVariable(name, value string) string {
	if runtime.GOOS == "windows" {
		return fmt.Sprintf("$env:%s = %q", name, value)
	}
	return "export " + name + "=" + value
}

// quoted is a text as a shell takes it for one word, and for nothing more: addresses and paths come from visitors
// and from worlds that others wrote. On Windows the shell is PowerShell, which takes typographic quotes for its own.
func quoted(text string) string {
	if text != "" && strings.IndexFunc(text, special) < 0 {
		return text
	}
	if runtime.GOOS != "windows" {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return "'" + strings.NewReplacer("'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b").Replace(text) + "'"
}

// special holds for what some shell may take for more than itself.
func special(r rune) bool {
	switch {
	case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune("@%+=:,./_-", r):
		return false
	case r == '\\':
		return runtime.GOOS != "windows"
	}
	return true
}

// cell is a text of a table and how it is painted; a nil paint leaves it.
type cell struct {
	text  string
	paint func(string) string
}

// table aligns columns, indented by two.
func (p program) table(rows [][]cell) {
	var width []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(c.text))
		}
	}
	for _, row := range rows {
		line, gap := "  ", ""
		for i, c := range row {
			text := printable(c.text)
			pad := width[i] - utf8.RuneCountInString(text)
			if c.paint != nil {
				text = c.paint(text)
			}
			line += gap + text
			gap = strings.Repeat(" ", pad+2)
		}
		fmt.Fprintln(p.out, strings.TrimRight(line, " "))
	}
}

// pacURL is where browsers read how to reach the world; "" without a proxy or an admin port.
func pacURL(r runfile.Ready) string {
	if r.Proxy == "" || r.Admin == "" {
		return ""
	}
	return httpURL(r.Admin) + "/proxy.pac"
}
