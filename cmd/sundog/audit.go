package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/audit"
)

// auditFormats are how an audit can be printed, by the name that --format takes.
var auditFormats = map[string]func(io.Writer, audit.Report) error{
	"table":  printAudit,
	"md":     printAuditMarkdown,
	"github": printAuditGitHub,
	"json":   func(out io.Writer, r audit.Report) error { return printJSON(out, r) },
}

func (p program) audit() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "audit [-f DIR|FILE] [--json | --format FORMAT] [DIR|FILE]",
		Short: "Say who may enter where, and fail on what is open by mistake",
		Long: `List every way into a world, what it reaches and who may enter, and fail on what
is probably a mistake: a host or a URL that anyone enters and that reaches what
another one asks a login for (a Worker's workers.dev or Preview URL beside its
protected domain, the same service by another host of a tunnel), a bypass
policy, an access block that cloudflared ignores. Everybody is asked about as a
request would be, and none is sent: somebody without a login, everyone whom the
policies name, each service token, every forgery that sundog attack knows.

It asks the running edge, and without one reads the world of this folder; DIR,
FILE or -f names another world.

What is meant to be open is said in sundog.yaml, with a reason, and a last day:

  audit:
    accept:
      - {host: myservice-internal.example.com, reason: checks an API key, until: 2027-01-31}

--format md is a table for a README, github are annotations for a pull request.

Exit code 1 when anything fails.`,
		Example: `  sundog audit
  sundog audit --format md testdata/dual-endpoint`,
		Args: args(0, 1, "DIR|FILE"),
	})
	f := cmd.Flags()
	path := f.StringP("file", "f", "", "the world of `DIR|FILE` instead of the running edge")
	format := f.String("format", "table", "`FORMAT`: table, json, md or github")
	asJSON := jsonFlag(cmd)
	cmd.MarkFlagsMutuallyExclusive("json", "format")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *path != "" && len(args) > 0 {
			return usagef("-f %s and %s name two worlds", *path, args[0])
		}
		if *asJSON {
			*format = "json"
		}
		printed, ok := auditFormats[*format]
		if !ok {
			return usagef("--format %q is none of table, json, md and github", *format)
		}
		c, done, err := p.asked(cmd.Context(), *path+first(args))
		if err != nil {
			return err
		}
		defer done()
		r, err := c.Audit(cmd.Context())
		if err != nil {
			return err
		}
		for _, line := range r.Stale {
			fmt.Fprintf(p.err, "sundog: this world is older than its files: %s\n", printable(line))
		}
		if err := printed(p.out, r); err != nil {
			return err
		}
		if !r.OK() {
			return &exitError{code: exitFailed}
		}
		return nil
	}
	return cmd
}

func printAudit(out io.Writer, r audit.Report) error {
	w := tabwriter.NewWriter(out, 2, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ENTRYPOINT\tREACHES\tWHO MAY ENTER")
	for _, e := range r.Entrypoints {
		fmt.Fprintf(w, "%s\t%s\t%s\n", printable(e.URL), printable(reaches(e)), printable(strings.Join(e.Who, ", ")))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, f := range r.Accepted {
		until := ""
		if f.Until != "" {
			until = " until " + f.Until
		}
		fmt.Fprintf(out, "\naccepted%s: %s\n  because: %s\n", until, failureLine(f), printable(f.Reason))
	}
	for _, f := range r.Failures {
		fmt.Fprintf(out, "\nfailure: %s\n  to mend: %s\n", failureLine(f), printable(f.Mend))
	}
	fmt.Fprintf(out, "\n%s, %s\n", plural(len(r.Entrypoints), "entrypoint"), plural(len(r.Failures), "failure"))
	return nil
}

// reaches names the kind where the target alone does not show it.
func reaches(e audit.Entry) string {
	if e.Reaches == "" {
		return string(e.Kind)
	}
	return e.Reaches
}

func failureLine(f audit.Failure) string {
	line := ""
	if f.Where != "" {
		line = f.Where + ": "
	}
	if len(f.URLs) > 0 {
		line += strings.Join(f.URLs, ", ") + ": "
	}
	return printable(line + f.Text)
}

// printAuditMarkdown is the table alone: who lists endpoints in a README wants no more.
func printAuditMarkdown(out io.Writer, r audit.Report) error {
	cell := strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "*", `\*`, "_", `\_`)
	fmt.Fprint(out, "| Entrypoint | Reaches | Who may enter |\n|---|---|---|\n")
	for _, e := range r.Entrypoints {
		if _, err := fmt.Fprintf(out, "| `%s` | %s | %s |\n", printable(e.URL), cell.Replace(printable(reaches(e))), cell.Replace(printable(strings.Join(e.Who, ", ")))); err != nil {
			return err
		}
	}
	return nil
}

// printAuditGitHub writes what GitHub Actions shows beside the lines of a pull request.
func printAuditGitHub(out io.Writer, r audit.Report) error {
	value := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, f := range r.Failures {
		at := ""
		if parts := strings.Split(f.Where, ":"); len(parts) >= 3 {
			n := len(parts)
			at = fmt.Sprintf(" file=%s,line=%s,col=%s", property.Replace(strings.Join(parts[:n-2], ":")), parts[n-2], parts[n-1])
		}
		f.Where = ""
		if _, err := fmt.Fprintf(out, "::error%s::%s\n", at, value.Replace(failureLine(f)+"; to mend: "+f.Mend)); err != nil {
			return err
		}
	}
	return nil
}
