//go:build unix

package environ

import (
	"os"
	"strings"
	"syscall"
)

// shim is a script that becomes sundog, which becomes the program: signals, streams and exit codes
// need nobody in between.
func shim(sundog, dir, name string) (file, text string) {
	return name, "#!/bin/sh\nexec " + word(sundog) + " shim " + word(dir) + " " + word(name) + ` "$@"` + "\n"
}

// word is a text as one word of a shell.
func word(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// Become runs a program in place of this process. It returns only an error; code is as of Run.
func (l *Launch) Become() (code int, err error) {
	err = syscall.Exec(l.Path, l.Argv, l.Env)
	if needsShell(err) {
		err = syscall.Exec("/bin/sh", append([]string{"sh", l.Path}, l.Argv[1:]...), l.Env)
	}
	return startCode(err), &os.PathError{Op: "exec", Path: l.Path, Err: err}
}
