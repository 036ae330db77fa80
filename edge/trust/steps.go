package trust

import (
	"path/filepath"
	"strings"
)

// Install are the steps that make the system trust an authority. The error is a *NoStoreError.
func (s System) Install(a Authority) ([]Step, error) { return s.steps(a, false) }

// Uninstall are the steps that undo those of Install.
func (s System) Uninstall(a Authority) ([]Step, error) { return s.steps(a, true) }

func (s System) steps(a Authority, undo bool) (list []Step, err error) {
	switch s.GOOS {
	case "darwin":
		list = append(s.darwin(a, undo), s.nss(a, undo)...)
	case "windows":
		list = windows(a, undo)
	default:
		list = append(s.linux(a, undo), s.nss(a, undo)...)
	}
	if len(list) == 0 {
		return nil, &NoStoreError{s.GOOS}
	}
	return list, nil
}

// anchors are folders whose certificates a tool of the distribution makes the system's roots.
var anchors = [...]struct{ dir, ext, tool, arg string }{
	{"/etc/pki/ca-trust/source/anchors", ".pem", "update-ca-trust", "extract"},   // Fedora, RHEL
	{"/usr/local/share/ca-certificates", ".crt", "update-ca-certificates", ""},   // Debian, Ubuntu, Alpine
	{"/usr/share/pki/trust/anchors", ".pem", "update-ca-certificates", ""},       // openSUSE
	{"/etc/ca-certificates/trust-source/anchors", ".crt", "update-ca-trust", ""}, // Arch
}

const systemStore = "the system's store"

func (s System) linux(a Authority, undo bool) []Step {
	step := func(argv ...string) Step {
		if !s.Root {
			argv = append([]string{"sudo"}, argv...)
		}
		return Step{systemStore, argv}
	}
	for _, at := range anchors {
		if _, err := s.LookPath(at.tool); err != nil || !s.IsDir(at.dir) {
			continue
		}
		file := at.dir + "/" + strings.ReplaceAll(a.Name, " ", "-") + at.ext
		update := []string{at.tool}
		if at.arg != "" {
			update = append(update, at.arg)
		}
		if undo {
			return []Step{step("rm", "-f", file), step(update...)}
		}
		return []Step{step("install", "-m", "644", a.File, file), step(update...)}
	}
	if _, err := s.LookPath("trust"); err == nil {
		if undo {
			return []Step{step("trust", "anchor", "--remove", a.File)}
		}
		return []Step{step("trust", "anchor", "--store", a.File)}
	}
	return nil
}

// nss are the databases of this user's Chromium and Firefox.
func (s System) nss(a Authority, undo bool) (list []Step) {
	certutil, err := s.LookPath("certutil")
	home := s.Env("HOME")
	if err != nil || home == "" {
		return nil
	}
	dirs := []string{home + "/.pki/nssdb", home + "/snap/chromium/current/.pki/nssdb"}
	for _, pattern := range []string{
		"/.mozilla/firefox/*/cert9.db", "/snap/firefox/common/.mozilla/firefox/*/cert9.db",
		"/Library/Application Support/Firefox/Profiles/*/cert9.db",
	} {
		found, _ := s.Glob(home + pattern) // the pattern is ours and is well formed
		for _, file := range found {
			dirs = append(dirs, filepath.Dir(file))
		}
	}
	for _, dir := range dirs {
		if !s.IsDir(dir) {
			continue
		}
		argv := []string{certutil, "-A", "-d", "sql:" + dir, "-n", a.Name, "-t", "C,,", "-i", a.File}
		if undo {
			argv = []string{certutil, "-D", "-d", "sql:" + dir, "-n", a.Name}
		}
		list = append(list, Step{"the database of browsers in " + dir, argv})
	}
	return list
}

// darwin trusts it for this user alone, by the login keychain; the system asks for the user's password.
func (s System) darwin(a Authority, undo bool) []Step {
	const store = "the login keychain"
	keychain := s.Env("HOME") + "/Library/Keychains/login.keychain-db"
	if undo {
		return []Step{
			{store, []string{"security", "remove-trusted-cert", a.File}},
			{store, []string{"security", "delete-certificate", "-Z", a.SHA1, keychain}},
		}
	}
	return []Step{{store, []string{"security", "add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-k", keychain, a.File}}}
}

// windows trusts it for this user alone; the system asks in a window of its own.
func windows(a Authority, undo bool) []Step {
	const store = "this user's roots"
	if undo {
		return []Step{{store, []string{"certutil", "-user", "-delstore", "Root", a.SHA1}}}
	}
	return []Step{{store, []string{"certutil", "-user", "-addstore", "Root", a.File}}}
}
