package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/run"
	"github.com/sundog-edge/sundog/edge/world"
)

func (p program) check() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "check [--json] [DIR|FILE]",
		Short: "Say what is wrong with a world",
		Long: `Read a world, compile it as up would, and say what is wrong: errors, with which
it cannot run, and findings, which are legal and probably mistakes. Each has
its file, line and column, what was found, and what may stand there. All are
listed at once.

Without DIR or FILE it is the world of this folder.

Exit code 1 when there is any error or finding.`,
		Example: `  sundog check testdata/dual-endpoint`,
		Args:    args(0, 1, "DIR|FILE"),
	})
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path := first(args)
		w, err := run.Check(path)
		var bad world.Errors
		if err != nil && !errors.As(err, &bad) {
			return err
		}
		findings := w.Findings()
		if *asJSON {
			if err := printJSON(p.out, verdictOf(w, bad, findings)); err != nil {
				return err
			}
		} else {
			p.printVerdict(p.out, w, bad, findings)
		}
		if len(bad)+len(findings) > 0 {
			return &exitError{code: exitFailed}
		}
		return nil
	}
	return cmd
}

func (p program) printVerdict(out io.Writer, w *world.World, bad world.Errors, findings []world.Finding) {
	pretty := isTerminal(out)
	for _, e := range bad {
		text := e.Error()
		if pretty {
			text = e.Pretty()
		}
		fmt.Fprintf(out, "error: %s\n", printableLines(text))
	}
	for _, f := range findings {
		text := f.String()
		if pretty {
			text = f.Pretty()
		}
		fmt.Fprintf(out, "finding: %s\n", printableLines(text))
	}
	if len(bad)+len(findings) > 0 {
		fmt.Fprintf(out, "%s, %s\n", plural(len(bad), "error"), plural(len(findings), "finding"))
		return
	}
	fmt.Fprintf(out, "ok: %s\n", counts(w))
	for _, f := range w.Files() {
		fmt.Fprintf(out, "  read %s\n", printable(f))
	}
}

// counts are the documents of a world in words.
func counts(w *world.World) string {
	text := ""
	for _, k := range []struct {
		kind   world.Kind
		word   string
		always bool
	}{
		{world.KindZone, "zone", true}, {world.KindRecord, "record", true}, {world.KindTunnel, "tunnel", true}, {world.KindApp, "Access application", true},
		{world.KindWorker, "Worker", false}, {world.KindPagesProject, "Pages project", false}, {world.KindVPCService, "VPC service", false},
	} {
		n := 0
		for range w.All(k.kind) {
			n++
		}
		if n == 0 && !k.always {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += plural(n, k.word)
	}
	return text
}

// verdict is the JSON form of check.
type verdict struct {
	OK       bool     `json:"ok"`
	Errors   []remark `json:"errors"`
	Findings []remark `json:"findings"`
	Files    []string `json:"files"`
}

// remark is one error or finding.
type remark struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Field   string `json:"field,omitempty"`
	Found   string `json:"found"`
	Allowed string `json:"allowed,omitempty"`
	Mend    string `json:"mend,omitempty"`
}

func verdictOf(w *world.World, bad world.Errors, findings []world.Finding) verdict {
	v := verdict{OK: len(bad)+len(findings) == 0, Errors: []remark{}, Findings: []remark{}, Files: w.Files()}
	for _, e := range bad {
		v.Errors = append(v.Errors, remark{e.Mark.File, e.Mark.Line, e.Mark.Column, e.Field, e.Found, e.Allowed, e.Hint})
	}
	for _, f := range findings {
		v.Findings = append(v.Findings, remark{File: f.Mark.File, Line: f.Mark.Line, Column: f.Mark.Column, Found: f.Text, Mend: f.Mend})
	}
	if v.Files == nil {
		v.Files = []string{}
	}
	return v
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
