package browser

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var laptop = Inside{
	Proxy: "127.0.0.1:4380", SPKI: "c3BraQ==", CA: "/run/ca.pem",
	NoProxy: []string{"localhost", "127.0.0.1", "::1", "grafana", ".corp.test", "10.0.0.0/8", "build:8080", "[2001:db8::1]:81"},
}

// What every command line has, and what only some have, by system.
func TestCommandOfChromium(t *testing.T) {
	root := machine("linux", []string{"chromium"}, nil, nil)
	root.Root = true
	for _, tt := range []struct {
		name    string
		system  System
		sandbox bool
	}{
		{"linux", machine("linux", []string{"chromium"}, nil, nil), true},
		{"root", root, false},
		{"darwin", machine("darwin", []string{"chromium"}, []string{"/Applications/Chromium.app/Contents/MacOS/Chromium"}, nil), true},
		{"windows", machine("windows", nil, []string{`C:\P\Google\Chrome\Application\chrome.exe`}, map[string]string{"ProgramFiles": `C:\P`}), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := tt.system.Find("")
			if err != nil {
				t.Fatal(err)
			}
			argv, err := b.Command(t.Context(), laptop, Profile{Path: "/tmp/p"}, "https://a.example.com/", []string{"--headless=new"})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{
				b.Path, "--user-data-dir=/tmp/p", "--proxy-server=http://127.0.0.1:4380",
				"--proxy-bypass-list=<-loopback>;localhost;*.localhost;127.0.0.1;[::1];grafana;*.grafana;*.corp.test;10.0.0.0/8;build:8080;*.build:8080;[2001:db8::1]:81",
				"--ignore-certificate-errors-spki-list=c3BraQ==",
			}
			if diff := cmp.Diff(want, argv[:len(want)]); diff != "" {
				t.Error(diff)
			}
			for _, flag := range []string{"--no-first-run", "--no-default-browser-check", "--disable-sync", "--disable-background-networking", "--disable-quic"} {
				if !slices.Contains(argv, flag) {
					t.Errorf("there is no %s", flag)
				}
			}
			if got := !slices.Contains(argv, "--no-sandbox"); got != tt.sandbox {
				t.Errorf("sandbox %v", got)
			}
			if got := len(b.Notes()) == 0; got != tt.sandbox {
				t.Errorf("notes %q", b.Notes())
			}
			if diff := cmp.Diff([]string{"--headless=new", "https://a.example.com/"}, argv[len(argv)-2:]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCommandRefuses(t *testing.T) {
	b, err := machine("linux", []string{"chromium"}, nil, nil).Find("")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"", "--gpu-launcher=/bin/sh", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:// /"} {
		if argv, err := b.Command(t.Context(), laptop, Profile{}, target, nil); err == nil {
			t.Errorf("%q becomes %q", target, argv)
		}
	}
	if _, err := b.Command(t.Context(), Inside{}, Profile{}, "https://a.test/", nil); err == nil {
		t.Error("an edge without a proxy is none to live in")
	}
}

// On WSL the folder is made where Windows keeps temporary files, and named as Windows names it.
func TestProfileOnWSL(t *testing.T) {
	temp := t.TempDir()
	s := machine("linux", nil, []string{"/mnt/c/Program Files/Google/Chrome/Application/chrome.exe"}, nil)
	s.WSL = true
	s.Output = func(_ context.Context, argv ...string) (string, error) {
		switch {
		case argv[0] == "/mnt/c/Windows/System32/cmd.exe":
			return `C:\Users\me\Temp`, nil
		case argv[0] == "wslpath" && argv[1] == "-u" && argv[2] == `C:\Users\me\Temp`:
			return temp, nil
		case argv[0] == "wslpath" && argv[1] == "-w":
			return `C:\Users\me\Temp\` + filepath.Base(argv[2]), nil
		}
		return "", errors.New("unexpected")
	}
	b, err := s.Find("")
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Profile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Dir(p.Dir) != temp || p.Path != `C:\Users\me\Temp\`+filepath.Base(p.Dir) {
		t.Errorf("%+v", p)
	}
	argv, err := b.Command(t.Context(), laptop, p, "https://a.example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if argv[1] != "--user-data-dir="+p.Path {
		t.Errorf("%q", argv[1])
	}
	if err := p.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(temp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestProfileOfASnapLiesWhereItCanWrite(t *testing.T) {
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "snap", "chromium", "common"), 0o700); err != nil {
		t.Fatal(err)
	}
	b, err := machine("linux", nil, []string{"/snap/bin/chromium"}, map[string]string{"HOME": home}).Find("/snap/bin/chromium")
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Profile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Dir(p.Dir) != filepath.Join(home, "snap", "chromium", "common") {
		t.Errorf("%+v", p)
	}
}

// With certutil of NSS, Firefox trusts the run's authority by a database in its profile alone.
func TestFirefox(t *testing.T) {
	s := machine("linux", []string{"firefox", "certutil"}, nil, nil)
	var ran []string
	s.Output = func(_ context.Context, argv ...string) (string, error) {
		ran = append(ran, strings.Join(argv, " "))
		return "", nil
	}
	b, err := s.Find("firefox")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	argv, err := b.Command(t.Context(), laptop, Profile{dir, dir}, "https://a.example.com/", []string{"--headless"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/usr/bin/firefox", "-no-remote", "-new-instance", "-profile", dir, "--headless", "https://a.example.com/"}, argv); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"/usr/bin/certutil -N -d sql:" + dir + " --empty-password",
		"/usr/bin/certutil -A -d sql:" + dir + " -n sundog run CA -t C,, -i /run/ca.pem",
	}, ran); diff != "" {
		t.Error(diff)
	}
	prefs, err := os.ReadFile(filepath.Join(dir, "user.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`user_pref("network.proxy.ssl", "127.0.0.1");`, `user_pref("network.proxy.ssl_port", 4380);`,
		`user_pref("network.proxy.no_proxies_on", "localhost, .localhost, 127.0.0.1, [::1], grafana, .grafana, .corp.test, 10.0.0.0/8, build:8080, .build:8080, [2001:db8::1]:81");`,
		`user_pref("network.proxy.allow_hijacking_localhost", true);`,
	} {
		if !strings.Contains(string(prefs), want+"\n") {
			t.Errorf("no %s in:\n%s", want, prefs)
		}
	}
	if _, err := b.Command(t.Context(), laptop, Profile{Path: "/tmp/p"}, "https://a.example.com/", nil); !errors.Is(err, ErrFilesNeeded) {
		t.Errorf("a command line to print: %v", err)
	}
}

func TestFirefoxWithoutCertutil(t *testing.T) {
	for _, tt := range []struct {
		goos      string
		installed bool
		trusted   bool
	}{
		{"linux", false, false},
		{"linux", true, false}, // Firefox does not read the stores of Linux
		{"darwin", false, false},
		{"darwin", true, true},
		{"windows", true, true},
	} {
		b := Browser{Path: "firefox", Kind: Firefox, system: machine(tt.goos, nil, nil, nil)}
		dir := t.TempDir()
		in := laptop
		in.Installed = tt.installed
		_, err := b.Command(t.Context(), in, Profile{dir, dir}, "https://a.example.com/", nil)
		var untrusted *UntrustedError
		if got := err == nil; got != tt.trusted || !got && !errors.As(err, &untrusted) {
			t.Errorf("%s, installed %v: %v", tt.goos, tt.installed, err)
		}
	}
}

// The real certutil makes a database that holds the authority.
func TestFirefoxDatabase(t *testing.T) {
	certutil, err := exec.LookPath("certutil")
	if err != nil {
		t.Skip("no certutil on PATH")
	}
	s := Here()
	s.LookPath = exec.LookPath
	dir, ca := t.TempDir(), filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, testCA(t), 0o600); err != nil {
		t.Fatal(err)
	}
	b := Browser{Path: "firefox", Kind: Firefox, system: s}
	in := laptop
	in.CA = ca
	if _, err := b.Command(t.Context(), in, Profile{dir, dir}, "https://a.example.com/", nil); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(certutil, "-L", "-d", "sql:"+dir).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "sundog run CA") || !strings.Contains(string(out), "C,,") {
		t.Errorf("%v\n%s", err, out)
	}
}

func FuzzBypassEntry(f *testing.F) {
	for _, seed := range []string{"localhost", "*", ".a", "*.a.b", "10.0.0.0/8", "[::1]:80", "a:1", "::1", "a;b", "<-loopback>", "a b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		name, below := bypassEntry(entry)
		if list := name + below; strings.ContainsAny(list, "*;<> \t") || strings.HasPrefix(below, ".") {
			t.Errorf("%q becomes %q and below %q", entry, name, below)
		}
	})
}
