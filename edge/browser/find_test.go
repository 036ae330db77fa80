package browser

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine is a System with these programs on PATH, these files, and these variables.
func machine(goos string, onPath, files []string, env map[string]string) System {
	has := func(list []string, name string) bool {
		for _, one := range list {
			if one == name {
				return true
			}
		}
		return false
	}
	return System{
		GOOS: goos, Env: func(name string) string { return env[name] },
		LookPath: func(name string) (string, error) {
			if has(onPath, name) {
				return "/usr/bin/" + name, nil
			}
			return "", os.ErrNotExist
		},
		IsFile:    func(path string) bool { return has(files, path) },
		AppPath:   func(string) string { return "" },
		MkdirTemp: os.MkdirTemp,
		Output: func(_ context.Context, argv ...string) (string, error) {
			return "", errors.New("nobody runs " + strings.Join(argv, " "))
		},
	}
}

func TestFind(t *testing.T) {
	wsl := machine("linux", []string{"chromium"}, []string{"/mnt/c/Program Files/Google/Chrome/Application/chrome.exe"}, nil)
	wsl.WSL = true
	wslAlone := machine("linux", []string{"chromium"}, nil, nil)
	wslAlone.WSL = true
	registered := machine("windows", nil, []string{`D:\Chrome\chrome.exe`, `C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`}, map[string]string{"ProgramFiles(x86)": `C:\Program Files (x86)`})
	registered.AppPath = func(name string) string {
		if name == "chrome.exe" {
			return `"D:\Chrome\chrome.exe"`
		}
		return ""
	}
	const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
	for _, tt := range []struct {
		name, wanted string
		system       System
		path         string
		kind         Kind
		windows      bool
	}{
		{"Chromium before Chrome", "", machine("linux", []string{"google-chrome", "chromium"}, nil, nil), "/usr/bin/chromium", Chromium, false},
		{"Firefox where it is alone", "", machine("linux", []string{"firefox-esr"}, nil, nil), "/usr/bin/firefox-esr", Firefox, false},
		{"by name", "firefox", machine("linux", []string{"chromium", "firefox"}, nil, nil), "/usr/bin/firefox", Firefox, false},
		{"by path", "/opt/b/chrome", machine("linux", nil, []string{"/opt/b/chrome"}, nil), "/opt/b/chrome", Chromium, false},
		{"a path that says Firefox", "/opt/firefox-nightly", machine("linux", nil, []string{"/opt/firefox-nightly"}, nil), "/opt/firefox-nightly", Firefox, false},
		{"by variable", "", machine("linux", []string{"chromium"}, []string{"/opt/c"}, map[string]string{"SUNDOG_CHROMIUM": "/opt/c"}), "/opt/c", Chromium, false},
		{"the flag before the variable", "chromium", machine("linux", []string{"chromium"}, []string{"/opt/c"}, map[string]string{"SUNDOG_CHROMIUM": "/opt/c"}), "/usr/bin/chromium", Chromium, false},
		{"an app of macOS", "", machine("darwin", nil, []string{mac}, nil), mac, Chromium, false},
		{"an app of one user", "", machine("darwin", nil, []string{"/Users/me" + mac}, map[string]string{"HOME": "/Users/me"}), "/Users/me" + mac, Chromium, false},
		{"the registry of Windows", "", registered, `D:\Chrome\chrome.exe`, Chromium, true},
		{"a folder of Windows", "edge", registered, `C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`, Chromium, true},
		{"that of Windows on WSL", "", wsl, "/mnt/c/Program Files/Google/Chrome/Application/chrome.exe", Chromium, true},
		{"that of Linux on WSL where Windows has none", "", wslAlone, "/usr/bin/chromium", Chromium, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := tt.system.Find(tt.wanted)
			if err != nil {
				t.Fatal(err)
			}
			if b.Path != tt.path || b.Kind != tt.kind || b.Windows != tt.windows {
				t.Errorf("found %q, kind %d, windows %v", b.Path, b.Kind, b.Windows)
			}
		})
	}
}

func TestFindSaysWhereItLooked(t *testing.T) {
	for _, tt := range []struct{ wanted, want string }{
		{"", "no browser was found; install Chromium or Chrome, or name one with --browser PATH; tried chromium, chromium-browser, google-chrome-stable, google-chrome, chrome, microsoft-edge-stable, microsoft-edge, brave-browser, brave, firefox, firefox-esr"},
		{"firefox", `there is no browser "firefox": tried firefox, firefox-esr`},
		{"netscape", `there is no browser "netscape": tried netscape, chromium, chrome, edge, brave, firefox`},
	} {
		_, err := machine("linux", nil, nil, nil).Find(tt.wanted)
		var missing *NotFoundError
		if !errors.As(err, &missing) {
			t.Fatalf("%v", err)
		}
		if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
			t.Error(diff)
		}
	}
}
