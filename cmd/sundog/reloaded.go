package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/sundog-edge/sundog/edge/admin"
	"github.com/sundog-edge/sundog/edge/run"
)

// maxChanges bounds how many changes a reload lists; what became public is always listed whole.
const maxChanges = 20

// reloaded tells what a reload did.
func (n *notices) reloaded(r run.Reloaded) {
	if r.Quiet() {
		return
	}
	if r.Errors != nil {
		text := r.Errors.Error()
		if isTerminal(n.out) {
			text = r.Errors.Pretty()
		}
		n.print(n.ink.amber("! "+r.Stale()) + "; the world from before serves on" + below(printableLines(text)))
		return
	}
	head := "reloaded in " + inMS(r.Took)
	if r.Mended {
		head += "; config fresh again"
	}
	var lines []string
	changed := r.Changed()
	for i, c := range changed {
		if i == maxChanges {
			lines = append(lines, fmt.Sprintf("and %d more", len(changed)-i))
			break
		}
		lines = append(lines, c.String())
	}
	if len(changed) == 0 {
		head += "; nothing changed"
	}
	n.print(n.ink.faint("• ") + head + below(printableLines(strings.Join(lines, "\n"))))
	for _, x := range r.Exposed {
		why := "it is new, and no application guards it"
		if x.Was != "" {
			why = "it asked for a login before, by the application " + strconv.Quote(x.Was)
		} else if x.Guard != "none" {
			why = "it is new, and " + x.Guard + " lets everyone pass"
		}
		n.print(n.ink.amber(n.ink.bold("! PUBLIC NOW: ")+printable(x.URL)) + ": anyone enters without a login; " + printable(why))
	}
	for _, line := range r.FellInWords() {
		n.print(n.ink.amber("! ") + printable(line))
	}
	for _, f := range r.Findings {
		n.print(n.ink.amber("! ") + printable(f.String()))
	}
}

// below are lines under another one.
func below(text string) string {
	if text == "" {
		return ""
	}
	return "\n    " + strings.ReplaceAll(text, "\n", "\n    ")
}

// staleAlone tells of errors, and of nothing else.
func staleAlone(w io.Writer, r run.Reloaded) {
	if r.Errors != nil && !r.Again {
		fmt.Fprintf(w, "%s; the world from before serves on%s\n", r.Stale(), below(printableLines(r.Errors.Error())))
	}
}

// reloadEvent is the line of up --json for a reload: "reloaded" or "stale".
type reloadEvent struct {
	Event string `json:"event"`
	admin.Reload
}

func printReloaded(w io.Writer, r run.Reloaded) {
	if r.Quiet() {
		return
	}
	e := reloadEvent{"reloaded", r.Wire()}
	if r.Errors != nil {
		e.Event = "stale"
	}
	printJSONLine(w, e)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// inMS is a short time for a person: "38 ms".
func inMS(d time.Duration) string {
	if d < 10*time.Millisecond {
		return strconv.FormatFloat(ms(d), 'f', 1, 64) + " ms"
	}
	return strconv.Itoa(int(d.Milliseconds())) + " ms"
}

func (p program) sinceStart() time.Duration { return time.Since(p.begun) }
