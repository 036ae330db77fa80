package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p program) version() *cobra.Command {
	cmd := command("more", &cobra.Command{
		Use:     "version [--json]",
		Short:   "Print the version",
		Long:    `Print the version of this program, the commit it was built from where that is known, and the Go release.`,
		Example: `  sundog version`,
		Args:    args(0, 0, ""),
	})
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		b := readBuild()
		if *asJSON {
			return printJSON(p.out, b)
		}
		_, err := fmt.Fprintln(p.out, versionLine(b))
		return err
	}
	return cmd
}

// versionLine is a build as one line.
func versionLine(b build) string {
	text := "sundog " + b.Version
	if b.Revision != "" {
		text += " (" + b.Revision
		if b.Modified {
			text += ", modified"
		}
		text += ")"
	}
	return fmt.Sprintf("%s %s %s/%s", text, b.Go, runtime.GOOS, runtime.GOARCH)
}

// build is what Go recorded when the program was built.
type build struct {
	Version  string `json:"version"`            // "v0.2.0", or "devel"
	Revision string `json:"revision,omitempty"` // of the version control; empty: not known
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
}

func readBuild() build {
	b := build{Version: "devel", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// release is the version alone.
func release() string { return readBuild().Version }
