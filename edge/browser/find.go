package browser

import (
	"fmt"
	"path"
	"strings"
)

// Kind is how a browser is told things.
type Kind int

const (
	Chromium Kind = iota // by its command line: Chromium, Chrome, Edge, Brave
	Firefox              // by files in its profile
)

// Browser is one that was found.
type Browser struct {
	Path    string // the program
	Kind    Kind
	Windows bool // a program of Windows, on Windows or from WSL

	system System
}

// NotFoundError is that no browser is there.
type NotFoundError struct {
	Wanted string   // what --browser named; empty: any
	Tried  []string // names and paths
}

func (e *NotFoundError) Error() string {
	if e.Wanted != "" {
		return fmt.Sprintf("there is no browser %q: tried %s", e.Wanted, strings.Join(e.Tried, ", "))
	}
	return "no browser was found; install Chromium or Chrome, or name one with --browser PATH; tried " + strings.Join(e.Tried, ", ")
}

// product is a browser as systems name it.
type product struct {
	name string // what --browser may say for it
	kind Kind
	path []string // programs on PATH
	mac  string   // below an Applications folder
	exe  string   // in the registry of Windows
	win  []string // below a folder of programs on Windows
}

// products are in the order of preference.
var products = [...]product{
	{name: "chromium", path: []string{"chromium", "chromium-browser"}, mac: "Chromium.app/Contents/MacOS/Chromium", exe: "", win: []string{`Chromium\Application\chrome.exe`}},
	{name: "chrome", path: []string{"google-chrome-stable", "google-chrome", "chrome"}, mac: "Google Chrome.app/Contents/MacOS/Google Chrome", exe: "chrome.exe", win: []string{`Google\Chrome\Application\chrome.exe`}},
	{name: "edge", path: []string{"microsoft-edge-stable", "microsoft-edge"}, mac: "Microsoft Edge.app/Contents/MacOS/Microsoft Edge", exe: "msedge.exe", win: []string{`Microsoft\Edge\Application\msedge.exe`}},
	{name: "brave", path: []string{"brave-browser", "brave"}, mac: "Brave Browser.app/Contents/MacOS/Brave Browser", exe: "brave.exe", win: []string{`BraveSoftware\Brave-Browser\Application\brave.exe`}},
	{name: "firefox", kind: Firefox, path: []string{"firefox", "firefox-esr"}, mac: "Firefox.app/Contents/MacOS/firefox", exe: "firefox.exe", win: []string{`Mozilla Firefox\firefox.exe`}},
}

// Names are what Find takes beside a path.
func Names() []string {
	names := make([]string, len(products))
	for i, p := range products {
		names[i] = p.name
	}
	return names
}

// Find looks for a browser: the one called name ("firefox"), the program at a path, or, when
// name is empty, the one that $SUNDOG_CHROMIUM names, else the first that is there. The error
// is a *NotFoundError.
func (s System) Find(name string) (Browser, error) {
	given := name
	if name == "" {
		name = s.Env("SUNDOG_CHROMIUM")
	}
	if name == "" {
		return s.first("", products[:])
	}
	for i, p := range products {
		if given == p.name {
			return s.first(name, products[i:i+1])
		}
	}
	found, err := s.LookPath(name)
	if err != nil {
		if !s.IsFile(name) {
			return Browser{}, &NotFoundError{Wanted: name, Tried: append([]string{name}, Names()...)}
		}
		found = name
	}
	b := Browser{Path: found, Windows: s.GOOS == "windows" || s.WSL && strings.HasSuffix(strings.ToLower(found), ".exe"), system: s}
	base := strings.ToLower(path.Base(strings.ReplaceAll(found, `\`, "/")))
	if strings.Contains(base, "firefox") {
		b.Kind = Firefox
	}
	return b, nil
}

func (s System) first(wanted string, list []product) (Browser, error) {
	missing := &NotFoundError{Wanted: wanted}
	if s.WSL {
		for _, p := range list {
			for _, file := range s.underWindows(p) {
				if missing.Tried = append(missing.Tried, file); s.IsFile(file) {
					return Browser{Path: file, Kind: p.kind, Windows: true, system: s}, nil
				}
			}
		}
	}
	for _, p := range list {
		for _, file := range s.candidates(p) {
			missing.Tried = append(missing.Tried, file)
			if strings.ContainsAny(file, `/\`) {
				if s.IsFile(file) {
					return Browser{Path: file, Kind: p.kind, Windows: s.GOOS == "windows", system: s}, nil
				}
			} else if found, err := s.LookPath(file); err == nil {
				return Browser{Path: found, Kind: p.kind, Windows: s.GOOS == "windows", system: s}, nil
			}
		}
	}
	return Browser{}, missing
}

// candidates are the places of a product on this system.
func (s System) candidates(p product) (list []string) {
	switch s.GOOS {
	case "darwin":
		list = append(list, "/Applications/"+p.mac)
		if home := s.Env("HOME"); home != "" {
			list = append(list, home+"/Applications/"+p.mac)
		}
	case "windows":
		if p.exe != "" {
			if at := s.AppPath(p.exe); at != "" {
				list = append(list, strings.Trim(at, `"`))
			}
		}
		for _, variable := range []string{"ProgramFiles", "ProgramFiles(x86)", "LocalAppData"} {
			if root := s.Env(variable); root != "" {
				for _, below := range p.win {
					list = append(list, root+`\`+below)
				}
			}
		}
		return list
	}
	return append(list, p.path...)
}

// underWindows are the places of a product on the Windows that WSL is part of, as Linux sees them.
func (s System) underWindows(p product) (list []string) {
	if p.kind == Firefox {
		return nil
	}
	for _, root := range []string{"/mnt/c/Program Files/", "/mnt/c/Program Files (x86)/"} {
		for _, below := range p.win {
			list = append(list, root+strings.ReplaceAll(below, `\`, "/"))
		}
	}
	return list
}
