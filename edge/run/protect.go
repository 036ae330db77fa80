package run

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/edge"
	"github.com/sundog-edge/sundog/edge/audit"
	"github.com/sundog-edge/sundog/edge/world"
)

// ProtectOptions say what to ask for a login.
type ProtectOptions struct {
	Path          string   // folder of the world, or a file of it; empty: the nearest from the working directory upward
	Host          string   // that the world has, with wildcards as its entrypoints show them; behind it a path, if only that is meant
	Allow         []string // who may enter: addresses, or "@example.com"
	ServiceTokens []string // names of service tokens that may enter; those the world does not have are made
}

// Protected is a host with an application in front.
type Protected struct {
	File    string   `json:"file"`    // that says so
	Created bool     `json:"created"` // it was not there before
	Written []string `json:"written"` // what was written, a line each; empty: all was there already

	Host       string `json:"host"`
	App        string `json:"app"` // its name
	AUD        string `json:"aud"`
	Where      string `json:"where"` // file:line:column of the application
	TeamDomain string `json:"team_domain"`
	Worker     bool   `json:"worker"` // the host leads to a Worker or a Pages project

	Kept []string        `json:"kept,omitempty"` // of those asked for, who is still kept out, and why
	Open []audit.Failure `json:"open,omitempty"` // other ways to what the host leads to, that anyone enters
}

// Protect writes into the world's sundog.yaml, or makes one, an application that guards a host, and compiles
// what was written before it is. Mistakes of the files are world.Errors; nothing is written then.
func Protect(o ProtectOptions) (Protected, error) {
	path := o.Path
	if path == "" {
		nearest, err := Nearest("")
		if err != nil {
			return Protected{}, err
		}
		path = asSeen(nearest)
	}
	before, known, err := hostsAt(path)
	if err != nil {
		return Protected{}, err
	}
	guards, err := before.ProtectOf(known, []string{o.Host}, o.Allow)
	if err != nil {
		return Protected{}, err
	}
	guard := guards[0]
	guard.ServiceTokens = o.ServiceTokens
	file, old, err := worldFile(path)
	if err != nil {
		return Protected{}, err
	}
	done := Protected{File: file, Created: old == nil, Host: guard.Host, Written: []string{}}
	text := old
	if done.Created {
		text = []byte(before.Sketch(filepath.Dir(file), []world.Protection{guard}))
		done.Written = append(done.Written, "application "+guard.Host)
	}
	text, steps, err := world.ProtectFile(file, text, guard)
	if err != nil {
		return Protected{}, fmt.Errorf("%w; write it yourself:\n%s", err, world.Protections(guards))
	}
	done.Written = append(done.Written, steps...)
	if err := done.prove(text, o); err != nil {
		return Protected{}, err
	}
	if len(done.Written) == 0 || bytes.Equal(text, old) && !done.Created {
		return done, nil
	}
	return done, replaceFile(file, text, done.Created)
}

// asSeen is a path from the working directory, where it lies there.
func asSeen(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// hostsAt are a world and the hosts that it serves.
func hostsAt(path string) (*world.World, []string, error) {
	w, err := world.Load(path)
	if err != nil {
		return nil, nil, err
	}
	e, err := edge.New(w)
	if err != nil {
		return nil, nil, err
	}
	var hosts []string
	for _, p := range e.Summary().Entrypoints {
		if host, _ := hostOf(p.URL); !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return w, hosts, e.Close()
}

func hostOf(url string) (host, path string) {
	host, path, _ = strings.Cut(strings.TrimPrefix(url, "https://"), "/")
	return host, "/" + path
}

// worldFile is the file to write and what it holds; nil: it is not there.
func worldFile(path string) (file string, data []byte, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", nil, err
	}
	file = path
	if info.IsDir() {
		if file, _ = world.Discover(path); file == "" {
			file = filepath.Join(path, "sundog.yaml")
		}
	}
	if base := filepath.Base(file); strings.HasPrefix(base, "config.") || info.IsDir() && !strings.HasPrefix(base, "sundog.") {
		dir := path
		if !info.IsDir() {
			dir = "." // the file may lie anywhere: the project is where one stands
		}
		file = filepath.Join(dir, "sundog.yaml")
	}
	data, err = os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil, nil
	}
	return file, data, err
}

// prove compiles what is to be written, and finds out what it does.
func (done *Protected) prove(text []byte, o ProtectOptions) error {
	w, err := world.Parse(done.File, text, filepath.Dir(done.File))
	if err != nil {
		return err
	}
	e, err := edge.New(w)
	if err != nil {
		return err
	}
	defer e.Close()
	sum := e.Summary()
	done.TeamDomain = sum.TeamDomain
	domain := strings.TrimSuffix(done.Host, "/")
	for _, app := range sum.Apps {
		if slices.Contains(app.Domains, domain) {
			done.App, done.AUD = app.Name, app.AUD
		}
	}
	if done.AUD == "" {
		return fmt.Errorf("%s: what would be written guards nothing, so nothing is: no application has the destination %s", done.File, domain)
	}
	for doc := range w.All(world.KindApp) {
		if doc.Value.(*accessemu.Application).AUD == done.AUD {
			done.Where = doc.Mark.String()
		}
	}
	for _, who := range o.Allow {
		if why := keptOut(e, done.Host, who); why != "" {
			done.Kept = append(done.Kept, who+": "+why)
		}
	}
	report := e.Audit()
	for _, p := range report.Entrypoints {
		if host, _ := hostOf(p.URL); covered(host, done.Host) {
			done.Worker = done.Worker || p.Kind != audit.Tunnel && p.Kind != audit.Direct
		}
	}
	for _, f := range report.Failures {
		if slices.ContainsFunc(f.Beside, func(url string) bool { host, _ := hostOf(url); return covered(host, done.Host) }) {
			done.Open = append(done.Open, f)
		}
	}
	return nil
}

// covered tells whether an entrypoint's host is a protected one, with or without a path.
func covered(host, protected string) bool {
	protected, _, _ = strings.Cut(protected, "/")
	return host == protected
}

// keptOut is why somebody is not let in; empty: they are.
func keptOut(e *edge.Edge, host, who string) string {
	if strings.HasPrefix(who, "@") {
		who = "sundog-protect" + who
	}
	r, err := http.NewRequest(http.MethodGet, "https://"+strings.ReplaceAll(host, "*", "any"), nil)
	if err != nil {
		return err.Error()
	}
	for _, step := range e.ExplainAs(r, "", who).Steps {
		if step.Hop == "guard" && step.What != "forward" {
			return cmp.Or(step.Why, step.What)
		}
	}
	return ""
}

// replaceFile puts a whole text in place of a file, or of none, so that nobody reads half of it.
func replaceFile(file string, text []byte, fresh bool) error {
	mode := fs.FileMode(0o644)
	if !fresh {
		target, err := filepath.EvalSymlinks(file)
		if err != nil {
			return err
		}
		file = target
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".sundog-*.yaml")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
