package browser

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// System is what finding and starting a browser depends on. Here is this machine's; tests
// make others.
type System struct {
	GOOS      string                                                    // "linux", "darwin", "windows"
	WSL       bool                                                      // Linux under Windows
	Root      bool                                                      // this user is root, whom Chromium gives no sandbox
	Env       func(name string) string                                  // os.Getenv
	LookPath  func(name string) (string, error)                         // exec.LookPath
	IsFile    func(path string) bool                                    // whether a program is there
	AppPath   func(name string) string                                  // where Windows' registry has "chrome.exe"; "" when it has none
	Output    func(ctx context.Context, argv ...string) (string, error) // runs a helper, such as wslpath, and returns what it prints
	MkdirTemp func(dir, pattern string) (string, error)                 // os.MkdirTemp
}

// Here is this machine.
func Here() System {
	s := System{
		GOOS: runtime.GOOS, Root: os.Geteuid() == 0, Env: os.Getenv, LookPath: exec.LookPath,
		IsFile: func(path string) bool {
			info, err := os.Stat(path)
			return err == nil && !info.IsDir()
		},
		AppPath:   appPath,
		MkdirTemp: os.MkdirTemp,
		Output: func(ctx context.Context, argv ...string) (string, error) {
			out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).Output()
			return strings.TrimSpace(string(out)), err
		},
	}
	if s.GOOS == "linux" {
		release, err := os.ReadFile("/proc/sys/kernel/osrelease")
		s.WSL = err == nil && strings.Contains(strings.ToLower(string(release)), "microsoft")
	}
	return s
}
