package world

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

// Discover finds the file that describes a folder's world, as [Load] does. When
// there is none, file is empty; tried lists what was looked for before it.
func Discover(dir string) (file string, tried []string) { return Loader{}.discover(dir) }

// DiscoverAbove is Discover for a folder above the one that is meant: wrangler files one level down are
// its neighbours there, and of other projects.
func DiscoverAbove(dir string) (file string) {
	if file, _ = (Loader{}).discoverNamed(dir); file == "" {
		file, _, _ = wrangler.Find(dir)
	}
	return file
}

// Elsewhere says, in a clause or more, what lies near a folder without a world: cloudflared's
// file in the places of its own, and Workers' projects further down. It reads none of them. Empty:
// nothing does.
func Elsewhere(dir string) string { return Loader{}.elsewhere(dir) }

func (l Loader) discover(dir string) (file string, tried []string) {
	if file, tried = l.discoverNamed(dir); file != "" {
		return file, tried
	}
	for _, name := range []string{"wrangler.json", "wrangler.jsonc", "wrangler.toml"} {
		tried = append(tried, filepath.Join(dir, name))
	}
	list, _ := projectsIn(dir)
	for _, p := range list {
		if p.file != "" {
			return p.file, tried
		}
	}
	return "", tried
}

// discoverNamed looks for sundog's own file, and for cloudflared's.
func (l Loader) discoverNamed(dir string) (file string, tried []string) {
	for _, name := range []string{"sundog.yaml", "sundog.json"} {
		path := filepath.Join(dir, name)
		if !l.unsaid && exists(path) {
			return path, tried
		}
		tried = append(tried, path)
	}
	for _, path := range configPaths(dir, l.home()) {
		if exists(path) {
			return path, tried
		}
		tried = append(tried, path)
	}
	return "", tried
}

func (l Loader) home() string {
	find := l.Home
	if find == nil {
		find = os.UserHomeDir
	}
	home, err := find()
	if err != nil {
		return ""
	}
	return home
}

// configPaths are where cloudflared's file of a project may lie in its folder. What lies in
// the home folder's .cloudflared is the user's, and no project's.
func configPaths(dir, home string) []string {
	var paths []string
	for _, folder := range []string{"", "cloudflared", ".cloudflared"} {
		in := filepath.Join(dir, folder)
		if home != "" && (sameFile(in, filepath.Join(home, ".cloudflared")) || folder == ".cloudflared" && sameFile(dir, home)) {
			continue
		}
		for _, name := range []string{"config.yml", "config.yaml"} {
			paths = append(paths, filepath.Join(in, name))
		}
	}
	return paths
}

// configsIn are cloudflared's files of a folder, at most one of each place, and all that were
// looked for.
func configsIn(dir, home string) (paths, looked []string) {
	places := map[string]bool{}
	looked = configPaths(dir, home)
	for _, path := range looked {
		if place := filepath.Dir(path); exists(path) && !places[place] {
			places[place] = true
			paths = append(paths, path)
		}
	}
	return paths, looked
}

// own are the places where cloudflared itself looks for its file, in its order.
func own(home string) []string {
	var folders []string
	if home != "" {
		for _, name := range []string{".cloudflared", ".cloudflare-warp", "cloudflare-warp"} {
			folders = append(folders, filepath.Join(home, name))
		}
	}
	if runtime.GOOS != "windows" {
		folders = append(folders, "/etc/cloudflared", "/usr/local/etc/cloudflared")
	}
	return folders
}

// maxNamed bounds how many projects a message names.
const maxNamed = 3

func (l Loader) elsewhere(dir string) string {
	var clauses []string
	home := l.home()
	for _, folder := range own(home) {
		for _, name := range []string{"config.yml", "config.yaml"} {
			path := filepath.Join(folder, name)
			if !exists(path) {
				continue
			}
			if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok && home != "" {
				path = "~/" + filepath.ToSlash(rest)
			}
			clauses = append(clauses, "there is one at "+path+": sundog up "+path+" uses it")
		}
	}
	if workers := workersNear(dir); len(workers) > 0 {
		more := ""
		if len(workers) > maxNamed {
			workers, more = workers[:maxNamed], " and others"
		}
		verb := " describes a Worker"
		if len(workers) > 1 || more != "" {
			verb = " describe Workers"
		}
		clauses = append(clauses, strings.Join(workers, ", ")+more+verb+": name the folder, or write it under workers in a sundog.yaml")
	}
	return strings.Join(clauses, "; ")
}

// workersNear are wrangler's files two levels below a folder, as workspaces have them.
func workersNear(dir string) []string {
	var found []string
	for _, name := range []string{"wrangler.jsonc", "wrangler.json", "wrangler.toml"} {
		// The folder's own name is no pattern.
		matches, err := filepath.Glob(filepath.Join(escaped(dir), "*", "*", name))
		if err == nil {
			found = append(found, matches...)
		}
	}
	return slices.DeleteFunc(found, func(path string) bool { return strings.Contains(filepath.ToSlash(path), "/node_modules/") })
}

// escaped is a path that a pattern matches as it stands. On Windows patterns have no escapes.
func escaped(path string) string {
	if runtime.GOOS == "windows" {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
