package wrangler

import (
	"os"
	"path/filepath"
	"strconv"
)

// names are wrangler's files in the order in which one is looked for.
func names() [3]string { return [...]string{"wrangler.json", "wrangler.jsonc", "wrangler.toml"} }

// Find is the wrangler file of a folder: what a build tool left for deploying, as
// .wrangler/deploy/config.json says, else wrangler.json, wrangler.jsonc or wrangler.toml. File is empty
// when there is none. Looked has everything that decides about it, to be watched. An error is of type
// [Errors]: the file that names another one is broken, or there is only a cloudflare.config.ts.
func Find(dir string) (file string, looked []string, err error) {
	redirect := filepath.Join(dir, ".wrangler", "deploy", "config.json")
	looked = append(looked, redirect)
	switch target, at, err := redirected(redirect); {
	case err != nil:
		return "", looked, err
	case target != "":
		looked = append(looked, target)
		if !exists(target) {
			return "", looked, Errors{{At: at, Field: "configPath", Found: "the file " + strconv.Quote(target) + ", which does not exist", Hint: "build the project, or remove " + redirect}}
		}
		return target, looked, nil
	}
	for _, name := range names() {
		path := filepath.Join(dir, name)
		looked = append(looked, path)
		if exists(path) {
			return path, looked, nil
		}
	}
	for _, name := range []string{"cloudflare.config.ts", "cloudflare.config.js"} {
		if path := filepath.Join(dir, name); exists(path) {
			return "", append(looked, path), Errors{{At: Mark{File: path}, Found: "a configuration that is a program, which is not supported yet", Allowed: "wrangler.json, wrangler.jsonc or wrangler.toml", Hint: "write one beside it"}}
		}
	}
	return "", looked, nil
}

// redirected is the file that .wrangler/deploy/config.json names, and where it does; empty: there is none.
func redirected(path string) (target string, at Mark, err error) {
	src, problem := read(path)
	if problem != nil {
		return "", Mark{}, Errors{*problem}
	}
	if src == nil {
		return "", Mark{}, nil
	}
	root, problem := parseJSON(src)
	if problem != nil {
		return "", Mark{}, Errors{*problem}
	}
	r := &reader{src, &problems{}}
	v := value{r: r, n: root}
	if v.is(mapping, "a mapping") {
		target = v.need("configPath")
	}
	if err := r.probs.err(); err != nil {
		return "", Mark{}, err
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(path), filepath.FromSlash(target))
	}
	return target, src.mark(v.key("configPath").n.at), nil
}

func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
