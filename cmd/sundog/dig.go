package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/run"
)

func (p program) dig() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "dig NAME [TYPE] [@SERVER] [--resolver] [--short] [--log] [-f DIR|FILE] [--json]",
		Short: "Ask the edge's DNS for a name, and say why it answers so",
		Long: `Ask the name server of the world for NAME, and print its answer as dig does, and
below it which record decided, where it stands in your files, and what would
change the answer. TYPE is a record type by name or number, A when none is given.

@SERVER asks another one: @1.1.1.1 is the public resolver, as nslookup NAME
1.1.1.1 would (--resolver is the same), and @system is a resolver as machines and
routers have one: it keeps what it was told, that a name does not exist too, for
as long as TTLs say. sundog clock +30m lets that time pass.

--log prints the newest questions that the edge's DNS was asked, of NAME if it is
given: who asked, what came, and which record decided.

It asks the running edge, and without one reads the world of this folder; -f
names another world. An answer that is not NOERROR ends with exit code 1.`,
		Example: `  sundog dig myservice.example.com
  sundog dig example.com MX --short
  sundog dig new.example.com @system
  sundog dig --log myservice.example.com`,
		Args: args(0, 3, "NAME, TYPE and @SERVER"),
	})
	f := cmd.Flags()
	resolver := f.Bool("resolver", false, "ask the public resolver, as @1.1.1.1 does")
	short := f.Bool("short", false, "print the data of the answer alone, a record a line")
	log := f.Bool("log", false, "print the questions that were asked, of NAME or of all")
	path := f.StringP("file", "f", "", "the world of `DIR|FILE` instead of the running edge")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		q, err := digQuestion(args, *resolver)
		if err != nil {
			return err
		}
		if q.Name == "" && !*log {
			return usagef("NAME is missing")
		}
		if *log && (q.Type != "" || q.Server != "" || *short) {
			return usagef("--log takes a NAME alone")
		}
		c, done, err := p.asked(cmd.Context(), *path)
		if err != nil {
			return err
		}
		defer done()
		if *log {
			return p.digLog(cmd, c, q.Name, *asJSON)
		}
		d, err := c.Dig(cmd.Context(), q)
		if err != nil {
			return err
		}
		switch {
		case *asJSON:
			err = printJSON(p.out, d)
		case *short:
			for _, r := range d.Answer {
				fmt.Fprintln(p.out, printableLines(r.Data))
			}
		default:
			printDig(p.out, d)
		}
		switch {
		case err != nil || d.Status == "NOERROR":
			return err
		case *short: // whose output says nothing
			return &exitError{exitFailed, fmt.Errorf("%s: %s; %s", strings.TrimSuffix(d.Name, "."), d.Status, d.Why)}
		}
		return &exitError{code: exitFailed}
	}
	return cmd
}

// digQuestion sorts arguments as dig does: @SERVER stands anywhere, TYPE behind NAME.
func digQuestion(args []string, resolver bool) (q admin.DigQuestion, err error) {
	for _, a := range args {
		switch {
		case strings.HasPrefix(a, "@"):
			if q.Server != "" {
				return q, usagef("two servers: @%s and %s", q.Server, a)
			}
			q.Server = a[1:]
		case q.Name == "":
			q.Name = a
		case q.Type == "":
			q.Type = a
		default:
			return q, usagef("NAME, TYPE and @SERVER is all there is, but %q was given too", a)
		}
	}
	if resolver {
		if q.Server != "" {
			return q, usagef("--resolver and @%s name two servers", q.Server)
		}
		q.Server = "1.1.1.1"
	}
	return q, nil
}

func (p program) digLog(cmd *cobra.Command, c *run.Client, name string, asJSON bool) error {
	all, err := c.Queries(cmd.Context(), 0, name)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(p.out, all)
	}
	for i := len(all) - 1; i >= 0; i-- { // the newest last, as a log has it
		q := all[i]
		from := strings.TrimSpace(q.Transport + " " + q.Client)
		if from == "" {
			from = "sundog"
		}
		line := fmt.Sprintf("%s  %s %s  %s (%s)  %s, from %s", q.Time.Format("15:04:05.000"), q.Name, q.Type, q.Status, q.Outcome, q.Role, from)
		if q.Record != "" {
			line += "  " + q.Record
		}
		if q.Where != "" {
			line += "  [" + q.Where + "]"
		}
		fmt.Fprintln(p.out, printableLines(line))
	}
	if len(all) == 0 {
		fmt.Fprintln(p.err, "sundog: no such question was asked since the edge started; it remembers 1024")
	}
	return nil
}

// printDig prints an answer in the lines of dig, and what decided below them.
func printDig(w io.Writer, d admin.Dig) {
	var b strings.Builder
	fmt.Fprintf(&b, ";; status: %s, flags: %s, server: %s\n", d.Status, strings.Join(d.Flags, " "), d.Server)
	section := func(name string, list []admin.DNSRecord) {
		if len(list) > 0 {
			fmt.Fprintf(&b, ";; %s\n", name)
		}
		for _, r := range list {
			fmt.Fprintf(&b, "%-31s %6d %s %-5s %s\n", r.Name, r.TTL, r.Class, r.Type, r.Data)
		}
	}
	section("ANSWER", d.Answer)
	section("AUTHORITY", d.Authority)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-7s %s\n", name, text)
		}
	}
	at := ""
	if d.Where != "" {
		at = " [" + d.Where + "]"
	}
	b.WriteByte('\n')
	if d.Record != "" {
		line("record", d.Record+at)
	} else if d.Zone != "" {
		line("zone", d.Zone+at)
	}
	line("why", d.Why)
	line("mend", d.Mend)
	fmt.Fprint(w, printableLines(b.String()))
}
