package environ

import (
	"context"
	"os"
	"strings"
)

// shim is a script: what starts programs by PATHEXT finds it.
func shim(sundog, dir, name string) (file, text string) {
	return name + ".cmd", "@" + word(sundog) + " shim " + word(dir) + " " + name + " %*\r\n"
}

// word is a path as one word of a batch file.
func word(s string) string { return `"` + strings.ReplaceAll(s, "%", "%%") + `"` }

// Become runs a program to its end; code is as of Run.
func (l *Launch) Become() (code int, err error) {
	return Run(context.Background(), append([]string{l.Path}, l.Argv[1:]...), l.Env, Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
}
