package trust

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// System is what the steps depend on. Here is this machine's; tests make others.
type System struct {
	GOOS     string                            // "linux", "darwin", "windows"
	Root     bool                              // this user may write the system's stores
	Env      func(name string) string          // os.Getenv
	LookPath func(name string) (string, error) // exec.LookPath
	IsDir    func(path string) bool
	Glob     func(pattern string) ([]string, error) // filepath.Glob
}

// Here is this machine.
func Here() System {
	return System{
		GOOS: runtime.GOOS, Root: os.Geteuid() == 0, Env: os.Getenv, LookPath: exec.LookPath, Glob: filepath.Glob,
		IsDir: func(path string) bool {
			info, err := os.Stat(path)
			return err == nil && info.IsDir()
		},
	}
}

// Dir is where the installed authority of this user lies: "sundog/ca" in XDG_DATA_HOME or what stands for it
// on the system. "" where no home folder is known.
func (s System) Dir() string {
	base := s.Env("XDG_DATA_HOME")
	home := s.Env("HOME")
	switch {
	case filepath.IsAbs(base):
	case s.GOOS == "windows":
		base = s.Env("LocalAppData")
	case home == "":
		base = ""
	case s.GOOS == "darwin":
		base = filepath.Join(home, "Library", "Application Support")
	default:
		base = filepath.Join(home, ".local", "share")
	}
	if base == "" {
		return ""
	}
	return filepath.Join(base, "sundog", "ca")
}

// Authority is what to install.
type Authority struct {
	File string // its certificate, PEM
	Name string // by which stores show it, of this authority alone
	SHA1 string // of the certificate, hex; macOS and Windows find it by this
}

// Step is one command.
type Step struct {
	Store string // "the system's store", for people
	Argv  []string
}

func (s Step) String() string { return strings.Join(s.Argv, " ") }

// NoStoreError is that the system has no store that is known.
type NoStoreError struct{ GOOS string }

func (e *NoStoreError) Error() string {
	return "no certificate store of this system is known: on Linux update-ca-certificates, update-ca-trust, trust (p11-kit) or certutil (NSS) is needed"
}

// Run executes a step on this machine, with the terminal, so that sudo can ask.
func Run(ctx context.Context, s Step) error {
	cmd := exec.CommandContext(ctx, s.Argv[0], s.Argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", s, err)
	}
	return nil
}
