package environ

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/internal/private"
)

// Launch is what a shim has to do: open a URL, or run a program.
type Launch struct {
	URL     string // to open inside the lookalike internet; empty: run the program
	Approve bool   // instead of opening the URL, approve in the name of Tools.As what cloudflared asks for there

	Path string   // of the program
	Argv []string // with the name that it was called by
	Env  []string
}

// RefusedError is a command that would leave the lookalike internet, or wait for what is not built.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// MissingError is a program that a shim stands in front of and that is not there.
type MissingError struct{ Name string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s: not found: PATH has only sundog's own in front; install it, or put its folder on PATH", e.Name)
}

// Launch decides what the shim called name does with args, in the folder dir of the tools and the working
// directory cwd. The error is a *RefusedError or a *MissingError, or what went wrong.
func (t Tools) Launch(dir, name string, args []string, cwd string, env []string) (*Launch, error) {
	argv := append([]string{name}, args...)
	if slices.Contains(browsers, name) {
		if i := slices.IndexFunc(args, isWeb); i >= 0 {
			return &Launch{URL: args[i], Approve: t.As != "" && asksApproval(args[i])}, nil
		}
	}
	if reason, refused := Refuse(argv); refused {
		return nil, &RefusedError{reason}
	}
	if !t.AnyState {
		if reason, refused := RefuseState(argv, cwd, env, t.AccountID); refused {
			return nil, &RefusedError{reason}
		}
	}
	path, err := behind(dir, name, env)
	if err != nil {
		return nil, err
	}
	l := &Launch{Path: path, Argv: argv, Env: env}
	if name == "cloudflared" {
		args, l.Env, err = t.inHome(dir, args, env)
		l.Argv = append([]string{name}, args...)
	}
	return l, err
}

func isWeb(arg string) bool {
	scheme, rest, ok := strings.Cut(arg, "://")
	return ok && rest != "" && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// behind finds a program on the PATH behind the shims.
func behind(dir, name string, env []string) (string, error) {
	path := ""
	for _, kv := range env {
		if n, v, _ := strings.Cut(kv, "="); n == "PATH" || runtime.GOOS == "windows" && strings.EqualFold(n, "PATH") {
			path = v
		}
	}
	shims, err := os.Stat(shimsOf(dir))
	if err != nil {
		return "", err
	}
	for _, d := range filepath.SplitList(path) {
		if d == "" {
			d = "."
		}
		if fi, err := os.Stat(d); err != nil || os.SameFile(fi, shims) {
			continue
		}
		at, err := filepath.Abs(filepath.Join(d, name))
		if err != nil {
			continue
		}
		if found, err := exec.LookPath(at); err == nil {
			return found, nil
		}
	}
	return "", &MissingError{name}
}

// inHome is a command line of cloudflared with its environment, in a home of this world.
func (t Tools) inHome(dir string, args, env []string) (newArgs, newEnv []string, err error) {
	args, env, config, err := t.tunnelRun(dir, args, env)
	if err != nil {
		return nil, nil, err
	}
	if config != "" {
		t.Config = config
	}
	if _, runs := runsTunnel(args); runs {
		t.Home = "" // a configuration for this command alone: others may run other tunnels meanwhile
	}
	env, err = t.home(dir, env)
	return args, env, err
}

// home gives cloudflared a home with this world's files alone. It looks for its certificate, its
// configuration and the tokens of logins there, and writes them there.
func (t Tools) home(dir string, env []string) ([]string, error) {
	home := t.homeOf(dir)
	if t.Home != "" {
		if _, err := os.Stat(filepath.Dir(t.Home)); err != nil {
			return nil, fmt.Errorf("the edge's folder: %w; has the edge ended?", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(home, ".cloudflared"), 0o700); err != nil {
		return nil, err
	}
	// An empty one keeps it from going on to look in /etc.
	config := []byte("{}\n")
	if t.Config != "" {
		var err error
		if config, err = os.ReadFile(t.Config); err != nil {
			return nil, fmt.Errorf("the world's config.yml: %w", err)
		}
	}
	if err := private.Replace(filepath.Join(home, ".cloudflared", "config.yml"), config, 0o600); err != nil {
		return nil, err
	}
	if t.Cert != "" {
		cert, err := os.ReadFile(t.Cert)
		if err != nil {
			return nil, fmt.Errorf("the world's cert.pem: %w; has the edge ended?", err)
		}
		if err := private.Replace(filepath.Join(home, ".cloudflared", "cert.pem"), cert, 0o600); err != nil {
			return nil, err
		}
	}
	return withHome(env, home), nil
}

func withHome(env []string, home string) []string {
	names := []string{"HOME"}
	if runtime.GOOS == "windows" {
		names = append(names, "USERPROFILE")
	}
	out := make([]string, 0, len(env)+len(names))
	for _, kv := range env {
		n, _, _ := strings.Cut(kv, "=")
		if !slices.ContainsFunc(names, func(name string) bool {
			return n == name || runtime.GOOS == "windows" && strings.EqualFold(n, name)
		}) {
			out = append(out, kv)
		}
	}
	for _, name := range names {
		out = append(out, name+"="+home)
	}
	return out
}

// Given is argv and env for a CMD that is named by its path, past every shim: a cloudflared has the home
// and the arguments that its shim would have given it.
func (t Tools) Given(dir string, argv, env []string) (newArgv, newEnv []string, err error) {
	if len(argv) > 0 && commandName(argv[0]) == "cloudflared" && strings.ContainsAny(argv[0], `/\`) {
		args, env, err := t.inHome(dir, argv[1:], env)
		return append([]string{argv[0]}, args...), env, err
	}
	return argv, env, nil
}
