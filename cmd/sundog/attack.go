package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/attack"
)

func (p program) attack() *cobra.Command {
	cmd := command("ask", &cobra.Command{
		Use:   "attack URL [--as EMAIL] [--origin URL] [--all] [--json]",
		Short: "Try forged Access tokens on the origin behind a URL of yours",
		Long: `Send every forged token that is known to the origin behind URL, through the
running edge and straight at the address where the origin listens, or at the
Worker as a service binding calls it, and print which were let in and how to
mend it. URL is one that an Access application
guards. Nothing but this machine is ever asked.

What letting in means is found by comparing: with the answer to a genuine token
of EMAIL, or else of somebody whom the policies admit, and with the answer to a
request without one. Where those two are alike, the origin does not check.

--origin says where the origin listens, http://127.0.0.1:PORT, when the world
does not. --all prints refused ones too. sundog token --forge NAME makes one to
look at by hand.

Exit code 1: one was let in, or a way could not be judged.`,
		Example: `  sundog attack https://myservice.example.com/`,
		Args:    args(1, 1, "URL"),
	})
	var x admin.AttackRequest
	f := cmd.Flags()
	f.StringVar(&x.As, "as", "", "whose the genuine tokens are: an `EMAIL`")
	f.StringVar(&x.Origin, "origin", "", "where the origin listens: a `URL`")
	all := f.Bool("all", false, "print refused ones too")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		x.URL = args[0]
		c, err := p.running(cmd.Context())
		if err != nil {
			return err
		}
		report, err := c.Attack(cmd.Context(), x)
		if err != nil {
			return err
		}
		if *asJSON {
			err = printJSON(p.out, report)
		} else {
			err = printAttack(p.out, report, *all)
		}
		if err == nil && !report.Sound() {
			err = &exitError{exitFailed, nil}
		}
		return err
	}
	return cmd
}

func printAttack(out io.Writer, r attack.Report, all bool) error {
	fmt.Fprintf(out, "%s, application %q, with tokens of %s\n", r.URL, r.App, r.As)
	var mends []attack.Result
	for _, way := range r.Ways {
		fmt.Fprintln(out)
		name := "through the edge"
		if way.Way != "edge" {
			name = "straight at the origin, " + printable(way.To)
		}
		if way.Way == "worker" {
			name = "straight at " + printable(way.To)
		}
		counts := map[attack.Verdict]int{}
		for _, x := range way.Results {
			counts[x.Verdict]++
		}
		if way.State != attack.Checks {
			fmt.Fprintf(out, "%s: %s\n  %s\n", name, stateNames[way.State], printable(way.Why))
			continue
		}
		fmt.Fprintf(out, "%s: %d let in, %d refused", name, counts[attack.LetIn], counts[attack.Refused])
		if n := counts[attack.Unclear]; n > 0 {
			fmt.Fprintf(out, ", %d unclear", n)
		}
		fmt.Fprintf(out, " (a genuine token is answered by %d, none by %d)\n", way.Genuine, way.Without)
		w := tabwriter.NewWriter(out, 2, 0, 2, ' ', 0)
		for _, x := range way.Results {
			if x.Verdict == attack.LetIn && !slices.ContainsFunc(mends, func(m attack.Result) bool { return m.Name == x.Name }) {
				mends = append(mends, x)
			}
			if !all && x.Verdict == attack.Refused {
				continue
			}
			status := fmt.Sprint(x.Status)
			if x.Status == 0 {
				status = "-"
			}
			what := x.What
			if x.Note != "" {
				what += " (" + x.Note + ")"
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", x.Verdict, status, x.Name, printable(what))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	printMends(out, mends)
	return nil
}

// stateNames say what a baseline that does not hold means.
var stateNames = map[attack.State]string{
	attack.Open:        "the origin does not check at all",
	attack.Closed:      "cannot be judged, since the genuine token is refused",
	attack.Unsteady:    "cannot be judged, since answers differ from time to time",
	attack.Unreachable: "cannot be judged, since nothing answers",
}

// printMends says how to mend what was let in, each mend once.
func printMends(out io.Writer, list []attack.Result) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(out, "\nto mend:")
	told := map[string]bool{}
	for _, x := range list {
		if told[x.Mend] {
			continue
		}
		told[x.Mend] = true
		var names []string
		for _, y := range list {
			if y.Mend == x.Mend {
				names = append(names, y.Name)
			}
		}
		more := ""
		if n := len(names) - 3; n > 0 {
			names, more = names[:3], fmt.Sprintf(" and %d more", n)
		}
		fmt.Fprintf(out, "  %s%s, which take %s:\n    %s\n", strings.Join(names, ", "), more, x.Takes, x.Mend)
	}
}
