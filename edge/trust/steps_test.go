package trust

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/ca"
)

func machine(goos string, root bool, programs, dirs []string) System {
	return System{
		GOOS: goos, Root: root,
		Env: func(name string) string { return map[string]string{"HOME": "/home/me"}[name] },
		LookPath: func(name string) (string, error) {
			if slices.Contains(programs, name) {
				return "/usr/bin/" + name, nil
			}
			return "", os.ErrNotExist
		},
		IsDir: func(path string) bool { return slices.Contains(dirs, path) },
		Glob: func(pattern string) ([]string, error) {
			if pattern == "/home/me/.mozilla/firefox/*/cert9.db" && slices.Contains(dirs, "/home/me/.mozilla/firefox/x.default") {
				return []string{"/home/me/.mozilla/firefox/x.default/cert9.db"}, nil
			}
			return nil, nil
		},
	}
}

var authority = Authority{File: "/d/ca.pem", Name: "sundog CA 1", SHA1: "ABCD"}

func TestSteps(t *testing.T) {
	const debian = "/usr/local/share/ca-certificates"
	for _, tt := range []struct {
		name      string
		system    System
		install   []string
		uninstall []string
	}{
		{"Debian", machine("linux", false, []string{"update-ca-certificates"}, []string{debian}),
			[]string{"sudo install -m 644 /d/ca.pem " + debian + "/sundog-CA-1.crt", "sudo update-ca-certificates"},
			[]string{"sudo rm -f " + debian + "/sundog-CA-1.crt", "sudo update-ca-certificates"}},
		{"root", machine("linux", true, []string{"update-ca-certificates"}, []string{debian}),
			[]string{"install -m 644 /d/ca.pem " + debian + "/sundog-CA-1.crt", "update-ca-certificates"},
			[]string{"rm -f " + debian + "/sundog-CA-1.crt", "update-ca-certificates"}},
		{"Fedora", machine("linux", true, []string{"update-ca-trust"}, []string{"/etc/pki/ca-trust/source/anchors"}),
			[]string{"install -m 644 /d/ca.pem /etc/pki/ca-trust/source/anchors/sundog-CA-1.pem", "update-ca-trust extract"},
			[]string{"rm -f /etc/pki/ca-trust/source/anchors/sundog-CA-1.pem", "update-ca-trust extract"}},
		{"p11-kit alone", machine("linux", true, []string{"trust"}, nil),
			[]string{"trust anchor --store /d/ca.pem"}, []string{"trust anchor --remove /d/ca.pem"}},
		{"browsers", machine("linux", true, []string{"certutil"}, []string{"/home/me/.pki/nssdb", "/home/me/.mozilla/firefox/x.default"}),
			[]string{
				"/usr/bin/certutil -A -d sql:/home/me/.pki/nssdb -n sundog CA 1 -t C,, -i /d/ca.pem",
				"/usr/bin/certutil -A -d sql:/home/me/.mozilla/firefox/x.default -n sundog CA 1 -t C,, -i /d/ca.pem"},
			[]string{
				"/usr/bin/certutil -D -d sql:/home/me/.pki/nssdb -n sundog CA 1",
				"/usr/bin/certutil -D -d sql:/home/me/.mozilla/firefox/x.default -n sundog CA 1"}},
		{"macOS", machine("darwin", false, nil, nil),
			[]string{"security add-trusted-cert -r trustRoot -p ssl -k /home/me/Library/Keychains/login.keychain-db /d/ca.pem"},
			[]string{"security remove-trusted-cert /d/ca.pem", "security delete-certificate -Z ABCD /home/me/Library/Keychains/login.keychain-db"}},
		{"Windows, whose certutil is another program", machine("windows", false, []string{"certutil"}, []string{"/home/me/.pki/nssdb"}),
			[]string{"certutil -user -addstore Root /d/ca.pem"}, []string{"certutil -user -delstore Root ABCD"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, way := range []struct {
				steps func(Authority) ([]Step, error)
				want  []string
			}{{tt.system.Install, tt.install}, {tt.system.Uninstall, tt.uninstall}} {
				steps, err := way.steps(authority)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, s := range steps {
					got = append(got, s.String())
				}
				if diff := cmp.Diff(way.want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestNoStore(t *testing.T) {
	_, err := machine("linux", true, nil, nil).Install(authority)
	var none *NoStoreError
	if !errors.As(err, &none) {
		t.Errorf("%v", err)
	}
}

func TestDir(t *testing.T) {
	for _, tt := range []struct {
		goos string
		env  map[string]string
		want string
	}{
		{"linux", map[string]string{"HOME": "/h"}, "/h/.local/share/sundog/ca"},
		{"linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/data"}, "/data/sundog/ca"},
		{"linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "relative"}, "/h/.local/share/sundog/ca"},
		{"darwin", map[string]string{"HOME": "/h"}, "/h/Library/Application Support/sundog/ca"},
		{"windows", map[string]string{"LocalAppData": "/l"}, "/l/sundog/ca"},
		{"linux", nil, ""},
	} {
		s := System{GOOS: tt.goos, Env: func(name string) string { return tt.env[name] }}
		if got := filepath.ToSlash(s.Dir()); got != tt.want {
			t.Errorf("%s %v: %q, want %q", tt.goos, tt.env, got, tt.want)
		}
	}
}

// The steps for browsers work on a real database of a home folder made for it, and undo themselves.
func TestBrowsersDatabase(t *testing.T) {
	certutil, err := exec.LookPath("certutil")
	if err != nil {
		t.Skip("no certutil on PATH")
	}
	home := t.TempDir()
	db := filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(db, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(certutil, "-N", "-d", "sql:"+db, "--empty-password").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	i, err := ca.NewInstalled([]string{"example.com"}, ca.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "ca")
	if err := i.Save(dir); err != nil {
		t.Fatal(err)
	}
	s := Here()
	s.Env = func(name string) string { return map[string]string{"HOME": home}[name] }
	s.GOOS = "linux"
	s.LookPath = func(name string) (string, error) { // no store of this machine's own
		if name == "certutil" {
			return certutil, nil
		}
		return "", os.ErrNotExist
	}
	a := Authority{File: filepath.Join(dir, ca.InstalledCert), Name: i.Name()}
	run := func(steps []Step, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if err := Run(t.Context(), step); err != nil {
				t.Fatal(err)
			}
		}
		out, err := exec.Command(certutil, "-L", "-d", "sql:"+db).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	if list := run(s.Install(a)); !strings.Contains(list, i.Name()) {
		t.Errorf("after the installation:\n%s", list)
	}
	if list := run(s.Uninstall(a)); strings.Contains(list, i.Name()) {
		t.Errorf("after it was undone:\n%s", list)
	}
}
